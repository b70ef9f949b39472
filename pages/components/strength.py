"""How strong a password is that is being typed: four bars, a word, and what would make it stronger."""

from __future__ import annotations

from html import escape

import streamlit as st

from core.access import passwords
from pages.components import layout
from pages.texts import _


def show(typed: str) -> None:
    found = passwords.strength(typed)
    bars = "".join(f"<i class='{'on' if n < found.score else ''}'></i>" for n in range(4))
    st.html(
        f"<div class='desk-strength s{found.score}'><span>{bars}</span><b>{escape(_(found.words.capitalize()))}</b></div>"
    )
    if found.advice:
        st.caption(layout.plain(_(found.advice)))
