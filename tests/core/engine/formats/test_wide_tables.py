"""Tables of many columns: every cell is in its place, and guards and counts hold in lists as they do alone."""

from __future__ import annotations

import csv
import io
import json
from datetime import date

import pyarrow.parquet as pq
import pytest

from core.engine.values import Kind
from tests.core.engine.making import make_table, spec_of

WIDTH = 900


@pytest.fixture(scope="module")
def wide(tmp_path_factory):
    kinds = [
        lambda n: (Kind.TEXT, [f"t{n}", None, f"={n}", 'say "hi",\n', ""]),
        lambda n: (Kind.WHOLE, [n, None, -n, 2**60 + n, 0]),
        lambda n: (Kind.FLOAT, [n / 2, None, float("nan"), 1.5, 0.0]),
        lambda n: (Kind.DATE, [date(2026, 1, 1 + n % 28), None, date(2026, 12, 31), None, None]),
    ]
    return make_table(tmp_path_factory.mktemp("wide"), {f"column {n}": kinds[n % 4](n) for n in range(WIDTH)})


def test_csv_keeps_every_cell_in_its_place(wide, exported):
    made = exported(wide, spec_of("csv"))
    _, first, empty, guarded, quoted, _ = csv.reader(io.StringIO(made.text, newline=""), strict=True)
    assert first[:8] == ["t0", "1", "1.0", "2026-01-04", "t4", "5", "3.0", "2026-01-08"]
    assert set(empty) == {""}
    assert guarded[::4] == [f"'={n}" for n in range(0, WIDTH, 4)]
    assert set(quoted[::4]) == {'say "hi",\n'}
    assert [(note.code, note.count) for note in made.receipt.notes] == [("formula_guard", WIDTH // 4)]


def test_json_keeps_every_cell_in_its_place(wide, exported):
    made = exported(wide, spec_of("jsonl"))
    first, empty, _, long, _ = (json.loads(line) for line in made.text.split("\n")[:-1])
    assert list(first.values())[:5] == ["t0", 1, 1.0, "2026-01-04", "t4"]
    assert set(empty.values()) == {None}
    assert list(long.values())[1::4] == [str(2**60 + n) for n in range(1, WIDTH, 4)]
    assert {note.code: note.count for note in made.receipt.notes} == {
        "not_finite": WIDTH // 4,
        "long_number_as_text": WIDTH // 4,
    }


def test_parquet_keeps_every_cell_in_its_place(wide, exported):
    found = pq.read_table(io.BytesIO(exported(wide, spec_of("parquet")).content))
    assert found.num_columns == WIDTH
    assert found.column(5).to_pylist() == [5, None, -5, 2**60 + 5, 0]


def test_numbers_of_different_scales_do_not_borrow_digits(tmp_path, exported):
    """Decimals of one list would take the largest scale among them: each keeps its own."""
    table = make_table(tmp_path / "t", {f"n{i}": (Kind.DECIMAL, [1]) for i in range(12)})
    columns = [{"column": f"n{i}", **({"format": "two_decimals"} if i % 2 else {"format": "whole"})} for i in range(12)]
    text = exported(table, spec_of("csv", {"header": False, "bom": "no"}, columns=columns)).text
    assert text == ",".join(["1", "1.00"] * 6) + "\n"
