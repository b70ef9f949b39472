"""Inviting somebody: by mail where that is set up, and always with a link to send by hand, which is shown once."""

from __future__ import annotations

import streamlit as st

from core.access import invitation_mail, invitations, roles
from core.access.invitation_mail import Invited
from core.access.members import Role
from core.desk import Desk
from core.notifying import mail
from pages.components import dialogs, explain, layout, words
from pages.components.clipboard import copy_button
from pages.session import checked
from pages.texts import N_, _, n_

INVITE, MADE = "invite", "invited"
_MADE = "invitation_made"  # what was made in the open dialog: shown while it is open, never again


def ask() -> None:
    """Open the dialog in which somebody is invited."""
    st.session_state.pop(_MADE, None)
    dialogs.open(INVITE, "")


def again(desk: Desk, invitation: invitations.Invitation) -> None:
    """Make a new link for an invitation, mail it if it was for an address, and show what became of it."""
    with layout.telling():
        with st.spinner(_("Making a new link …")):
            st.session_state[_MADE] = invitation_mail.again(desk, invitation.id)
        dialogs.open(MADE, invitation.id)


def again_is(desk: Desk, invitation: invitations.Invitation) -> tuple[str, str]:
    """What doing it again is called, and its icon."""
    if invitation.email and mail.carries_links(desk):
        return _("Send again"), ":material/forward_to_inbox:"
    return _("New link"), ":material/link:"


def show(desk: Desk) -> None:
    """Where the page ends: draw the dialog that is open, if it is one of these."""
    if dialogs.subject(INVITE) is not None:
        _invite(desk)
    elif dialogs.subject(MADE) and _MADE in st.session_state:
        _made_again()


def forget() -> None:
    """The dialog was closed: the link is nowhere any more."""
    st.session_state.pop(_MADE, None)
    dialogs.forget()


@dialogs.dialog(N_("Invite somebody"), icon=":material/person_add:", on_dismiss=forget)
@checked
def _invite(desk: Desk) -> None:
    if made := st.session_state.get(_MADE):
        _what_became(made)
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
    mailed = mail.carries_links(desk)
    if mailed:
        st.caption(_("With an address the invitation is also sent there. The link is shown in any case."))
    elif mail.configured(desk):
        st.caption(
            _("Nothing is mailed: whoever runs the desk has not told it its own address (DESK_PUBLIC_URL)."),
            help=explain.of("environment"),
        )
    label, icon = (_("Invite"), ":material/send:") if mailed else (_("Make a link"), ":material/link:")
    if st.button(label, key="make_invitation", type="primary", icon=icon):
        with layout.telling():
            with st.spinner(_("Making the invitation …")):
                st.session_state[_MADE] = invitation_mail.invite(desk, role, (email or "").strip())
            st.rerun()


@dialogs.dialog(N_("A new link"), icon=":material/link:", on_dismiss=forget)
@checked
def _made_again() -> None:
    _what_became(st.session_state[_MADE])
    st.caption(_("The link before it does not work any more."))


def _what_became(made: Invited) -> None:
    """Whether it was mailed, in the words of whoever did not take it, and the link to send by hand."""
    if made.sent:
        said = _("The invitation was sent to {email}. If it does not arrive, look into the spam folder.")
        st.success(layout.plain(said.format(email=made.invitation.email)), icon=":material/mark_email_read:")
        st.markdown(_("You can also send this link yourself. It is shown only now."))
    elif made.trouble:
        layout.error_box(made.trouble)
        st.markdown(_("The invitation is there all the same: send this link yourself. It is shown only now."))
    else:
        st.markdown(_("Send this link to whoever you invite. It is shown only now."))
    copy_button(made.path, key="copy_invitation", label=_("Invitation link"))
    st.caption(
        n_(
            "It works once, for {n} day. Under “Invitations not used yet” you can take it back.",
            "It works once, for {n} days. Under “Invitations not used yet” you can take it back.",
            invitations.DAYS,
        )
    )
