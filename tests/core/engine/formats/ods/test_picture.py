"""A spreadsheet drawn on the screen says what LibreOffice would show."""

from __future__ import annotations

from datetime import date, datetime, time
from decimal import Decimal
from xml.etree.ElementTree import fromstring

import pytest

from core.engine.display import DATE_FORMATS, NUMBER_FORMATS
from core.engine.formats.ods import FORMAT
from core.engine.formats.ods.document import NAMESPACES
from core.engine.formats.ods.number_styles import code_of, data_style
from core.engine.formats.ods.picture import sheets
from core.engine.formats.sheets.looks import TEXT_FORMAT, YES_NO_FORMAT
from core.engine.formats.sheets.picture import CellPicture
from core.engine.values import Kind
from tests.core.engine.formats.xlsx.test_libreoffice import as_csv
from tests.core.engine.formats.xlsx.workbooks import column, workbook

COLUMNS = [
    column(1, "Name", Kind.TEXT),
    column(2, "Amount", Kind.DECIMAL, precision=12, scale=2, format="thousands_decimals"),
    column(3, "Paid", Kind.YES_NO),
    column(4, "Day", Kind.DATE, format="dmy_words"),
    column(5, "At", Kind.TIMESTAMP),
    column(6, "Clock", Kind.TIME),
    column(7, "Share", Kind.DECIMAL, precision=6, scale=4, format="percent_decimals"),
    column(8, "Id", Kind.WHOLE),
    column(9, "Measured", Kind.FLOAT),
]
VALUES = [
    ("00123", Decimal("1234.50"), True, date(2026, 10, 31), datetime(2026, 10, 31, 7, 8, 9), time(7, 30), Decimal("0.125"),
     42, 0.1),
    ("  Zoë\tMüller & <Co>  ", None, False, date(1500, 1, 1), None, None, None, 10**17, 2.5e10),
    ("two\nlines", None, None, None, datetime(2026, 1, 2, 3, 4, 5), time(23, 59, 59), Decimal(-1), -7, -12345.678),
]  # fmt: skip


@pytest.fixture
def made(tmp_path):
    return workbook(tmp_path / "a.ods", COLUMNS, VALUES, format=FORMAT, totals=True, about=True)


def test_every_sheet_is_there_with_its_rows_and_widths(made):
    data, about = sheets(made.path)
    assert (data.name, about.name) == ("Test", "About this export")
    assert [[cell.text for cell in row] for row in data.rows] == [
        ["Name", "Amount", "Paid", "Day", "At", "Clock", "Share", "Id", "Measured"],
        ["00123", "1,234.50", "TRUE", "31 Oct 2026", "2026-10-31 07:08:09", "07:30:00", "12.50%", "42", "0.1"],
        ["  Zoë\tMüller & <Co>  ", "", "FALSE", "1500-01-01", "", "", "", "100000000000000000", "25000000000"],
        ["two\nlines", "", "", "", "2026-01-02 03:04:05", "23:59:59", "-100.00%", "-7", "-12345.678"],
        ["Total", "1,234.50", *[""] * 5, data.rows[-1][7].text, data.rows[-1][8].text],
    ]
    assert len(data.widths) == len(COLUMNS)
    assert all(40 < width < 400 for width in data.widths)
    assert about.rows[0][0].bold


def test_cells_look_as_the_writer_dressed_them(made):
    header, first, *_, total = sheets(made.path)[0].rows
    assert header[0] == CellPicture("Name", "left", bold=True, fill="#3554D1", color="#FFFFFF", wrap=True)
    assert [cell.align for cell in header] == [cell.align for cell in first]
    assert [cell.align for cell in first[:5]] == ["left", "right", "center", "center", "center"]
    assert (first[0].bold, first[0].fill) == (False, "")
    assert total[1].bold


def test_only_the_first_rows_are_drawn(tmp_path):
    made = workbook(tmp_path / "a.ods", [COLUMNS[0]], [(f"M{i}",) for i in range(50)], format=FORMAT)
    [picture] = sheets(made.path, rows=5)
    assert [row[0].text for row in picture.rows] == ["Name", "M0", "M1", "M2", "M3"]


@pytest.mark.parametrize(
    "code",
    dict.fromkeys([
        TEXT_FORMAT, YES_NO_FORMAT, "0", "0.000", "hh:mm:ss", "yyyy-mm-dd hh:mm:ss.000", "dd.mm.yyyy hh:mm:ss.000000",
        *(way.excel for way in NUMBER_FORMATS.values()), *(way.excel for way in DATE_FORMATS.values()),
    ]),
)  # fmt: skip
def test_the_code_of_a_data_style_is_the_one_it_was_made_from(code):
    declared = f'<x xmlns:style="{NAMESPACES["style"]}" xmlns:number="{NAMESPACES["number"]}">'
    [style] = fromstring(f"{declared}{data_style('N1', code)}</x>")
    assert code_of(style) == code


@pytest.mark.slow_real
def test_libreoffice_shows_the_very_same_texts(tmp_path):
    made = workbook(tmp_path / "a.ods", COLUMNS[:8], [row[:8] for row in VALUES], format=FORMAT)
    [shown] = sheets(made.path)
    [rows] = as_csv(made.path, tmp_path).values()
    assert [[cell.text for cell in row] for row in shown.rows] == rows
