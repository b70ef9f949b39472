"""Dialogs that stay open while the page behind them is drawn again: which one is open is part of the session.

dialogs.open("rename", dataset.id)            # in a button's handler
if subject := dialogs.subject("rename"): …    # where the page ends: call the @st.dialog function
dialogs.close()                               # when it has done its work (redraws the page)
"""

from __future__ import annotations

from typing import NoReturn

import streamlit as st

_KEY = "open_dialog"


def open(name: str, subject: str) -> NoReturn:
    """Open the dialog `name` about the thing with this id."""
    st.session_state[_KEY] = (name, subject)
    st.rerun()


def subject(name: str) -> str | None:
    """What the dialog `name` is about, if it is the one that is open."""
    current = st.session_state.get(_KEY)
    return str(current[1]) if current and current[0] == name else None


def forget() -> None:
    """For `on_dismiss`: the person closed it."""
    st.session_state.pop(_KEY, None)


def close(said: str = "", icon: str = ":material/check_circle:") -> NoReturn:
    """The work is done: close, tell in a toast, draw the page again."""
    forget()
    if said:
        st.toast(said, icon=icon)
    st.rerun()
