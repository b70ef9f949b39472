"""The job row and every change of its state, as verbs. The row is the job: whoever holds its lease may write it.

    queued → running → succeeded | failed | cancelled          running → queued: a retry, or a lease that ran out

A claim takes a lease by the database's clock and counts the attempt up. Every later write is fenced by (id, attempt,
owner, running): a worker that slept past its lease changes nothing, however late it wakes.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, case, literal, null, update
from sqlalchemy import delete as sql_delete
from sqlmodel import Session, asc, col, desc, func, select

from storage import uses
from storage.scope import EVERYTHING, Scope, Within, narrowed, visible
from storage.store import database_now, folded
from storage.tables import ACTIVE, Job, JobKind, JobState, Link, utc_now

BLIND = {"synchronize_session": False}  # these updates run before anybody has loaded the row


@dataclass(frozen=True)
class Lease:
    """What a worker holds: the right to write this attempt of this job."""

    job_id: str
    attempt: int
    owner: str

    @classmethod
    def of(cls, job: Job) -> Lease:
        return cls(job.id, job.attempt, job.lease_owner or "")


@dataclass(frozen=True)
class Beat:
    """The answer to a heartbeat: is the lease still ours, and has somebody pressed Cancel?"""

    held: bool
    cancel: bool = False


def enqueue(
    session: Session,
    workspace_id: str,
    owner_id: str,
    *,
    kind: JobKind,
    name: str,
    payload: dict[str, Any],
    resolved: dict[str, Any] | None = None,
    max_attempts: int = 3,
    template_id: str | None = None,
    parent_id: str | None = None,
    format: str | None = None,
    queue: str = "default",
    priority: int = 0,
) -> Job:
    """Accept a job. Once this transaction has committed, no crash can lose it."""
    job = Job(
        workspace_id=workspace_id,
        owner_id=owner_id,
        kind=kind,
        name=name,
        payload=payload,
        resolved=resolved,
        max_attempts=max_attempts,
        template_id=template_id,
        parent_id=parent_id,
        format=format,
        queue=queue,
        priority=priority,
    )
    session.add(job)
    session.flush()
    uses.note_job(session, job)
    return job


def waiting(session: Session, queues: Collection[str] = ("default",)) -> bool:
    """Is there anything to claim or to take over? Reads only, so that an idle supervisor never takes the write lock."""
    served = col(Job.queue).in_(queues)
    due = and_(col(Job.state) == JobState.QUEUED, served, col(Job.run_after) <= database_now())
    return session.exec(select(Job.id).where(due | _stalled()).limit(1)).first() is not None


def claim(session: Session, owner: str, seconds: float, queues: Collection[str] = ("default",)) -> Job | None:
    """Take the next due job: highest priority first, then the oldest. Its lease lasts `seconds`. None: nothing is due."""
    job = session.exec(
        select(Job)
        .where(
            Job.state == JobState.QUEUED,
            col(Job.queue).in_(queues),
            col(Job.run_after) <= database_now(),
        )
        .order_by(desc(Job.priority), asc(Job.created_at), asc(Job.id))
        .limit(1)
        .with_for_update(skip_locked=True)  # PostgreSQL; on SQLite the whole transaction holds the lock
    ).first()
    if job is None:
        return None
    attempt = job.attempt + 1
    session.exec(
        update(Job)
        .where(col(Job.id) == job.id)
        .values(
            state=JobState.RUNNING,
            attempt=attempt,
            lease_owner=owner,
            lease_until=database_now() + seconds,
            progress=None,
            started_at=utc_now(),
            finished_at=None,
        ),
        execution_options=BLIND,
    )
    session.refresh(job)
    return job


def heartbeat(session: Session, lease: Lease, seconds: float, progress: dict[str, Any] | None = None) -> Beat:
    """Prolong the lease by `seconds` from now, and report progress. A lease that is no longer ours is not prolonged."""
    values: dict[str, Any] = {"lease_until": database_now() + seconds}
    if progress is not None:
        values["progress"] = progress
    cancel = session.exec(
        update(Job).where(_fence(lease)).values(**values).returning(col(Job.cancel_requested)),
        execution_options=BLIND,
    ).first()
    return Beat(False) if cancel is None else Beat(True, bool(cancel[0]))


def cancels(session: Session, owner: str) -> set[str]:
    """The ids of this owner's running jobs that somebody wants cancelled."""
    return set(
        session.exec(
            select(Job.id).where(
                Job.state == JobState.RUNNING, Job.lease_owner == owner, col(Job.cancel_requested).is_(True)
            )
        ).all()
    )


def finish(
    session: Session, lease: Lease, *, result: dict[str, Any], rows: int | None = None, bytes: int | None = None
) -> bool:
    """The attempt succeeded and its files are published. False: the lease is lost, the caller removes what it published."""
    return _settle(
        session,
        lease,
        state=JobState.SUCCEEDED,
        result=result,
        error=None,
        rows=rows,
        bytes=bytes,
        finished_at=utc_now(),
    )


