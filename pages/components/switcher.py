"""The workspace one is in, and the way to another: only where there is another, or one may make one."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from core import workspaces
from core.access import sign_in
from core.access.sign_in import SignIn
from core.desk import Desk
from pages import routes
from pages.components import dialogs, explain, layout
from pages.session import checked
from pages.texts import N_, _

NEW = "new_workspace"


def show(desk: Desk, current: SignIn | None) -> None:
    """In the sidebar. On a desk for one person (no sign-in) there is one workspace, and nothing to show."""
    if current is None:
        return
    mine = {place.id: (place.name, role) for place, role in workspaces.mine(desk)}
    if len(mine) > 1 or desk.administrator:
        with st.sidebar, st.container(key="switcher"):
            _menu(desk, current, mine)
    if dialogs.subject(NEW) is not None:
        _make(desk, current)


def _menu(desk: Desk, current: SignIn, mine: Mapping[str, tuple[str, str]]) -> None:
    others = [place for place in mine if place != desk.workspace_id]
    offered = [*others, *([NEW] if desk.administrator else [])]
    chosen = st.menu_button(
        layout.plain(mine[desk.workspace_id][0]), offered, key="workspace_menu", icon=":material/domain:",
        width="stretch", format_func=lambda p: _words(p, mine), help=explain.of("workspace", here=_("Another workspace")),
    )  # fmt: skip
    if chosen == NEW:
        dialogs.open(NEW, "")
    elif chosen:
        sign_in.switch(desk, current, chosen)
        routes.to_home()  # what the page was narrowed to, or open on, is not there


def _words(place: str, mine: Mapping[str, tuple[str, str]]) -> str:
    return (
        _(":material/add: New workspace")
        if place == NEW
        else f"{layout.plain(mine[place][0])} :gray[{_(mine[place][1])}]"
    )


@dialogs.dialog(N_("New workspace"), icon=":material/domain_add:")
@checked
def _make(desk: Desk, current: SignIn) -> None:
    st.caption(_("For another group of people. Nothing here is seen there, and nobody of here is in it but you."))
    with st.form("new_workspace", border=False):
        name = st.text_input(_("Name"), max_chars=120, placeholder=_("Finance"), autocomplete="off")
        if st.form_submit_button(_("Make it"), type="primary"):
            with layout.telling():
                made = workspaces.make(desk, name or "")
                sign_in.switch(desk, current, made.id)
                said = _("**{name}** is there, and you are in it.").format(name=layout.plain(made.name))
                dialogs.forget()
                st.toast(said, icon=":material/domain_add:")
                routes.to_home()
