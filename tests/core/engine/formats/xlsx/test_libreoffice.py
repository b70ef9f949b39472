"""LibreOffice opens our workbooks and sees what we meant. It must be installed (Debian: libreoffice-calc)."""

from __future__ import annotations

import csv
import shutil
import subprocess
from datetime import date, datetime, time
from decimal import Decimal

import pytest

from core.engine.formats.xlsx import Xlsx
from core.engine.values import Kind
from tests.core.engine import nasty
from tests.core.engine.formats.xlsx.test_nasty_values import nasty_workbook
from tests.core.engine.formats.xlsx.workbooks import column, workbook

pytestmark = pytest.mark.slow_real
EVERY_SHEET = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,true,false,false,-1"  # as shown


def as_csv(path, folder) -> dict[str, list[list[str]]]:
    """Every sheet of a workbook as LibreOffice shows it, by sheet name."""
    assert shutil.which("soffice"), "LibreOffice is not installed: apt-get install libreoffice-calc"
    command = ["soffice", f"-env:UserInstallation=file://{folder}/profile", "--headless", "--convert-to", EVERY_SHEET]
    subprocess.run([*command, "--outdir", folder, path], check=True, capture_output=True, timeout=120)
    sheets = {}
    for found in sorted(folder.glob(f"{path.stem}-*.csv"), key=lambda found: (len(found.name), found.name)):
        with open(found, newline="", encoding="utf-8") as file:
            sheets[found.stem.removeprefix(path.stem + "-")] = list(csv.reader(file))
    return sheets


def test_libreoffice_shows_the_values_as_they_were(tmp_path):
    columns = [
        column(1, "Text", Kind.TEXT),
        column(2, "Whole", Kind.WHOLE),
        column(3, "Price", Kind.DECIMAL, precision=12, scale=2),
        column(4, "Yes", Kind.YES_NO),
        column(5, "Day", Kind.DATE),
        column(6, "At", Kind.TIMESTAMP),
        column(7, "Clock", Kind.TIME),
        column(8, "Id", Kind.WHOLE),
    ]
    values = [
        ("00123", 123456789012345, Decimal("0.10"), True, date(1900, 3, 1), datetime(2026, 10, 31, 7, 8, 9), time(7, 30), 1),
        ("=1+1", -1, Decimal("-5.00"), False, date(1850, 1, 1), datetime(9999, 12, 31, 23, 59, 59), time(0), 10**17),
        (None,) * 8,
    ]  # fmt: skip
    made = workbook(tmp_path / "plain.xlsx", columns, values, totals=True)
    [rows] = as_csv(made.path, tmp_path).values()
    assert rows == [
        ["Text", "Whole", "Price", "Yes", "Day", "At", "Clock", "Id"],
        ["00123", "123456789012345", "0.10", "TRUE", "1900-03-01", "2026-10-31 07:08:09", "07:30:00", "1"],
        ["=1+1", "-1", "-5.00", "FALSE", "1850-01-01", "9999-12-31 23:59:59", "00:00:00", "100000000000000000"],
        [""] * 8,
        ["Total", "123456789012344", "-4.90", "", "", "", "", ""],
    ]


def test_libreoffice_reads_the_texts_of_the_nasty_table(tmp_path):
    made = nasty_workbook(tmp_path)
    sheets = as_csv(made.path, tmp_path)
    assert list(sheets) == ["Nasty a table", "About this export"]
    found = [row[0] for row in sheets["Nasty a table"][1:-1]]
    unheard = {"control \x01\x02\x1f\x0b", "_x0041\x01", "\ufffe\uffff"}  # LibreOffice drops control characters

    def shown(text: str | None) -> str:
        return (text or "").replace("\r\n", "\n").replace("\r", "\n")

    for text, cell in zip(nasty.cells(nasty.COLUMNS[0]), found, strict=True):
        if text not in unheard:
            assert shown(cell) == shown(text)


def test_libreoffice_computes_the_same_total_over_several_sheets(tmp_path):
    columns = [column(1, "Name", Kind.TEXT), column(2, "Amount", Kind.DECIMAL, precision=12, scale=2)]
    values = [(f"Member {i}", Decimal(i) / 4) for i in range(1, 21)]
    made = workbook(tmp_path / "sums.xlsx", columns, values, totals=True, format=Xlsx(sheet_rows=10))
    sheets = as_csv(made.path, tmp_path)
    assert list(sheets) == ["Test", "Test (2)", "Test (3)"]
    assert sheets["Test (3)"][-1] == ["Total", "52.50"]
    assert [len(rows) for rows in sheets.values()] == [9, 9, 6]
