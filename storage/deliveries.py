"""Deliveries: jobs that bring the files of an export somewhere. What is asked of them beyond storage.jobs.

Their payload says the purpose: "deliver", "test" (a file of the desk's own), "abandon" (remove what was left half-sent).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, String, Subquery, and_, delete, or_, type_coerce, update
from sqlalchemy import select as sa_select
from sqlalchemy.orm import aliased
from sqlmodel import Session, asc, col, desc, func, select

from storage.jobs import BLIND
from storage.store import database_now
from storage.tables import ACTIVE, Job, JobKind, JobState, utc_now

HELD = "held"  # a queue that nobody serves: what is in it waits for somebody to say yes
DEFAULT = "default"
_PURPOSE = col(Job.payload)["purpose"].as_string()


def _destination_of(delivery: type[Job]) -> ColumnElement[str]:
    return type_coerce(col(delivery.payload)["destination"].as_string(), String)


_DESTINATION = _destination_of(Job)


def of_export(session: Session, workspace_id: str, export_id: str) -> Sequence[Job]:
    """What was to be sent of an export, in the order it was asked for."""
    return session.exec(
        select(Job)
        .where(Job.workspace_id == workspace_id, Job.kind == JobKind.DELIVERY, Job.parent_id == export_id)
        .order_by(asc(Job.created_at), asc(Job.id))
    ).all()


def get(session: Session, workspace_id: str, delivery_id: str) -> Job | None:
    """Whoever asks sees to it that its export may be seen: a delivery has no other owner."""
    return session.exec(
        select(Job)
        .where(Job.workspace_id == workspace_id, Job.kind == JobKind.DELIVERY, Job.id == delivery_id)
        .execution_options(populate_existing=True)
    ).first()


def latest_tests(session: Session, workspace_id: str, destination_ids: Collection[str]) -> dict[str, Job]:
    """The last test file of each destination (by its id) that was ever sent one."""
    latest = _tests(col(Job.workspace_id) == workspace_id, _DESTINATION.in_(destination_ids))
    found = session.exec(select(Job).where(col(Job.id).in_(select(latest.c.id).where(latest.c.back == 1)))).all()
    return {job.payload["destination"]: job for job in found}


def forget_errands(session: Session, before: datetime) -> int:
    """Forget what nobody asks for again, of every workspace: removals that ended before then, and tests but the last of each
    destination. Returns how many."""
    removals = and_(col(Job.kind) == JobKind.DELIVERY, _PURPOSE == "abandon", col(Job.finished_at) < before)
    tests = _tests()
    earlier = col(Job.id).in_(select(tests.c.id).where(tests.c.back > 1))
    over = and_(col(Job.state).not_in(ACTIVE), or_(removals, earlier))
    return session.exec(delete(Job).where(over), execution_options=BLIND).rowcount


def _tests(*where: ColumnElement[bool]) -> Subquery:
    """(id, back) of test files that were sent: `back` counts from 1, the last one of each destination."""
    back = func.row_number().over(partition_by=_DESTINATION, order_by=(desc(Job.created_at), desc(Job.id)))
    sent = and_(col(Job.kind) == JobKind.DELIVERY, _PURPOSE == "test", *where)
    return select(Job.id, back.label("back")).where(sent).subquery()


def sent_to(session: Session, workspace_id: str, destination_ids: Collection[str]) -> dict[str, int]:
    """How many deliveries have arrived at each destination (by its id)."""
    arrived = and_(
        col(Job.workspace_id) == workspace_id,
        col(Job.kind) == JobKind.DELIVERY,
        col(Job.state) == JobState.SUCCEEDED,
        _PURPOSE == "deliver",
        _DESTINATION.in_(destination_ids),
    )
    found = (
        select(_DESTINATION.label("destination")).where(arrived).subquery()
    )  # PostgreSQL groups by names, not by paths
    return dict(session.exec(select(found.c.destination, func.count()).group_by(found.c.destination)).all())


def last_sent(session: Session, export: Job, destination_ids: Collection[str]) -> dict[str, Job]:
    """By destination (id), the newest export before this one that arrived there, of the same schedule, else of the same template.

    What was only made, held, stopped or given up is none: whoever is there never saw it.
    """
    if export.schedule_id:
        same = col(Job.schedule_id) == export.schedule_id
    elif export.template_id:
        same = col(Job.template_id) == export.template_id
    else:
        return {}
    before = and_(
        same,
        col(Job.workspace_id) == export.workspace_id,
        col(Job.kind) == JobKind.EXPORT,
        col(Job.state) == JobState.SUCCEEDED,
        col(Job.created_at) <= export.created_at,
        col(Job.id) != export.id,
    )
    sent = aliased(Job)
    arrived = and_(
        col(sent.parent_id) == col(Job.id),
        col(sent.kind) == JobKind.DELIVERY,
        col(sent.state) == JobState.SUCCEEDED,
        col(sent.payload)["purpose"].as_string() == "deliver",
    )
    asked = [*dict.fromkeys(destination_ids)]
    if not asked:
        return {}
    newest = (  # each stops at the first it finds, however many there are
        select(Job.id)
        .where(before, select(sent.id).where(arrived, _destination_of(sent) == one).correlate(Job).exists())
        .order_by(desc(Job.created_at), desc(Job.id))
        .limit(1)
        .scalar_subquery()
        for one in asked
    )
    found = dict(zip(asked, session.execute(sa_select(*newest)).one(), strict=True))
    rows = {job.id: job for job in session.exec(select(Job).where(col(Job.id).in_({i for i in found.values() if i})))}
    return {one: rows[id] for one, id in found.items() if id}


def may_go_on(session: Session, delivery_ids: Collection[str]) -> set[str]:
    """Of these, the ids of those that have not arrived and may be sent still, or again: the files of their export are there."""
    export, some, found = aliased(Job), [*delivery_ids], set[str]()
    for at in range(0, len(some), 500):  # SQLite binds at most 32,766 values
        left = and_(col(Job.id).in_(some[at : at + 500]), col(Job.state) != JobState.SUCCEEDED)
        query = select(Job.id).join(export, col(export.id) == col(Job.parent_id))
        found |= {*session.exec(query.where(left, col(export.expired_at).is_(None))).all()}
    return found


def stop_tidying(session: Session, delivery_id: str) -> bool:
    """Nothing removes what a delivery left half-sent: it is sent again. False: that is being removed just now."""
    after = and_(col(Job.kind) == JobKind.DELIVERY, col(Job.payload)["of"].as_string() == delivery_id)
    session.exec(
        update(Job)
        .where(after, col(Job.state) == JobState.QUEUED)
        .values(state=JobState.CANCELLED, finished_at=utc_now()),
        execution_options=BLIND,
    )
    return session.exec(select(Job.id).where(after, Job.state == JobState.RUNNING).limit(1)).first() is None


def hold_back(session: Session, job: Job, *, seconds: float | None) -> None:
    """A job that was just queued waits: for so many seconds, or until somebody says yes (None)."""
    values = {"queue": HELD} if seconds is None else {"run_after": database_now() + seconds}
    session.exec(update(Job).where(col(Job.id) == job.id).values(**values), execution_options=BLIND)


def held(session: Session, export_ids: Collection[str]) -> Sequence[Job]:
    """What waits for somebody's yes, of these exports, the oldest first."""
    some, found = [*export_ids], list[Job]()
    for at in range(0, len(some), 500):  # SQLite binds at most 32,766 values
        waiting = and_(col(Job.parent_id).in_(some[at : at + 500]), _waits_for_a_yes())
        found += session.exec(select(Job).where(waiting).order_by(asc(Job.created_at), asc(Job.id))).all()
    return found


def keep_back(session: Session, job: Job, why: str) -> None:
    """What waits for somebody's yes is not sent, for that reason; nothing where they have said yes meanwhile."""
    values = {"state": JobState.CANCELLED, "finished_at": utc_now(), "payload": job.payload | {"why": why}}
    waiting = and_(col(Job.id) == job.id, _waits_for_a_yes())
    session.exec(update(Job).where(waiting).values(**values), execution_options=BLIND)


def _waits_for_a_yes() -> ColumnElement[bool]:
    return and_(col(Job.kind) == JobKind.DELIVERY, col(Job.state) == JobState.QUEUED, col(Job.queue) == HELD)


def release(session: Session, job_id: str, by: str) -> bool:
    """Send now what waits, in the name of account `by` ("": as it was). False: it does not wait any more."""
    waiting = and_(col(Job.id) == job_id, col(Job.state) == JobState.QUEUED)
    values = {"queue": DEFAULT, "run_after": database_now()}  # it waits for a worker since now
    values |= {"owner_id": by} if by else {}
    return session.exec(update(Job).where(waiting).values(**values), execution_options=BLIND).rowcount == 1
