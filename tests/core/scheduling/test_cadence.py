"""Each slot exactly once: in every zone of the tz database, through ten years of clocks put forward and back."""

from __future__ import annotations

import calendar
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from itertools import islice, pairwise, takewhile
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from core.errors import BadSpec
from core.scheduling.cadence import (
    CADENCE,
    Cadence,
    Daily,
    DayOfMonth,
    EveryMinutes,
    Hourly,
    Monthly,
    Quarterly,
    Slot,
    WeekdayOfMonth,
    Weekdays,
    Weekly,
    next_runs,
    sentence,
)

START, YEARS = date(2026, 1, 1), 10
END = START.replace(year=START.year + YEARS)
DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
ZONES = sorted(available_timezones())
PEOPLES = (
    "Asia/Jakarta",
    "Europe/Paris",
    "America/New_York",
    "Australia/Lord_Howe",
    "Africa/Cairo",
    "America/Santiago",
)


def midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def between(cadence: Cadence, zone: str, after: datetime, end: datetime) -> list[Slot]:
    return [*next_runs(cadence, zone, after, end=end)]


def offset(zone: str, at: datetime) -> timedelta:
    return at.astimezone(ZoneInfo(zone)).utcoffset() or timedelta()


@cache
def transitions(zone: str) -> tuple[datetime, ...]:
    """The instants at which clocks there are put forward or back, to the minute."""
    found = []
    day, before = midnight(START), offset(zone, midnight(START))
    while day < midnight(END):
        following = day + 7 * DAY  # nowhere do they change twice within a week
        if (after := offset(zone, following)) != before:
            low, high = day, following
            while high - low > MINUTE:
                middle = low + (high - low) // 2
                low, high = (middle, high) if offset(zone, middle) == before else (low, middle)
            found.append(high.replace(second=0, microsecond=0))
        day, before = following, after
    return tuple(found)


@cache
def like_no_other() -> list[str]:
    """One zone of all those whose clocks agree for these ten years."""
    seen: dict[object, str] = {}
    for zone in ZONES:
        same = (offset(zone, midnight(START)), *((at, offset(zone, at)) for at in transitions(zone)))
        seen.setdefault(same, zone)
    return [*seen.values()]


def test_the_zones_are_all_there_and_many_put_their_clocks_forward():
    assert len(ZONES) > 590
    assert sum(bool(transitions(zone)) for zone in ZONES) > 100
    assert {offset(z, t) - offset(z, t - MINUTE) for z in ZONES for t in transitions(z)} >= {
        timedelta(hours=1),
        timedelta(hours=-1),
        timedelta(minutes=30),
        timedelta(minutes=-30),
    }


def test_daily_runs_once_on_each_local_day_of_ten_years_in_every_zone():
    days = [START + n * DAY for n in range((END - START).days)]
    for zone in like_no_other():
        expected = [f"{day}T02:30[{zone}]" for day in days]
        found = between(Daily(at=time(2, 30)), zone, midnight(START - DAY), midnight(END + DAY))
        assert [slot.key for slot in found if days[0] <= date.fromisoformat(slot.key[:10]) <= days[-1]] == expected, (
            zone
        )
        assert found == sorted(found), zone


def test_around_every_change_of_clocks_any_time_of_day_runs_once():
    for zone in like_no_other():
        place = ZoneInfo(zone)
        for moment in transitions(zone):
            wall = moment.astimezone(place)
            forward = offset(zone, moment) - offset(zone, moment - MINUTE)
            for minutes in (-90, -60, -30, -15, 0, 1, 15, 30, 59, 60, 90):
                asked = (wall.replace(tzinfo=None) + timedelta(minutes=minutes)).time()
                found = between(Daily(at=asked), zone, moment - 4 * DAY, moment + 4 * DAY)
                keys = [slot.key for slot in found]
                assert len(set(keys)) == len(keys)
                assert [date.fromisoformat(k[:10]) for k in keys] == [
                    date.fromisoformat(keys[0][:10]) + n * DAY for n in range(len(keys))
                ], (zone, moment, asked)
                for slot in found:
                    shown = slot.at.astimezone(place).replace(tzinfo=None)
                    wanted = datetime.fromisoformat(slot.key.partition("[")[0])
                    late = shown - wanted
                    assert late in (timedelta(), forward), (zone, slot)  # only what was skipped is shown later
                    skipped = wanted.replace(tzinfo=place)
                    exists = skipped.astimezone(UTC).astimezone(place).replace(tzinfo=None) == skipped.replace(
                        tzinfo=None
                    )
                    assert exists == (late == timedelta()), (zone, slot)


def test_a_time_that_comes_twice_runs_at_its_first_coming():
    at = between(Daily(at=time(1, 30)), "America/New_York", midnight(date(2026, 11, 1)), midnight(date(2026, 11, 2)))
    assert [slot.at.isoformat() for slot in at] == ["2026-11-01T05:30:00+00:00"]  # 01:30 EDT; 01:30 EST is 06:30


