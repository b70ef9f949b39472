"""What is asked before somebody comes or goes: invitations, new passwords, removing, leaving, handing over."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core import invitations, members, recovery, roles
from core.desk import Desk
from core.members import Member, Role
from pages.components import dialogs, layout, words
from pages.components.clipboard import copy_button
from pages.session import checked

INVITE, PASSWORD, HAND_OVER = "invite", "Make a link for a new password", "Hand over what they own"
REMOVE, HAND_OVER_MINE, LEAVE = "Remove from this workspace", "Hand over what you own", "Leave this workspace"
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
        "More", offered or list(ICONS), key=f"more_{one.account_id}", type="tertiary", disabled=bool(blocked),
        help=blocked or None, format_func=lambda a: f"{ICONS[a]} {a}",
    )  # fmt: skip
    if chosen:
        st.session_state.pop(_LINK, None)
        dialogs.open(chosen, one.account_id)


def _for_oneself(others: Sequence[Member]) -> list[str]:
    return [HAND_OVER_MINE, LEAVE] if others else []


def _for_others(desk: Desk, one: Member) -> list[str]:
    """What the table of roles allows, and what the administrator of the installation may do besides."""
    offered = [HAND_OVER] if roles.may(desk, "members.hand_over") else []
    if desk.administrator and one.email:
        offered.insert(0, PASSWORD)
    use = "members.owners" if one.role == Role.OWNER else "members.manage"
    return [*offered, REMOVE] if roles.may(desk, use) else offered


def _why_not(desk: Desk, one: Member, others: Sequence[Member]) -> str:
    if one.me and not others:
        return "You are the only one here: invite somebody first, then you can hand over and leave."
    return roles.blocked(desk, "members.manage")


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


@st.dialog("Invite somebody", icon=":material/person_add:", on_dismiss=dialogs.forget)
@checked
def _invite(desk: Desk) -> None:
    if made := st.session_state.get(_LINK):
        st.markdown("Send this link to whoever you invite. It is shown only now.")
        copy_button(made, key="copy_invitation", label="Invitation link")
        st.caption(
            f"It works once, for {invitations.DAYS} days. Under “Invitations not used yet” you can take it back."
        )
        return
    offered = [r for r in roles.LADDER if r != Role.OWNER or roles.may(desk, "members.owners")]
    role = st.radio(
        "As what", offered, index=offered.index(Role.EDITOR), key="invite_role", format_func=str.title,
        captions=[roles.ABOUT[r][0].upper() + roles.ABOUT[r][1:] + "." for r in offered],
    )  # fmt: skip
    email = st.text_input(
        "E-mail (if only this person may use the link)", key="invite_email", placeholder="budi@example.org",
        max_chars=254, autocomplete="off",
    )  # fmt: skip
    if st.button("Make a link", key="make_invitation", type="primary", icon=":material/link:"):
        with layout.telling():
            _, st.session_state[_LINK] = invitations.invite(desk, role, (email or "").strip())
            st.rerun()


@st.dialog("A link for a new password", icon=":material/key:", on_dismiss=dialogs.forget)
@checked
def _password(desk: Desk, account_id: str) -> None:
    name = layout.plain(members.names(desk).get(account_id, ""))
    if made := st.session_state.get(_LINK):
        st.markdown(f"Give this link to **{name}**. It is shown only now.")
        copy_button(made, key="copy_password_link", label="Link for a new password")
        st.caption(f"It works once, for {recovery.MADE_HOURS} hours, and ends every sign-in of theirs.")
        return
    st.markdown(f"**{name}** can choose a new password with it. The present one works until then.")
    if st.button("Make a link", key="make_password_link", type="primary", icon=":material/link:"):
        with layout.telling():
            st.session_state[_LINK] = recovery.make_link(desk, account_id)
            st.rerun()


@st.dialog("Before they go", icon=":material/person_remove:", on_dismiss=dialogs.forget)
@checked
def _goodbye(desk: Desk, account_id: str) -> None:
    """Removing somebody, or leaving oneself: what they own needs somebody first."""
    me = account_id == desk.account_id
    with layout.telling():
        name = layout.plain(members.names(desk).get(account_id, ""))
        who = "You leave" if me else f"**{name}** leaves"
        whose = "Your" if me else "Their"
        st.markdown(f"{who} {layout.plain(desk.workspace().name)} at once. {whose} tokens and invitations end.")
        heir = _heir(desk, account_id)
        with layout.row("confirm_goodbye", align="right"):
            if st.button("Stay" if me else "Keep them", key="keep_person"):
                dialogs.close()
            blocked = "" if heir else "Choose who takes over first."
            label = "Leave" if me else "Remove"
            if layout.button(label, "goodbye", blocked=blocked, type="primary") and heir:
                if me:
                    members.leave(desk, heir)
                    dialogs.close("You left the workspace.", ":material/logout:")
                members.remove(desk, account_id, heir)
                dialogs.close(f"**{name}** is not in this workspace any more.", ":material/person_remove:")


@st.dialog("Hand over", icon=":material/move_item:", on_dismiss=dialogs.forget)
@checked
def _hand_over(desk: Desk, account_id: str) -> None:
    with layout.telling():
        heir = _heir(desk, account_id)
        st.caption("What is not shared can be seen only by its new owner afterwards.")
        blocked = "" if heir else "Choose who takes over first."
        if layout.button("Hand over", "hand_over", blocked=blocked, type="primary") and heir:
            moved = sum(members.hand_over(desk, account_id, heir).values())
            to = layout.plain(members.names(desk)[heir])
            dialogs.close(f"**{to}** took over {words.count(moved, 'thing')}.", ":material/move_item:")


def _heir(desk: Desk, account_id: str) -> str | None:
    """Who takes over; says how much there is."""
    owned = members.owned(desk, account_id)
    said = [words.count(n, kind.removesuffix("s")) for kind, n in owned.items() if n]
    whose = "You own" if account_id == desk.account_id else "They own"
    st.markdown(f"{whose} {words.listing(said)} here." if said else f"{whose} nothing here.")
    able = {
        m.account_id: m.name
        for m in members.list(desk)
        if m.account_id != account_id and m.role != Role.VIEWER and not m.disabled
    }
    first = desk.account_id if desk.account_id in able else None
    return st.selectbox(
        "Who takes it over", list(able), index=list(able).index(first) if first else None,
        format_func=able.__getitem__, placeholder="Choose a person", key=f"heir_{account_id}",
    )  # fmt: skip
