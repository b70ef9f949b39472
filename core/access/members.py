"""The people of a workspace: who is there and as what, changing roles, leaving, handing over."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session, SQLModel

from core import audit
from core.access import roles
from core.desk import Desk
from core.errors import BadInput, Conflict, NotFound
from storage import accounts, invitations, tokens
from storage import members as rows
from storage.tables import (
    Account,
    Dataset,
    Destination,
    Feed,
    Job,
    Membership,
    Project,
    Role,
    SavedSet,
    Schedule,
    Template,
)

__all__ = ["Member", "Role"]

OWNED: dict[str, type[SQLModel]] = {
    "datasets": Dataset,
    "exports": Job,
    "templates": Template,
    "sets": SavedSet,
    "schedules": Schedule,
    "destinations": Destination,
    "projects": Project,
}


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


def names(desk: Desk) -> dict[str, str]:
    """Account id → name of everybody who is there: who owns what others see. Raises Forbidden."""
    return {member.account_id: member.name for member in list(desk)}


def change_role(desk: Desk, account_id: str, role: Role) -> Member:
    """Raises Forbidden, NotFound, and Conflict where the last owner would be none any more, or somebody was quicker.

    Whoever becomes less than before leaves no invitations behind: they may have given away more than they have now.
    """
    roles.require(desk, "members.manage")
    seen = _owners_are_for_owners(desk, account_id, role)
    with _changing(desk) as session:
        account, member = _of(session, desk, account_id, seen)
        if member.role == Role.OWNER and role != Role.OWNER:
            _keep_an_owner(desk, session, account)
        before, member.role = member.role, role
        session.add(member)
        if roles.LADDER.index(role) < roles.LADDER.index(before):
            invitations.revoke_of(session, desk.workspace_id, account.id)
        audit.note(desk, session, "members.changed", account, before=before, after=role)
    return _member(desk, account, member)


def remove(desk: Desk, account_id: str, hand_to: str) -> None:
    """Take somebody out of the workspace; what they owned here goes to `hand_to` (an account id), their tokens end.

    Raises Forbidden, NotFound, BadInput for who cannot take over, Conflict for the last owner or where somebody was quicker.
    """
    roles.require(desk, "members.manage")
    seen = _owners_are_for_owners(desk, account_id)
    with _changing(desk) as session:
        account, member = _of(session, desk, account_id, seen)
        if member.role == Role.OWNER:
            _keep_an_owner(desk, session, account)
        _out(desk, session, account, hand_to)
        audit.note(desk, session, "members.removed", account)


def leave(desk: Desk, hand_to: str) -> None:
    """Go away oneself. Raises BadInput for who cannot take over, Conflict for the last owner."""
    roles.require(desk, "workspace.leave")
    with _changing(desk) as session:
        account, member = _of(session, desk, desk.account_id)
        if member.role == Role.OWNER:
            _keep_an_owner(desk, session, account)
        audit.note(desk, session, "members.left")
        _out(desk, session, account, hand_to)


def hand_over(desk: Desk, account_id: str, to: str) -> dict[str, int]:
    """Everything somebody owns in this workspace, private things too, belongs to another member from now on.

    Returns how many of each. One's own things may always be handed over; those of others by the table of roles, those of an
    owner by owners. Raises Forbidden, NotFound, BadInput for who cannot take over, Conflict where somebody was quicker.
    """
    seen = None
    if account_id != desk.account_id:
        roles.require(desk, "members.hand_over")
        seen = _owners_are_for_owners(desk, account_id)
    with _changing(desk) as session:
        account, _ = _of(session, desk, account_id, seen)
        return _hand_over(desk, session, account, to)


@contextmanager
def _changing(desk: Desk) -> Iterator[Session]:
    """A transaction that changes who is there, as what, or who owns what, by somebody who may still do so.

    One at a time in a workspace: of two owners who go at the same moment each would still find the other one there. Raises
    Conflict where whoever acts became less since they were asked.
    """
    with desk.store.writing() as session:
        roles.still(desk, session)
        yield session


def _out(desk: Desk, session: Session, account: Account, hand_to: str) -> None:
    if hand_to == account.id:
        raise BadInput("Somebody else has to take over what they own.", "Choose another person.", field="hand_to")
    _hand_over(desk, session, account, hand_to)
    tokens.revoke_of(session, desk.workspace_id, account.id)
    invitations.revoke_of(session, desk.workspace_id, account.id)
    rows.remove(session, desk.workspace_id, account.id)
    elsewhere = rows.workspaces(session, account.id)
    if account.workspace_id == desk.workspace_id and elsewhere:
        account.workspace_id = elsewhere[0][0].id
        session.add(account)


def owned(desk: Desk, account_id: str) -> dict[str, int]:
    """How much of each kind (OWNED) somebody owns here, what they keep to themselves too.

    Only the figures: what these are stays theirs. Raises Forbidden unless it is oneself, NotFound.
    """
    if account_id != desk.account_id:
        roles.require(desk, "members.hand_over")
    with desk.store.reading() as session:
        _of(session, desk, account_id)
        return {name: rows.owned(session, table, desk.workspace_id, account_id) for name, table in OWNED.items()}


def _hand_over(desk: Desk, session: Session, account: Account, to: str) -> dict[str, int]:
    heir, member = _of(session, desk, to)
    if member.role == Role.VIEWER or heir.disabled_at:
        raise BadInput(f"{heir.name} cannot take over: a viewer owns nothing.", "Choose an editor.", field="hand_to")
    moved: dict[str, Any] = {
        name: rows.hand_over(session, table, desk.workspace_id, account.id, heir.id) for name, table in OWNED.items()
    }
    # where its data comes from goes with a dataset
    rows.hand_over(session, Feed, desk.workspace_id, account.id, heir.id)
    audit.note(desk, session, "members.handed_over", account, to=heir.name, **moved)
    return moved


def _of(session: Session, desk: Desk, account_id: str, seen: Role | None = None) -> tuple[Account, Membership]:
    """Raises NotFound, and Conflict where they are not what was `seen` when it was asked what may be done to them."""
    account = accounts.account(session, account_id)
    member = rows.get(session, desk.workspace_id, account_id)
    if account is None or member is None:
        raise NotFound("This person is not in this workspace.", "Look at the list of members.")
    if seen not in (None, member.role):
        raise Conflict(f"The role of {account.name} was just changed by somebody else.", "Look at the list again.")
    return account, member


def _owners_are_for_owners(desk: Desk, account_id: str, role: Role | None = None) -> Role:
    """What they are now. Asked before the transaction that changes something: a refusal is noted in one of its own."""
    with desk.store.reading() as session:
        _, member = _of(session, desk, account_id)
    if member.role != role and Role.OWNER in (member.role, role):
        roles.require(desk, "members.owners")
    return member.role


def _keep_an_owner(desk: Desk, session: Session, account: Account) -> None:
    if not rows.owners(session, desk.workspace_id, but=account.id):
        raise Conflict(f"{account.name} is the only owner of this workspace.", "Make somebody else an owner first.")


def _member(desk: Desk, account: Account, member: Membership) -> Member:
    return Member(
        account.id, account.name, account.email or "", member.role, member.created_at,
        account.id == desk.account_id, account.disabled_at is not None,
    )  # fmt: skip
