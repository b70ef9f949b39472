"""Dialogs that stay open while the page behind them is drawn again: which one is open is part of the session.

dialogs.open("rename", dataset.id)            # in a button's handler
if subject := dialogs.subject("rename"): …    # where the page ends: call the @dialogs.dialog function
dialogs.close()                               # when it has done its work (redraws the page)
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Literal, NoReturn, ParamSpec

import streamlit as st

from pages.texts import _

P = ParamSpec("P")
_KEY = "open_dialog"


def dialog(
    title: str,
    *,
    icon: str,
    width: Literal["small", "medium", "large"] = "small",
    on_dismiss: Callable[[], None] | None = None,
) -> Callable[[Callable[P, None]], Callable[P, None]]:
    """`@st.dialog`, with its title (marked by N_) in the language of whoever opens it. Right below it stands `@checked`.

    `on_dismiss`: what happens instead of `forget` when the person closes it.
    """

    def made(drawn: Callable[P, None]) -> Callable[P, None]:
        @wraps(drawn)
        def opened(*args: P.args, **kwargs: P.kwargs) -> None:
            st.dialog(_(title), width=width, icon=icon, on_dismiss=on_dismiss or forget)(drawn)(*args, **kwargs)

        return opened

    return made


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
