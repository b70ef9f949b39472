"""The tick: what is due begins, what has ended is settled. It only writes rows; supervisors do the work.

Any number of processes may tick at any time, as often as they like: a slot has one occurrence (a unique index), whoever ticks
decides while it holds the schedule, and an occurrence is written in one transaction with its export's job. A process that is
killed anywhere leaves either both or neither.
"""

from __future__ import annotations

import logging
from collections import Counter, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import takewhile

from sqlmodel import Session

from core.desk import Desk
from core.errors import NotAllowed
from core.scheduling import occurrences, telling
from core.scheduling.cadence import CADENCE, Slot, next_runs
from core.scheduling.occurrences import MAX_WAITING
from core.work.poke import poke
from storage import accounts, members
from storage import schedules as rows
from storage.tables import Occurrence, OccurrenceState, Role, Schedule, utc_now

MISSED_KEPT = 100  # missed slots of one schedule that are written down, the last ones; the others are only counted

log = logging.getLogger("desk.clock")


@dataclass
class Ticked:
    """What one tick did."""

    decided: list[Occurrence] = field(default_factory=list)  # runs that were due within their grace, as they were then
    missed: Counter[str] = field(default_factory=Counter)  # schedule id → how many runs
    moved: int = 0  # runs that took their next step


@dataclass(frozen=True)
class Due:
    """The slots of one schedule at one moment that have no occurrence yet."""

    within: tuple[Slot, ...]  # its grace
    late: tuple[Slot, ...]  # later than that: missed; the last MISSED_KEPT of them
    late_count: int


def tick(desk: Desk, now: datetime | None = None, *, only: str | None = None) -> Ticked:
    """Once round all schedules of every workspace as of `now` (absent: this moment); `only`: just this one (id).

    What goes wrong with one schedule is logged, tried again at the next tick, and keeps none of the others.
    """
    moment, done = now or utc_now(), Ticked()
    with desk.store.reading() as session:
        without_owner = rows.without_owner(session, only=only, active=True)
        going = rows.unfinished(session, only)
    for schedule in without_owner:
        _guarded(schedule.name, lambda schedule=schedule: _ask_for_heir(desk, schedule))  # type: ignore[misc]
    for one in going:
        if _guarded(one.schedule_id, lambda one=one: occurrences.go_on(desk, one)):  # type: ignore[misc]
            done.moved += 1
    with desk.store.reading() as session:
        due = rows.due(session, moment, only)
    for schedule in due:
        _guarded(schedule.name, lambda schedule=schedule: _begin(desk, schedule, moment, done))  # type: ignore[misc]
    if done.decided or done.moved:
        poke(desk)
    return done


def due_of(schedule: Schedule, now: datetime) -> Due:
    """Its slots up to `now` that are still to be decided."""
    cadence = CADENCE.validate_python(schedule.cadence)
    later = next_runs(cadence, schedule.zone, schedule.done_until, schedule.starts_at, schedule.ends_at)
    oldest = now - timedelta(minutes=schedule.grace_minutes)
    within: list[Slot] = []
    late: deque[Slot] = deque(maxlen=MISSED_KEPT)
    count = 0
    for slot in takewhile(lambda slot: slot.at <= now, later):
        if slot.at >= oldest:
            within.append(slot)
        else:
            late.append(slot)
            count += 1
    return Due(tuple(within), tuple(late), count)


def next_at(schedule: Schedule, after: datetime) -> datetime | None:
    """Its next run later than `after`, were it not paused; None: it is over."""
    cadence = CADENCE.validate_python(schedule.cadence)
    slot = next(next_runs(cadence, schedule.zone, after, schedule.starts_at, schedule.ends_at), None)
    return slot.at if slot else None


def _guarded(what: str, step: Callable[[], object]) -> object:
    try:
        return step()
    except Exception:  # one schedule must not stop the others; the next tick tries it again
        log.exception("the clock could not go on with the schedule %s", what)
        return None


