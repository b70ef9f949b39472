"""Days and moments: relative words ("last month"), the spans they mean, and how a span is printed.

A span of days is a pair (first day, last day), both included. In a column of instants a day is that day in the zone of the
workspace, which may last 23 or 25 hours; `day_start` says when it begins.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from core.errors import BadSpec

Days = tuple[date, date]
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
MAX_DAYS = 36_500  # "in the last N days": a century


def month_of(day: date, offset: int = 0) -> Days:
    """The month that holds `day`, or the one `offset` months away."""
    months = day.year * 12 + day.month - 1 + offset
    first = date(months // 12, months % 12 + 1, 1)
    following = date((months + 1) // 12, (months + 1) % 12 + 1, 1)
    return first, following - timedelta(days=1)


def quarter_of(day: date, offset: int = 0) -> Days:
    first = month_of(day, offset * 3 - (day.month - 1) % 3)[0]
    return first, month_of(first, 2)[1]


def week_of(day: date, offset: int = 0) -> Days:
    """The week that holds `day`; weeks begin on Monday (ISO 8601)."""
    monday = day - timedelta(days=day.weekday()) + timedelta(weeks=offset)
    return monday, monday + timedelta(days=6)


def year_of(day: date, offset: int = 0) -> Days:
    return date(day.year + offset, 1, 1), date(day.year + offset, 12, 31)


def last_days(day: date, count: int) -> Days:
    """The last `count` days, today being the last of them."""
    return day - timedelta(days=count - 1), day


def next_days(day: date, count: int) -> Days:
    """The next `count` days, today being the first of them."""
    return day, day + timedelta(days=count - 1)


@dataclass(frozen=True)
class Relative:
    """A word for a span of days that moves with the calendar."""

    key: str
    label: str  # as it stands in a menu: "Last month"
    days: Callable[[date], Days]

    @property
    def words(self) -> str:
        """As it stands in a sentence: "last month", "the last 30 days"."""
        lower = self.label.lower()
        return f"the {lower}" if lower.endswith("days") else lower


RELATIVE: dict[str, Relative] = {
    word.key: word
    for word in (
        Relative("today", "Today", lambda d: (d, d)),
        Relative("yesterday", "Yesterday", lambda d: (d - timedelta(days=1), d - timedelta(days=1))),
        Relative("tomorrow", "Tomorrow", lambda d: (d + timedelta(days=1), d + timedelta(days=1))),
        Relative("last_7_days", "Last 7 days", lambda d: last_days(d, 7)),
        Relative("last_30_days", "Last 30 days", lambda d: last_days(d, 30)),
        Relative("last_90_days", "Last 90 days", lambda d: last_days(d, 90)),
        Relative("last_365_days", "Last 365 days", lambda d: last_days(d, 365)),
        Relative("next_7_days", "Next 7 days", lambda d: next_days(d, 7)),
        Relative("next_30_days", "Next 30 days", lambda d: next_days(d, 30)),
        Relative("this_week", "This week", week_of),
        Relative("last_week", "Last week", lambda d: week_of(d, -1)),
        Relative("next_week", "Next week", lambda d: week_of(d, 1)),
        Relative("this_month", "This month", month_of),
        Relative("last_month", "Last month", lambda d: month_of(d, -1)),
        Relative("next_month", "Next month", lambda d: month_of(d, 1)),
        Relative("this_quarter", "This quarter", quarter_of),
        Relative("last_quarter", "Last quarter", lambda d: quarter_of(d, -1)),
        Relative("this_year", "This year", year_of),
        Relative("last_year", "Last year", lambda d: year_of(d, -1)),
        Relative("year_to_date", "This year so far", lambda d: (date(d.year, 1, 1), d)),
    )
}


@lru_cache(maxsize=64)
def zone_of(name: str) -> ZoneInfo:
    """The IANA zone of that name. Raises BadSpec for one that is not known."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as trouble:
        raise BadSpec(
            f"“{name}” is not a time zone.", "Use an IANA name such as Asia/Jakarta or Europe/Paris.", field="zone"
        ) from trouble


def today_in(now: datetime, zone: str) -> date:
    """The day it is in `zone` at the moment `now` (aware)."""
    return now.astimezone(zone_of(zone)).date()


def resolve_relative(word: str, now: datetime, zone: str) -> Days:
    """The first and last day `word` means at `now` in `zone`. Raises BadSpec for an unknown word, naming the known ones."""
    relative = RELATIVE.get(word)
    if relative is None:
        known = ", ".join(RELATIVE)
        raise BadSpec(f"“{word}” is not a time range.", f"Known ones: {known}.", field="relative")
    return relative.days(today_in(now, zone))


def resolve_count(kind: str, count: int, now: datetime, zone: str) -> Days:
    """The last or next `count` days at `now` in `zone`."""
    return (last_days if kind == "last" else next_days)(today_in(now, zone), count)


def day_start(day: date, zone: str) -> datetime:
    """The instant `day` begins in `zone`: midnight, or where clocks skip midnight the first moment after it."""
    return datetime.combine(day, time(), zone_of(zone)).astimezone(UTC)


def parse_moment(value: Any) -> date | datetime:
    """A day or a moment from what JSON or a widget gives: `2026-10-01`, `2026-10-01T08:30`, with or without an offset.

    Raises ValueError.
    """
    if isinstance(value, (datetime, date)):
        return value
    text = str(value).strip()
    if len(text) == 10:
        return date.fromisoformat(text)
    moment = datetime.fromisoformat(text)
    return moment.date() if len(text) == 8 else moment


def day_words(day: date) -> str:
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def moment_words(value: date | datetime) -> str:
    """ "1 Oct 2026" or "1 Oct 2026 08:30"."""
    if not isinstance(value, datetime):
        return day_words(value)
    clock = value.strftime("%H:%M:%S" if value.second else "%H:%M")
    return f"{day_words(value.date())} {clock}"


def span_words(first: date, last: date) -> str:
    """The days of a span: "1-31 Oct 2026", "28 Sep - 4 Oct 2026", "28 Dec 2025 - 3 Jan 2026", "31 Oct 2026"."""
    if first == last:
        return day_words(first)
    if first.year != last.year:
        return f"{day_words(first)} - {day_words(last)}"
    if first.month != last.month:
        return f"{first.day} {MONTHS[first.month - 1]} - {day_words(last)}"
    return f"{first.day}-{day_words(last)}"