def test_a_time_that_is_skipped_runs_as_much_later_as_the_clock_is_put_forward():
    at = between(Daily(at=time(2, 30)), "Europe/Paris", midnight(date(2026, 3, 29)), midnight(date(2026, 3, 30)))
    assert [(slot.at.isoformat(), slot.key) for slot in at] == [
        ("2026-03-29T01:30:00+00:00", "2026-03-29T02:30[Europe/Paris]")
    ]


def test_daily_at_half_past_midnight_in_new_york_skips_no_day_in_spring():
    found = between(Daily(at=time(0, 30)), "America/New_York", midnight(date(2026, 3, 6)), midnight(date(2026, 3, 11)))
    assert [slot.key[8:10] for slot in found] == ["06", "07", "08", "09", "10"]


@pytest.mark.parametrize("minute", [0, 20, 45])
def test_hourly_runs_whenever_the_clock_shows_the_minute_around_every_change(minute: int):
    for zone in like_no_other():
        place = ZoneInfo(zone)
        for moment in transitions(zone)[:4] or (midnight(START),):
            first, last = moment - 5 * timedelta(hours=1), moment + 5 * timedelta(hours=1)
            every = [first + n * MINUTE for n in range(1, 601)]
            expected = [at for at in every if at.astimezone(place).minute == minute]
            assert [slot.at for slot in between(Hourly(minute=minute), zone, first, last)] == expected, (zone, moment)


def test_hourly_runs_in_both_hours_of_one_name():
    found = between(
        Hourly(), "Europe/Paris", datetime(2026, 10, 24, 23, 30, tzinfo=UTC), datetime(2026, 10, 25, 2, tzinfo=UTC)
    )
    assert [slot.key for slot in found] == ["2026-10-25T00:00Z", "2026-10-25T01:00Z", "2026-10-25T02:00Z"]


@given(minutes=st.integers(1, 1440), seconds=st.integers(0, 10**9))
def test_every_so_many_minutes_is_a_grid_that_does_not_depend_on_when_it_is_asked(minutes: int, seconds: int):
    after = datetime.fromtimestamp(seconds, UTC)
    found = [slot.at for slot in islice(next_runs(EveryMinutes(minutes=minutes), "UTC", after), 4)]
    assert after < found[0] <= after + timedelta(minutes=minutes)
    assert {b - a for a, b in pairwise(found)} == {timedelta(minutes=minutes)}
    assert found[0].timestamp() % (60 * minutes) == 0


CADENCES = st.one_of(
    st.builds(EveryMinutes, minutes=st.integers(1, 1440)),
    st.builds(Hourly, minute=st.integers(0, 59)),
    st.builds(Daily, at=st.times().map(lambda t: t.replace(second=0, microsecond=0))),
    st.builds(Weekdays),
    st.builds(Weekly, on=st.lists(st.integers(0, 6), min_size=1).map(tuple)),
    st.builds(Monthly, on=st.builds(DayOfMonth, day=st.integers(1, 31) | st.just(-1))),
    st.builds(Monthly, on=st.builds(WeekdayOfMonth, nth=st.sampled_from([1, 2, 3, 4, -1]), weekday=st.integers(0, 6))),
    st.builds(Quarterly, month=st.integers(1, 3), on=st.builds(DayOfMonth, day=st.just(-1))),
)
INSTANTS = st.datetimes(datetime(2026, 1, 1), datetime(2036, 1, 1), timezones=st.just(UTC))


@given(cadence=CADENCES, zone=st.sampled_from(ZONES), after=INSTANTS, pause=st.timedeltas(timedelta(), 40 * DAY))
def test_asking_again_from_any_moment_goes_on_with_the_same_slots(
    cadence: Cadence, zone: str, after: datetime, pause: timedelta
):
    found = [*islice(next_runs(cadence, zone, after), 12)]
    assert all(slot.at > after for slot in found)
    assert found == sorted(found)
    later = [*islice(next_runs(cadence, zone, after + pause), 12)]
    assert [s for s in found if s.at > after + pause] == later[: sum(s.at > after + pause for s in found)]
    assert [*next_runs(cadence, zone, found[5].at, end=found[-1].at)] == found[6:]


@given(cadence=CADENCES)
def test_a_cadence_kept_as_json_is_the_same_again(cadence: Cadence):
    assert CADENCE.validate_json(CADENCE.dump_json(cadence)) == cadence


def keys(cadence: Cadence, first: date, last: date, zone: str = "Asia/Jakarta") -> list[str]:
    found = takewhile(lambda slot: slot.key[:10] <= str(last), next_runs(cadence, zone, midnight(first - DAY)))
    return [slot.key[:10] for slot in found if slot.key[:10] >= str(first)]


