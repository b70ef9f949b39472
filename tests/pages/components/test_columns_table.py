import pytest

from core.engine.summary import Bucket, ColumnProfile
from core.engine.values import Column, Kind
from pages.components import columns_table


def test_what_stands_in_a_file_is_escaped():
    bars = columns_table.bars([Bucket(start="<script>", end="'x'", count=3)])
    assert "<script>" not in bars
    assert "&lt;script&gt;" in bars


@pytest.mark.parametrize(
    ("kind", "value", "shown"),
    [
        (Kind.WHOLE, "-1234567", "-1,234,567"),
        (Kind.DECIMAL, "123456.50", "123,456.50"),
        (Kind.FLOAT, "1e+30", "1e+30"),
        (Kind.DATE, "2026-03-01 00:00:00", "2026-03-01"),
        (Kind.TIMESTAMP, "2026-03-01 14:05:09.5", "2026-03-01 14:05"),
    ],
)
def test_ends_of_a_range_are_short(kind, value, shown):
    assert columns_table.shown(Column(id="c1", name="x", kind=kind), value) == shown


def test_an_empty_column_has_no_spread_and_no_frequent_value():
    profile = ColumnProfile(id="c1", name="x", rows=10, empty=10, distinct=0)
    row = columns_table._row(Column(id="c1", name="x", kind=Kind.TEXT), profile)
    assert "100 %" in row
    assert "bars" not in row