def fail(session: Session, lease: Lease, error: dict[str, Any], retry_in: float | None) -> bool:
    """The attempt failed. `retry_in` seconds it is tried again, while attempts are left; None: final at once."""
    if retry_in is None:
        return _settle(session, lease, state=JobState.FAILED, error=error, finished_at=utc_now())
    again = col(Job.attempt) < col(Job.max_attempts)
    return _settle(
        session,
        lease,
        state=case((again, _as(Job.state, JobState.QUEUED)), else_=_as(Job.state, JobState.FAILED)),
        run_after=database_now() + retry_in,
        finished_at=case((again, null()), else_=_as(Job.finished_at, utc_now())),
        error=error,
        progress=None,
    )


def requeue(session: Session, lease: Lease) -> bool:
    """Give the job back untouched, as a supervisor does that must stop. A planned stop costs no attempt."""
    return _settle(
        session, lease, state=JobState.QUEUED, max_attempts=col(Job.max_attempts) + 1, progress=None, run_after=0.0
    )


def mark_cancelled(session: Session, lease: Lease) -> bool:
    """The worker stopped because somebody asked for it."""
    return _settle(session, lease, state=JobState.CANCELLED, finished_at=utc_now(), error=None)


def cancel(session: Session, scope: Scope, job_id: str) -> Job | None:
    """Stop a job: a queued one at once, a running one as soon as its supervisor hears of it. Finished ones stay."""
    mine = and_(visible(Job, scope), col(Job.id) == job_id)
    session.exec(
        update(Job)
        .where(mine, col(Job.state) == JobState.QUEUED)
        .values(state=JobState.CANCELLED, cancel_requested=True, finished_at=utc_now(), error=None),
        execution_options=BLIND,
    )
    session.exec(
        update(Job).where(mine, col(Job.state) == JobState.RUNNING).values(cancel_requested=True),
        execution_options=BLIND,
    )
    return get(session, scope, job_id)


def retry(session: Session, scope: Scope, job_id: str, attempts: int) -> bool:
    """Queue a failed or cancelled job again with all it had pinned, for so many more attempts. False: it is neither."""
    done = session.exec(
        update(Job)
        .where(
            visible(Job, scope),
            col(Job.id) == job_id,
            col(Job.deleted_at).is_(None),
            col(Job.state).in_((JobState.FAILED, JobState.CANCELLED)),
        )
        .values(
            state=JobState.QUEUED,
            max_attempts=col(Job.attempt) + attempts,
            run_after=database_now(),  # it waits since now
            error=None,
            progress=None,
            cancel_requested=False,
            started_at=None,
            finished_at=None,
        ),
        execution_options=BLIND,
    )
    return done.rowcount == 1


def requeue_stalled(session: Session, error: Mapping[str, Any], owners: Collection[str] = ()) -> Sequence[str]:
    """Take over jobs whose lease ran out, and those of `owners` known to be dead at once. Returns the ids of those that are over.

    One that somebody wanted cancelled is cancelled; one without attempts left fails with `error`; the rest queue again.
    """
    gone = _stalled()
    if owners:
        gone = gone | and_(col(Job.state) == JobState.RUNNING, col(Job.lease_owner).in_(owners))
    cancelled = col(Job.cancel_requested).is_(True)
    spent = col(Job.attempt) >= col(Job.max_attempts)
    taken = session.exec(
        update(Job)
        .where(gone)
        .values(
            state=case(
                (cancelled, _as(Job.state, JobState.CANCELLED)),
                (spent, _as(Job.state, JobState.FAILED)),
                else_=_as(Job.state, JobState.QUEUED),
            ),
            finished_at=case((cancelled | spent, _as(Job.finished_at, utc_now())), else_=null()),
            error=case((cancelled, null()), else_=_as(Job.error, dict(error))),
            lease_owner=None,
            lease_until=None,
            progress=None,
        )
        .returning(col(Job.id), col(Job.state)),
        execution_options=BLIND,
    ).all()
    return [id for id, state in taken if state not in ACTIVE]


def delete(session: Session, job: Job) -> None:
    """Forget a job, its deliveries and the links to its files; other jobs that followed from it stay. The caller removes
    the files."""
    session.exec(sql_delete(Link).where(col(Link.job_id) == job.id), execution_options=BLIND)
    sent = and_(col(Job.parent_id) == job.id, col(Job.kind) == JobKind.DELIVERY)
    session.exec(sql_delete(Job).where(sent), execution_options=BLIND)
    session.exec(update(Job).where(col(Job.parent_id) == job.id).values(parent_id=None), execution_options=BLIND)
    session.exec(sql_delete(Job).where(col(Job.id) == job.id), execution_options=BLIND)


