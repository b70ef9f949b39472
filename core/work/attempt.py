"""One attempt of a job as the store sees it: claimed, prepared, and ended exactly once. Whoever runs it uses these verbs."""

from __future__ import annotations

import logging
from collections.abc import Collection
from pathlib import Path

from sqlalchemy.exc import InterfaceError, OperationalError
from sqlmodel import Session

from core import choices
from core.desk import Desk
from core.errors import DeskError, Trouble, tried_again
from core.keeping import retention
from core.work import child
from core.work.base import Request, Result
from core.work.kinds import KINDS
from storage import jobs
from storage.files import remove
from storage.jobs import Lease
from storage.tables import ACTIVE, Job

log = logging.getLogger("desk.work")

VANISHED = Trouble(
    "The worker that ran this was lost in the middle: the computer, or the desk on it, stopped.",
    "It starts again by itself while attempts are left. Otherwise try it again.",
)


def take(desk: Desk, owner: str) -> Job | None:
    """Claim the next due job, after taking over what dead workers left. None: there is nothing to do."""
    with desk.store.reading() as session:
        if not jobs.waiting(session):
            return None
    with desk.store.writing() as session:
        take_over(session, desk)
        return jobs.claim(session, owner, desk.settings.lease_seconds)


def take_over(session: Session, desk: Desk, owners: Collection[str] = ()) -> None:
    """Give back what dead workers left, those of `owners` at once; what was their last attempt is over, and its kind hears it."""
    for job_id in jobs.requeue_stalled(session, VANISHED.as_dict(), owners):
        _told(session, desk, job_id)


def prepare(desk: Desk, job: Job) -> Request:
    """All that running this attempt needs, as plain JSON. Raises DeskError when it cannot run at all."""
    with desk.store.reading() as session:
        request = KINDS[job.kind].prepare(session, desk, job)
    asked = (job.payload.get("spec") or {}).get("limits") or {}
    given = choices.limits(desk)
    request |= {
        "kind": job.kind.value,
        "job_id": job.id,
        "attempt": job.attempt,
        "exports": str(desk.files.exports),
        "datasets": str(desk.files.datasets),
        "scratch": str(desk.files.scratch(job.id, job.attempt)),
        "memory_mb": min(given.job_memory_mb, asked.get("memory_mb") or given.job_memory_mb),
        "seconds": min(
            (s for s in (given.job_seconds, asked.get("seconds"), KINDS[job.kind].seconds) if s), default=None
        ),
    }
    return request


def succeed(desk: Desk, job: Job, result: Result) -> bool:
    """End the attempt with its result, all or nothing. False: the lease was lost, and what it published is gone again."""
    try:
        with desk.store.writing() as session:
            completed = KINDS[job.kind].complete(session, desk, job, result)
            retention.settle(session, desk, job)
            held = jobs.finish(
                session, Lease.of(job), result=completed.result, rows=completed.rows, bytes=completed.bytes
            )
            if not held:
                session.rollback()
    except (OperationalError, InterfaceError):
        raise  # the database is away: the caller asks again
    except Exception as problem:  # noqa: BLE001 (a result that cannot be kept ends this job, not the supervisor)
        fail(desk, job, child.explained(problem, choices.limits(desk).job_memory_mb))
        return False
    if held:
        _remove(desk.files.scratch(job.id, job.attempt))
    else:
        clean(desk, job)
    return held


def fail(desk: Desk, job: Job, problem: DeskError) -> None:
    """End the attempt with what went wrong. A passing problem is tried again after a while, while attempts are left."""
    clean(desk, job)
    retry_in = None if problem.final else KINDS[job.kind].pause(job.attempt)
    if retry_in is not None and job.attempt < job.max_attempts:
        problem = tried_again(problem)
    with desk.store.writing() as session:
        if jobs.fail(session, Lease.of(job), problem.as_dict(), retry_in):
            _told(session, desk, job.id)


def cancelled(desk: Desk, job: Job) -> None:
    """End the attempt because somebody asked for it."""
    clean(desk, job)
    with desk.store.writing() as session:
        if jobs.mark_cancelled(session, Lease.of(job)):
            _told(session, desk, job.id)


def _told(session: Session, desk: Desk, job_id: str) -> None:
    """Its kind hears of it where it is not tried again."""
    now = jobs.of_ids(session, [job_id]).get(job_id)
    if now is not None and now.state not in ACTIVE:
        KINDS[now.kind].given_up(session, desk, now)


def give_back(desk: Desk, job: Job) -> None:
    """Put the job back into the queue: this worker must stop."""
    clean(desk, job)
    with desk.store.writing() as session:
        jobs.requeue(session, Lease.of(job))


def clean(desk: Desk, job: Job) -> None:
    """Remove everything this attempt wrote. Names carry the attempt: nothing of another attempt is touched."""
    _remove(desk.files.scratch(job.id, job.attempt))
    try:
        KINDS[job.kind].discard(desk.files, job)
    except OSError as problem:
        log.warning("left for the sweep: %s", problem)


def _remove(path: Path) -> None:
    """A child that was just killed may still write for a moment; what cannot be removed now the sweep removes later."""
    try:
        remove(path)
    except OSError as problem:
        log.warning("left for the sweep: %s", problem)
