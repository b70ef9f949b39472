"""The Desk of whoever looks at the page. Every rerun asks here first; every fragment and dialog, by `checked`.

A browser's cookies are those of the moment the page was opened, so the store is asked each time whether that sign-in still
holds: one that was ended elsewhere stops here, at the next click or the next look of a fragment.
"""

from __future__ import annotations

import html
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar
from urllib.parse import quote, urlsplit

import streamlit as st

from core.access import sign_in
from core.access.sign_in import SignIn
from core.desk import Caller, Desk, open_desk
from core.errors import NotAllowed
from pages.texts import _

P = ParamSpec("P")
R = TypeVar("R")
_ACTING = "acting"  # whom the page was drawn for: workspace, account, role


class SignedOut(Exception):
    """Nobody is signed in here any more. Only navigation.py answers it, wherever on a page it comes up."""


@st.cache_resource(show_spinner=False)
def _opened() -> Desk:
    """One Desk a process: it holds the pool of the store, and migrates once."""
    return open_desk()


def desk() -> Desk:
    """Whoever acts. On one person's own computer nothing is asked; else raises SignedOut on a page without a sign-in."""
    opened = _opened()
    if not sign_in.required(opened):
        return opened
    try:
        acting = _resumed(opened)[0]
    except NotAllowed:
        raise SignedOut from None
    _drawn_for(acting)
    return acting


def current() -> SignIn | None:
    """The sign-in of this browser; None where nobody signs in. Raises NotAllowed once it was ended."""
    opened = _opened()
    return _resumed(opened)[1] if sign_in.required(opened) else None


def lead_to_sign_in() -> None:
    """Say so, calmly, with the way back to this very page. Nothing of what was open stays."""
    st.session_state.clear()
    here = urlsplit(st.context.url or "/")
    wanted = (here.path or "/") + (f"?{here.query}" if here.query else "")
    with st.container(border=True, key="card_signed_out", horizontal_alignment="center"):
        st.header(_("You are signed out"), anchor=False, icon=":material/lock:", text_alignment="center")
        st.caption(
            _("You were signed out of this browser, or it has been too long. Nothing you saved is lost."),
            text_alignment="center",
        )
        way_in = f"/sign-in?next={html.escape(quote(wanted, safe=''))}"
        label = html.escape(_("Sign in"))
        st.html(f'<p class="desk-way-in"><a href="{way_in}">{label}</a></p>')


def checked(drawn: Callable[P, R]) -> Callable[P, R]:
    """For every `@st.fragment` and `@st.dialog`, right below it: they run again without the page around them.

    Where the sign-in was ended, or somebody became something else in the meantime, the whole page is drawn again.
    """

    @wraps(drawn)
    def again(*args: P.args, **kwargs: P.kwargs) -> R:
        opened = _opened()
        if sign_in.required(opened) and not _holds(opened):
            st.rerun()
        try:
            return drawn(*args, **kwargs)
        except SignedOut:
            st.rerun()

    return again


def _resumed(opened: Desk) -> tuple[Desk, SignIn]:
    caller = Caller(
        address=st.context.ip_address or "127.0.0.1",  # Streamlit says None for this computer
        agent=st.context.headers.get("User-Agent") or "",
    )
    return sign_in.resume(opened, sign_in.secret_of(st.context.cookies), caller)


def _drawn_for(acting: Desk) -> None:
    """Remember for whom. In another workspace than before (chosen in another tab) nothing of the old one may stay."""
    now = (acting.workspace_id, acting.account_id, acting.role)
    before = st.session_state.get(_ACTING)
    st.session_state[_ACTING] = now
    if before is not None and before[:2] != now[:2]:
        st.session_state.clear()
        st.session_state[_ACTING] = now
        st.query_params.from_dict({})  # clear() refuses while a filter of the page is bound to one
        st.rerun()


def _holds(opened: Desk) -> bool:
    try:
        acting = _resumed(opened)[0]
    except NotAllowed:
        return False
    return bool(st.session_state.get(_ACTING) == (acting.workspace_id, acting.account_id, acting.role))