def forget(session: Session, kind: JobKind, ended_before: datetime) -> int:
    """Forget jobs of a kind that ended before then, of every workspace; returns how many."""
    over = and_(col(Job.kind) == kind, col(Job.state).not_in(ACTIVE), col(Job.finished_at) < ended_before)
    return session.exec(sql_delete(Job).where(over), execution_options=BLIND).rowcount


def owners(session: Session) -> set[str]:
    """Who holds leases just now."""
    held = session.exec(select(Job.lease_owner).where(Job.state == JobState.RUNNING).distinct()).all()
    return {owner for owner in held if owner}


def get(session: Session, scope: Scope, job_id: str) -> Job | None:
    """None also for one in the bin (storage.bin)."""
    return session.exec(
        select(Job)
        .where(visible(Job, scope), Job.id == job_id, col(Job.deleted_at).is_(None))
        .execution_options(populate_existing=True)  # after an update in this session, show what it wrote
    ).first()


def list(
    session: Session,
    scope: Scope,
    *,
    within: Within = EVERYTHING,
    kinds: Collection[JobKind] = (),
    states: Collection[JobState] = (),
    formats: Collection[str] = (),
    search: str = "",
    page: int = 1,
    size: int = 25,
) -> tuple[Sequence[Job], int]:
    """One page (from 1) of the jobs that match, newest first, and how many match in all. Empty collections mean any."""
    where: Sequence[ColumnElement[bool]] = [
        narrowed(Job, scope, within),
        col(Job.deleted_at).is_(None),
        *([col(Job.kind).in_(kinds)] if kinds else []),
        *([col(Job.state).in_(states)] if states else []),
        *([col(Job.format).in_(formats)] if formats else []),
        *([folded(Job.name).contains(search.lower(), autoescape=True)] if search else []),
    ]
    total = session.exec(select(func.count()).select_from(Job).where(*where)).one()
    rows = session.exec(
        select(Job).where(*where).order_by(desc(Job.created_at), desc(Job.id)).offset((page - 1) * size).limit(size)
    ).all()
    return rows, total


def place_in_queue(session: Session, job: Job) -> int | None:
    """1 for the next to run; None when the job is not waiting. Jobs of every workspace share the queue."""
    if job.state != JobState.QUEUED:
        return None
    earlier = (
        (col(Job.priority) > job.priority)
        | and_(col(Job.priority) == job.priority, col(Job.created_at) < job.created_at)
        | and_(col(Job.priority) == job.priority, col(Job.created_at) == job.created_at, col(Job.id) < job.id)
    )
    ahead = select(func.count()).select_from(Job).where(Job.state == JobState.QUEUED, Job.queue == job.queue, earlier)
    return session.exec(ahead).one() + 1


def active_uploads(session: Session) -> set[str]:
    """The uploads that queued or running jobs read, of every workspace."""
    upload = col(Job.payload)["upload"].as_string()
    read = select(upload).where(col(Job.state).in_(ACTIVE), col(Job.kind) != JobKind.EXPORT, upload.is_not(None))
    return set(session.exec(read).all())


def active_deliveries(session: Session) -> set[str]:
    """The ids of the deliveries that are queued or running, and of those that such a job tidies up after."""
    after = col(Job.payload)["of"].as_string()
    found = session.exec(select(Job.id, after).where(col(Job.state).in_(ACTIVE), Job.kind == JobKind.DELIVERY)).all()
    return {one for ids in found for one in ids if one}


def of_ids(session: Session, ids: Collection[str]) -> dict[str, Job]:
    """Jobs by id, of every workspace: for the sweep."""
    found: dict[str, Job] = {}
    some = [*ids]
    for at in range(0, len(some), 500):  # SQLite binds at most 32,766 values
        found |= {job.id: job for job in session.exec(select(Job).where(col(Job.id).in_(some[at : at + 500]))).all()}
    return found


def _fence(lease: Lease) -> ColumnElement[bool]:
    return and_(
        col(Job.id) == lease.job_id,
        col(Job.attempt) == lease.attempt,
        col(Job.lease_owner) == lease.owner,
        col(Job.state) == JobState.RUNNING,
    )


def _stalled() -> ColumnElement[bool]:
    return and_(col(Job.state) == JobState.RUNNING, col(Job.lease_until) < database_now())


def _settle(session: Session, lease: Lease, **values: Any) -> bool:
    """End an attempt: the fenced write that also gives the lease back."""
    written = session.exec(
        update(Job).where(_fence(lease)).values(lease_owner=None, lease_until=None, **values),
        execution_options=BLIND,
    )
    return written.rowcount == 1


def _as(column: Any, value: Any) -> ColumnElement[Any]:
    """A value inside an expression, bound as that column binds it."""
    return literal(value, column.type)
