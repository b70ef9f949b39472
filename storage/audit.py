"""The audit log: rows are added and read, never changed; retention removes the oldest."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_
from sqlmodel import Session, asc, col, delete, desc, func, or_, select
from sqlmodel.sql.expression import SelectOfScalar

from storage.store import folded
from storage.tables import Account, AuditEntry


def add(session: Session, entry: AuditEntry) -> None:
    session.add(entry)


@dataclass(frozen=True)
class Wanted:
    """Which entries: each condition that is given narrows them."""

    search: str = ""  # in who, what, its name and the address, without case
    actions: Collection[str] = ()
    account_id: str | None = None
    refused: bool | None = None
    since: datetime | None = None
    until: datetime | None = None  # not included


def list(
    session: Session, workspace_id: str | None, wanted: Wanted, *, reader: str = "", page: int = 1, size: int = 50
) -> tuple[Sequence[AuditEntry], int]:
    """One page (from 1) of a workspace's entries, newest first, and how many match. None: those of the installation.

    `reader`: the account that looks: no name that is private to somebody else is searched.
    """
    where = _where(workspace_id, wanted, reader)
    total = session.exec(select(func.count()).select_from(AuditEntry).where(*where)).one()
    return session.exec(_newest_first(where).offset((page - 1) * size).limit(size)).all(), total


def each(
    session: Session, workspace_id: str | None, wanted: Wanted, *, reader: str = "", size: int = 5_000
) -> Iterator[Sequence[AuditEntry]]:
    """Every entry that matches, newest first, `size` at a time: a log of years is never in memory whole."""
    found = _newest_first(_where(workspace_id, wanted, reader))
    yield from session.exec(found.execution_options(yield_per=size)).partitions()


def people(session: Session, workspace_id: str | None) -> Sequence[tuple[str, str]]:
    """(account id, name) of everybody who is in the log, by name."""
    spoke = select(AuditEntry.id).where(_of(workspace_id), AuditEntry.account_id == Account.id).exists()
    query = select(Account.id, Account.name).where(spoke)  # a look into the index for each account, not at every entry
    return session.exec(query.order_by(asc(folded(Account.name)), asc(Account.id))).all()


def _of(workspace_id: str | None) -> ColumnElement[bool]:
    own = col(AuditEntry.workspace_id)
    return own.is_(None) if workspace_id is None else own == workspace_id


def _where(workspace_id: str | None, wanted: Wanted, reader: str) -> Sequence[ColumnElement[bool]]:
    where = [_of(workspace_id)]
    if wanted.actions:
        where.append(col(AuditEntry.action).in_(wanted.actions))
    if wanted.account_id:
        where.append(col(AuditEntry.account_id) == wanted.account_id)
    if wanted.refused is not None:
        where.append(col(AuditEntry.refused).is_(wanted.refused))
    if wanted.since:
        where.append(col(AuditEntry.at) >= wanted.since)
    if wanted.until:
        where.append(col(AuditEntry.at) < wanted.until)
    if wanted.search:
        texts = (AuditEntry.actor, AuditEntry.action, AuditEntry.address, AuditEntry.subject)
        *others, name = (folded(text).contains(wanted.search.lower(), autoescape=True) for text in texts)
        whose = col(AuditEntry.details)["private"].as_string()
        where.append(or_(*others, and_(name, or_(whose.is_(None), whose == reader))))
    return where


def _newest_first(where: Sequence[ColumnElement[bool]]) -> SelectOfScalar[AuditEntry]:
    return select(AuditEntry).where(*where).order_by(desc(AuditEntry.at), desc(AuditEntry.id))


def remove_older(session: Session, before: datetime) -> int:
    """Of every workspace; returns how many."""
    return int(session.exec(delete(AuditEntry).where(col(AuditEntry.at) < before)).rowcount)
