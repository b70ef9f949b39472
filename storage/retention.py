"""Finished jobs whose files' time is over, and what is pinned. The job's row and its receipt stay; only the files go."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, and_, exists, update
from sqlalchemy.orm import aliased
from sqlmodel import Session, asc, col, select

from storage.deliveries import HELD
from storage.tables import ACTIVE, Job, JobKind, JobState

TO_SETTLE = "files to settle"  # the choice in which an upgrade leaves its moment: files of before have no time yet
BLIND = {"synchronize_session": False}


def due(session: Session, now: datetime, workspace_id: str | None = None) -> Sequence[Job]:
    """Whose files may go now, of one workspace or all, the longest overdue first.

    What still sends them off holds them; what waits for somebody's yes does not.
    """
    where = [_over(now), *([col(Job.workspace_id) == workspace_id] if workspace_id else [])]
    return session.exec(select(Job).where(*where).order_by(asc(Job.expires_at), asc(Job.id))).all()


def expire(session: Session, ids: Collection[str], now: datetime) -> set[str]:
    """From here on the files of these count as gone. Returns which: not those that somebody pinned in the meantime."""
    gone: set[str] = set()
    some = [*ids]
    for at in range(0, len(some), 500):  # SQLite binds at most 32,766 values
        taken = update(Job).where(col(Job.id).in_(some[at : at + 500]), _over(now)).values(expired_at=now)
        gone |= {row[0] for row in session.exec(taken.returning(col(Job.id)), execution_options=BLIND)}
    return gone


def set_expiry(session: Session, job_id: str, expires_at: datetime | None) -> None:
    session.exec(update(Job).where(col(Job.id) == job_id).values(expires_at=expires_at), execution_options=BLIND)


def unsettled(
    session: Session, kinds: Collection[JobKind], before: datetime, after_id: str, size: int
) -> Sequence[Job]:
    """Finished jobs of before then whose files are there for no time that was said, by id, from after that one."""
    there = (Job.state == JobState.SUCCEEDED, col(Job.kind).in_(kinds), col(Job.expires_at).is_(None))
    old = (col(Job.expired_at).is_(None), col(Job.created_at) <= before, col(Job.id) > after_id)
    return session.exec(select(Job).where(*there, *old).order_by(asc(Job.id)).limit(size)).all()


def keep(session: Session, job_id: str, kept: bool, expires_at: datetime | None) -> bool:
    """Pin a job's files, or let them go at `expires_at`. False: they are gone already."""
    there = and_(col(Job.id) == job_id, col(Job.expired_at).is_(None))
    changed = session.exec(update(Job).where(there).values(kept=kept, expires_at=expires_at), execution_options=BLIND)
    return changed.rowcount == 1


def _over(now: datetime) -> ColumnElement[bool]:
    child = aliased(Job)
    on_its_way = and_(col(child.state).in_(ACTIVE), col(child.queue) != HELD)
    sending = select(child.id).where(col(child.parent_id) == col(Job.id), on_its_way).correlate(Job)
    return and_(
        col(Job.state) == JobState.SUCCEEDED,
        col(Job.expires_at) <= now,
        col(Job.expired_at).is_(None),
        col(Job.kept).is_(False),
        ~exists(sending),
    )
