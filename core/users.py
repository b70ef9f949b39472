"""Everybody who has an account on this desk, across its workspaces: for administrators of the installation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session

from core import accounts, audit, installation, naming
from core.desk import Desk
from core.errors import Conflict, NotFound
from storage import accounts as rows
from storage import members, sign_ins
from storage.tables import Account, Role, Workspace, utc_now


@dataclass(frozen=True)
class User:
    """Somebody, and where they belong."""

    account: Account
    places: Sequence[tuple[Workspace, Role]]  # by name


def list(desk: Desk) -> Sequence[User]:
    """Everybody, by name. Raises Forbidden."""
    installation.require(desk, "see everybody who has an account on this desk")
    with desk.store.reading() as session:
        return [_user(session, account) for account in rows.everybody(session)]


def by_email(desk: Desk, email: str) -> Account:
    """Raises Forbidden, NotFound."""
    installation.require(desk, "see everybody who has an account on this desk")
    with desk.store.reading() as session:
        found = rows.by_email(session, email.strip())
    if found is None:
        raise NotFound(
            f"Nobody here has the e-mail {email.strip()}.", "`python -m core users list` shows who there is."
        )
    return found


def usual_role(desk: Desk) -> Role:
    """What somebody new becomes unless it is said: the first of the desk its owner, everybody after an editor."""
    with desk.store.reading() as session:
        return Role.OWNER if _nameless(session, desk) else Role.EDITOR


def create(
    desk: Desk,
    *,
    name: str,
    email: str,
    role: Role,
    password: str | None = None,
    administrator: bool = False,
) -> Account:
    """An account for somebody who lands in the desk's workspace. Without a password they need a link to choose one.

    The first owner takes the place of the one person the desk had before it asked for sign-in, as at the set-up: what was
    done until then stays theirs. Raises Forbidden, BadInput, Conflict for an e-mail that is known already.
    """
    installation.require(desk, "make accounts on this desk")
    name, email = naming.checked(name), accounts.checked_email(email)
    with desk.store.reading() as session:
        accounts.require_unknown(session, email)
    password_hash = None if password is None else accounts.hashed(password, name, email)
    with desk.store.writing() as session:
        account = _nameless(session, desk) if role == Role.OWNER else None
        if account is None:
            account = accounts.create(session, desk.workspace_id, name, email, password_hash)
            account.administrator = administrator
        else:
            accounts.require_unknown(session, email)
            account.name, account.email, account.password_hash = name, email, password_hash
        account.email_proven = True  # by the administrator who makes it
        session.add(account)
        members.add(session, desk.workspace_id, account.id, role)
        audit.note(desk, session, "members.added", account, role=role, administrator=account.administrator)
    return account


def close(desk: Desk, email: str, closed: bool = True) -> Account:
    """Shut somebody out of the whole desk at once, or let them in again. Every browser of theirs is signed out; their tokens
    and links rest for as long; what they made stays.

    Raises Forbidden, NotFound, Conflict for the last administrator.
    """
    installation.require(desk, "close the accounts of others")
    account_id = by_email(desk, email).id
    with desk.store.writing() as session:
        account = rows.account(session, account_id, lock=True)
        assert account is not None  # accounts are never removed
        if closed and [one.id for one in rows.administrators(session)] == [account.id]:
            raise Conflict(f"{account.name} is the only administrator.", "Make another one first.")
        if closed == (account.disabled_at is not None):
            return account
        account.disabled_at = utc_now() if closed else None
        session.add(account)
        sign_ins.end(session, account.id)
        audit.note(desk, session, "account_closed" if closed else "account_opened", account)
    return account


def _nameless(session: Session, desk: Desk) -> Account | None:
    """The one person of a desk that never asked for sign-in, in the workspace it began with."""
    first = rows.first(session)
    if first is None or first[0].id != desk.workspace_id:
        return None
    account = first[1]
    signs_in = account.email or account.password_hash or account.subject
    return None if signs_in else account


def _user(session: Session, account: Account) -> User:
    return User(account, [(place, member.role) for place, member in members.workspaces(session, account.id)])
