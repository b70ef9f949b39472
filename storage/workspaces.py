"""Workspaces: which there are, what they are called, and how a desk begins."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlmodel import Session, asc, col, delete, func, select

from storage import members
from storage.tables import Account, Role, Workspace, WorkspaceAlias


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


def add(session: Session, name: str, zone: str) -> Workspace:
    workspace = Workspace(name=name, zone=zone)
    session.add(workspace)
    session.flush()
    return workspace


def get(session: Session, workspace_id: str, *, lock: bool = False) -> Workspace | None:
    """`lock`: one at a time, for what is asked of a whole workspace before it is changed (its last owner, a free name)."""
    return session.get(Workspace, workspace_id, with_for_update=lock or None)


def every(session: Session) -> Sequence[Workspace]:
    """Of the installation, by name."""
    return session.exec(select(Workspace).order_by(asc(func.lower(Workspace.name)), asc(Workspace.id))).all()


def naming_domain(session: Session, domain: str) -> Sequence[Workspace]:
    """The workspaces that take addresses at this domain by name, the oldest first. Those that take any are not among them."""
    places = session.exec(select(Workspace).order_by(asc(Workspace.created_at), asc(Workspace.id))).all()
    return [place for place in places if domain in place.email_domains]


def aliases(session: Session, workspace_id: str) -> Sequence[str]:
    return session.exec(
        select(WorkspaceAlias.alias).where(WorkspaceAlias.workspace_id == workspace_id).order_by(WorkspaceAlias.alias)
    ).all()


def by_alias(session: Session, alias: str) -> Workspace | None:
    """The workspace outside clients call so, without case."""
    found = session.get(WorkspaceAlias, alias.casefold())
    return session.get(Workspace, found.workspace_id) if found else None


def set_aliases(session: Session, workspace_id: str, names: Collection[str]) -> str | None:
    """Replace a workspace's aliases. Returns one that another workspace has, and changes nothing then."""
    wanted = {name.casefold() for name in names}
    for name in sorted(wanted):
        taken = session.get(WorkspaceAlias, name)
        if taken is not None and taken.workspace_id != workspace_id:
            return name
    session.exec(delete(WorkspaceAlias).where(col(WorkspaceAlias.workspace_id) == workspace_id))
    session.add_all(WorkspaceAlias(alias=name, workspace_id=workspace_id) for name in sorted(wanted))
    session.flush()
    return None
