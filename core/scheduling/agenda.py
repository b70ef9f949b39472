"""What schedules will do: the next runs, a month of them beside what has run, and what a run on some day would make."""

from __future__ import annotations

import calendar
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import islice, takewhile

from core import previews
from core.access import roles
from core.desk import Desk
from core.engine.moments import day_start, today_in, zone_of
from core.errors import BadInput
from core.scheduling import occurrences, schedules
from core.scheduling.cadence import CADENCE, Slot, next_runs
from storage import schedules as rows_of
from storage.scope import EVERYTHING, Within
from storage.tables import Schedule, utc_now

NEXT = 5  # runs that are shown ahead
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Coming:
    """One run that is to be."""

    at: datetime
    schedule: Schedule


@dataclass
class OnDay:
    """What one schedule did on a day, and is still to do."""

    schedule: Schedule
    first: datetime | None = None  # its first run of that day, done or to be
    done: Counter[str] = field(default_factory=Counter)  # OccurrenceState → runs
    coming: int = 0


@dataclass(frozen=True)
class DryRun:
    """What a run would make, on the data and the template as they are now; nothing was written."""

    at: datetime  # the moment relative ranges count from
    due: bool  # whether the schedule runs on that day
    sentence: str
    file_name: str
    rows: int
    source_rows: int


def next_five(plan: schedules.Plan, zone: str) -> list[datetime]:
    """The next runs of what somebody is just choosing, on the clock there. Raises BadSpec for an unknown zone."""
    found = next_runs(plan.cadence, zone, utc_now(), plan.starts_at, plan.ends_at)
    return [slot.at.astimezone(zone_of(zone)) for slot in islice(found, NEXT)]


def next_of(schedule: Schedule, limit: int = NEXT) -> list[datetime]:
    """The next runs of a schedule, on the clock there; none of one that is paused or over."""
    place = zone_of(schedule.zone)
    return [slot.at.astimezone(place) for slot in islice(_ahead(schedule, utc_now()), limit)]


def upcoming(desk: Desk, limit: int = NEXT) -> Sequence[Coming]:
    """The next runs of all schedules that whoever acts sees, in order. Raises Forbidden."""
    roles.require(desk, "schedules.see")
    with desk.store.reading() as session:
        there = rows_of.list(session, desk.scope)
    runs = (((slot.at, one.id), one) for one in there for slot in islice(_ahead(one, utc_now()), limit))
    return [Coming(at, one) for (at, _), one in islice(sorted(runs, key=lambda run: run[0]), limit)]


def month(desk: Desk, year: int, number: int, zone: str, *, within: Within = EVERYTHING) -> dict[date, Sequence[OnDay]]:
    """Every day of a month (1 to 12) as the clocks in `zone` count it, with what has run and what will; in order of time.

    Raises Forbidden, BadInput for a month there is none of.
    """
    roles.require(desk, "schedules.see")
    if not (1 <= number <= 12 and 1970 <= year <= 9998):
        raise BadInput(f"There is no month {number} of {year}.", "Months go from 1 to 12.", field="month")
    days = [date(year, number, n + 1) for n in range(calendar.monthrange(year, number)[1])]
    first, until = day_start(days[0], zone), day_start(days[-1] + DAY, zone)
    found: dict[date, dict[str, OnDay]] = {day: {} for day in days}
    place = zone_of(zone)

    def on(at: datetime, schedule: Schedule) -> OnDay:
        there = found[at.astimezone(place).date()].setdefault(schedule.id, OnDay(schedule))
        there.first = min(there.first or at, at)
        return there

    with desk.store.reading() as session:
        by_id = {one.id: one for one in rows_of.list(session, desk.scope, within=within)}
        for run in rows_of.between(session, desk.scope, first, until, within=within):
            on(run.at, by_id[run.schedule_id]).done[run.state] += 1
    for schedule in by_id.values():
        for slot in takewhile(lambda slot: slot.at < until, _ahead(schedule, first - timedelta(microseconds=1))):
            on(slot.at, schedule).coming += 1
    return {day: sorted(there.values(), key=lambda one: str(one.first)) for day, there in found.items()}


def dry_run(desk: Desk, schedule_id: str, day: date | None = None) -> DryRun:
    """What its first run on that day (in its own zone; absent: today) would make; on a day without one, at the hour it runs at.

    Raises NotFound, BadSpec and whatever else would keep it from running.
    """
    schedule = schedules.get(desk, schedule_id)
    day = day or today_in(utc_now(), schedule.zone)
    slot = _first_on(schedule, day)
    at = slot.at if slot else _usual_hour(schedule, day)
    spec = occurrences.spec_of(desk, schedule)
    counts = [previews.counts(desk, spec, number, now=at) for number in range(len(spec.sources))]
    rows = sum(one.rows for one in counts)
    return DryRun(
        at=at,
        due=slot is not None,
        sentence=previews.sentence(desk, spec, now=at),
        file_name=previews.file_name(desk, spec, rows, now=at),
        rows=rows,
        source_rows=sum(one.source_rows for one in counts),
    )


def _ahead(schedule: Schedule, after: datetime) -> Iterator[Slot]:
    """The slots that will begin, later than `after`: none of one that is paused."""
    if schedule.next_at is None:
        return iter(())
    cadence = CADENCE.validate_python(schedule.cadence)
    since = max(after, schedule.done_until)
    return next_runs(cadence, schedule.zone, since, schedule.starts_at, schedule.ends_at)


def _first_on(schedule: Schedule, day: date) -> Slot | None:
    cadence = CADENCE.validate_python(schedule.cadence)
    begin, end = day_start(day, schedule.zone), day_start(day + DAY, schedule.zone)
    before = begin - timedelta(microseconds=1)
    slot = next(next_runs(cadence, schedule.zone, before, schedule.starts_at, schedule.ends_at), None)
    return slot if slot and slot.at < end else None


def _usual_hour(schedule: Schedule, day: date) -> datetime:
    at = time.fromisoformat(str(schedule.cadence.get("at", "00:00")))
    return datetime.combine(day, at, zone_of(schedule.zone))
