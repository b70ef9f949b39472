"""Workspaces and accounts: who there is, and where they land."""

from __future__ import annotations

from sqlmodel import Session, asc, select

from storage import members
from storage.tables import Account, Role, Workspace


def first(session: Session) -> tuple[Workspace, Account] | None:
    """The oldest workspace and its oldest account: the one of a desk for one person."""
    return session.exec(
        select(Workspace, Account)
        .where(Account.workspace_id == Workspace.id)
        .order_by(asc(Workspace.created_at), asc(Workspace.id), asc(Account.created_at), asc(Account.id))
        .limit(1)
    ).first()


def create(session: Session, name: str, zone: str, account: str) -> tuple[Workspace, Account]:
    """A workspace (zone: IANA name) and the first account of it, its owner and the installation's administrator."""
    workspace = Workspace(name=name, zone=zone)
    session.add(workspace)
    session.flush()
    owner = Account(workspace_id=workspace.id, name=account, administrator=True)
    session.add(owner)
    session.flush()
    members.add(session, workspace.id, owner.id, Role.OWNER)
    return workspace, owner


def account(session: Session, account_id: str) -> Account | None:
    return session.get(Account, account_id)


def get(session: Session, workspace_id: str) -> Workspace | None:
    return session.get(Workspace, workspace_id)


def set_zone(session: Session, workspace_id: str, zone: str) -> Workspace | None:
    """Count relative dates and whole days in this zone (IANA name, checked by the caller) from now on."""
    workspace = session.get(Workspace, workspace_id)
    if workspace is not None:
        workspace.zone = zone
        session.add(workspace)
    return workspace
