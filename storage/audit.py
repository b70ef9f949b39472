"""The audit log: rows are added and read, never changed; retention removes the oldest."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, delete, desc, func, or_, select

from storage.store import folded
from storage.tables import AuditEntry


def add(session: Session, entry: AuditEntry) -> None:
    session.add(entry)


def list(
    session: Session,
    workspace_id: str | None,
    *,
    search: str = "",
    actions: Collection[str] = (),
    account_id: str | None = None,
    refused: bool | None = None,
    since: datetime | None = None,
    page: int = 1,
    size: int = 50,
) -> tuple[Sequence[AuditEntry], int]:
    """One page (from 1) of a workspace's entries, newest first, and how many match. None: those of the installation."""
    own = col(AuditEntry.workspace_id)
    where: Sequence[ColumnElement[bool]] = [
        own.is_(None) if workspace_id is None else own == workspace_id,
        *([col(AuditEntry.action).in_(actions)] if actions else []),
        *([col(AuditEntry.account_id) == account_id] if account_id else []),
        *([col(AuditEntry.refused).is_(refused)] if refused is not None else []),
        *([col(AuditEntry.at) >= since] if since else []),
    ]
    if search:
        texts = (AuditEntry.actor, AuditEntry.action, AuditEntry.subject, AuditEntry.address)
        where = [*where, or_(*(folded(text).contains(search.lower(), autoescape=True) for text in texts))]
    total = session.exec(select(func.count()).select_from(AuditEntry).where(*where)).one()
    rows = session.exec(
        select(AuditEntry)
        .where(*where)
        .order_by(desc(AuditEntry.at), desc(AuditEntry.id))
        .offset((page - 1) * size)
        .limit(size)
    ).all()
    return rows, total


def remove_older(session: Session, before: datetime) -> int:
    """Of every workspace; returns how many."""
    return int(session.exec(delete(AuditEntry).where(col(AuditEntry.at) < before)).rowcount)
