"""Everybody who has an account on this desk, across its workspaces: for administrators of the installation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from core import audit, naming, storable
from core.access import accounts, installation
from core.desk import Desk
from core.errors import Conflict, NotFound
from core.keeping import housekeeping
from storage import accounts as rows
from storage import members, sign_ins
from storage import workspaces as workspaces_rows
from storage.tables import Account, Role, Workspace, utc_now

SEE, CLOSE = "see everybody who has an account on this desk", "close the accounts of others"
KEPT = housekeeping.SIGN_INS_KEPT  # how far back it is known when somebody was here
AT_ONCE = 200  # people one query is asked about


@dataclass(frozen=True)
class User:
    """Somebody, and where they belong."""

    account: Account
    places: Sequence[tuple[Workspace, Role]]  # by name
    seen_at: datetime | None = None  # when they were last here; None: not within KEPT
    browsers: int = 0  # in which they are signed in


def list(desk: Desk) -> Sequence[User]:
    """Everybody, by name. Raises Forbidden."""
    installation.require(desk, SEE)
    with desk.store.reading() as session:
        everybody = rows.everybody(session)
        parts = (everybody[n : n + AT_ONCE] for n in range(0, len(everybody), AT_ONCE))
        return [user for part in parts for user in _users(session, part)]


def find(
    desk: Desk, search: str = "", *, closed: bool | None = None, page: int = 1, size: int = 25
) -> tuple[Sequence[User], int]:
    """One page (from 1) of those whose name or e-mail holds `search`, by name, and how many match. `closed`: only those
    whose account is, or is not. Raises Forbidden.
    """
    installation.require(desk, SEE)
    with desk.store.reading() as session:
        found, total = rows.page(session, search.strip(), closed=closed, page=page, size=size)
        return _users(session, found), total


def get(desk: Desk, account_id: str) -> Account:
    """Raises Forbidden, NotFound."""
    installation.require(desk, SEE)
    with desk.store.reading() as session:
        return _there(rows.account(session, account_id))


def by_email(desk: Desk, email: str) -> Account:
    """Raises Forbidden, NotFound."""
    installation.require(desk, SEE)
    storable.check(email, "email")
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
        installation.still(desk, session)
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


def close(desk: Desk, account_id: str, closed: bool = True) -> Account:
    """Shut somebody out of the whole desk at once, or let them in again. Every browser of theirs is signed out; their tokens
    and links rest for as long; what they made stays.

    Raises Forbidden, NotFound, Conflict for oneself, the last administrator and the last owner of a workspace.
    """
    installation.require(desk, CLOSE)
    with desk.store.writing() as session:
        _one_at_a_time(session, account_id)
        installation.still(desk, session)
        account = _there(rows.account(session, account_id, lock=True))
        if closed == (account.disabled_at is not None):
            return account
        if closed:
            _may_be_missed(desk, session, account)
        account.disabled_at = utc_now() if closed else None
        session.add(account)
        sign_ins.end(session, account.id)
        audit.note(desk, session, "account_closed" if closed else "account_opened", account)
    return account


def sign_out(desk: Desk, account_id: str) -> int:
    """End every sign-in of somebody, at once. Returns how many there were. Raises Forbidden, NotFound."""
    installation.require(desk, "sign others out")
    with desk.store.writing() as session:
        account = _there(rows.account(session, account_id, lock=True))
        ended = sign_ins.end(session, account.id)
        audit.note(desk, session, "signed_out_everywhere", account, browsers=ended)
    return ended


def change_email(desk: Desk, account_id: str, email: str) -> Account:
    """Give somebody another address to sign in with. Links for a new password that went to the old one end.

    Raises Forbidden, NotFound, BadInput for what is no address, Conflict for one that is known already.
    """
    installation.require(desk, "change the addresses of others")
    email = accounts.checked_email(email)
    with desk.store.writing() as session:
        installation.still(desk, session)
        account = _there(rows.account(session, account_id, lock=True))
        before = account.email or ""
        if email == before:
            return account
        if email.casefold() != before.casefold():
            accounts.require_unknown(session, email)
        account.email, account.email_proven = email, True  # by the administrator, as where they make an account
        session.add(account)
        sign_ins.end_links(session, account.id)
        audit.note(desk, session, "account_email_changed", account, before=before, now=email)
    return account


def administer(desk: Desk, account_id: str, administers: bool = True) -> Account:
    """Make somebody an administrator of the installation, or none any more.

    Raises Forbidden, NotFound, Conflict for oneself, a closed account and the last administrator.
    """
    installation.require(desk, "say who administers this installation")
    with desk.store.writing() as session:
        _one_at_a_time(session, account_id)
        installation.still(desk, session)
        account = _there(rows.account(session, account_id, lock=True))
        if administers == account.administrator:
            return account
        if administers and account.disabled_at:
            raise Conflict(f"The account of {account.name} is closed.", "Open it first.")
        if not administers:
            _not_oneself_nor_the_last(desk, session, account)
        account.administrator = administers
        session.add(account)
        audit.note(desk, session, "account_administers" if administers else "account_administers_no_more", account)
    return account


def _one_at_a_time(session: Session, account_id: str) -> None:
    """Of two who close each other's accounts, or those of the two owners of a workspace, one comes second.

    The first workspace stands for the installation; always in the same order, so that nobody waits for each other.
    """
    first = workspaces_rows.first(session)
    held = {place.id for place, member in members.workspaces(session, account_id) if member.role == Role.OWNER}
    for workspace_id in sorted(held | ({first[0].id} if first else set())):
        workspaces_rows.get(session, workspace_id, lock=True)


def _may_be_missed(desk: Desk, session: Session, account: Account) -> None:
    """Raises Conflict where nobody could do any more what only this person can."""
    _not_oneself_nor_the_last(desk, session, account)
    for place, member in members.workspaces(session, account.id):
        if member.role != Role.OWNER or members.owners(session, place.id, but=account.id):
            continue
        if any(one.id != account.id and not one.disabled_at for one, _ in members.list(session, place.id)):
            raise Conflict(
                f"{account.name} is the only owner of “{place.name}”, where others work too.",
                "Somebody else has to be made an owner there first.",
            )


def _not_oneself_nor_the_last(desk: Desk, session: Session, account: Account) -> None:
    if account.id == desk.account_id:
        raise Conflict("This is your own account.", "Ask another administrator to do it.")
    if [one.id for one in rows.administrators(session)] == [account.id]:
        raise Conflict(f"{account.name} is the only administrator.", "Make another one first.")


def _there(account: Account | None) -> Account:
    if account is None:
        raise NotFound("This account is not there.", "Look at the list of accounts.")
    return account


def _nameless(session: Session, desk: Desk) -> Account | None:
    """The one person of a desk that never asked for sign-in, in the workspace it began with."""
    first = workspaces_rows.first(session)
    if first is None or first[0].id != desk.workspace_id:
        return None
    account = first[1]
    signs_in = account.email or account.password_hash or account.subject
    return None if signs_in else account


def _users(session: Session, found: Sequence[Account]) -> Sequence[User]:
    """With where they belong and when they were here: two queries, however many they are."""
    ids = [account.id for account in found]
    places = members.workspaces(session, *ids)
    seen = {account_id: (at, browsers) for account_id, at, browsers in sign_ins.last_seen(session, ids)}
    return [
        User(
            account,
            [(place, member.role) for place, member in places if member.account_id == account.id],
            *seen.get(account.id, (None, 0)),
        )
        for account in found
    ]
