"""Who belongs to which workspace, and as what."""

from __future__ import annotations

from collections.abc import Sequence

from sqlmodel import Session, SQLModel, asc, col, delete, func, select, update
from sqlmodel.sql.expression import Select

from storage.tables import Account, Membership, Role, Workspace


def add(session: Session, workspace_id: str, account_id: str, role: Role) -> Membership:
    """Somebody new; whoever is there already gets the role."""
    member = session.get(Membership, (workspace_id, account_id))
    if member is None:
        member = Membership(workspace_id=workspace_id, account_id=account_id, role=role)
    member.role = role
    session.add(member)
    session.flush()
    return member


def get(session: Session, workspace_id: str, account_id: str) -> Membership | None:
    return session.get(Membership, (workspace_id, account_id))


def list(session: Session, workspace_id: str) -> Sequence[tuple[Account, Membership]]:
    """Everybody of a workspace, by name."""
    return session.exec(_everybody(workspace_id)).all()


def leading(session: Session, workspace_id: str) -> Sequence[tuple[Account, Membership]]:
    """Its owners and administrators, who can be asked."""
    leading = (col(Membership.role).in_((Role.OWNER, Role.ADMIN)), col(Account.disabled_at).is_(None))
    return session.exec(_everybody(workspace_id).where(*leading)).all()


def workspaces(session: Session, *account_ids: str) -> Sequence[tuple[Workspace, Membership]]:
    """Where somebody belongs, or some people do, by name."""
    return session.exec(
        select(Workspace, Membership)
        .join(Membership, col(Membership.workspace_id) == col(Workspace.id))
        .where(col(Membership.account_id).in_(account_ids))
        .order_by(asc(func.lower(Workspace.name)), asc(Workspace.id))
    ).all()


def owned(session: Session, table: type[SQLModel], workspace_id: str, account_id: str) -> int:
    """How many rows of a table somebody owns in a workspace, those in the bin too."""
    mine = (table.workspace_id == workspace_id, table.owner_id == account_id)  # type: ignore[attr-defined]
    return session.exec(select(func.count()).select_from(table).where(*mine)).one()


def hand_over(session: Session, table: type[SQLModel], workspace_id: str, account_id: str, to: str) -> int:
    """All that somebody owns of a table in a workspace is somebody else's from now on. Returns how many."""
    mine = (table.workspace_id == workspace_id, table.owner_id == account_id)  # type: ignore[attr-defined]
    return int(session.exec(update(table).where(*mine).values(owner_id=to)).rowcount)


def remove(session: Session, workspace_id: str, account_id: str) -> None:
    session.exec(
        delete(Membership).where(col(Membership.workspace_id) == workspace_id, col(Membership.account_id) == account_id)
    )


def owners(session: Session, workspace_id: str, *, but: str = "") -> int:
    """How many owners a workspace has who can sign in, beside the account `but`: it must keep one."""
    these = (Membership.workspace_id == workspace_id, Membership.role == Role.OWNER, Membership.account_id != but)
    query = select(func.count()).select_from(Membership).join(Account, col(Account.id) == col(Membership.account_id))
    return session.exec(query.where(*these, col(Account.disabled_at).is_(None))).one()


def _everybody(workspace_id: str) -> Select[Account, Membership]:
    return (
        select(Account, Membership)
        .join(Membership, col(Membership.account_id) == col(Account.id))
        .where(Membership.workspace_id == workspace_id)
        .order_by(asc(func.lower(Account.name)), asc(Account.id))
    )
