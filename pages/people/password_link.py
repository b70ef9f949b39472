"""A link by which somebody chooses a new password, made by an administrator of the installation and shown once."""

from __future__ import annotations

import streamlit as st

from core.access import recovery
from core.desk import Desk
from pages.components import dialogs, layout
from pages.components.clipboard import copy_button
from pages.session import checked
from pages.texts import N_, _, n_

MAKE = N_("Make a link for a new password")
ICON = ":material/key:"
_LINK = "password_link"  # what was made in the open dialog: shown while it is open, never again


def ask(account_id: str) -> None:
    """Open the dialog about this person."""
    st.session_state.pop(_LINK, None)
    dialogs.open(MAKE, account_id)


def about() -> str | None:
    """The account whose dialog is open."""
    return dialogs.subject(MAKE)


def forget() -> None:
    """The dialog was closed: the link is nowhere any more."""
    st.session_state.pop(_LINK, None)
    dialogs.forget()


@dialogs.dialog(N_("A link for a new password"), icon=ICON, on_dismiss=forget)
@checked
def show(desk: Desk, account_id: str, name: str) -> None:
    name = layout.plain(name)
    if made := st.session_state.get(_LINK):
        st.markdown(_("Give this link to **{name}**. It is shown only now.").format(name=name))
        copy_button(made, key="copy_password_link", label=_("Link for a new password"))
        st.caption(
            n_(
                "It works once, for {n} hour, and ends every sign-in of theirs.",
                "It works once, for {n} hours, and ends every sign-in of theirs.",
                recovery.MADE_HOURS,
            )
        )
        return
    said = _("**{name}** can choose a new password with it. The present one works until then.")
    st.markdown(said.format(name=name))
    if recovery.by_mail(desk):
        st.caption(
            _("Mail is set up: they can also ask for one themselves, with “Forgot password” where they sign in.")
        )
    if st.button(_("Make a link"), key="make_password_link", type="primary", icon=":material/link:"):
        with layout.telling():
            st.session_state[_LINK] = recovery.make_link(desk, account_id)
            st.rerun()
