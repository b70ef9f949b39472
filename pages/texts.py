"""The words of the screens, in the language of whoever looks. docs/translating.md: how a language is added.

_("Nothing here yet")                              # translated where it is shown
_("{kept} of {all} columns").format(kept=…)        # a whole sentence with named slots, never one glued from pieces
n_("{n} row left", "{n} rows left", left)          # a number and what is counted; {n} is written as people read it
LOOKS = {"dark": N_("Dark")}                       # a module has no reader: marked here, `_(LOOKS[key])` where it is shown

Nothing here is set for a request: the language is looked up in the session of the thread that asks.
"""

from __future__ import annotations

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from core import texts
from core.texts import N_, languages

__all__ = ["N_", "_", "language", "languages", "n_", "prefer"]

_CHOSEN = "language"  # in the session: what the person prefers, empty for their browser's


def _(text: str) -> str:
    """`text` as whoever looks reads it; itself where nobody translated it."""
    return texts.translated(text, language())


def n_(one: str, many: str, n: int, **slots: object) -> str:
    """The form that fits `n`, its slots filled: `{n}` with the number, thousands apart, the others by name."""
    return texts.counted(one, many, n, language(), **slots)


def prefer(language: str) -> None:
    """What the person chose in their account (empty: as their browser), for the rest of this session."""
    st.session_state[_CHOSEN] = language


def language() -> str:
    """Of whoever looks: what they prefer, else what their browser asks for, else English. "en", "de", "pt_BR"."""
    if get_script_run_ctx(suppress_warning=True) is None:  # nobody looks: a module is imported, a test runs
        return texts.SOURCE
    return texts.negotiated(st.session_state.get(_CHOSEN) or "", st.context.locale or "")
