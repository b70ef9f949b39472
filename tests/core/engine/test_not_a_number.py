"""NaN among finite numbers: Parquet's statistics leave it out, and DuckDB concludes from them that there is none."""

from __future__ import annotations

import pytest

from core.engine.values import Kind
from tests.core.engine.making import make_table, spec_of


@pytest.fixture
def scores(tmp_path):
    return make_table(tmp_path / "scores", {"score": (Kind.FLOAT, [0.5, float("nan"), 120.0, 7.5])})


@pytest.mark.parametrize(
    ("format", "options", "written"),
    [("csv", {"bom": "no"}, "score\n0.5\nNaN\n120.0\n7.5\n"), ("xml", {}, "<score>NaN</score>"), ("yaml", {}, "- score: .nan"),
     ("jsonl", {"not_finite": "text"}, '{"score":"NaN"}')],
)  # fmt: skip
def test_not_a_number_is_never_written_as_infinity(scores, exported, format, options, written):
    text = exported(scores, spec_of(format, options)).text
    assert written in text
    assert "inf" not in text.lower()


def test_not_a_number_is_above_no_number(scores, exported):
    above = {"column": {"name": "score"}, "operator": "higher_than", "values": [100]}
    made = exported(scores, spec_of("csv", {"header": False, "bom": "no"}, filters={"items": [above]}))
    assert made.text == "120.0\n"
