"""What a sample file asks for beside what the data can give: what was understood, the columns, and what will not be alike."""

from __future__ import annotations

from typing import Literal

import pandas as pd
import streamlit as st

from core.engine import formats
from core.engine.matching import Match
from pages.components import layout
from pages.texts import N_, _, n_

HOW = {
    "same": N_("same name"),
    "alike": N_("same name, written otherwise"),
    "similar": N_("similar name"),
    "values": N_("same values"),
    "place": N_("same place"),
}
SHOWN, MOST_PX = 7, 300  # rows of the table of columns; with more of them it scrolls


def show(match: Match, *, key: str) -> bool:
    """Draw the proposal; whether the person pressed “Use this”."""
    label = formats.get(match.format).label if match.format in formats.FORMATS else match.format
    said = _("**{sample}** is proposed as **{format}**")
    st.markdown(said.format(sample=layout.plain(match.sample), format=layout.plain(_(label))))
    if match.complete:
        st.success(_("Everything that was compared matches."), icon=":material/check_circle:")
    with st.container(gap="xxsmall", key=f"{key}_understood"):
        for sentence in match.understood:
            st.markdown(f":green[:material/check:] {layout.plain(sentence)}")
    if match.pairs:
        _pairs(match)
    for one in match.missing:
        _amber(_missing(one.sample, ", ".join(one.nearest)))
    for sentence in match.differences:
        _amber(sentence)
    if match.unused:
        unused = _("Left out, because the sample does not have them: {columns}.")
        st.caption(layout.plain(unused.format(columns=", ".join(match.unused))))
    blocked = "" if match.columns else _("No column of the sample was found in this data.")
    return layout.button(
        _("Use this"), f"{key}_use", blocked=blocked, type="primary", width="stretch", icon=":material/check:"
    )


def _missing(column: str, nearest: str) -> str:
    said = (
        _(
            "The sample's column “{column}” is not in this data. Nearest here: {nearest}. "
            "Rename one, or add the column to the data, if it is needed."
        )
        if nearest
        else _(
            "The sample's column “{column}” is not in this data. "
            "Rename one, or add the column to the data, if it is needed."
        )
    )
    return said.format(column=column, nearest=nearest)


def _pairs(match: Match) -> None:
    st.markdown(n_("**{n} column found**", "**{n} columns found**", len(match.pairs)))
    rows = [
        {
            _("In the sample"): pair.sample or _("Column {number}").format(number=n),
            _("Filled with"): pair.column,
            _("Found by"): _(HOW[pair.how]),
        }
        for n, pair in enumerate(match.pairs, 1)
    ]
    height: int | Literal["content"] = "content" if len(rows) <= SHOWN else MOST_PX
    st.dataframe(pd.DataFrame(rows), hide_index=True, width="stretch", height=height)


def _amber(sentence: str) -> None:
    st.markdown(f":orange[:material/warning:] {layout.plain(sentence)}")
