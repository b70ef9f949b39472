from __future__ import annotations

import pytest

from core.engine.formats.sheets.survey import survey
from core.engine.formats.xlsx.cells import EXCEL
from core.engine.values import Kind
from core.errors import LimitReached
from tests.core.engine.formats.xlsx.workbooks import column, rows_of, workbook

NOTES = column(1, "Notes", Kind.TEXT)


def test_a_text_no_cell_can_hold_is_refused_before_anything_is_written_naming_row_and_column(tmp_path):
    values = [("short",), ("y" * 32_767,), ("z" * 32_768,), ("z" * 40_000,)]
    with pytest.raises(LimitReached) as refused:
        workbook(tmp_path / "a.xlsx", [NOTES], values)
    assert refused.value.message == (
        "Row 3 of “Notes” holds a text of 32,768 characters; an Excel cell holds at most 32,767."
    )
    assert refused.value.field == "Notes"
    assert "CSV" in refused.value.next_step
    assert not (tmp_path / "a.xlsx").exists()


def test_the_limit_counts_utf_16_units_as_excel_does(tmp_path):
    fits = "é" * 32_765 + "😀"
    made = workbook(tmp_path / "a.xlsx", [NOTES], [(fits,)])
    assert made.sheet()[1] == [fits]
    with pytest.raises(LimitReached, match="32,768 characters"):
        workbook(tmp_path / "b.xlsx", [NOTES], [(fits + "é",)])


def test_a_long_nested_value_is_refused_too(tmp_path):
    with pytest.raises(LimitReached, match="Row 1 of “Answers”"):
        workbook(tmp_path / "a.xlsx", [column(1, "Answers", Kind.NESTED)], [('["' + "x" * 40_000 + '"]',)])


def test_one_scan_tells_what_each_column_needs():
    columns = [NOTES, column(2, "Id", Kind.WHOLE), column(3, "Share", Kind.FLOAT)]
    with rows_of(columns, [("é", 10**16, 1.5), (None, -3, float("nan")), ("four", None, -2.0)]) as rows:
        notes, ids, shares = survey(rows, EXCEL, totals=True)
    assert (notes.filled, notes.rows, notes.longest, notes.biggest, notes.bytes) == (2, 3, 4, 4, 6)
    assert (ids.long_numbers, ids.lowest, ids.highest, ids.total) == (1, -3, -3, "-3")
    assert (shares.not_finite, shares.lowest, shares.highest, shares.total) == (1, -2, 1.5, "-0.5")


def test_rows_in_any_order_are_enough_for_the_survey():
    with rows_of([NOTES], [("a",), ("bb",)]) as rows:
        rows.unordered, rows.sql = rows.sql, "select * from t order by o1"
        assert survey(rows, EXCEL, totals=False)[0].longest == 2
