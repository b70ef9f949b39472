"""A new password for somebody who forgot theirs: by a link in an e-mail, or by one that an administrator hands over.

A link works once, and only the last one made for an account does. Using it ends every sign-in of the account.
"""

from __future__ import annotations

import logging
from datetime import timedelta

from sqlmodel import Session

from core import audit, texts
from core.access import accounts, bearer, installation, sign_in, tries
from core.access.tries import Tries
from core.desk import Caller, Desk
from core.errors import Conflict, DeskError, NotFound, TooMany
from core.notifying import mail
from core.texts import N_
from storage import accounts as accounts_rows
from storage import sign_ins as rows
from storage.tables import Account, utc_now

MAILED_HOURS, MADE_HOURS = 1, 24  # how long a link works: one that was mailed, one an administrator made
PER_ACCOUNT = Tries("mails", "account", 3, 60 * 60)  # nobody's letter box is filled from here
PER_ADDRESS = Tries("mails", "address", 20, 60 * 60)
SUBJECT = N_("A new password for Export Desk")
TEXT = N_("""Hello {name},

somebody, probably you, asked for a new password for your account on Export Desk. Choose one here within an hour:

{link}

If it was not you, there is nothing to do: your password stays as it is.
""")

_log = logging.getLogger(__name__)


def by_mail(desk: Desk) -> bool:
    """Can a link for a new password be mailed?"""
    return mail.carries_links(desk)


def request(desk: Desk, email: str, caller: Caller) -> None:
    """Mail a link to the account with that address, if there is one. Returns nothing that tells whether there is.

    Run it once the answer is sent: the time it takes must not tell either. A mail that cannot be sent is in the log.
    """
    if not by_mail(desk):
        return
    try:
        tries.count(desk, (PER_ACCOUNT, email), (PER_ADDRESS, caller.address))
    except TooMany:
        return
    with desk.store.writing() as session:
        account = accounts_rows.by_email(session, email.strip())
        if account is None or account.disabled_at:
            return
        path = _link(session, account, MAILED_HOURS)
        audit.note(desk.as_account(account.workspace_id, None, caller), session, "password_link", account)
    language = accounts.language(account)
    text = texts.translated(TEXT, language).format(name=account.name, link=mail.link(desk, path))
    try:
        mail.send(desk, account.email or "", texts.translated(SUBJECT, language), text)
    except DeskError as trouble:
        _log.warning("a link for a new password could not be mailed: %s", trouble.message)


def make_link(desk: Desk, account_id: str) -> str:
    """The path of a link to hand over, which is shown this once. Whoever has it becomes that person.

    Raises Forbidden for anybody but an administrator of the installation, NotFound, Conflict for a closed account.
    """
    installation.require(desk, "make links for the passwords of others")
    with desk.store.writing() as session:
        installation.still(desk, session)
        account = accounts_rows.account(session, account_id)
        if account is None or not account.email:
            raise NotFound("This person is not there.", "Look at the list of people.")
        if account.disabled_at:
            raise Conflict(f"The account of {account.name} is closed.", "Open it first.")
        path = _link(session, account, MADE_HOURS)
        audit.note(desk.of_installation(), session, "password_link", account)
    return path


def look(desk: Desk, secret: str) -> Account:
    """Whose password a link is for. Raises NotFound for one that does not work any more."""
    with desk.store.reading() as session:
        found = rows.link(session, bearer.hashed(secret))
        account = accounts_rows.account(session, found.account_id) if found else None
    if account is None or account.disabled_at:
        raise NotFound("This link does not work any more.", "It was used, or it is too old: ask for a new one.")
    return account


def use(desk: Desk, secret: str, password: str, caller: Caller) -> str:
    """Set the new password, end every sign-in of the account and sign it in here; returns the secret for the cookie.

    Raises NotFound, BadInput for a weak password (the link still works then), Conflict when it was just used.
    """
    asked = look(desk, secret)
    password_hash = accounts.hashed(password, asked.name, asked.email or "")
    with desk.store.writing() as session:
        found = rows.link(session, bearer.hashed(secret))
        account = accounts_rows.account(session, asked.id, lock=True)
        if found is None or account is None or account.disabled_at or not rows.use_link(session, found.id):
            raise Conflict("This link was just used.", "Ask for a new one.")
        account.password_hash = password_hash
        account.email_proven = True  # the link was sent there, or handed over by an administrator
        session.add(account)
        rows.end(session, account.id)
        accounts.forgive(session, account)
        cookie = sign_in.start(desk, session, account, caller)
        acting = desk.as_account(account.workspace_id, account, caller)
        audit.note(acting, session, "password_changed", account)
    return cookie


def _link(session: Session, account: Account, hours: int) -> str:
    secret = bearer.fresh()
    rows.add_link(session, account.id, bearer.hashed(secret), utc_now() + timedelta(hours=hours))
    return f"/new-password/{secret}"
