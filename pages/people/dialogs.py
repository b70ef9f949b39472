"""What can be done about one person of the workspace, and what is asked first: removing, leaving, handing over."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core.access import members, roles
from core.access.members import Member, Role
from core.desk import Desk
from pages.components import dialogs, explain, layout, words
from pages.people import password_link
from pages.session import checked
from pages.texts import N_, _, n_

PASSWORD, HAND_OVER = password_link.MAKE, N_("Hand over what they own")
REMOVE, HAND_OVER_MINE, LEAVE = (
    N_("Remove from this workspace"),
    N_("Hand over what you own"),
    N_("Leave this workspace"),
)
ICONS = {
    PASSWORD: password_link.ICON,
    HAND_OVER: ":material/move_item:",
    HAND_OVER_MINE: ":material/move_item:",
    REMOVE: ":material/person_remove:",
    LEAVE: ":material/logout:",
}


def menu(desk: Desk, one: Member, there: Sequence[Member]) -> None:
    """The ⋯ of one person. Where nothing in it is allowed it says why."""
    others = [m for m in there if m.account_id != one.account_id]
    offered = _for_oneself(others) if one.me else _for_others(desk, one)
    blocked = "" if offered else _why_not(desk, one, others)
    chosen = st.menu_button(
        _("More"), offered or list(ICONS), key=f"more_{one.account_id}", type="tertiary", disabled=bool(blocked),
        help=layout.said(blocked) or None, format_func=lambda a: f"{ICONS[a]} {_(a)}",
    )  # fmt: skip
    if chosen == PASSWORD:
        password_link.ask(one.account_id)
    elif chosen:
        dialogs.open(chosen, one.account_id)


def _for_oneself(others: Sequence[Member]) -> list[str]:
    return [HAND_OVER_MINE, LEAVE] if others else []


def _for_others(desk: Desk, one: Member) -> list[str]:
    """What the table of roles allows, and what the administrator of the installation may do besides."""
    owner = one.role == Role.OWNER
    offered = [PASSWORD] if desk.administrator and one.email and not one.disabled else []
    if roles.may(desk, "members.owners" if owner else "members.hand_over"):
        offered.append(HAND_OVER)
    if roles.may(desk, "members.owners" if owner else "members.manage"):
        offered.append(REMOVE)
    return offered


def _why_not(desk: Desk, one: Member, others: Sequence[Member]) -> str:
    if one.me and not others:
        return _("You are the only one here: invite somebody first, then you can hand over and leave.")
    return roles.blocked(desk, "members.owners" if one.role == Role.OWNER else "members.manage")


def show(desk: Desk) -> None:
    """Where the page ends: draw the dialog that is open, if one is."""
    if account_id := password_link.about():
        password_link.show(desk, account_id, members.names(desk).get(account_id, ""))
    elif account_id := dialogs.subject(REMOVE):
        _remove(desk, account_id)
    elif dialogs.subject(LEAVE):
        _leave(desk)
    elif account_id := dialogs.subject(HAND_OVER) or dialogs.subject(HAND_OVER_MINE):
        _hand_over(desk, account_id)


@dialogs.dialog(N_("Before they go"), icon=":material/person_remove:")
@checked
def _remove(desk: Desk, account_id: str) -> None:
    _goodbye(desk, account_id)


@dialogs.dialog(LEAVE, icon=":material/logout:")
@checked
def _leave(desk: Desk) -> None:
    _goodbye(desk, desk.account_id)


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
        st.markdown(
            said.format(name=name, workspace=layout.plain(desk.workspace().name)), help=explain.of("workspace", "token")
        )
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
        if not any(members.owned(desk, account_id).values()):
            blocked = _("There is nothing to hand over.")
        if layout.button(_("Hand over"), "hand_over", blocked=blocked, type="primary") and heir:
            moved = sum(members.hand_over(desk, account_id, heir).values())
            to = layout.plain(members.names(desk)[heir])
            said = n_("**{name}** took over {n} thing.", "**{name}** took over {n} things.", moved, name=to)
            dialogs.close(said, ":material/move_item:")


def _heir(desk: Desk, account_id: str) -> str | None:
    """Who takes over, who is asked for where there is something; says how much there is."""
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
    if not things:  # what may still wait among the deleted goes to whoever leads
        return first or next(
            (m.account_id for m in members.list(desk) if m.role == Role.OWNER and m.account_id in able), None
        )
    return st.selectbox(
        _("Who takes it over"), list(able), index=list(able).index(first) if first else None,
        format_func=able.__getitem__, placeholder=_("Choose a person"), key=f"heir_{account_id}",
    )  # fmt: skip
