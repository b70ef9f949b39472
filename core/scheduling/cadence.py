"""When a schedule runs: the kinds of cadence, their slots in any zone, and what they are called.

A slot is what makes two runs the same run. For daily and rarer cadences it is the local wall time that was asked for and where,
so that an hour that comes twice in autumn runs once and one that is skipped in spring runs all the same, as much later as the
clock was put forward; and that 08:00 runs in another zone on a day on which it has run in the zone before. For hourly and finer
ones it is the instant, so that no hour of the day is left out or done twice.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, field_validator

from core.engine.moments import month_of, quarter_of, zone_of

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
ORDINALS = {1: "first", 2: "second", 3: "third", 4: "fourth", -1: "last"}
MONTHS_OF_QUARTER = {1: "first", 2: "second", 3: "third"}
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
MINUTES_OF_DAY = 24 * 60


@dataclass(frozen=True, order=True)
class Slot:
    """One run that is due. `key` is the same in every process that works it out."""

    at: datetime  # aware, UTC
    key: str  # "2026-03-29T02:30[Europe/Paris]" (wall time there) or "2026-03-29T02:30Z" (an instant)


class _Cadence(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    @abstractmethod
    def slots(self, zone: str, after: datetime) -> Iterator[Slot]:
        """The slots later than the instant `after`, without end, in order."""

    @abstractmethod
    def sentence(self) -> str:
        """The cadence in words, without its zone: "Every Monday at 08:00"."""


class EveryMinutes(_Cadence):
    """Every so many minutes, counted from midnight UTC where they divide a day, else from 1 January 1970."""

    every: Literal["minutes"] = "minutes"
    minutes: int = Field(ge=1, le=MINUTES_OF_DAY)

    def slots(self, zone: str, after: datetime) -> Iterator[Slot]:
        step = timedelta(minutes=self.minutes)
        n = (after - EPOCH) // step + 1
        while True:
            yield _instant(EPOCH + n * step)
            n += 1

    def sentence(self) -> str:
        return "Every minute" if self.minutes == 1 else f"Every {self.minutes} minutes"


class Hourly(_Cadence):
    """Once in every hour, when the clock on the wall shows this minute."""

    every: Literal["hour"] = "hour"
    minute: int = Field(default=0, ge=0, le=59)

    def slots(self, zone: str, after: datetime) -> Iterator[Slot]:
        hour = after.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
        while True:
            yield from (_instant(at) for at in self._within(hour, zone) if at > after)
            hour += HOUR

    def _within(self, hour: datetime, zone: str) -> list[datetime]:
        """The instants of one hour of UTC at which clocks there show the minute; two where they are put back half an hour."""
        place = zone_of(zone)
        found = set()
        for moment in (hour, hour + HOUR - timedelta(microseconds=1)):  # an hour has two offsets at most
            offset = moment.astimezone(place).utcoffset() or timedelta()
            at = hour + (timedelta(minutes=self.minute) - offset) % HOUR
            if at.astimezone(place).minute == self.minute:
                found.add(at)
        return sorted(found)

    def sentence(self) -> str:
        return "Every hour" if self.minute == 0 else f"Every hour at :{self.minute:02d}"


class _OnDays(_Cadence):
    """At a time of the clock on days of the calendar there."""

    at: time = time(8)

    @field_validator("at")
    @classmethod
    def _of_the_wall(cls, at: time) -> time:
        if at.tzinfo or at.second or at.microsecond:
            raise ValueError("a time of day has hours and minutes, and the schedule its own zone")
        return at

    @abstractmethod
    def days(self, first: date) -> Iterator[date]:
        """The days from `first` on, in order, without end."""

    def slots(self, zone: str, after: datetime) -> Iterator[Slot]:
        place = zone_of(zone)
        for day in self.days(after.astimezone(place).date() - DAY):  # a time skipped at midnight lands on the day after
            wall = datetime.combine(day, self.at)
            # fold 0: the first of two; of a time that is skipped, as much later as the clock is put forward (PEP 495)
            at = wall.replace(tzinfo=place, fold=0).astimezone(UTC)
            if at > after:
                yield Slot(at, f"{wall.isoformat(timespec='minutes')}[{zone}]")

    @property
    def _o_clock(self) -> str:
        return f"at {self.at:%H:%M}"


class Daily(_OnDays):
    every: Literal["day"] = "day"

    def days(self, first: date) -> Iterator[date]:
        while True:
            yield first
            first += DAY

    def sentence(self) -> str:
        return f"Every day {self._o_clock}"


class Weekdays(_OnDays):
    """Monday to Friday."""

    every: Literal["weekday"] = "weekday"

    def days(self, first: date) -> Iterator[date]:
        return (day for day in Daily().days(first) if day.weekday() < 5)

    def sentence(self) -> str:
        return f"Every weekday {self._o_clock}"


class Weekly(_OnDays):
    """On chosen days of the week, 0 being Monday (ISO 8601 less one, as `date.weekday`)."""

    every: Literal["week"] = "week"
    on: tuple[Annotated[int, Field(ge=0, le=6)], ...] = Field(min_length=1)

    @field_validator("on")
    @classmethod
    def _each_once(cls, on: tuple[int, ...]) -> tuple[int, ...]:
        return tuple(sorted(set(on)))

    def days(self, first: date) -> Iterator[date]:
        return (day for day in Daily().days(first) if day.weekday() in self.on)

    def sentence(self) -> str:
        return f"Every {_listed([WEEKDAYS[n] for n in self.on])} {self._o_clock}"


class DayOfMonth(BaseModel):
    """The 1st to 31st (in a shorter month its last day), or -1: the last day."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    day: int = Field(ge=-1, le=31)

    @field_validator("day")
    @classmethod
    def _is_a_day(cls, day: int) -> int:
        if day == 0:
            raise ValueError("a month has no day 0; -1 is its last day")
        return day

    def within(self, first: date, last: date) -> date:
        return last if self.day == -1 else min(last, first + (self.day - 1) * DAY)

    def words(self, month: str) -> str:
        if self.day == -1:
            return f"On the last day of {month}"
        shorter = ", or its last day where it is shorter," if self.day > 28 else ""
        return f"On the {_nth(self.day)} of {month}{shorter}"


