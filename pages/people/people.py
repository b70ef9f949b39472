"""People: who belongs to the workspace and as what, and the links that let others in."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core import workspaces
from core.access import invitations, members, roles, sign_in
from core.access.members import Member, Role
from core.errors import DeskError
from pages.components import explain, layout, one_person, words
from pages.people import dialogs, inviting
from pages.session import desk as current_desk
from pages.texts import _

_PROBLEM, _TRIES = "people_problem", "people_tries"

desk = current_desk()
clock = workspaces.clock(desk)


def story() -> None:
    if not sign_in.required(desk):
        one_person.show(_("People"))
        return
    place = desk.workspace().name
    about = _("Who belongs to {workspace}. What somebody makes stays theirs until they share it.").format(
        workspace=place
    )
    with layout.header(_("People"), about, help=explain.of("role", desk=desk)):
        blocked = roles.blocked(desk, "members.manage")
        if layout.button(_("Invite"), "invite", blocked=blocked, type="primary", icon=":material/person_add:"):
            inviting.ask()
    if problem := st.session_state.pop(_PROBLEM, None):
        layout.error_box(problem)
    there = members.list(desk)
    for one in there:
        member(one, there)
    with st.expander(_("What each role may do"), icon=":material/help:", type="compact", key="about_roles"):
        for role in roles.LADDER:
            st.markdown(f"**{_(role.title())}** {layout.plain(_(roles.ABOUT[role]))}.")
    if roles.may(desk, "members.manage"):
        waiting(invitations.list(desk))


def member(one: Member, there: Sequence[Member]) -> None:
    """One person: name, e-mail, since when, role, and what can be done."""
    with (
        st.container(border=True, key=f"item_{one.account_id}"),
        st.container(horizontal=True, vertical_alignment="center", gap="small"),
    ):
        with st.container(gap=None, width="stretch", key=f"words_{one.account_id}"):
            you = _("(you)") if one.me else ""
            st.markdown(f"**{layout.plain(one.name)}** :gray[{you}]" if you else f"**{layout.plain(one.name)}**")
            st.caption(layout.plain(" · ".join(facts(one))))
        role_of(one)
        dialogs.menu(desk, one, there)


def facts(one: Member) -> list[str]:
    shown = [one.email] if one.email else []
    shown.append(_("since {when}").format(when=words.day(one.since, clock)))
    return [*shown, _("may not sign in")] if one.disabled else shown


def role_of(one: Member) -> None:
    """The role as a choice, which takes effect at once; where one may not choose, it says why."""
    blocked = why_not(one)
    offered = [r for r in roles.LADDER if r != Role.OWNER or one.role == r or roles.may(desk, "members.owners")]
    key = f"role_{one.account_id}_{one.role}_{st.session_state.get(_TRIES, 0)}"
    chosen = st.selectbox(
        _("Role of {name}").format(name=layout.said(one.name)), offered, index=offered.index(one.role), key=key,
        format_func=lambda role: _(role.title()), label_visibility="collapsed", width=130,
        disabled=bool(blocked), help=layout.said(blocked) or None,
    )  # fmt: skip
    if chosen == one.role:
        return
    try:
        members.change_role(desk, one.account_id, chosen)
        said = _("**{name}** is now {role}.").format(name=layout.plain(one.name), role=_(chosen))
        st.toast(said, icon=":material/check_circle:")
    except DeskError as problem:
        st.session_state[_PROBLEM] = problem
        st.session_state[_TRIES] = st.session_state.get(_TRIES, 0) + 1  # the choice goes back to what holds
    st.rerun()


def why_not(one: Member) -> str:
    """Why the role cannot be chosen here, or ""."""
    if not roles.may(desk, "members.manage"):
        return roles.blocked(desk, "members.manage")
    if one.me:
        return _("Your own role is for another administrator to change.")
    return roles.blocked(desk, "members.owners") if one.role == Role.OWNER else ""


def waiting(sent: Sequence[invitations.Invitation]) -> None:
    """Invitations nobody has used yet. Their links were shown once and cannot be shown again."""
    if not sent:
        return
    names = members.names(desk)
    st.header(_("Invitations not used yet"), anchor=False)
    for one in sent:
        with (
            st.container(border=True, key=f"item_{one.id}"),
            st.container(horizontal=True, vertical_alignment="center", gap="small"),
        ):
            with st.container(gap=None, width="stretch", key=f"words_{one.id}"):
                anybody = _("Whoever has the link")
                st.markdown(f"**{layout.plain(one.email or anybody)}**")
                sender = names.get(one.owner_id, _("somebody who left"))
                until = words.day(one.expires_at, clock)
                said = _("as {role} · invited by {name} · works until {day}")
                st.caption(layout.plain(said.format(role=_(one.role), name=sender, day=until)))
            label, icon = inviting.again_is(desk, one)
            blocked = roles.blocked(desk, "members.owners") if one.role == Role.OWNER else ""
            if layout.button(label, f"again_{one.id}", blocked=blocked, icon=icon):
                inviting.again(desk, one)
            if st.button(_("Take back"), key=f"revoke_{one.id}", icon=":material/link_off:"):
                with layout.telling():
                    invitations.revoke(desk, one.id)
                    st.toast(_("The link does not work any more."), icon=":material/link_off:")
                    st.rerun()


story()
dialogs.show(desk)
inviting.show(desk)