def _begin(desk: Desk, schedule: Schedule, now: datetime, done: Ticked) -> None:
    """Give each due slot its occurrence, and begin the run that is to begin."""
    due = due_of(schedule, now)
    try:
        ready = {slot.key: occurrences.ready(desk, schedule, slot.at) for slot in _first(schedule, due.within)}
    except NotAllowed:
        return  # since a moment ago: the next tick asks somebody to take over
    with desk.store.writing() as session:
        held = rows.hold(session, schedule.id)
        if (
            held is None
            or held.next_at is None
            or (held.done_until, held.cadence) != (schedule.done_until, schedule.cadence)
        ):
            return  # another process was quicker, or somebody has just changed it
        known = rows.known(session, held.id, [slot.key for slot in (*due.late, *due.within)])
        missed = [slot for slot in due.late if slot.key not in known]
        for slot in missed:
            rows.note(session, held, slot.key, slot.at, OccurrenceState.MISSED, warning=_why_missed(held))
        held.done_until, held.next_at = now, next_at(held, now)
        session.add(held)
        decided = [_decide(session, ready.get(s.key), held, s) for s in due.within if s.key not in known]
        if missed:
            telling.missed(session, held, missed[-1].key, due.late_count)
    done.decided += decided
    if missed:
        done.missed[held.id] += due.late_count


def _first(schedule: Schedule, slots: Sequence[Slot]) -> Sequence[Slot]:
    """The one of several that are due at once that begins: the newest where others are skipped, the oldest where they wait."""
    return slots[:1] if schedule.overlap == "queue" else slots[-1:]


def _decide(session: Session, ready: occurrences.Ready | None, schedule: Schedule, slot: Slot) -> Occurrence:
    """One slot within its grace: it begins, waits for the run before it, or is skipped for its sake."""
    busy = rows.count(session, schedule.id, rows.UNFINISHED)
    if ready is not None and not busy and schedule.paused_at is None:
        occurrence = rows.note(session, schedule, slot.key, slot.at, OccurrenceState.STARTED)
        occurrences.set_off(session, ready, schedule, occurrence)
        return occurrence
    why = ""
    if schedule.paused_at is not None:  # the one before it in this very tick failed once too often
        why = "The schedule was paused before its turn came."
    elif schedule.overlap == "skip":
        why = "The run before it still went on." if busy else "A later run was due at the same time."
    elif rows.count(session, schedule.id, (OccurrenceState.WAITING,)) >= MAX_WAITING:
        why = f"{MAX_WAITING} runs were waiting already."
    state = OccurrenceState.SKIPPED if why else OccurrenceState.WAITING
    return rows.note(session, schedule, slot.key, slot.at, state, warning=why)


def _why_missed(schedule: Schedule) -> str:
    return f"The desk was off, or too busy, for more than {_minutes(schedule.grace_minutes)} after it was due."


def _minutes(n: int) -> str:
    if n % 1440 == 0 and n > 1440:
        return f"{n // 1440} days"
    return f"{n // 60} h" if n >= 120 and n % 60 == 0 else f"{n} min"


def _ask_for_heir(desk: Desk, schedule: Schedule) -> None:
    """Its owner can run nothing here any more: it is paused, and those who may take it over are asked to."""
    with desk.store.writing() as session:
        held = rows.hold(session, schedule.id)
        if held is None or not rows.without_owner(session, only=held.id, active=True):
            return  # another process has asked, or somebody took over
        owner = accounts.account(session, held.owner_id)
        member = members.get(session, held.workspace_id, held.owner_id)
        name = owner.name if owner else "Its owner"
        looks = member is not None and member.role == Role.VIEWER and owner is not None and not owner.disabled_at
        why = f"{name}, whose it is, {'may only look now' if looks else 'does not work here any more'}."
        rows.pause(session, held, why)
        telling.ask_for_heir(session, held, name)
