"""Insights: what was exported, when, by whom and how well, of what whoever asks may see."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Literal, get_args
from zoneinfo import ZoneInfo

from core.access import members, roles
from core.desk import Desk
from core.errors import BadInput
from storage import stats as rows
from storage.stats import SLOT_SECONDS, Figures
from storage.tables import Job, utc_now

__all__ = ["Figures", "Insights", "Job", "Period"]

Period = Literal["7_days", "30_days", "90_days", "12_months", "all"]
PERIODS = get_args(Period)
DAYS = {"7_days": 7, "30_days": 30, "90_days": 90}
SLOWEST = 10
MOST_USED = 10
BY_MONTH_FROM = 120  # days: a longer time is told by the month
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # OWASP, CSV injection: a name that begins so is no formula


@dataclass(frozen=True)
class Slow:
    """An export that took long. `seconds`: of its last attempt."""

    id: str
    name: str
    format: str
    rows: int
    seconds: float


@dataclass(frozen=True)
class Insights:
    """All figures of a period. Days and months are those of the workspace's time zone, without gaps."""

    period: Period
    since: date | None  # None: from the beginning
    total: Figures
    by: Literal["day", "month"]  # what `over_time` counts by
    over_time: Sequence[tuple[date, Figures]]  # the first day of each
    formats: Sequence[tuple[str, Figures]]  # most exports first, as the two below
    people: Sequence[tuple[str, Figures]]  # by name
    templates: Sequence[tuple[str, Figures]]
    slowest: Sequence[Slow]

    @property
    def success(self) -> float | None:
        """The share of those that ended by themselves, 0 to 1; None where none did."""
        ended = self.total.succeeded + self.total.failed
        return self.total.succeeded / ended if ended else None


def insights(desk: Desk, period: str = "30_days", *, now: datetime | None = None) -> Insights:
    """The figures of a period that ends now. Raises Forbidden, and BadInput for a period there is none."""
    roles.require(desk, "insights.see")
    chosen = _period(period)
    zone = ZoneInfo(desk.workspace().zone)
    today = (now or utc_now()).astimezone(zone).date()
    first = _first(chosen, today)
    since = datetime(first.year, first.month, first.day, tzinfo=zone).astimezone(UTC) if first else None
    names = members.names(desk)
    with desk.store.reading() as session:
        slots = rows.by_slot(session, desk.scope, since)
        formats = rows.by_format(session, desk.scope, since)
        owners = rows.by_owner(session, desk.scope, since)
        templates = rows.by_template(session, desk.scope, since)
        known = rows.template_names(session, desk.scope)
        slow = rows.slowest(session, desk.scope, since, SLOWEST)
    days = _days(slots, zone)
    begun = first or min(days, default=today)
    by: Literal["day", "month"] = "month" if (today - begun).days > BY_MONTH_FROM else "day"
    used = [(known[id], figures) for id, figures in templates if id in known]
    return Insights(
        period=chosen,
        since=first,
        total=sum(days.values(), Figures()),
        by=by,
        over_time=_by_month(days, begun, today) if by == "month" else _by_day(days, begun, today),
        formats=_most(formats),
        people=_most([(names.get(id, "Somebody who left"), figures) for id, figures in owners]),
        templates=_most(used)[:MOST_USED],
        slowest=[Slow(job.id, job.name, job.format or "", job.rows or 0, took) for job, took in slow],
    )


def as_csv(found: Insights) -> str:
    """All of it as one table (RFC 4180): what it is about, which, and the figures."""
    out = io.StringIO()
    write = csv.writer(out, lineterminator="\r\n").writerow
    write(["about", "which", "exports", "succeeded", "failed", "rows", "bytes", "seconds"])
    write(["total", found.period, *_figures(found.total), ""])
    parts: Mapping[str, Sequence[tuple[Any, Figures]]] = {
        found.by: [(day.isoformat(), figures) for day, figures in found.over_time],
        "format": found.formats,
        "person": found.people,
        "template": found.templates,
    }
    for about, some in parts.items():
        for which, figures in some:
            write([about, _guarded(str(which)), *_figures(figures), ""])
    for one in found.slowest:
        write(["slowest", _guarded(one.name), "", "", "", one.rows, "", f"{one.seconds:.1f}"])
    return out.getvalue()


def _period(text: str) -> Period:
    if text not in PERIODS:
        raise BadInput(f"There is no period “{text}”.", f"Known ones: {', '.join(PERIODS)}.", field="period")
    return text  # type: ignore[return-value]


def _first(period: Period, today: date) -> date | None:
    """The first day that counts."""
    if period == "all":
        return None
    if period == "12_months":
        month = today.year * 12 + today.month - 1 - 11
        return date(month // 12, month % 12 + 1, 1)
    return today - timedelta(days=DAYS[period] - 1)


def _days(slots: Sequence[tuple[int, Figures]], zone: ZoneInfo) -> dict[date, Figures]:
    found: dict[date, Figures] = {}
    for slot, figures in slots:
        day = datetime.fromtimestamp(slot * SLOT_SECONDS, zone).date()
        found[day] = found.get(day, Figures()) + figures
    return found


def _by_day(days: Mapping[date, Figures], first: date, today: date) -> Sequence[tuple[date, Figures]]:
    every = (first + timedelta(days=n) for n in range((today - first).days + 1))
    return [(day, days.get(day, Figures())) for day in every]


def _by_month(days: Mapping[date, Figures], first: date, today: date) -> Sequence[tuple[date, Figures]]:
    begin, end = first.year * 12 + first.month - 1, today.year * 12 + today.month - 1
    months = {date(n // 12, n % 12 + 1, 1): Figures() for n in range(begin, end + 1)}
    for day, figures in days.items():
        if (month := day.replace(day=1)) in months:
            months[month] += figures
    return [*months.items()]


def _most(found: Sequence[tuple[str, Figures]]) -> Sequence[tuple[str, Figures]]:
    return sorted(found, key=lambda one: (-one[1].exports, one[0]))


def _figures(figures: Figures) -> list[int]:
    return [figures.exports, figures.succeeded, figures.failed, figures.rows, figures.bytes]


def _guarded(text: str) -> str:
    return f"'{text}" if text.startswith(FORMULA) else text
