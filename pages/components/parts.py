"""What comes out when there is more than one: how many files or sheets, and the first of them with their rows and sizes."""

from __future__ import annotations

import streamlit as st

from core.previews import Parts
from pages.components import file_list, layout
from pages.components.file_list import Line, facts
from pages.texts import n_


def show(parts: Parts, *, key: str) -> None:
    """One line, and the list behind it."""
    what = parts.words.split(", ")[0]  # what else it says has no room in a line
    with st.expander(layout.plain(what), icon=":material/stacks:", type="compact", key=f"{key}_parts"):
        more = parts.count - len(parts.parts)
        file_list.show(
            [Line(p.title, facts(p.rows, p.bytes, about=True)) for p in parts.parts],
            n_("… and {n} more", "… and {n} more", more) if more else "",
        )
