"""Schedules and their occurrences. An occurrence is one run; there is one at most for each slot, by a unique index.

Whoever decides what happens to a run holds the schedule's row (`hold`) until the transaction ends: one process decides, the
others wait and find it decided.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, or_
from sqlmodel import Session, asc, col, delete, desc, func, select

from storage.scope import EVERYTHING, Scope, Within, narrowed, visible
from storage.store import folded
from storage.tables import (
    ACTIVE,
    Account,
    Dataset,
    DatasetVersion,
    Feed,
    Job,
    JobKind,
    Membership,
    Occurrence,
    OccurrenceState,
    Role,
    Schedule,
    new_id,
    utc_now,
)

GOING_ON = (OccurrenceState.REFRESHING, OccurrenceState.STARTED)
UNFINISHED = (OccurrenceState.WAITING, *GOING_ON)
TRIED_AGAIN = {
    OccurrenceState.FAILED: OccurrenceState.STARTED,
    OccurrenceState.CANCELLED: OccurrenceState.STARTED,
    OccurrenceState.UNDELIVERED: OccurrenceState.DELIVERING,
}


def add(session: Session, workspace_id: str, owner_id: str, template_id: str, **parts: Any) -> Schedule:
    schedule = Schedule(workspace_id=workspace_id, owner_id=owner_id, template_id=template_id, **parts)
    session.add(schedule)
    session.flush()
    return schedule


def get(session: Session, scope: Scope, schedule_id: str) -> Schedule | None:
    """None also for one in the bin (storage.bin)."""
    return session.exec(
        select(Schedule).where(visible(Schedule, scope), Schedule.id == schedule_id, col(Schedule.deleted_at).is_(None))
    ).first()


def hold(session: Session, schedule_id: str) -> Schedule | None:
    """As it is now, and nobody else changes it or its occurrences until the transaction ends. None: deleted."""
    return session.exec(
        select(Schedule)
        .where(Schedule.id == schedule_id, col(Schedule.deleted_at).is_(None))
        .with_for_update()  # PostgreSQL; on SQLite the whole transaction holds the lock
        .execution_options(populate_existing=True)
    ).first()


def list(session: Session, scope: Scope, search: str = "", *, within: Within = EVERYTHING) -> Sequence[Schedule]:
    """By when they run next; those that do not, by name at the end."""
    query = select(Schedule).where(narrowed(Schedule, scope, within), col(Schedule.deleted_at).is_(None))
    if search:
        query = query.where(folded(Schedule.name).contains(search.lower(), autoescape=True))
    resting = col(Schedule.next_at).is_(None)
    return session.exec(
        query.order_by(resting, asc(Schedule.next_at), asc(folded(Schedule.name)), asc(Schedule.id))
    ).all()


def some(session: Session, scope: Scope) -> bool:
    """Is there one that `scope` sees, outside the bin?"""
    there = select(Schedule.id).where(visible(Schedule, scope), col(Schedule.deleted_at).is_(None))
    return session.exec(there.limit(1)).first() is not None


def every(session: Session) -> Sequence[Schedule]:
    """Of all workspaces, without those in the bin, by name."""
    there = select(Schedule).where(col(Schedule.deleted_at).is_(None))
    return session.exec(there.order_by(asc(folded(Schedule.name)), asc(Schedule.id))).all()


def due(session: Session, now: datetime, only: str | None = None) -> Sequence[Schedule]:
    """Those with a slot at `now` or before, of every workspace, the longest due first; `only`: this one, if it is."""
    query = select(Schedule).where(col(Schedule.next_at) <= now, col(Schedule.deleted_at).is_(None))
    if only:
        query = query.where(Schedule.id == only)
    return session.exec(query.order_by(asc(Schedule.next_at), asc(Schedule.id))).all()


def without_owner(
    session: Session, workspace_id: str | None = None, only: str | None = None, *, active: bool = False
) -> Sequence[Schedule]:
    """Those whose owner can run nothing there any more: account closed, no member, or a viewer. By name.

    `workspace_id` None: of every workspace. `active`: only those that would run.
    """
    member = and_(
        col(Membership.account_id) == col(Schedule.owner_id), col(Membership.workspace_id) == col(Schedule.workspace_id)
    )
    gone: ColumnElement[bool] = or_(
        col(Account.disabled_at).is_not(None), col(Membership.role).is_(None), col(Membership.role) == Role.VIEWER
    )
    query = (
        select(Schedule)
        .join(Account, col(Account.id) == col(Schedule.owner_id))
        .join(Membership, member, isouter=True)
        .where(gone, col(Schedule.deleted_at).is_(None))
    )
    if workspace_id is not None:
        query = query.where(Schedule.workspace_id == workspace_id)
    if only:
        query = query.where(Schedule.id == only)
    if active:
        query = query.where(col(Schedule.next_at).is_not(None))
    return session.exec(query.order_by(asc(folded(Schedule.name)), asc(Schedule.id))).all()


def pause(session: Session, schedule: Schedule, why: str = "") -> None:
    """Nothing of it runs until `next_at` is set again; runs that wait are skipped, one that goes on ends as it will."""
    schedule.paused_at, schedule.paused_why, schedule.next_at = utc_now(), why, None
    session.add(schedule)
    waiting = (Occurrence.schedule_id == schedule.id, Occurrence.state == OccurrenceState.WAITING)
    for one in session.exec(select(Occurrence).where(*waiting)).all():
        one.state, one.warning = OccurrenceState.SKIPPED, "The schedule was paused before its turn came."
        session.add(one)
    session.flush()


def note(
    session: Session, schedule: Schedule, slot: str | None, at: datetime, state: OccurrenceState, **parts: Any
) -> Occurrence:
    """Write down one run; `slot` None: one that somebody asked for. Its row must not be there yet: see `known`."""
    made = new_id()
    occurrence = Occurrence(
        id=made,
        workspace_id=schedule.workspace_id,
        schedule_id=schedule.id,
        slot=slot or f"now {made}",
        at=at,
        state=state,
        **parts,
    )
    session.add(occurrence)
    session.flush()
    return occurrence


def known(session: Session, schedule_id: str, slots: Collection[str]) -> set[str]:
    """Those of the slots that have their occurrence."""
    found: set[str] = set()
    wanted = [*slots]
    for at in range(0, len(wanted), 500):  # SQLite binds at most 32,766 values
        some = col(Occurrence.slot).in_(wanted[at : at + 500])
        found.update(session.exec(select(Occurrence.slot).where(Occurrence.schedule_id == schedule_id, some)).all())
    return found


def occurrence(session: Session, occurrence_id: str) -> Occurrence | None:
    """As it is now."""
    return session.get(Occurrence, occurrence_id, populate_existing=True)


def unfinished(session: Session, only: str | None = None) -> Sequence[Occurrence]:
    """Runs that wait or go on, and those of which nothing is being sent any more, of every workspace, the oldest first.

    `only`: of this schedule.
    """
    sent = (col(Job.parent_id) == col(Occurrence.job_id), Job.kind == JobKind.DELIVERY, col(Job.state).in_(ACTIVE))
    ended = and_(col(Occurrence.state) == OccurrenceState.DELIVERING, ~select(Job.id).where(*sent).exists())
    query = select(Occurrence).where(or_(col(Occurrence.state).in_(UNFINISHED), ended))
    if only:
        query = query.where(Occurrence.schedule_id == only)
    return session.exec(query.order_by(asc(Occurrence.at), asc(Occurrence.created_at), asc(Occurrence.id))).all()


def tried_again(session: Session, export: Job, by: str | None) -> None:
    """The run whose export, or what was to be sent of it, somebody tries again goes on; what comes of it settles it anew."""
    if not export.schedule_id or hold(session, export.schedule_id) is None:
        return
    its_own = (Occurrence.schedule_id == export.schedule_id, Occurrence.job_id == export.id)
    for one in session.exec(select(Occurrence).where(*its_own, col(Occurrence.state).in_(TRIED_AGAIN))).all():
        one.state, one.error, one.asked_by = TRIED_AGAIN[one.state], None, by
        session.add(one)


def count(session: Session, schedule_id: str, states: Collection[OccurrenceState]) -> int:
    """How many of its runs are in one of these states."""
    these = (Occurrence.schedule_id == schedule_id, col(Occurrence.state).in_(states))
    return session.exec(select(func.count()).select_from(Occurrence).where(*these)).one()


def history(session: Session, schedule_id: str, page: int = 1, size: int = 25) -> tuple[Sequence[Occurrence], int]:
    """One page (from 1) of its runs, newest first, and how many there are."""
    total = session.exec(
        select(func.count()).select_from(Occurrence).where(Occurrence.schedule_id == schedule_id)
    ).one()
    found = session.exec(
        select(Occurrence)
        .where(Occurrence.schedule_id == schedule_id)
        .order_by(desc(Occurrence.at), desc(Occurrence.created_at), desc(Occurrence.id))
        .offset((page - 1) * size)
        .limit(size)
    ).all()
    return found, total


def between(
    session: Session, scope: Scope, first: datetime, until: datetime, *, within: Within = EVERYTHING
) -> Sequence[Occurrence]:
    """The runs due from `first` on and before `until`, of schedules outside the bin that `scope` sees, in order."""
    seen = select(Schedule.id).where(narrowed(Schedule, scope, within), col(Schedule.deleted_at).is_(None))
    return session.exec(
        select(Occurrence)
        .where(col(Occurrence.schedule_id).in_(seen), col(Occurrence.at) >= first, col(Occurrence.at) < until)
        .order_by(asc(Occurrence.at), asc(Occurrence.id))
    ).all()


def latest(session: Session, schedule_ids: Collection[str]) -> dict[str, Occurrence]:
    """Schedule id → the last of its runs; those without any are left out."""
    last = (
        select(Occurrence.schedule_id, func.max(Occurrence.at).label("at"))
        .where(col(Occurrence.schedule_id).in_(schedule_ids))
        .group_by(col(Occurrence.schedule_id))
        .subquery()
    )
    found = session.exec(
        select(Occurrence)
        .join(last, and_(col(Occurrence.schedule_id) == last.c.schedule_id, col(Occurrence.at) == last.c.at))
        .order_by(asc(Occurrence.created_at))
    ).all()
    return {one.schedule_id: one for one in found}


def job(session: Session, job_id: str | None) -> Job | None:
    """The job of a run as it is now, also one in the bin. None: it is forgotten."""
    return session.get(Job, job_id, populate_existing=True) if job_id else None


def data_at(session: Session, version_ids: Iterable[str]) -> datetime | None:
    """Since when the oldest of these versions' data is as it is: when it came, or was last fetched and found the same."""
    current = col(Dataset.version_id) == col(DatasetVersion.id)  # what was fetched and found the same is this one alone
    fetched = and_(col(Feed.dataset_id) == col(Dataset.id), col(Feed.error).is_(None))
    found = session.exec(
        select(DatasetVersion.created_at, Feed.refreshed_at)
        .join(Dataset, current, isouter=True)
        .join(Feed, fetched, isouter=True)
        .where(col(DatasetVersion.id).in_([*version_ids]))
    ).all()
    return min((max(came, again or came) for came, again in found), default=None)


def forget_before(session: Session, before: datetime) -> int:
    """Forget runs that were due before then and have ended, of every workspace; returns how many."""
    over = (col(Occurrence.at) < before, col(Occurrence.state).not_in(UNFINISHED))
    return session.exec(delete(Occurrence).where(*over)).rowcount


def failing(session: Session) -> tuple[int, int]:
    """How many schedules failed the last time, and how many of those are paused for it; of every workspace."""
    failed = (col(Schedule.failures) > 0, col(Schedule.deleted_at).is_(None))
    paused = (*failed, col(Schedule.paused_at).is_not(None), col(Schedule.paused_why) != "")
    counted = [session.exec(select(func.count()).select_from(Schedule).where(*each)).one() for each in (failed, paused)]
    return counted[0], counted[1]
