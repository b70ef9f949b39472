"""What a sample file asks for beside what the data can give: what was understood, the columns, and what will not be alike."""

from __future__ import annotations

from typing import Literal

import pandas as pd
import streamlit as st

from core.engine import formats
from core.engine.matching import Match
from pages.components import layout, words

HOW = {"same": "same name", "alike": "same name, written otherwise", "similar": "similar name", "values": "same values",
       "place": "same place"}  # fmt: skip
SHOWN, MOST_PX = 7, 300  # rows of the table of columns; with more of them it scrolls


def show(match: Match, *, key: str) -> bool:
    """Draw the proposal; whether the person pressed “Use this”."""
    label = formats.get(match.format).label if match.format in formats.FORMATS else match.format
    st.markdown(f"**{layout.plain(match.sample)}** is proposed as **{layout.plain(label)}**")
    if match.complete:
        st.success("Everything that was compared matches.", icon=":material/check_circle:")
    with st.container(gap="xxsmall", key=f"{key}_understood"):
        for sentence in match.understood:
            st.markdown(f":green[:material/check:] {layout.plain(sentence)}")
    if match.pairs:
        _pairs(match)
    for one in match.missing:
        near = f" Nearest here: {', '.join(one.nearest)}." if one.nearest else ""
        advice = " Rename the header or add the column to the data, if it is needed."
        _amber(f"The sample's column “{one.sample}” is not in this data.{near}{advice}")
    for sentence in match.differences:
        _amber(sentence)
    if match.unused:
        st.caption(layout.plain(f"Left out, because the sample does not have them: {', '.join(match.unused)}."))
    blocked = "" if match.columns else "No column of the sample was found in this data."
    return layout.button(
        "Use this", f"{key}_use", blocked=blocked, type="primary", width="stretch", icon=":material/check:"
    )


def _pairs(match: Match) -> None:
    st.markdown(f"**{words.count(len(match.pairs), 'column')} found**")
    rows = [
        {"In the sample": pair.sample or f"Column {n}", "Filled with": pair.column, "Found by": HOW[pair.how]}
        for n, pair in enumerate(match.pairs, 1)
    ]
    height: int | Literal["content"] = "content" if len(rows) <= SHOWN else MOST_PX
    st.dataframe(pd.DataFrame(rows), hide_index=True, width="stretch", height=height)


def _amber(sentence: str) -> None:
    st.markdown(f":orange[:material/warning:] {layout.plain(sentence)}")
