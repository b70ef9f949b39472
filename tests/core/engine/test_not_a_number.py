"""NaN among finite numbers: Parquet's statistics leave it out, and DuckDB concludes from them that there is none."""

from __future__ import annotations

import math

import pytest

from core.engine.values import Kind
from tests.core.engine.making import make_table, spec_of


@pytest.fixture
def scores(tmp_path):
    return make_table(tmp_path / "scores", {"score": (Kind.FLOAT, [0.5, float("nan"), 120.0, 7.5])})


@pytest.mark.parametrize(
    ("format", "options", "written"),
    [("csv", {"bom": "no"}, "score\n0.5\nNaN\n120.0\n7.5\n"), ("xml", {}, "<score>NaN</score>"), ("yaml", {}, "- score: .nan"),
     ("jsonl", {"not_finite": "text"}, '{"score":"NaN"}'), ("sql", {}, "CAST('NaN' AS DOUBLE PRECISION)")],
)  # fmt: skip
@pytest.mark.parametrize("sign", [1, -1], ids=["plain", "with a minus in its bits"])
def test_not_a_number_is_never_written_as_infinity(tmp_path, exported, sign, format, options, written):
    nan = math.copysign(float("nan"), sign)
    scores = make_table(tmp_path / "scores", {"score": (Kind.FLOAT, [0.5, nan, 120.0, 7.5])})
    text = exported(scores, spec_of(format, options)).text
    assert written in text
    assert "inf" not in text.lower()


def test_not_a_number_is_above_no_number(scores, exported):
    above = {"column": {"name": "score"}, "operator": "higher_than", "values": [100]}
    made = exported(scores, spec_of("csv", {"header": False, "bom": "no"}, filters={"items": [above]}))
    assert made.text == "120.0\n"
