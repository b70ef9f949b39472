"""Who sees a dataset, export or template, and which project it is in: the same two choices wherever the thing is shown."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core import projects, sharing
from core.access import members, roles, sign_in
from core.desk import Desk
from core.errors import Conflict
from core.templating import templates
from core.things import USES
from pages.components import dialogs, layout
from pages.session import checked
from pages.texts import N_, _

WITH_DATA, BOTH = "share_with_data", "sharing_and_project"
ME, EVERYBODY = N_("Only me"), N_("Everybody in {name}")
NONE = N_("No project")


def possible(desk: Desk, thing: Any) -> bool:
    """Whether there is anything to choose: others to share with, a project to put it into or to take it out of."""
    return sign_in.required(desk) or thing.project_id is not None or bool(projects.list(desk))


def show(desk: Desk, kind: str, thing: Any) -> None:
    """Two choices in a row that take effect at once. On a desk for one person there is nobody to share with."""
    if not possible(desk, thing):
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"row_belonging_{thing.id}"):
        if sign_in.required(desk):
            _seen_by(desk, kind, thing)
        _project(desk, kind, thing)


def _seen_by(desk: Desk, kind: str, thing: Any) -> None:
    mine = thing.owner_id == desk.account_id
    owner = "" if mine else members.names(desk).get(thing.owner_id, _("its owner"))
    words = {
        False: _(ME) if mine else _("Only {name}").format(name=owner),
        True: _(EVERYBODY).format(name=desk.workspace().name),
    }
    blocked = roles.blocked(desk, f"{USES[kind]}.share", thing)
    st.markdown(
        _(":material/group: **Seen by**") if thing.shared else _(":material/lock: **Seen by**"), width="content"
    )
    chosen = st.selectbox(
        _("Seen by"), [False, True], index=int(thing.shared), format_func=words.__getitem__,
        key=f"seen_{thing.id}_{thing.shared}_{st.session_state.get('seen_tries', 0)}", label_visibility="collapsed",
        width=230, disabled=bool(blocked), help=layout.said(blocked) or None,
    )  # fmt: skip
    if chosen == thing.shared:
        return
    with layout.telling():
        try:
            sharing.share(desk, kind, thing.id, chosen)
        except Conflict:
            # a template of data that only its owner sees: asked in a dialog, and the choice goes back until it is answered
            st.session_state["seen_tries"] = st.session_state.get("seen_tries", 0) + 1
            dialogs.open(WITH_DATA, thing.id)
        _told(desk, thing.name, chosen, mine)


def _told(desk: Desk, name: str, shared: bool, mine: bool) -> None:
    if shared:
        dialogs.close(
            _("Everybody in {workspace} sees **{name}** now.").format(
                workspace=layout.plain(desk.workspace().name), name=layout.plain(name)
            )
        )
    if not mine:  # an administrator who takes it back does not see it any more
        st.query_params.from_dict({})
    dialogs.close(_("**{name}** is private again.").format(name=layout.plain(name)), ":material/lock:")


def _project(desk: Desk, kind: str, thing: Any) -> None:
    known = {"": _(NONE)} | {p.id: p.name for p in projects.list(desk)}
    now = thing.project_id or ""
    if now not in known:
        known[now] = _("{name} (archived)").format(name=projects.get(desk, now).name)
    if len(known) == 1:
        return
    blocked = roles.blocked(desk, f"{USES[kind]}.change", thing)
    st.markdown(_(":material/folder: **Project**"), width="content")
    chosen = st.selectbox(
        _("Project of this"), list(known), index=list(known).index(now), format_func=known.__getitem__,
        key=f"project_{thing.id}_{thing.project_id}", label_visibility="collapsed", width=200,
        disabled=bool(blocked), help=layout.said(blocked) or None,
    )  # fmt: skip
    if chosen != now:
        with layout.telling():
            projects.put(desk, kind, thing.id, chosen or None)
            said = _("**{name}** is in **{project}** now.") if chosen else _("**{name}** is in no project now.")
            told = said.format(name=layout.plain(thing.name), project=layout.plain(known[chosen]))
            dialogs.close(told, ":material/folder:")


def show_dialogs(desk: Desk) -> None:
    """Where a page of templates ends: draw the dialog that is open, if one is."""
    if template_id := dialogs.subject(BOTH):
        _both(desk, template_id)
    elif template_id := dialogs.subject(WITH_DATA):
        _with_data(desk, template_id)


@dialogs.dialog(N_("Sharing and project"), icon=":material/group:")
@checked
def _both(desk: Desk, template_id: str) -> None:
    with layout.telling():
        template = templates.get(desk, template_id)
        st.markdown(f"**{layout.plain(template.name)}**")
        show(desk, "template", template)


@dialogs.dialog(N_("Share the data too?"), icon=":material/group:")
@checked
def _with_data(desk: Desk, template_id: str) -> None:
    with layout.telling():
        needed = sharing.private_data(desk, template_id)
        place = layout.plain(desk.workspace().name)
        st.markdown(
            _(
                "The template uses data that only you can see. "
                "To run it, everybody in {workspace} has to see that data too:"
            ).format(workspace=place)
        )
        for one in needed:
            st.markdown(f":material/table: **{layout.plain(one.name)}**")
        with layout.row("confirm_sharing", align="right"):
            if st.button(_("Keep both private"), key="keep_private"):
                dialogs.close()
            if st.button(_("Share both"), key="share_both", type="primary"):
                shared = sharing.share(desk, "template", template_id, with_data=True)
                _told(desk, getattr(shared, "name"), True, True)  # noqa: B009 (every kind has a name)
