"""One table in several parts: by rows, bytes, values and dates, counted beforehand, every row in exactly one of them."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections import Counter
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.engine import cuts, pipeline
from core.engine.cutting import Cut
from core.engine.formats.base import Part
from core.engine.rendering import Rendered
from core.engine.values import Kind
from core.errors import BadSpec, LimitReached
from tests.core.engine.making import export, make_table, resolved, spec_of


def split_spec(split, format="csv", *, layout="auto", compression="auto", options=None, **source):
    spec = spec_of(format, options, packaging=compression, **source).model_dump(mode="json", exclude_none=True)
    spec["packaging"]["split"] = split
    spec["output"]["layout"] = layout
    return type(spec_of()).model_validate(spec)


def files_of(made):
    """Name → rows as tuples, of a zip of CSV files, without the header."""
    with zipfile.ZipFile(made.path) as archive:
        return {
            name: [tuple(row) for row in csv.reader(io.StringIO(archive.read(name).decode("utf-8-sig")))][1:]
            for name in archive.namelist()
            if name != "manifest.json"
        }


def test_a_file_for_every_value_holds_its_rows_in_their_order(people, exported):
    made = exported(people, split_spec({"by": "value", "column": "country"}, columns=["country", "name"]))
    files = files_of(made)
    assert list(files) == [
        "people Indonesia.csv", "people Malaysia.csv", "people Thailand.csv", "people indonesia (2).csv", "people (empty).csv",
    ]  # fmt: skip
    assert files["people Indonesia.csv"] == [("Indonesia", "Ana"), ("Indonesia", "Émile")]
    assert files["people (empty).csv"] == [("", "zoë"), (" ", "")]
    assert made.receipt.rows == 8
    assert made.receipt.files[0].member_count == 5


def test_the_column_of_a_split_need_not_be_in_the_file(people, exported):
    files = files_of(exported(people, split_spec({"by": "value", "column": "active"}, columns=["age"])))
    assert {name: len(rows) for name, rows in files.items()} == {
        "people no.csv": 3, "people yes.csv": 4, "people (empty).csv": 1,
    }  # fmt: skip


def test_the_persons_order_holds_within_each_part(people, exported):
    spec = split_spec(
        {"by": "value", "column": "country"}, columns=["age"], sort=[{"column": "age", "descending": True}]
    )
    assert files_of(exported(people, spec))["people Malaysia.csv"] == [("47",), ("25",)]


@pytest.mark.parametrize(
    ("by", "labels"),
    [
        ("day", ["2025-10-15", "2026-09-30", "2026-10-01", "2026-10-31", "2026-11-01", "2026-11-14", "2026-11-15", "(empty)"]),
        ("week", ["2025-W42", "2026-W40", "2026-W44", "2026-W46", "(empty)"]),
        ("month", ["2025-10", "2026-09", "2026-10", "2026-11", "(empty)"]),
        ("quarter", ["2025-Q4", "2026-Q3", "2026-Q4", "(empty)"]),
        ("year", ["2025", "2026", "(empty)"]),
    ],
)  # fmt: skip
def test_a_split_by_dates_takes_the_main_date_column_and_names_iso_spans(people, exported, by, labels):
    files = files_of(exported(people, split_spec({"by": by}, columns=["paid_at"])))
    assert list(files) == [f"people {label}.csv" for label in labels]
    assert sum(len(rows) for rows in files.values()) == 8


def test_a_day_is_the_day_of_the_workspaces_zone(people, exported):
    spec = split_spec({"by": "day", "column": "seen_at"}, columns=["seen_at"])
    utc, jakarta = (files_of(exported(people, spec, zone)) for zone in ("UTC", "Asia/Jakarta"))
    assert len(utc["people 2026-09-30.csv"]) == 2
    assert len(jakarta["people 2026-09-30.csv"]) == 1
    assert len(jakarta["people 2026-10-01.csv"]) == 1


def test_rows_per_file_cut_anywhere_and_the_last_file_has_the_rest(people, exported):
    files = files_of(exported(people, split_spec({"by": "rows", "rows": 3}, columns=["age"])))
    assert [len(rows) for rows in files.values()] == [3, 3, 2]
    assert [row for rows in files.values() for row in rows] == [
        tuple(row)
        for row in csv.reader(io.StringIO(exported(people, spec_of(columns=["age"])).text))
    ][1:]  # fmt: skip


@pytest.fixture(scope="module")
def numbers(tmp_path_factory):
    """50,000 rows in 25 batches and more."""
    count = 50_000
    columns = {
        "n": (Kind.WHOLE, range(count)),
        "text": (Kind.TEXT, [f"row {n} " + "x" * (n % 50) for n in range(count)]),
        "group": (Kind.WHOLE, [n * 7919 % 1000 for n in range(count)]),
    }
    return make_table(tmp_path_factory.mktemp("numbers"), columns, name="numbers")


@pytest.mark.parametrize("format", ["csv", "jsonl", "json", "tsv", "xml", "yaml"])
def test_no_file_of_a_split_by_size_is_larger_and_none_could_take_the_next_row(numbers, exported, format):
    limit = 100_000
    made = exported(numbers, split_spec({"by": "size", "megabytes": limit / 1_000_000}, format))
    with zipfile.ZipFile(made.path) as archive:
        sizes = [info.file_size for info in archive.infolist() if info.filename != "manifest.json"]
    assert max(sizes) <= limit
    assert min(sizes[:-1]) > limit - 400
    assert made.receipt.rows == 50_000


def test_a_thousand_values_share_all_rows_among_them(numbers, exported):
    made = exported(numbers, split_spec({"by": "value", "column": "group"}, columns=["n", "group"]))
    files = files_of(made)
    assert len(files) == 1000
    assert all({row[1] for row in rows} == {name.split()[1].removesuffix(".csv")} for name, rows in files.items())
    assert sorted(int(row[0]) for rows in files.values() for row in rows) == list(range(50_000))
    assert list(files)[:3] == ["numbers 0.csv", "numbers 1.csv", "numbers 2.csv"]


def test_too_many_values_are_refused_with_their_number_before_anything_is_written(numbers, exported, tmp_path):
    with pytest.raises(LimitReached, match=r"“n” has 50,000 different values.*at most 20,000 files"):
        exported(numbers, split_spec({"by": "value", "column": "n"}))
    with pytest.raises(LimitReached, match="at most 100 files to download one by one"):
        exported(numbers, split_spec({"by": "value", "column": "group"}, compression="none"))
    assert [p for p in tmp_path.rglob("*") if p.is_file()] == []


def test_a_split_by_bytes_or_rows_stops_at_the_same_limit(numbers, exported):
    with pytest.raises(LimitReached, match="more than 100 parts; at most 100 files to download one by one"):
        exported(numbers, split_spec({"by": "size", "megabytes": 0.01}, compression="gzip"))
    with pytest.raises(LimitReached, match="50,000 parts; at most 20,000"):
        exported(numbers, split_spec({"by": "rows", "rows": 1}))


def test_a_row_larger_than_its_file_may_be_is_named(tmp_path, exported):
    table = make_table(tmp_path / "t", {"a": (Kind.TEXT, ["short", "x" * 5000, "short"])})
    with pytest.raises(LimitReached, match=r"Row 2 alone takes 5,00[0-9] bytes"):
        exported(table, split_spec({"by": "size", "megabytes": 0.002}))


@pytest.mark.parametrize("format", ["parquet", "xlsx"])
def test_formats_that_are_no_text_are_split_into_whole_files_of_their_own(numbers, exported, format):
    made = exported(numbers, split_spec({"by": "rows", "rows": 20_000}, format, columns=["n"]))
    assert [member.rows for member in made.receipt.files[0].members] == [20_000, 20_000, 10_000]
    with pytest.raises(BadSpec, match="known only when they are finished"):
        exported(numbers, split_spec({"by": "size", "megabytes": 1}, format))


def test_a_summary_is_split_by_its_own_columns(people, exported):
    summary = {"group_by": [{"column": "country"}, {"column": "paid_at", "unit": "year"}]}
    made = exported(people, split_spec({"by": "value", "column": "paid_at (year)"}, summary=summary))
    assert list(files_of(made)) == ["people 2025.csv", "people 2026.csv", "people (empty).csv"]
    [problem] = pipeline.problems(split_spec({"by": "value", "column": "age"}, summary=summary), people, resolved())
    assert "no column “age” to split by" in problem.message


def test_rows_without_duplicates_are_split_by_columns_they_show(people, exported):
    made = exported(people, split_spec({"by": "value", "column": "age"}, columns=["name", "age"], distinct=True))
    assert made.receipt.rows == 7
    [problem] = pipeline.problems(
        split_spec({"by": "value", "column": "age"}, columns=["name"], distinct=True), people, resolved()
    )
    assert "Add “age” to the columns" in problem.next_step


def test_a_limit_is_taken_before_the_split(people, exported):
    first = split_spec({"by": "value", "column": "country"}, limit=3, columns=["name"])
    assert {n: len(r) for n, r in files_of(exported(people, first)).items()} == {
        "people Indonesia.csv": 1, "people Malaysia.csv": 1, "people indonesia (2).csv": 1,
    }  # fmt: skip


@pytest.mark.parametrize("format", ["csv", "xlsx", "parquet"])
def test_a_split_of_no_rows_is_one_empty_file(people, exported, format):
    nobody = {"items": [{"column": "age", "operator": "is", "values": [1000]}]}
    for split in ({"by": "value", "column": "country"}, {"by": "rows", "rows": 5}):
        made = exported(people, split_spec(split, format, filters=nobody))
        assert (made.receipt.rows, made.receipt.files[0].member_count) == (0, 1)


def test_a_split_that_cannot_be_is_told_with_the_rest(people):
    def first(split, **more):
        return pipeline.problems(split_spec(split, **more), people, resolved())[0].message

    assert "holds no dates" in first({"by": "month", "column": "name"})
    assert "no column “nope”" in first({"by": "value", "column": "nope"})
    assert "hold one table each" in first({"by": "value", "column": "country"}, layout="together")
    assert "files of their own only" in first({"by": "rows", "rows": 5}, format="xlsx", layout="together")


def test_parts_may_be_sheets_of_one_workbook(people, exported):
    from openpyxl import load_workbook

    spec = split_spec({"by": "value", "column": "country"}, "xlsx", layout="together", columns=["name", "country"])
    made = exported(people, spec)
    book = load_workbook(made.path)
    assert book.sheetnames == ["Indonesia", "Malaysia", "Thailand", "indonesia (2)", "(empty)"]
    assert [row[0].value for row in book["Malaysia"].iter_rows(min_row=2)] == ["Çağla", ""]


@given(
    days=st.lists(st.one_of(st.none(), st.integers(-400_000, 400_000)), max_size=40),
    by=st.sampled_from(["value", "day", "week", "month", "quarter", "year"]),
)
@settings(max_examples=25)
def test_every_row_lies_in_exactly_one_part_whatever_the_dates(tmp_path_factory, days, by):
    folder = tmp_path_factory.mktemp("dates")
    values = [None if n is None else date(2000, 1, 1) + timedelta(days=n) for n in days]
    table = make_table(folder, {"day": (Kind.DATE, values), "n": (Kind.WHOLE, range(len(days)))})
    made = export(table, split_spec({"by": by, "column": "day"}, columns=["n"], options={"bom": "no"}), folder / "out")
    found = Counter(int(row[0]) for rows in files_of(made).values() for row in rows)
    assert found == Counter(range(len(days)))


@given(lengths=st.lists(st.integers(0, 40), max_size=60), limit=st.integers(40, 200))
def test_cutting_by_bytes_loses_nothing_and_fills_each_piece(lengths, limit):
    import numpy as np

    rows = [bytes([65 + n % 26]) * size for n, size in enumerate(lengths)]
    batches = [rows[i : i + 7] for i in range(0, len(rows), 7)]

    def rendered(batch):
        return Rendered(np.cumsum([0, *map(len, batch)]), memoryview(b"".join(batch)))

    cut = Cut(iter([rendered(batch) for batch in batches]))
    pieces = []
    while cut.more():
        pieces.append(b"".join(bytes(piece.bytes) for piece in cut.take_bytes(limit)))
    assert b"".join(pieces) == b"".join(rows)
    assert all(len(piece) <= limit for piece in pieces)
    assert cut.taken == len(rows)


def test_numbered_parts_are_as_even_as_asked_and_their_numbers_sort():
    assert cuts.numbered(5, 2) == (Part("1", 2), Part("2", 2), Part("3", 1))
    assert cuts.numbered(0, 2) == (Part("1", 0),)
    assert [part.title for part in cuts.numbered(11, 1)][:2] == ["01", "02"]


def test_the_manifest_lists_every_file_with_its_hash(people, exported):
    import hashlib

    made = exported(people, split_spec({"by": "value", "column": "country"}, "jsonl"))
    with zipfile.ZipFile(made.path) as archive:
        manifest = json.loads(archive.read("manifest.json"))
        for file in manifest["files"]:
            content = archive.read(file["name"])
            assert (file["bytes"], file["sha256"]) == (len(content), hashlib.sha256(content).hexdigest())
            assert file["rows"] == content.count(b"\n")
    assert manifest["rows"] == 8
    assert "a part for every country" in manifest["contents"]