class WeekdayOfMonth(BaseModel):
    """The first to fourth, or the last (-1), of one weekday in a month."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    nth: Literal[1, 2, 3, 4, -1]
    weekday: int = Field(ge=0, le=6)

    def within(self, first: date, last: date) -> date:
        if self.nth == -1:
            return last - (last.weekday() - self.weekday) % 7 * DAY
        return first + ((self.weekday - first.weekday()) % 7 + 7 * (self.nth - 1)) * DAY

    def words(self, month: str) -> str:
        return f"On the {ORDINALS[self.nth]} {WEEKDAYS[self.weekday]} of {month}"


class Monthly(_OnDays):
    every: Literal["month"] = "month"
    on: DayOfMonth | WeekdayOfMonth = DayOfMonth(day=1)

    def days(self, first: date) -> Iterator[date]:
        month, last = month_of(first)
        while True:
            if (day := self.on.within(month, last)) >= first:
                yield day
            month, last = month_of(month, 1)

    def sentence(self) -> str:
        return f"{self.on.words('every month')} {self._o_clock}"


class Quarterly(_OnDays):
    """In one month of every quarter."""

    every: Literal["quarter"] = "quarter"
    month: Literal[1, 2, 3] = 1
    on: DayOfMonth | WeekdayOfMonth = DayOfMonth(day=1)

    def days(self, first: date) -> Iterator[date]:
        month, last = month_of(quarter_of(first)[0], self.month - 1)
        while True:
            if (day := self.on.within(month, last)) >= first:
                yield day
            month, last = month_of(month, 3)

    def sentence(self) -> str:
        return f"{self.on.words(f'the {MONTHS_OF_QUARTER[self.month]} month of every quarter')} {self._o_clock}"


Cadence = Annotated[
    EveryMinutes | Hourly | Daily | Weekdays | Weekly | Monthly | Quarterly, Field(discriminator="every")
]
CADENCE: TypeAdapter[Cadence] = TypeAdapter(Cadence)


def next_runs(
    cadence: Cadence, zone: str, after: datetime, start: datetime | None = None, end: datetime | None = None
) -> Iterator[Slot]:
    """The slots later than the instant `after`, not before `start` and not after `end` (all aware), in order.

    Without `end` there is no end: take as many as are wanted. Raises BadSpec for a zone that is not known.
    """
    if start is not None:
        after = max(after, start - timedelta(microseconds=1))
    for slot in cadence.slots(zone, after):
        if end is not None and slot.at > end:
            return
        yield slot


def sentence(cadence: Cadence, zone: str) -> str:
    """ "Every Monday at 08:00 (Asia/Jakarta)"; without the zone where it makes no difference."""
    return cadence.sentence() if isinstance(cadence, EveryMinutes) else f"{cadence.sentence()} ({zone})"


def _instant(at: datetime) -> Slot:
    return Slot(at, f"{at:%Y-%m-%dT%H:%M}Z")


def _nth(n: int) -> str:
    suffix = "th" if 10 <= n % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(n % 10, "th")
    return f"{n}{suffix}"


def _listed(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
