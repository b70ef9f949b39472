"""The time range: rows whose date lies in a span that moves with the calendar ("last month") or in one that is fixed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.builder.draft import TimeChoice
from pages.components import fields
from pages.components.layout import plain
from pages.texts import _


def show(
    time: TimeChoice,
    columns: Sequence[str],
    names: Mapping[str, str],
    relative: Mapping[str, str],
    *,
    key: str,
) -> DeltaGenerator:
    """Edit the choice in place. `columns` are the date columns' ids, the main one first. Returns a place for its dates."""
    now = time.column if time.column and time.column in columns else columns[0]
    with st.container(key=f"filterrow_{key}", horizontal=True, vertical_alignment="top", gap="small"):
        fields.word(_("When"))
        if len(columns) > 1:
            chosen = fields.select(_("Date column"), list(columns), now, names, f"{key}_column")
            time.column = None if chosen == columns[0] else chosen
        else:
            with st.container(key=f"filtername_{key}"):
                st.markdown(plain(names[columns[0]]))
        words = {"any": _("any time"), **relative, "between": _("between")}
        if time.choice not in words:
            words[time.choice] = time.choice
        time.choice = fields.select(_("Time range"), list(words), time.choice, words, f"{key}_choice")
        with st.container(key=f"filtervalue_{key}", gap="xsmall"):
            if time.choice == "between":
                with st.container(horizontal=True, gap="small", key=f"pair_{key}"):
                    time.start = fields.day(_("From"), time.start, f"{key}_start")
                    time.end = fields.day(_("To"), time.end, f"{key}_end")
            return st.empty()
