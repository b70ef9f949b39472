"""Whatever the values are, an independent reader finds them again (hypothesis)."""

from __future__ import annotations

import csv
import io
import json
import math
import tempfile
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path

import pyarrow.parquet as pq
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.engine.values import Kind
from tests.core.engine.making import export, make_table, spec_of

TEXTS = st.none() | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=30) | st.sampled_from(
    ["", '"', '""', ",", "\n", "\r", "\r\n", ";", "\t", "=1", "-1", "NULL", "null", " ", "\\", "'", "\ufeff", "a\nb", "🎉"]
)  # fmt: skip
WHOLES = st.none() | st.integers(-(2**63), 2**63 - 1)
DECIMALS = st.none() | st.decimals(-(10**9), 10**9, places=2, allow_nan=False)
FLOATS = st.none() | st.floats(width=64)
COLUMNS = {
    "text": (Kind.TEXT, TEXTS),
    "more": (Kind.TEXT, TEXTS),
    "whole": (Kind.WHOLE, WHOLES),
    "decimal": (Kind.DECIMAL, DECIMALS),
    "float": (Kind.FLOAT, FLOATS),
    "yes": (Kind.YES_NO, st.none() | st.booleans()),
    "day": (Kind.DATE, st.none() | st.dates(date(1, 1, 1))),
    "moment": (Kind.TIMESTAMP, st.none() | st.datetimes(datetime(1, 1, 1))),
    "clock": (Kind.TIME, st.none() | st.times()),
}
ROWS = st.lists(st.tuples(*(values for _, values in COLUMNS.values())), min_size=1, max_size=12)
QUICK = settings(max_examples=40, suppress_health_check=list(HealthCheck))


def exported(rows, format, options=None, columns=COLUMNS):
    """The content of an export of these rows; the pipeline has verified it already."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        values = zip(*rows, strict=True)
        kinds = {header: (kind, list(v)) for (header, (kind, _)), v in zip(columns.items(), values, strict=True)}
        return export(make_table(folder / "t", kinds), spec_of(format, options), folder / "out").content


def as_text(value):
    """A value as CSV says it to programs."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (datetime, time)):
        shown = value.isoformat(" ") if isinstance(value, datetime) else value.isoformat()
        return shown.rstrip("0") if "." in shown else shown
    return str(value)


@QUICK
@given(
    ROWS, st.sampled_from([",", ";", "\t", "|"]), st.sampled_from(["minimal", "all"]), st.sampled_from(["lf", "crlf"])
)
def test_csv_comes_back_through_the_csv_module(rows, delimiter, quoting, line_ends):
    options = {"audience": "programs", "delimiter": delimiter, "quoting": quoting, "line_ends": line_ends}
    text = exported(rows, "csv", options).decode()
    header, *found = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    assert header == list(COLUMNS)
    assert len(found) == len(rows)
    for cells, row in zip(found, rows, strict=True):
        for cell, value in zip(cells, row, strict=True):
            if isinstance(value, float):
                assert float(cell) == value or (math.isnan(value) and cell == "NaN")
            else:
                assert cell == as_text(value)


@QUICK
@given(st.lists(st.tuples(TEXTS), min_size=1, max_size=12), st.sampled_from(["spreadsheets", "programs"]))
def test_a_single_column_loses_no_row(rows, audience):
    columns = {"text": COLUMNS["text"]}
    text = exported(rows, "csv", {"audience": audience}, columns).decode("utf-8-sig")
    found = list(csv.reader(io.StringIO(text, newline=""), strict=True))[1:]
    assert len(found) == len(rows)
    for [cell], [value] in zip(found, rows, strict=True):
        assert cell in (value or "", f"'{value}")


@QUICK
@given(ROWS, st.sampled_from([("json", {}), ("json", {"pretty": True}), ("jsonl", {})]))
def test_json_comes_back_through_the_json_module(rows, how):
    text = exported(rows, *how).decode()
    found = json.loads(text) if how[0] == "json" else [json.loads(line) for line in text.split("\n")[:-1]]
    assert len(found) == len(rows)
    for item, row in zip(found, rows, strict=True):
        for value, wanted in zip(item.values(), row, strict=True):
            if isinstance(wanted, float):
                assert value == (wanted if math.isfinite(wanted) else None)
            elif isinstance(wanted, int) and not isinstance(wanted, bool):
                assert value == (wanted if abs(wanted) < 2**53 else str(wanted))
            elif isinstance(wanted, Decimal):
                assert value == float(wanted)
            elif isinstance(wanted, (date, time)):
                assert value == as_text(wanted).replace(" ", "T")
            else:
                assert value == wanted


@QUICK
@given(ROWS)
def test_parquet_comes_back_through_arrow(rows):
    found = pq.read_table(io.BytesIO(exported(rows, "parquet"))).to_pylist()
    assert len(found) == len(rows)
    for item, row in zip(found, rows, strict=True):
        for value, wanted in zip(item.values(), row, strict=True):
            assert value == wanted or (isinstance(wanted, float) and math.isnan(wanted) and math.isnan(value))
