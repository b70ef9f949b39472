"""One export from spec to published file: receipt, limits, packing, progress, and what it says when it cannot."""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import json
from typing import Any

import pytest

from core.engine import formats, pipeline
from core.engine.formats.base import Context, RowFormat
from core.engine.query import build
from core.engine.rendering import Rows
from core.engine.session import explained
from core.engine.values import Kind
from core.errors import BadSpec, DiskFull, LimitReached, Trouble
from tests.core.engine.making import make_table, resolved, spec_of

INDONESIA = {"items": [{"column": "country", "operator": "is", "values": ["Indonesia"]}]}


@pytest.mark.parametrize("format", sorted(formats.FORMATS))
def test_every_format_publishes_a_file_whose_receipt_is_true(people, exported, format):
    made = exported(people, spec_of(format, filters=INDONESIA, name="Indonesians"))
    [file] = made.receipt.files
    content = made.path.read_bytes()
    assert (file.bytes, file.sha256) == (len(content), hashlib.sha256(content).hexdigest())
    assert (made.receipt.source_rows, made.receipt.rows, file.rows) == (8, 3, 3)
    assert made.receipt.steps[0].label == "country is Indonesia"
    assert file.name == f"Indonesians.{formats.get(format).extension}"
    assert file.media_type == formats.get(format).media_type
    assert "8 rows → 3 after country is Indonesia → 3 in the file ✓" in made.receipt.line()
    assert [p.name for p in made.path.parent.iterdir() if p.is_file()] == [file.stored]
    assert list((made.path.parent / "scratch").glob("*.part")) == []


@pytest.mark.parametrize("format", sorted(formats.FORMATS))
def test_an_export_without_a_row_is_a_file_all_the_same(people, exported, format):
    nobody = {"items": [{"column": "age", "operator": "is", "values": [1000]}]}
    made = exported(people, spec_of(format, filters=nobody))
    assert made.receipt.rows == 0
    assert made.path.exists()


def test_empty_files_are_what_readers_expect(tmp_path, exported):
    table = make_table(tmp_path / "t", {"a": (Kind.TEXT, []), "b": (Kind.WHOLE, [])})
    assert exported(table, spec_of("csv", {"bom": "no"})).content == b"a,b\n"
    assert json.loads(exported(table, spec_of("json")).content) == []
    assert exported(table, spec_of("jsonl")).content == b""


@pytest.mark.parametrize("format", ["csv", "tsv", "json", "jsonl"])
def test_gzip_holds_the_same_content_and_is_hashed_as_delivered(people, exported, format):
    plain = exported(people, spec_of(format))
    packed = exported(people, spec_of(format, packaging="gzip"))
    assert gzip.decompress(packed.path.read_bytes()) == plain.path.read_bytes()
    assert packed.receipt.files[0].sha256 == hashlib.sha256(packed.path.read_bytes()).hexdigest()
    assert packed.receipt.files[0].name.endswith(f".{format}.gz")
    assert packed.receipt.files[0].media_type == "application/gzip"
    assert exported(people, spec_of(format, packaging="gzip")).receipt.files == packed.receipt.files


@pytest.mark.parametrize("format", ["xlsx", "parquet"])
def test_what_is_compressed_already_is_not_packed_again(people, format):
    [problem] = pipeline.problems(spec_of(format, packaging="gzip"), people, resolved())
    assert "compressed by themselves" in problem.message


def test_a_row_limit_refuses_before_a_row_is_written(people, exported, tmp_path):
    with pytest.raises(LimitReached, match="8 rows; at most 7"):
        exported(people, spec_of(limits={"rows": 7}))
    assert [p for p in tmp_path.rglob("*") if p.is_file()] == []
    assert exported(people, spec_of(limits={"rows": 8})).receipt.rows == 8


def text_format(name: str) -> RowFormat:
    format = formats.get(name)
    assert isinstance(format, RowFormat)
    return format


def test_progress_tells_three_steps_in_words(people, exported):
    reports: list[Any] = []
    exported(people, spec_of(), report=reports.append)
    phases = dict.fromkeys((r.step, r.phase) for r in reports)
    assert list(phases) == [(1, "Counting rows"), (2, "Writing rows"), (3, "Checking the finished file")]
    assert {(r.steps, r.source) for r in reports} == {(3, "people")}


def test_a_sort_that_spills_keeps_its_memory_and_its_order(tmp_path, exported):
    count = 200_000
    texts = [f"{(n * 7919) % count:06} {'x' * 200}" for n in range(count)]
    table = make_table(tmp_path / "t", {"text": (Kind.TEXT, texts)})
    made = exported(table, spec_of("csv", {"audience": "programs"}, sort=["text"]), memory_mb=100, threads=1)
    assert made.text.split("\n")[1:-1] == sorted(texts)


def test_every_problem_of_a_spec_is_told_at_once(people):
    spec = spec_of("csv", {"delimiter": "abc", "colour": "red"}, file_name="{month}", columns=["nope"])
    words = " | ".join(p.message for p in pipeline.problems(spec, people, resolved()))
    for part in ("“nope”", "“delimiter”", "no option “colour”", "{month}"):
        assert part in words
    with pytest.raises(BadSpec) as caught:
        pipeline.plan(spec, people, resolved())
    assert len(caught.value.details["all"]) == 3


def test_an_unknown_format_names_the_known_ones(people):
    [problem] = pipeline.problems(spec_of("xslx"), people, resolved())
    assert problem.message == "Unknown format “xslx”."
    assert problem.next_step == f"Known formats: {', '.join(formats.FORMATS)}."


def test_display_formats_show_in_text_and_leave_parquet_its_types(people, exported):
    shown = [{"column": "amount", "format": "thousands_decimals"}, {"column": "born", "format": "dmy_slash"}]
    rows = list(csv.reader(io.StringIO(exported(people, spec_of(columns=shown)).text)))
    assert rows[1] == ["10.50", "31/01/1995"]
    assert json.loads(exported(people, spec_of("jsonl", columns=shown)).text.split("\n")[0]) == {
        "amount": "10.50",
        "born": "31/01/1995",
    }


@pytest.mark.parametrize("format", ["csv", "tsv", "json", "jsonl"])
def test_a_full_disk_is_named(con, people, format):
    query = build(spec_of(format).sources[0], people, resolved())
    rows = Rows(con, query.sql, query.params, query.columns, 8, "UTC")
    with (
        open("/dev/full", "wb", buffering=0) as full,
        pytest.raises(DiskFull, match="not enough free disk space"),
        explained(),
    ):
        text_format(format).write_to(rows, full, formats.parse_options(format, {}), Context("people"))


def test_a_missing_dataset_file_is_a_passing_problem(people, tmp_path, exported):
    table = make_table(tmp_path / "t", {"a": (Kind.WHOLE, [1])})
    table.path.unlink()
    with pytest.raises(Trouble):
        exported(table, spec_of(filters={"items": [{"column": "a", "operator": "is", "values": [1]}]}))


def test_the_same_export_gives_the_same_bytes(people, exported):
    for format in ("csv", "json", "parquet"):
        first, second = (exported(people, spec_of(format, sort=["age"])).receipt.files[0] for _ in range(2))
        assert first.sha256 == second.sha256
