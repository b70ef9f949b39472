"""Relative words, the spans they mean, and how spans are printed."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.engine.moments import RELATIVE, day_start, parse_moment, resolve_relative, span_words
from core.errors import BadSpec
from tests.core.engine.making import NOW


@pytest.mark.parametrize(
    ("word", "first", "last"),
    [
        ("today", "2026-11-15", "2026-11-15"),
        ("yesterday", "2026-11-14", "2026-11-14"),
        ("last_7_days", "2026-11-09", "2026-11-15"),
        ("last_30_days", "2026-10-17", "2026-11-15"),
        ("this_week", "2026-11-09", "2026-11-15"),
        ("last_week", "2026-11-02", "2026-11-08"),
        ("this_month", "2026-11-01", "2026-11-30"),
        ("last_month", "2026-10-01", "2026-10-31"),
        ("this_quarter", "2026-10-01", "2026-12-31"),
        ("last_quarter", "2026-07-01", "2026-09-30"),
        ("this_year", "2026-01-01", "2026-12-31"),
        ("last_year", "2025-01-01", "2025-12-31"),
        ("year_to_date", "2026-01-01", "2026-11-15"),
        ("next_7_days", "2026-11-15", "2026-11-21"),
    ],
)
def test_a_word_means_these_days(word, first, last):
    assert resolve_relative(word, NOW, "UTC") == (date.fromisoformat(first), date.fromisoformat(last))


def test_today_is_the_day_it_is_in_the_zone():
    late = datetime(2026, 10, 31, 20, tzinfo=UTC)
    assert resolve_relative("today", late, "Asia/Jakarta") == (date(2026, 11, 1),) * 2
    assert resolve_relative("this_month", late, "America/New_York") == (date(2026, 10, 1), date(2026, 10, 31))


def test_an_unknown_word_names_the_known_ones():
    with pytest.raises(BadSpec, match="last_moon") as caught:
        resolve_relative("last_moon", NOW, "UTC")
    assert "last_month" in caught.value.next_step


def test_an_unknown_zone_is_named():
    with pytest.raises(BadSpec, match="Mars/Base"):
        resolve_relative("today", NOW, "Mars/Base")


@given(
    st.datetimes(datetime(1971, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC)), st.sampled_from(sorted(RELATIVE))
)
def test_a_span_never_ends_before_it_begins(now, word):
    first, last = resolve_relative(word, now, "Asia/Kathmandu")
    assert first <= last <= first + timedelta(days=366)


@given(st.dates(date(1971, 1, 1), date(2200, 1, 1)))
def test_months_and_quarters_follow_one_another_without_a_gap(day):
    now = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    for unit in ("week", "month", "quarter", "year"):
        this, last = (resolve_relative(f"{which}_{unit}", now, "UTC") for which in ("this", "last"))
        assert this[0] <= day <= this[1]
        assert last[1] + timedelta(days=1) == this[0]


def test_where_midnight_does_not_exist_the_day_begins_a_little_later():
    assert day_start(date(2018, 11, 4), "America/Sao_Paulo") == datetime(2018, 11, 4, 3, tzinfo=UTC)


@pytest.mark.parametrize(
    ("first", "last", "words"),
    [
        ("2026-10-01", "2026-10-31", "1-31 Oct 2026"),
        ("2026-09-28", "2026-10-04", "28 Sep - 4 Oct 2026"),
        ("2025-12-28", "2026-01-03", "28 Dec 2025 - 3 Jan 2026"),
        ("2026-10-31", "2026-10-31", "31 Oct 2026"),
    ],
)
def test_a_span_is_printed_as_short_as_it_can_be(first, last, words):
    assert span_words(date.fromisoformat(first), date.fromisoformat(last)) == words


@pytest.mark.parametrize("text", ["", "tomorrow", "2026-13-01", "2026-02-30", "12:00", "1.10.2026"])
def test_what_is_no_date_is_refused(text):
    with pytest.raises(ValueError):
        parse_moment(text)
