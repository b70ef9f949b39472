"""Signing in and out. The browser holds a random secret in a cookie; the desk holds its hash, and asks it at every step.

`resume` is called at every rerun of a page and in every polling fragment, so a sign-in that was ended stops there.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from sqlmodel import Session

from core import accounts, audit
from core.desk import Caller, Desk
from core.errors import NotAllowed, NotFound, TooMany
from storage import accounts as rows_of
from storage import counters, members
from storage import sign_ins as rows
from storage.tables import Account, SignIn, utc_now

__all__ = ["COOKIE", "SECURE_COOKIE", "SignIn"]

COOKIE = "export_desk"
SECURE_COOKIE = f"__Host-{COOKIE}"  # over https: browsers take it from this very host alone, never from a neighbour
SECRET_BYTES = 32
SEEN_EVERY = timedelta(minutes=1)  # how exactly `seen_at` is kept: not a write a click
WINDOW = 15 * 60  # seconds in which wrong passwords are counted
PER_ACCOUNT, PER_ADDRESS = 10, 100  # wrong passwords in a window; many people may share an address
AGENT_LENGTH = 300  # characters of a browser's name that are kept


def required(desk: Desk) -> bool:
    """False on one person's own computer, where nothing is asked."""
    return desk.settings.sign_in == "required"


def with_password(desk: Desk, email: str, password: str, caller: Caller) -> str:
    """Sign in; returns the secret for the cookie. Raises NotAllowed, and TooMany after too many wrong passwords.

    An unknown address and a wrong password get the same answer in the same time.
    """
    keys = _counted(desk, email, caller)
    with desk.store.reading() as session:
        account = rows_of.by_email(session, email.strip())
    known = accounts.verified(account, password)
    if not known or account is None or account.disabled_at:
        _failed(desk, email, caller)
        raise NotAllowed("This e-mail and password do not belong together.", "Type them again.", field="password")
    with desk.store.writing() as session:
        counters.forget(session, keys[0])
        counters.give_back(session, keys[1], WINDOW)
        if accounts.outdated(account):
            accounts.rehash(session, account, password)
        return start(desk, session, account, caller)


def start(desk: Desk, session: Session, account: Account, caller: Caller) -> str:
    """Sign an account in, however it proved who it is. A new secret each time: none can be fixed beforehand."""
    there = [workspace.id for workspace, _ in members.workspaces(session, account.id)]
    if not there:
        raise NotAllowed("You belong to no workspace here any more.", "Ask for an invitation.")
    workspace_id = account.workspace_id if account.workspace_id in there else there[0]
    secret = secrets.token_urlsafe(SECRET_BYTES)
    rows.add(
        session,
        account.id,
        workspace_id,
        hash=accounts.hashed(secret),
        expires_at=utc_now() + timedelta(days=desk.settings.session_days),
        address=caller.address,
        agent=caller.agent[:AGENT_LENGTH],
    )
    acting = as_account(desk, workspace_id, account, caller)
    audit.note(acting, session, "signed_in")
    return secret


def secret_of(cookies: Mapping[str, str], *, secure: bool | None = None) -> str | None:
    """What a browser holds. Over https (`secure`) only the cookie that no other site can have set counts."""
    if secure:
        return cookies.get(SECURE_COOKIE)
    return cookies.get(COOKIE) if secure is False else cookies.get(SECURE_COOKIE) or cookies.get(COOKIE)


def resume(desk: Desk, secret: str | None, caller: Caller) -> tuple[Desk, SignIn]:
    """The Desk of whoever holds the cookie, and their sign-in. Raises NotAllowed where it was ended or never was."""
    with desk.store.reading() as session:
        found = rows.by_hash(session, accounts.hashed(secret)) if secret else None
    if found is None:
        raise NotAllowed("You are signed out.", "Sign in again.")
    try:
        acting = desk.acting_as(found.workspace_id, found.account_id, caller)
    except NotAllowed:  # they were removed from where they are: on to wherever else they belong
        acting = desk.acting_as(_elsewhere(desk, found), found.account_id, caller)
    if utc_now() - found.seen_at > SEEN_EVERY:
        with desk.store.writing() as session:
            rows.touch(session, found.id)
    return acting, found


def switch(desk: Desk, sign_in: SignIn, workspace_id: str) -> None:
    """Look at another workspace from now on. Raises NotFound for one they do not belong to."""
    with desk.store.writing() as session:
        if members.get(session, workspace_id, desk.account_id) is None:
            raise NotFound("This workspace is not there.", "Choose one from the list.")
        rows.move(session, sign_in.id, workspace_id)


def open_ones(desk: Desk) -> Sequence[SignIn]:
    """The browsers in which whoever acts is signed in, the last used first."""
    with desk.store.reading() as session:
        return rows.of_account(session, desk.account_id)


def end(desk: Desk, sign_in_id: str) -> None:
    """Sign out of one browser, at once."""
    with desk.store.writing() as session:
        if rows.end(session, desk.account_id, sign_in_id):
            audit.note(desk, session, "signed_out")


def end_everywhere(desk: Desk, *, but: str | None = None) -> int:
    """Sign out of every browser, or of every other. Returns how many."""
    with desk.store.writing() as session:
        ended = rows.end(session, desk.account_id, but=but)
        audit.note(desk, session, "signed_out", browsers=ended)
    return ended


def _elsewhere(desk: Desk, found: SignIn) -> str:
    with desk.store.writing() as session:
        there = [workspace.id for workspace, _ in members.workspaces(session, found.account_id)]
        if not there:
            raise NotAllowed("You belong to no workspace here any more.", "Ask for an invitation.")
        rows.move(session, found.id, there[0])
    return there[0]


def forgive(session: Session, email: str) -> None:
    """Forget the wrong passwords of an account: its owner has come in by another way."""
    counters.forget(session, _key("account", email))


def _counted(desk: Desk, email: str, caller: Caller) -> tuple[str, str]:
    """Count a try before it is made, so that a hundred at once are a hundred. Raises TooMany; returns what was counted."""
    keys = _key("account", email), _key("address", caller.address)
    with desk.store.writing() as session:
        of_account, left = counters.count(session, keys[0], WINDOW)
        of_address, _ = counters.count(session, keys[1], WINDOW)
    if of_account > PER_ACCOUNT or of_address > PER_ADDRESS:
        minutes = -(-left // 60)
        raise TooMany(
            "There were too many wrong passwords.",
            f"Wait {minutes} {'minute' if minutes == 1 else 'minutes'}, or choose “Forgot password”.",
            seconds=left,
        )
    return keys


def _failed(desk: Desk, email: str, caller: Caller) -> None:
    nobody = as_account(desk, desk.workspace_id, None, caller)
    with desk.store.writing() as session:
        audit.note(nobody, session, "sign_in_failed", email.strip()[: accounts.MAX_EMAIL], refused=True)


def _key(kind: str, value: str) -> str:
    return f"sign-in {kind} {accounts.hashed(value.strip().lower())}"


def as_account(desk: Desk, workspace_id: str, account: Account | None, caller: Caller) -> Desk:
    """The Desk as an account sees it, for the audit log, within a transaction that may have made the account."""
    name = account.name if account else ""
    said = replace(caller, name=name)
    return replace(desk, workspace_id=workspace_id, account_id=account.id if account else "", caller=said)
