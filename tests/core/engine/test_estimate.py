"""The estimate is about right: size from a rendered sample, time never absurd."""

from __future__ import annotations

import pytest

from core.engine import formats
from core.engine.estimate import estimate
from core.engine.query import build
from core.engine.values import Kind
from tests.core.engine.making import make_table, resolved, spec_of


@pytest.mark.parametrize("format", sorted(formats.FORMATS))
def test_the_size_is_within_a_fifth_of_what_the_export_has(con, tmp_path, exported, format):
    rows = 20_000
    table = make_table(
        tmp_path / "t",
        {"n": (Kind.WHOLE, range(rows)), "text": (Kind.TEXT, [f"person {n * 7919 % rows}" for n in range(rows)])},
    )
    spec = spec_of(format, sort=["text"])
    query = build(spec.sources[0], table, resolved())
    size, seconds = estimate(con, query, formats.get(format), formats.parse_options(format, {}), rows)
    true = exported(table, spec).receipt.files[0].bytes
    assert true * 0.8 < size < true * 1.2 or format == "parquet"  # Parquet packs many rows better than few
    assert true * 0.5 < size < true * 4
    assert 0 < seconds < 10


def test_nothing_is_small_and_quick(con, people):
    query = build(spec_of().sources[0], people, resolved())
    size, seconds = estimate(con, query, formats.get("csv"), formats.parse_options("csv", {}), 0)
    assert size < 200
    assert seconds < 1
