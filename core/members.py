"""The people of a workspace: who is there and as what, changing roles, leaving, handing over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session, SQLModel, col, update

from core import audit, roles
from core.desk import Desk
from core.errors import BadInput, Conflict, Forbidden, NotFound
from storage import accounts
from storage import members as rows
from storage.tables import Account, Dataset, Job, Membership, Project, Role, Template, Token, utc_now

__all__ = ["Member", "Role"]

OWNED: dict[str, type[SQLModel]] = {"datasets": Dataset, "exports": Job, "templates": Template, "projects": Project}


@dataclass(frozen=True)
class Member:
    """Somebody of the workspace."""

    account_id: str
    name: str
    email: str
    role: Role
    since: datetime
    me: bool
    disabled: bool


def list(desk: Desk) -> Sequence[Member]:
    """Everybody, by name. Raises Forbidden."""
    roles.require(desk, "members.see")
    with desk.store.reading() as session:
        found = rows.list(session, desk.workspace_id)
    return [_member(desk, account, membership) for account, membership in found]


def change_role(desk: Desk, account_id: str, role: Role) -> Member:
    """Raises Forbidden, NotFound, and Conflict where the last owner would be none any more."""
    roles.require(desk, "members.manage")
    with desk.store.writing() as session:
        account, member = _of(session, desk, account_id)
        if Role.OWNER in (member.role, role) and member.role != role:
            _owners_only(desk)
        if member.role == Role.OWNER and role != Role.OWNER:
            _keep_an_owner(desk, session, account)
        before, member.role = member.role, role
        session.add(member)
        audit.note(desk, session, "members.changed", account, before=before, after=role)
    return _member(desk, account, member)


def remove(desk: Desk, account_id: str, hand_to: str) -> None:
    """Take somebody out of the workspace; what they owned here goes to `hand_to` (an account id), their tokens end.

    Raises Forbidden, NotFound, Conflict for the last owner.
    """
    roles.require(desk, "members.manage")
    with desk.store.writing() as session:
        account, member = _of(session, desk, account_id)
        if member.role == Role.OWNER:
            _owners_only(desk)
            _keep_an_owner(desk, session, account)
        _out(desk, session, account, hand_to)
        audit.note(desk, session, "members.removed", account)


def leave(desk: Desk, hand_to: str) -> None:
    """Go away oneself. Raises Conflict for the last owner."""
    roles.require(desk, "workspace.leave")
    with desk.store.writing() as session:
        account, member = _of(session, desk, desk.account_id)
        if member.role == Role.OWNER:
            _keep_an_owner(desk, session, account)
        audit.note(desk, session, "members.left")
        _out(desk, session, account, hand_to)


def hand_over(desk: Desk, account_id: str, to: str) -> dict[str, int]:
    """Everything somebody owns in this workspace, private things too, belongs to another member from now on.

    Returns how many of each. One's own things may always be handed over; those of others by the table of roles.
    """
    if account_id != desk.account_id:
        roles.require(desk, "members.hand_over")
    with desk.store.writing() as session:
        account, _ = _of(session, desk, account_id)
        return _hand_over(desk, session, account, to)


def _out(desk: Desk, session: Session, account: Account, hand_to: str) -> None:
    if hand_to == account.id:
        raise BadInput("Somebody else has to take over what they own.", "Choose another person.", field="hand_to")
    _hand_over(desk, session, account, hand_to)
    session.exec(
        update(Token)
        .where(col(Token.workspace_id) == desk.workspace_id, col(Token.owner_id) == account.id)
        .where(col(Token.revoked_at).is_(None))
        .values(revoked_at=utc_now())
    )
    rows.remove(session, desk.workspace_id, account.id)
    elsewhere = rows.workspaces(session, account.id)
    if account.workspace_id == desk.workspace_id and elsewhere:
        account.workspace_id = elsewhere[0][0].id
        session.add(account)


def _hand_over(desk: Desk, session: Session, account: Account, to: str) -> dict[str, int]:
    heir, member = _of(session, desk, to)
    if member.role == Role.VIEWER or heir.disabled_at:
        raise BadInput(f"{heir.name} cannot take over: a viewer owns nothing.", "Choose an editor.", field="hand_to")
    moved: dict[str, Any] = {}
    for name, table in OWNED.items():
        mine = (table.workspace_id == desk.workspace_id, table.owner_id == account.id)  # type: ignore[attr-defined]
        moved[name] = int(session.exec(update(table).where(*mine).values(owner_id=heir.id)).rowcount)
    audit.note(desk, session, "members.handed_over", account, to=heir.name, **moved)
    return moved


def _of(session: Session, desk: Desk, account_id: str) -> tuple[Account, Membership]:
    account = accounts.account(session, account_id)
    member = rows.get(session, desk.workspace_id, account_id)
    if account is None or member is None:
        raise NotFound("This person is not in this workspace.", "Look at the list of members.")
    return account, member


def _owners_only(desk: Desk) -> None:
    if not roles.may(desk, "members.owners"):
        raise Forbidden("Only an owner may change what owners are.", roles.whom_to_ask(desk), field="role")


def _keep_an_owner(desk: Desk, session: Session, account: Account) -> None:
    if rows.owners(session, desk.workspace_id) == 1:
        raise Conflict(f"{account.name} is the only owner of this workspace.", "Make somebody else an owner first.")


def _member(desk: Desk, account: Account, member: Membership) -> Member:
    return Member(
        account.id, account.name, account.email or "", member.role, member.created_at,
        account.id == desk.account_id, account.disabled_at is not None,
    )  # fmt: skip
