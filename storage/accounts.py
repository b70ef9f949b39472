"""Workspaces and accounts: who there is, and where they land."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import ColumnElement
from sqlmodel import Session, asc, col, delete, func, or_, select

from storage import members
from storage.store import folded
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


def account(session: Session, account_id: str, *, lock: bool = False) -> Account | None:
    """`lock`: nobody else changes it until the transaction ends, as in every transaction that writes to SQLite."""
    return session.get(Account, account_id, with_for_update=lock or None)


def get(session: Session, workspace_id: str, *, lock: bool = False) -> Workspace | None:
    """`lock`: one at a time, for what is asked of a whole workspace before it is changed (its last owner, a free name)."""
    return session.get(Workspace, workspace_id, with_for_update=lock or None)


def administrators(session: Session) -> Sequence[Account]:
    """Those of the installation, by name."""
    query = select(Account).where(col(Account.administrator).is_(True), col(Account.disabled_at).is_(None))
    return session.exec(query.order_by(asc(func.lower(Account.name)), asc(Account.id))).all()


def everybody(session: Session) -> Sequence[Account]:
    """Of the whole installation, by name."""
    return session.exec(select(Account).order_by(asc(func.lower(Account.name)), asc(Account.id))).all()


def page(
    session: Session, search: str = "", *, closed: bool | None = None, page: int = 1, size: int = 25
) -> tuple[Sequence[Account], int]:
    """One page (from 1) of those whose name or e-mail holds `search`, without case, by name; and how many there are.

    `closed`: only those whose account is, or is not.
    """
    where: list[ColumnElement[bool]] = [
        or_(*(folded(text).contains(search.lower(), autoescape=True) for text in (Account.name, Account.email)))
    ]
    if closed is not None:
        where.append(col(Account.disabled_at).is_not(None) if closed else col(Account.disabled_at).is_(None))
    total = session.exec(select(func.count()).select_from(Account).where(*where)).one()
    query = select(Account).where(*where).order_by(asc(folded(Account.name)), asc(Account.id))
    return session.exec(query.offset((page - 1) * size).limit(size)).all(), total


def every_workspace(session: Session) -> Sequence[Workspace]:
    """Of the installation, by name."""
    return session.exec(select(Workspace).order_by(asc(func.lower(Workspace.name)), asc(Workspace.id))).all()


def by_email(session: Session, email: str) -> Account | None:
    """Compared without case, as the database and its unique index understand that (SQLite: of the letters A to Z)."""
    return session.exec(select(Account).where(func.lower(Account.email) == func.lower(email))).first()


def by_subject(session: Session, subject: str) -> Account | None:
    """Of a person who signs in elsewhere: "issuer subject"."""
    return session.exec(select(Account).where(Account.subject == subject)).first()


def anybody_signs_in(session: Session) -> bool:
    """Has anybody a password or another way in? Before that the desk waits to be set up."""
    known = select(Account.id).where(col(Account.password_hash).is_not(None) | col(Account.subject).is_not(None))
    return session.exec(known.limit(1)).first() is not None


def add(session: Session, workspace_id: str, name: str, email: str | None = None) -> Account:
    """A person who will land in that workspace; membership is the caller's."""
    account = Account(workspace_id=workspace_id, name=name, email=email)
    session.add(account)
    session.flush()
    return account


def add_workspace(session: Session, name: str, zone: str) -> Workspace:
    workspace = Workspace(name=name, zone=zone)
    session.add(workspace)
    session.flush()
    return workspace


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
