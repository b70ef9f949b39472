"""LibreOffice opens our OpenDocument files and sees what we meant. It must be installed (Debian: libreoffice-calc)."""

from __future__ import annotations

import csv
import subprocess
from datetime import date, datetime, time
from decimal import Decimal

import openpyxl
import pytest

from core.engine.formats.ods import FORMAT, Ods
from core.engine.values import Kind
from tests.core.engine import nasty
from tests.core.engine.formats.ods.test_nasty_values import expected, nasty_spreadsheet
from tests.core.engine.formats.xlsx.test_libreoffice import as_csv
from tests.core.engine.formats.xlsx.workbooks import column, workbook

pytestmark = pytest.mark.slow_real


def test_libreoffice_shows_the_values_as_they_were(tmp_path):
    columns = [
        column(1, "Text", Kind.TEXT),
        column(2, "Whole", Kind.WHOLE),
        column(3, "Price", Kind.DECIMAL, precision=12, scale=2),
        column(4, "Yes", Kind.YES_NO),
        column(5, "Day", Kind.DATE),
        column(6, "At", Kind.TIMESTAMP, format="mdy_slash"),
        column(7, "Clock", Kind.TIME),
        column(8, "Share", Kind.DECIMAL, precision=6, scale=4, format="percent_decimals"),
        column(9, "Sum", Kind.FLOAT, format="thousands_decimals"),
    ]
    values = [
        ("00123", 123456789012345, Decimal("0.10"), True, date(1582, 10, 15), datetime(2026, 10, 31, 7, 8, 9), time(7, 30),
         Decimal("0.125"), 1234567.5),
        ("=1+1", -1, Decimal("-5.00"), False, date(1582, 10, 14), datetime(9999, 12, 31, 23, 59, 59), time(0), Decimal(1), -2.0),
        (None,) * 9,
    ]  # fmt: skip
    made = workbook(tmp_path / "plain.ods", columns, values, format=FORMAT, totals=True)
    [rows] = as_csv(made.path, tmp_path).values()
    assert rows == [
        ["Text", "Whole", "Price", "Yes", "Day", "At", "Clock", "Share", "Sum"],
        ["00123", "123456789012345", "0.10", "TRUE", "1582-10-15", "10/31/2026 07:08:09", "07:30:00", "12.50%", "1,234,567.50"],
        ["=1+1", "-1", "-5.00", "FALSE", "1582-10-14", "12/31/9999 23:59:59", "00:00:00", "100.00%", "-2.00"],
        [""] * 9,
        ["Total", "123456789012344", "-4.90", "", "", "", "", "", "1,234,565.50"],
    ]  # fmt: skip


def test_libreoffice_reads_the_texts_of_the_nasty_table(tmp_path):
    sheets = as_csv(nasty_spreadsheet(tmp_path).path, tmp_path)
    assert list(sheets) == ["Nasty a table", "About this export"]
    for index in (0, 1, 12):
        column = nasty.COLUMNS[index]
        found = [row[index] for row in sheets["Nasty a table"][1:-1]]
        assert found == [expected(column, text) for text in nasty.cells(column)]


def test_libreoffice_computes_the_same_total_over_several_sheets(tmp_path):
    columns = [column(1, "Name", Kind.TEXT), column(2, "Amount", Kind.DECIMAL, precision=12, scale=2)]
    values = [(f"Member {i}", Decimal(i) / 4) for i in range(1, 21)]
    made = workbook(tmp_path / "sums.ods", columns, values, totals=True, format=Ods(sheet_rows=10))
    sheets = as_csv(made.path, tmp_path)
    assert list(sheets) == ["Test", "Test (2)", "Test (3)"]
    assert sheets["Test (3)"][-1] == ["Total", "52.50"]


@pytest.fixture
def long_fields():
    before = csv.field_size_limit(1_000_000)
    yield
    csv.field_size_limit(before)


@pytest.mark.usefixtures("long_fields")
def test_libreoffice_keeps_texts_longer_than_an_excel_cell(tmp_path):
    made = workbook(tmp_path / "long.ods", [column(1, "Text", Kind.TEXT)], [("x" * 100_000,)], format=FORMAT)
    [rows] = as_csv(made.path, tmp_path).values()
    assert rows[1] == ["x" * 100_000]


def test_libreoffice_finds_the_filter_the_header_and_the_formats(tmp_path):
    """What it understood is seen in the workbook it makes of the file, read by openpyxl."""
    columns = [
        column(1, "Name", Kind.TEXT),
        column(2, "Amount", Kind.DECIMAL, precision=12, scale=2, format="thousands_decimals"),
        column(3, "Day", Kind.DATE, format="dmy_dot"),
        column(4, "At", Kind.TIMESTAMP),
    ]
    values = [("00123", Decimal("1234.5"), date(2026, 10, 31), datetime(2026, 10, 31, 7, 8, 9, 120_000))]
    made = workbook(tmp_path / "looks.ods", columns, values, format=FORMAT, totals=True)
    command = ["soffice", f"-env:UserInstallation=file://{tmp_path}/profile", "--headless", "--convert-to", "xlsx"]
    subprocess.run([*command, "--outdir", tmp_path, made.path], check=True, capture_output=True, timeout=120)
    sheet = openpyxl.load_workbook(tmp_path / "looks.xlsx").active
    assert sheet.auto_filter.ref == "A1:D2"
    assert sheet.print_title_rows == "$1:$1"
    assert [cell.number_format.lower().replace("\\", "") for cell in sheet[2]] == [
        "@",
        "#,##0.00",
        "dd.mm.yyyy",
        "yyyy-mm-dd hh:mm:ss.000",
    ]
    assert [cell.value for cell in sheet[2]] == ["00123", 1234.5, datetime(2026, 10, 31), values[0][3]]
    assert sheet["A1"].font.bold
    assert sheet["A1"].fill.fgColor.rgb == "FF3554D1"
    assert sheet["B3"].value == "=SUBTOTAL(109,B2:B2)"
