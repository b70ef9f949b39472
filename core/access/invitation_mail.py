"""Invitations that go to their address by mail. The link is given back too: whoever invites can always send it by hand."""

from __future__ import annotations

from dataclasses import dataclass

from core import audit, texts
from core.access import accounts, invitations, tries
from core.access.tries import Tries
from core.desk import Desk
from core.errors import DeskError
from core.notifying import mail
from core.notifying.mail import Sent
from core.texts import N_
from storage.tables import Invitation, Role

PER_EMAIL = Tries("invitations mailed to this person", "email", 5, 60 * 60, ", or send the link by hand")
SUBJECT = N_("{name} invites you to {workspace} on Export Desk")
TEXT = N_("""Hello,

{name} invites you to the workspace “{workspace}” on Export Desk, as {role}. Join here within {days} days:

{link}

The link works once, and only for {email}. If you did not expect it, there is nothing to do.
""")


@dataclass(frozen=True)
class Invited:
    """An invitation, the path of its link, which is shown this once, and what became of its mail.

    Neither `sent` nor `trouble`: there was no mail to write.
    """

    invitation: Invitation
    path: str
    sent: Sent | None = None
    trouble: DeskError | None = None  # why nothing was mailed; the invitation is there all the same


def invite(desk: Desk, role: Role, email: str = "") -> Invited:
    """As core.access.invitations.invite, and mailed to `email` where mail is set up."""
    return _mailed(desk, *invitations.invite(desk, role, email))


def again(desk: Desk, invitation_id: str) -> Invited:
    """A new link in place of the one before, mailed as the first one was. Raises Forbidden, NotFound, BadInput."""
    return _mailed(desk, *invitations.renew(desk, invitation_id))


def _mailed(desk: Desk, invitation: Invitation, path: str) -> Invited:
    if not invitation.email or not mail.carries_links(desk):
        return Invited(invitation, path)
    language = accounts.language(accounts.me(desk))  # of whoever invites: what the other reads is not known yet
    said = {
        "name": desk.caller.name,
        "workspace": desk.workspace().name,
        "role": texts.translated(str(invitation.role), language),
        "days": invitations.DAYS,
        "link": mail.link(desk, path),
        "email": invitation.email,
    }
    try:
        tries.count(desk, (PER_EMAIL, invitation.email))
        subject, text = (texts.translated(part, language).format(**said) for part in (SUBJECT, TEXT))
        sent = mail.send(desk, invitation.email, subject, text)
    except DeskError as trouble:
        return Invited(invitation, path, trouble=trouble)
    with desk.store.writing() as session:
        audit.note(desk, session, "members.invitation_mailed", invitation.email)
    return Invited(invitation, path, sent)
