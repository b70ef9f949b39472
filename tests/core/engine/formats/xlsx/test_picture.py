"""A workbook drawn on the screen says what Excel would show."""

from __future__ import annotations

from datetime import date, datetime, time
from decimal import Decimal

import pytest

from core.engine.display import DATE_FORMATS, NUMBER_FORMATS
from core.engine.formats.sheets.picture import CellPicture, shown
from core.engine.formats.xlsx.picture import sheets
from core.engine.values import Kind
from tests.core.engine.formats.xlsx.workbooks import column, workbook

COLUMNS = [
    column(1, "Name", Kind.TEXT),
    column(2, "Amount", Kind.DECIMAL, precision=12, scale=2, format="thousands_decimals"),
    column(3, "Paid", Kind.YES_NO),
    column(4, "Day", Kind.DATE, format="dmy_words"),
    column(5, "At", Kind.TIMESTAMP),
    column(6, "Id", Kind.WHOLE),
]
VALUES = [
    ("00123\r_x0041_", Decimal("1234.50"), True, date(2026, 10, 31), datetime(2026, 10, 31, 7, 8, 9), 42),
    (None, None, False, date(1850, 1, 1), None, 10**17),
]


@pytest.fixture
def picture(tmp_path):
    made = workbook(tmp_path / "a.xlsx", COLUMNS, VALUES, totals=True, about=True)
    return sheets(made.path)


def test_every_sheet_is_there_with_its_rows_and_widths(picture):
    data, about = picture
    assert (data.name, about.name) == ("Test", "About this export")
    assert [[cell.text for cell in row] for row in data.rows] == [
        ["Name", "Amount", "Paid", "Day", "At", "Id"],
        ["00123\r_x0041_", "1,234.50", "TRUE", "31 Oct 2026", "2026-10-31 07:08:09", "42"],
        ["", "", "FALSE", "1850-01-01", "", "100000000000000000"],
        ["Total", "1,234.50", "", "", "", ""],
    ]
    assert len(data.widths) == 6
    assert all(40 < width < 400 for width in data.widths)
    assert about.widths == (26 * 7, 90 * 7)


def test_cells_look_as_the_writer_dressed_them(picture):
    header, first, _, total = picture[0].rows
    assert header[0] == CellPicture("Name", "left", bold=True, fill="#3554D1", color="#FFFFFF", wrap=True)
    assert [cell.align for cell in header] == [cell.align for cell in first]
    assert [cell.align for cell in first] == ["left", "right", "center", "center", "center", "right"]
    assert not first[0].bold
    assert first[0].fill == ""
    assert total[1].bold


def test_a_line_break_begins_a_line_only_where_the_cell_wraps(tmp_path):
    made = workbook(tmp_path / "a.xlsx", [COLUMNS[0]], [("late;\nwill call",)])
    [sheet] = sheets(made.path)
    assert sheet.rows[1][0] == CellPicture("late;will call")


def test_only_the_first_rows_are_drawn(tmp_path):
    made = workbook(tmp_path / "a.xlsx", [COLUMNS[0]], [(f"M{i}",) for i in range(50)])
    [picture] = sheets(made.path, rows=5)
    assert [row[0].text for row in picture.rows] == ["Name", "M0", "M1", "M2", "M3"]


def test_columns_of_one_width_each_have_it(tmp_path):
    made = workbook(tmp_path / "a.xlsx", COLUMNS, VALUES, widths="even")
    assert set(sheets(made.path)[0].widths) == {18 * 7}


@pytest.mark.parametrize("way", NUMBER_FORMATS.values(), ids=NUMBER_FORMATS)
def test_every_number_format_shows_its_example(way):
    assert shown(1234.5, way.excel) == way.example


@pytest.mark.parametrize("way", DATE_FORMATS.values(), ids=DATE_FORMATS)
def test_every_date_format_shows_its_example(way):
    assert shown(datetime(2026, 10, 31), way.excel) == way.example


@pytest.mark.parametrize(
    ("value", "code", "text"),
    [
        (-0.004, "0.00", "0.00"),
        (0.125, "0.00", "0.13"),
        (-1234567.5, "#,##0", "-1,234,568"),
        (0.30000000000000004, "General", "0.3"),
        (123456789.123456, "General", "123456789.1"),
        (12345678901, "General", "12345678901"),
        (123456789012, "General", "1.23457E+11"),
        (1e300, "General", "1E+300"),
        (0.00001, "General", "0.00001"),
        (0.0000123456789, "General", "1.23457E-05"),
        (0, "General", "0"),
        (-2.5, "General", "-2.5"),
        (time(7, 30, 9, 120_000), "hh:mm:ss.000", "07:30:09.120"),
        (datetime(2026, 1, 2, 3, 4, 5), "mm/dd/yyyy hh:mm:ss", "01/02/2026 03:04:05"),
        ("#NUM!", "0.00", "#NUM!"),
    ],
)
def test_values_are_shown_as_excel_shows_them(value, code, text):
    assert shown(value, code) == text
