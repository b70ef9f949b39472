"""What is asked before somebody comes or goes: invitations, new passwords, removing, leaving, handing over."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core import invitations, members, recovery, roles
from core.desk import Desk
from core.members import Member, Role
from pages.components import dialogs, explain, layout, words
from pages.components.clipboard import copy_button
from pages.session import checked
from pages.texts import N_, _, n_

INVITE, PASSWORD, HAND_OVER = "invite", N_("Make a link for a new password"), N_("Hand over what they own")
REMOVE, HAND_OVER_MINE, LEAVE = (
    N_("Remove from this workspace"),
    N_("Hand over what you own"),
    N_("Leave this workspace"),
)
ICONS = {
    PASSWORD: ":material/key:",
    HAND_OVER: ":material/move_item:",
    HAND_OVER_MINE: ":material/move_item:",
    REMOVE: ":material/person_remove:",
    LEAVE: ":material/logout:",
}
_LINK = "people_link"  # what was made in the open dialog: shown while it is open, never again


def menu(desk: Desk, one: Member, there: Sequence[Member]) -> None:
    """The ⋯ of one person. Where nothing in it is allowed it says why."""
    others = [m for m in there if m.account_id != one.account_id]
    offered = _for_oneself(others) if one.me else _for_others(desk, one)
    blocked = "" if offered else _why_not(desk, one, others)
    chosen = st.menu_button(
        _("More"), offered or list(ICONS), key=f"more_{one.account_id}", type="tertiary", disabled=bool(blocked),
        help=layout.said(blocked) or None, format_func=lambda a: f"{ICONS[a]} {_(a)}",
    )  # fmt: skip
    if chosen:
        st.session_state.pop(_LINK, None)
        dialogs.open(chosen, one.account_id)


def _for_oneself(others: Sequence[Member]) -> list[str]:
    return [HAND_OVER_MINE, LEAVE] if others else []


def _for_others(desk: Desk, one: Member) -> list[str]:
    """What the table of roles allows, and what the administrator of the installation may do besides."""
    owner = one.role == Role.OWNER
    offered = [PASSWORD] if desk.administrator and one.email else []
    if roles.may(desk, "members.owners" if owner else "members.hand_over"):
        offered.append(HAND_OVER)
    if roles.may(desk, "members.owners" if owner else "members.manage"):
        offered.append(REMOVE)
    return offered


def _why_not(desk: Desk, one: Member, others: Sequence[Member]) -> str:
    if one.me and not others:
        return _("You are the only one here: invite somebody first, then you can hand over and leave.")
    return roles.blocked(desk, "members.owners" if one.role == Role.OWNER else "members.manage")


def open_invite() -> None:
    st.session_state.pop(_LINK, None)
    dialogs.open(INVITE, "")


def show(desk: Desk) -> None:
    """Where the page ends: draw the dialog that is open, if one is."""
    if dialogs.subject(INVITE) is not None:
        _invite(desk)
    elif account_id := dialogs.subject(PASSWORD):
        _password(desk, account_id)
    elif account_id := dialogs.subject(REMOVE) or dialogs.subject(LEAVE):
        _goodbye(desk, account_id)
    elif account_id := dialogs.subject(HAND_OVER) or dialogs.subject(HAND_OVER_MINE):
        _hand_over(desk, account_id)


@dialogs.dialog(N_("Invite somebody"), icon=":material/person_add:")
@checked
def _invite(desk: Desk) -> None:
    if made := st.session_state.get(_LINK):
        st.markdown(_("Send this link to whoever you invite. It is shown only now."))
        copy_button(made, key="copy_invitation", label=_("Invitation link"))
        st.caption(
            n_(
                "It works once, for {n} day. Under “Invitations not used yet” you can take it back.",
                "It works once, for {n} days. Under “Invitations not used yet” you can take it back.",
                invitations.DAYS,
            )
        )
        return
    offered = [r for r in roles.LADDER if r != Role.OWNER or roles.may(desk, "members.owners")]
    role = st.radio(
        _("As what"), offered, index=offered.index(Role.EDITOR), key="invite_role", format_func=lambda r: _(r.title()),
        captions=[f"{words.capital(_(roles.ABOUT[r]))}." for r in offered],
    )  # fmt: skip
    email = st.text_input(
        _("E-mail (if only this person may use the link)"), key="invite_email", placeholder="budi@example.org",
        max_chars=254, autocomplete="off",
    )  # fmt: skip
    if st.button(_("Make a link"), key="make_invitation", type="primary", icon=":material/link:"):
        with layout.telling():
            st.session_state[_LINK] = invitations.invite(desk, role, (email or "").strip())[1]
            st.rerun()


@dialogs.dialog(N_("A link for a new password"), icon=":material/key:")
@checked
def _password(desk: Desk, account_id: str) -> None:
    name = layout.plain(members.names(desk).get(account_id, ""))
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
    if st.button(_("Make a link"), key="make_password_link", type="primary", icon=":material/link:"):
        with layout.telling():
            st.session_state[_LINK] = recovery.make_link(desk, account_id)
            st.rerun()


@dialogs.dialog(N_("Before they go"), icon=":material/person_remove:")
@checked
def _goodbye(desk: Desk, account_id: str) -> None:
    """Removing somebody, or leaving oneself: what they own needs somebody first."""
    me = account_id == desk.account_id
    with layout.telling():
        name = layout.plain(members.names(desk).get(account_id, ""))
        said = (
            _("You leave {workspace} at once. Your tokens and invitations end.")
            if me
            else _("**{name}** leaves {workspace} at once. Their tokens and invitations end.")
        )
        st.markdown(said.format(name=name, workspace=layout.plain(desk.workspace().name)), help=explain.of("token"))
        heir = _heir(desk, account_id)
        with layout.row("confirm_goodbye", align="right"):
            if st.button(_("Stay") if me else _("Keep them"), key="keep_person"):
                dialogs.close()
            blocked = "" if heir else _("Choose who takes over first.")
            label = _("Leave") if me else _("Remove")
            if layout.button(label, "goodbye", blocked=blocked, type="primary") and heir:
                if me:
                    members.leave(desk, heir)
                    dialogs.close(_("You left the workspace."), ":material/logout:")
                members.remove(desk, account_id, heir)
                dialogs.close(
                    _("**{name}** is not in this workspace any more.").format(name=name), ":material/person_remove:"
                )


@dialogs.dialog(N_("Hand over"), icon=":material/move_item:")
@checked
def _hand_over(desk: Desk, account_id: str) -> None:
    with layout.telling():
        heir = _heir(desk, account_id)
        st.caption(_("What is not shared can be seen only by its new owner afterwards."))
        blocked = "" if heir else _("Choose who takes over first.")
        if layout.button(_("Hand over"), "hand_over", blocked=blocked, type="primary") and heir:
            moved = sum(members.hand_over(desk, account_id, heir).values())
            to = layout.plain(members.names(desk)[heir])
            said = n_("**{name}** took over {n} thing.", "**{name}** took over {n} things.", moved, name=to)
            dialogs.close(said, ":material/move_item:")


def _heir(desk: Desk, account_id: str) -> str | None:
    """Who takes over; says how much there is."""
    owned = members.owned(desk, account_id)
    things = words.listing([words.things(kind, n) for kind, n in owned.items() if n])
    if account_id == desk.account_id:
        said = _("You own {things} here.") if things else _("You own nothing here.")
    else:
        said = _("They own {things} here.") if things else _("They own nothing here.")
    st.markdown(said.format(things=things))
    able = {
        m.account_id: m.name
        for m in members.list(desk)
        if m.account_id != account_id and m.role != Role.VIEWER and not m.disabled
    }
    first = desk.account_id if desk.account_id in able else None
    return st.selectbox(
        _("Who takes it over"), list(able), index=list(able).index(first) if first else None,
        format_func=able.__getitem__, placeholder=_("Choose a person"), key=f"heir_{account_id}",
    )  # fmt: skip