@pytest.mark.parametrize("day", [1, 15, 28, 29, 30, 31, -1])
def test_monthly_runs_once_a_month_through_leap_years_and_short_months(day: int):
    months = [(START.year + n // 12, n % 12 + 1) for n in range(12 * YEARS)]
    lengths = [calendar.monthrange(*month)[1] for month in months]
    expected = [
        f"{y}-{m:02d}-{length if day == -1 else min(day, length):02d}"
        for (y, m), length in zip(months, lengths, strict=True)
    ]
    for zone in PEOPLES:
        assert keys(Monthly(on=DayOfMonth(day=day)), START, END - DAY, zone) == expected


@pytest.mark.parametrize("nth", [1, 2, 3, 4, -1])
@pytest.mark.parametrize("weekday", range(7))
def test_monthly_finds_the_nth_weekday(nth: int, weekday: int):
    expected = []
    for year in range(2026, 2036):
        for month in range(1, 13):
            of_month = [w[weekday] for w in calendar.monthcalendar(year, month) if w[weekday]]
            expected.append(f"{year}-{month:02d}-{of_month[nth - 1 if nth > 0 else -1]:02d}")
    assert keys(Monthly(on=WeekdayOfMonth(nth=nth, weekday=weekday)), START, END - DAY) == expected


def test_quarterly_runs_in_one_month_of_each_quarter():
    assert keys(Quarterly(month=3, on=DayOfMonth(day=-1)), START, date(2027, 3, 31)) == [
        "2026-03-31",
        "2026-06-30",
        "2026-09-30",
        "2026-12-31",
        "2027-03-31",
    ]


def test_weekdays_and_chosen_days_of_the_week():
    assert keys(Weekdays(), date(2026, 11, 20), date(2026, 11, 24)) == ["2026-11-20", "2026-11-23", "2026-11-24"]
    assert keys(Weekly(on=(6, 2, 2)), date(2026, 11, 20), date(2026, 11, 29)) == [
        "2026-11-22",
        "2026-11-25",
        "2026-11-29",
    ]


def test_a_start_and_an_end_hold_the_runs_between_them():
    start, end = datetime(2026, 5, 3, 1, tzinfo=UTC), datetime(2026, 5, 5, 1, tzinfo=UTC)
    found = [*next_runs(Daily(at=time(8)), "Asia/Jakarta", midnight(START), start, end)]
    assert [slot.at for slot in found] == [start, start + DAY, end]


def test_the_next_five_are_shown_on_the_clock_of_the_place():
    found = islice(next_runs(Daily(at=time(8)), "Europe/Paris", datetime(2026, 3, 27, 12, tzinfo=UTC)), 5)
    assert [f"{slot.at.astimezone(ZoneInfo('Europe/Paris')):%d %H:%M %z}" for slot in found] == [
        "28 08:00 +0100",
        "29 08:00 +0200",
        "30 08:00 +0200",
        "31 08:00 +0200",
        "01 08:00 +0200",
    ]


@pytest.mark.parametrize(
    ("cadence", "said"),
    [
        (EveryMinutes(minutes=1), "Every minute"),
        (EveryMinutes(minutes=15), "Every 15 minutes"),
        (Hourly(), "Every hour (Asia/Jakarta)"),
        (Hourly(minute=5), "Every hour at :05 (Asia/Jakarta)"),
        (Daily(), "Every day at 08:00 (Asia/Jakarta)"),
        (Weekdays(at=time(17, 5)), "Every weekday at 17:05 (Asia/Jakarta)"),
        (Weekly(on=(0,)), "Every Monday at 08:00 (Asia/Jakarta)"),
        (Weekly(on=(4, 0, 2)), "Every Monday, Wednesday and Friday at 08:00 (Asia/Jakarta)"),
        (Monthly(), "On the 1st of every month at 08:00 (Asia/Jakarta)"),
        (
            Monthly(on=DayOfMonth(day=31)),
            "On the 31st of every month, or its last day where it is shorter, at 08:00 (Asia/Jakarta)",
        ),
        (Monthly(on=DayOfMonth(day=-1)), "On the last day of every month at 08:00 (Asia/Jakarta)"),
        (
            Monthly(on=WeekdayOfMonth(nth=1, weekday=0)),
            "On the first Monday of every month at 08:00 (Asia/Jakarta)",
        ),
        (
            Quarterly(month=2, on=DayOfMonth(day=12)),
            "On the 12th of the second month of every quarter at 08:00 (Asia/Jakarta)",
        ),
    ],
)
def test_a_cadence_is_said_as_a_sentence(cadence: Cadence, said: str):
    assert sentence(cadence, "Asia/Jakarta") == said


@pytest.mark.parametrize(
    "wrong",
    [
        {"every": "minutes", "minutes": 0},
        {"every": "hour", "minute": 60},
        {"every": "day", "at": "08:00:30"},
        {"every": "day", "at": "08:00+07:00"},
        {"every": "week", "on": []},
        {"every": "week", "on": [7]},
        {"every": "month", "on": {"day": 0}},
        {"every": "month", "on": {"nth": 5, "weekday": 0}},
        {"every": "quarter", "month": 4},
        {"every": "fortnight"},
        {"every": "day", "when": "08:00"},
    ],
)
def test_what_no_clock_shows_is_refused(wrong: dict[str, object]):
    with pytest.raises(ValidationError):
        CADENCE.validate_python(wrong)


def test_an_unknown_zone_is_refused_with_a_sentence():
    with pytest.raises(BadSpec, match="not a time zone"):
        next(next_runs(Daily(), "Mars/Olympus", midnight(START)))
