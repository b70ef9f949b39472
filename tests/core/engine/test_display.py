"""Display formats: what is shown is the example in the menu, and nothing else changes."""

from __future__ import annotations

import math

import pytest

from core.engine.display import DATE_FORMATS, NUMBER_FORMATS, display_formats
from core.engine.rendering import OutColumn
from core.engine.text import shown
from core.engine.values import Kind
from tests.core.engine.making import make_table


def text_of(con, value, column, **more):
    return con.sql(f"select {shown(column, 'Asia/Jakarta', **more)} from (select {value} as o1)").fetchall()[0][0]


@pytest.mark.parametrize("way", DATE_FORMATS.values(), ids=str)
def test_a_date_looks_like_its_example(con, way):
    column = OutColumn("o1", "", Kind.DATE, format=way.key)
    assert text_of(con, "date '2026-10-31'", column) == way.example
    assert text_of(con, "null::date", column) is None
    assert text_of(con, "'infinity'::date", column) == "infinity"


@pytest.mark.parametrize("way", NUMBER_FORMATS.values(), ids=str)
def test_a_number_looks_like_its_example(con, way):
    decimal = OutColumn("o1", "", Kind.DECIMAL, 12, 2, format=way.key)
    real = OutColumn("o1", "", Kind.FLOAT, format=way.key)
    assert text_of(con, "1234.50::decimal(12, 2)", decimal) == way.example
    assert text_of(con, "1234.5::double", real) == way.example
    assert text_of(con, "null::double", real) is None
    assert text_of(con, "'nan'::double", real) == "NaN"
    assert text_of(con, "1e300::double", real) == "1e+300"


@pytest.mark.parametrize(
    ("value", "key", "text"),
    [
        ("9223372036854775807", "thousands", "9,223,372,036,854,775,807"),
        ("-123", "thousands", "-123"),
        ("-123456", "thousands_decimals", "-123,456.00"),
        ("0", "percent", "0%"),
    ],
)
def test_thousands_are_parted_from_the_right(con, value, key, text):
    assert text_of(con, f"({value})::bigint", OutColumn("o1", "", Kind.WHOLE, format=key)) == text


def test_a_decimal_comma_swaps_points_and_commas(con):
    column = OutColumn("o1", "", Kind.DECIMAL, 12, 2, format="thousands_decimals")
    assert text_of(con, "1234567.5::decimal(12, 2)", column, decimal_comma=True) == "1.234.567,50"


def test_a_time_follows_the_day_unless_the_format_leaves_it_out(con):
    moment = "timestamp '2026-10-31 08:05:00.25'"
    assert text_of(con, moment, OutColumn("o1", "", Kind.TIMESTAMP, format="dmy_slash")) == "31/10/2026 08:05:00.25"
    assert text_of(con, moment, OutColumn("o1", "", Kind.TIMESTAMP, format="day")) == "2026-10-31"


def test_an_instant_is_shown_on_the_clock_of_the_workspace(con):
    instant = "timestamptz '2026-10-31 20:00:00+00'"
    assert text_of(con, instant, OutColumn("o1", "", Kind.TIMESTAMP_TZ)) == "2026-11-01 03:00:00+07:00"
    assert text_of(con, instant, OutColumn("o1", "", Kind.TIMESTAMP_TZ, format="day")) == "2026-11-01"


def test_a_decimal_written_without_zeros_stays_so(con):
    column = OutColumn("o1", "", Kind.DECIMAL, 12, 2, trim=True)
    assert [text_of(con, f"{n}::decimal(12, 2)", column) for n in ("100", "1.5", "0", "-0.25")] == [
        "100",
        "1.5",
        "0",
        "-0.25",
    ]


def test_only_dates_and_numbers_have_display_formats():
    assert display_formats(Kind.TEXT) == ()
    assert all(f.key in DATE_FORMATS for f in display_formats(Kind.TIMESTAMP_TZ))
    assert all(f.key in NUMBER_FORMATS for f in display_formats(Kind.FLOAT))


@pytest.mark.parametrize("sign", [1, -1])
def test_a_nan_beside_one_single_number_is_not_concluded_away(tmp_path, con, sign):
    """Parquet's statistics say that all values are 1.0, and DuckDB folds comparisons by them, also those of its text."""
    table = make_table(tmp_path, {"score": (Kind.FLOAT, [1.0, math.copysign(math.nan, sign)])})
    text = shown(OutColumn("c1", "", Kind.FLOAT), "UTC")
    assert con.sql(f"select {text} from read_parquet('{table.path}')").fetchall() == [("1.0",), ("NaN",)]
