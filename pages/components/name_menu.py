"""Who one is, at the foot of the sidebar, with the way to one's account and out.

Signing out is a form of the page, sent to the door: only the server may take the cookie away, and it hears only forms of ours.
"""

from __future__ import annotations

import streamlit as st

from core.access import accounts
from core.desk import Desk
from pages import routes
from pages.components import layout
from pages.texts import _

_HTML = """
<form method="post" action="/sign-out"><button></button></form>
<form method="post" action="/sign-out-everywhere"><button></button></form>
"""
_CSS = """
form { margin: 0; }
button { display: block; width: 100%; text-align: left; font: 400 0.95em/1.4 var(--st-font); color: var(--st-text-color);
  background: transparent; border: 0; border-radius: var(--st-button-radius); padding: 0.5rem 0.6rem; cursor: pointer; }
button:hover { background: var(--st-secondary-background-color); }
button:focus-visible { outline: 2px solid var(--st-primary-color); outline-offset: -2px; }
"""
_JS = """
export default function ({ data, parentElement: root }) {
  root.querySelectorAll('button').forEach((button, n) => { button.textContent = data.labels[n] })
}
"""
_sign_out = st.components.v2.component("export_desk_sign_out", html=_HTML, css=_CSS, js=_JS)


def show(desk: Desk) -> None:
    """Only where people sign in: on a desk for one person there is nobody else to be."""
    me = accounts.me(desk)
    with (
        st.sidebar,
        st.container(key="name_menu"),
        st.popover(layout.plain(me.name), icon=":material/account_circle:", width="stretch"),
    ):
        st.text(f"{me.email or me.name}\n{desk.workspace().name}, {desk.role}")
        st.page_link(routes.ACCOUNT, label=_("My account"), icon=":material/person:")
        _sign_out(key="sign_out", data={"labels": [_("Sign out"), _("Sign out of every browser")]})
