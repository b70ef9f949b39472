"""How the desk is doing, in figures: its queue, who works on it, what failed. Of every workspace."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, and_, case, col, func, select

from storage.deliveries import HELD
from storage.store import database_now
from storage.tables import Job, JobState


@dataclass(frozen=True)
class Queue:
    """Jobs by what they wait for. Seconds are by the database's clock."""

    waiting: int  # due, and not begun
    later: int  # queued, to begin or to be tried again after a while
    running: int  # by somebody who keeps the lease
    abandoned: int  # running by the row, but the lease ran out
    longest_wait: float  # seconds since the first of the waiting could have begun; 0 for none


def queue(session: Session) -> Queue:
    queued = and_(col(Job.state) == JobState.QUEUED, col(Job.queue) != HELD)  # what waits for a yes waits for no worker
    running = col(Job.state) == JobState.RUNNING
    due, held = col(Job.run_after) <= database_now(), col(Job.lease_until) >= database_now()

    def how_many(condition: sa.ColumnElement[bool]) -> sa.Function[int]:
        return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)

    counted = session.connection().execute(
        select(
            how_many(and_(queued, due)),
            how_many(and_(queued, ~due)),
            how_many(and_(running, held)),
            how_many(and_(running, ~held)),
        ).where(queued | running)
    )
    waiting, later, working, abandoned = (int(n) for n in counted.one())
    return Queue(waiting, later, working, abandoned, _longest_wait(session) if waiting else 0.0)


def _longest_wait(session: Session) -> float:
    """Seconds since a waiting job was made or, where it was tried before or again, since it may begin."""
    since = [
        max(made.timestamp(), after)
        for made, after in session.exec(
            select(Job.created_at, Job.run_after)
            .where(Job.state == JobState.QUEUED, Job.queue != HELD, col(Job.run_after) <= database_now())
            .order_by(sa.asc(col(Job.created_at)))
            .limit(100)
        ).all()
    ]
    now = session.connection().execute(sa.select(database_now())).scalar_one()
    return max(0.0, float(now) - min(since, default=float(now)))


def workers(session: Session) -> set[str]:
    """The supervisors that hold leases, wherever they run."""
    held = select(Job.lease_owner).where(Job.state == JobState.RUNNING, col(Job.lease_until) >= database_now())
    return {owner for owner in session.exec(held).all() if owner}


def failures(session: Session, since: datetime) -> Counter[str]:
    """How many jobs failed since then, by the title of what went wrong. Names of jobs are their owners' alone."""
    failed = select(Job.error).where(Job.state == JobState.FAILED, col(Job.finished_at) >= since)
    return Counter(str((error or {}).get("title") or "Something went wrong") for error in session.exec(failed).all())


def database(session: Session) -> str:
    """The product behind the store and its version: "SQLite 3.40.1", "PostgreSQL 15.8"."""
    dialect = session.get_bind().dialect
    version = ".".join(str(part) for part in dialect.server_version_info or ())
    return f"{'SQLite' if dialect.name == 'sqlite' else 'PostgreSQL'} {version}".strip()
