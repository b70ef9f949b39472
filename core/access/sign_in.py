"""Signing in and out. The browser holds a random secret in a cookie; the desk holds its hash, and asks it at every step.

`resume` is called at every rerun of a page and in every polling fragment, so a sign-in that was ended stops there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from sqlmodel import Session

from core import audit
from core.access import accounts, bearer, tries
from core.access.accounts import PER_ACCOUNT
from core.access.tries import Tries
from core.desk import Caller, Desk
from core.errors import NotAllowed, NotFound
from storage import accounts as rows_of
from storage import invitations, members
from storage import sign_ins as rows
from storage.tables import Account, SignIn, utc_now

__all__ = ["COOKIE", "SECURE_COOKIE", "SignIn"]

COOKIE = "export_desk"
SECURE_COOKIE = f"__Host-{COOKIE}"  # over https: browsers take it from this very host alone, never from a neighbour
SEEN_EVERY = timedelta(minutes=1)  # how exactly `seen_at` is kept: not a write a click
PER_ADDRESS = Tries("wrong passwords", "address", 100, 15 * 60)  # many people may share an address
AGENT_LENGTH = 300  # characters of a browser's name that are kept


def required(desk: Desk) -> bool:
    """False on one person's own computer, where nothing is asked."""
    return desk.settings.sign_in == "required"


def with_password(
    desk: Desk, email: str, password: str, caller: Caller, *, first: Callable[[Session, Account], None] | None = None
) -> str:
    """Sign in; returns the secret for the cookie. Raises NotAllowed, and TooMany after too many wrong passwords.

    An unknown address and a wrong password get the same answer in the same time. `first` is done in the same transaction,
    once it is known who it is.
    """
    tries.count(desk, (PER_ACCOUNT, email), (PER_ADDRESS, caller.address))
    with desk.store.reading() as session:
        account = rows_of.by_email(session, email.strip())
    known = accounts.verified(account, password)
    if known and account is not None:
        fresh_hash = accounts.rehashed(account, password)
        with desk.store.writing() as session:
            there = rows_of.account(session, account.id, lock=True)
            # looking at a password takes a moment: it may have been changed meanwhile, or the account closed
            if there is not None and not there.disabled_at and there.password_hash == account.password_hash:
                accounts.forgive(session, there)
                tries.give_back(session, PER_ADDRESS, caller.address)
                there.password_hash = fresh_hash or there.password_hash
                session.add(there)
                if first is not None:
                    first(session, there)
                return start(desk, session, there, caller)
    failed(desk, email, account, caller)
    raise NotAllowed("This e-mail and password do not belong together.", "Type them again.", field="password")


def start(desk: Desk, session: Session, account: Account, caller: Caller) -> str:
    """Sign an account in, however it proved who it is. A new secret each time: none can be fixed beforehand."""
    there = [workspace.id for workspace, _ in members.workspaces(session, account.id)]
    there = there or _invited(desk, session, account, caller)
    if not there:
        raise NotAllowed("You belong to no workspace here any more.", "Ask for an invitation, and come by its link.")
    workspace_id = account.workspace_id if account.workspace_id in there else there[0]
    secret = bearer.fresh()
    rows.add(
        session,
        account.id,
        workspace_id,
        hash=bearer.hashed(secret),
        expires_at=utc_now() + timedelta(days=desk.settings.session_days),
        address=caller.address,
        agent=caller.agent[:AGENT_LENGTH],
    )
    acting = desk.as_account(workspace_id, account, caller)
    audit.note(acting, session, "signed_in")
    return secret


def _invited(desk: Desk, session: Session, account: Account, caller: Caller) -> list[str]:
    """Whoever belongs nowhere any more is where their address is invited to, once it was proven to be theirs."""
    waiting = invitations.for_email(session, account.email) if account.email and account.email_proven else []
    for invitation in waiting:
        invitations.accept(session, invitation.id, account.id)
        members.add(session, invitation.workspace_id, account.id, invitation.role)
        audit.note(desk.as_account(invitation.workspace_id, account, caller), session, "members.joined")
    return [invitation.workspace_id for invitation in waiting]


def secret_of(cookies: Mapping[str, str], *, secure: bool | None = None) -> str | None:
    """What a browser holds. Over https (`secure`) only the cookie that no other site can have set counts."""
    if secure:
        return cookies.get(SECURE_COOKIE)
    return cookies.get(COOKIE) if secure is False else cookies.get(SECURE_COOKIE) or cookies.get(COOKIE)


def resume(desk: Desk, secret: str | None, caller: Caller) -> tuple[Desk, SignIn]:
    """The Desk of whoever holds the cookie, and their sign-in. Raises NotAllowed where it was ended or never was."""
    with desk.store.reading() as session:
        found = rows.by_hash(session, bearer.hashed(secret)) if secret else None
    if found is None:
        raise NotAllowed("You are signed out.", "Sign in again.")
    try:
        acting = desk.acting_as(found.workspace_id, found.account_id, caller)
    except NotAllowed:  # they were removed from where they are: on to wherever else they belong
        acting = desk.acting_as(_elsewhere(desk, found), found.account_id, caller)
    if utc_now() - found.seen_at > SEEN_EVERY:
        with desk.store.writing() as session:
            rows.touch(session, found.id)
    return replace(acting, sign_in_id=found.id), found


def require_open(desk: Desk) -> None:
    """For what a browser was given to use beside its cookie. Raises NotAllowed once the sign-in it came from was ended."""
    if not required(desk):
        return
    with desk.store.reading() as session:
        if not desk.sign_in_id or rows.open_one(session, desk.sign_in_id) is None:
            raise NotAllowed("You are signed out.", "Sign in again.")


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
            raise NotAllowed(
                "You belong to no workspace here any more.", "Ask for an invitation, and come by its link."
            )
        rows.move(session, found.id, there[0])
    return there[0]


def failed(desk: Desk, name: str, account: Account | None, caller: Caller, **details: str) -> None:
    """Note that somebody tried to come in as `name`: in the log of where that account lands, else of the installation."""
    nobody = desk.as_account(account.workspace_id if account else "", None, caller)
    with desk.store.writing() as session:
        audit.note(nobody, session, "sign_in_failed", name.strip()[: accounts.MAX_EMAIL], refused=True, **details)
