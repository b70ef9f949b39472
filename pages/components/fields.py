"""Fields that begin with what the draft says, wherever they are drawn anew: after a switch of pages, or in another row."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

import streamlit as st

from pages.components.layout import plain
from pages.texts import _

EARLIEST, LATEST = date(1, 1, 1), date(9999, 12, 31)


def seeded(key: str, value: object) -> str:
    """The key, after giving its widget this value unless it has one already."""
    if key not in st.session_state:
        st.session_state[key] = value
    return key


def addressed(key: str, options: Iterable[str]) -> None:
    """Before a choice that is part of the page's address: a link in English is understood in every language.

    The address says a choice in the words it has on the screen.
    """
    said = st.query_params.get(key, "")
    if said in options and _(said) != said:
        st.session_state.setdefault(key, said)


def bound(target: object, attribute: str, key: str) -> dict[str, Any]:
    """Key and callback of a widget that is this attribute: what it says is known before anything else is drawn."""

    def changed() -> None:
        if (value := st.session_state[key]) is not None:  # a number field that was emptied keeps its number
            setattr(target, attribute, value)

    st.session_state[key] = getattr(target, attribute)
    return {"key": key, "on_change": changed}


def select(label: str, options: Sequence[str], now: str, words: Mapping[str, str], key: str) -> str:
    """A select box without a visible label."""
    if st.session_state.get(key) not in options:
        st.session_state[key] = now
    return st.selectbox(
        label, options, key=key, format_func=lambda o: words.get(o, o), label_visibility="collapsed", required=True
    )


def text(label: str, now: str, key: str, *, placeholder: str = "") -> str:
    return (
        st.text_input(
            label,
            key=seeded(key, now),
            placeholder=placeholder or None,
            label_visibility="collapsed",
            autocomplete="off",
        )
        or ""
    )


def day(label: str, now: str | None, key: str) -> str | None:
    """A date as ISO text; what was given with a time of day keeps it until another day is chosen."""
    chosen: Any = st.date_input(
        label,
        key=seeded(key, date.fromisoformat(now[:10]) if now else None),
        min_value=EARLIEST,
        max_value=LATEST,
        format="YYYY-MM-DD",
        label_visibility="collapsed",
    )
    if chosen is None:  # the field was emptied
        return None
    return now if now and now[:10] == chosen.isoformat() else str(chosen.isoformat())


def word(text: str, help: str | None = None) -> None:
    """One of the words between the fields that make a row read as a sentence."""
    st.caption(plain(text), width="content", help=help)


def rows(key: str) -> st.delta_generator.DeltaGenerator:
    """Where lines that come and go stand, apart: a button after them stays where it is in the browser, and keeps the focus."""
    return st.container(key=f"{key}_rows", gap="small")


def line(key: str) -> st.delta_generator.DeltaGenerator:
    """A row of fields: side by side on a screen, two to a line on a phone (see styles.py)."""
    return st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"line_{key}")


def icon_button(label: str, icon: str, key: str, *, disabled: bool = False, on_click: object, args: tuple = ()) -> bool:  # type: ignore[type-arg]
    """A quiet button that shows its icon alone; its label is for screen readers and the tooltip."""
    return st.button(
        label,
        key=f"{key}_icon",
        icon=icon,
        type="tertiary",
        help=label,
        disabled=disabled,
        on_click=on_click,  # type: ignore[arg-type]
        args=args,
    )
