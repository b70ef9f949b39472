"""A sample workbook: its sheet, header, and how its cells show dates and numbers (ECMA-376, number formats)."""

from __future__ import annotations

import re
from collections import Counter
from itertools import islice
from pathlib import Path

import openpyxl

from core.engine.display import DATE_FORMATS, NUMBER_FORMATS
from core.engine.ingest.options import Inspection
from core.engine.matching.sample import Sample, SampleColumn

ROWS = 200  # whose cell formats are looked at
COLUMNS = 500
SHEET_NAME = 31  # characters
OPENED = frozenset({"xlsx", "xlsm"})
_DATES = {f.excel: f.key for f in reversed(DATE_FORMATS.values())}
_NUMBERS = {f.excel: f.key for f in NUMBER_FORMATS.values()}
USUAL = {"general", "@", "0", "0.00", "yyyy-mm-dd"}  # what a cell has without anybody asking, or what we write anyway


def read(path: Path, found: list[Inspection]) -> Sample:
    """The first sheet as our options. `found` is what ingest made of the workbook."""
    first = found[0]
    header = bool(first.understood.header_row)
    columns = [
        SampleColumn(column.name if header else "", [text for row in first.rows if (text := row[place])])
        for place, column in enumerate(first.columns)
    ]
    sheet = first.understood.sheet or ""
    sample = Sample("xlsx", columns, {"header": header}, shown=False)
    sample.understood.append(f"A workbook; its sheet is called “{sheet}”.")
    sample.understood.append("The first row holds the names of the columns." if header else "There is no header row.")
    if 0 < len(sheet) <= SHEET_NAME:
        sample.options["sheet_name"] = sheet
    kind = first.understood.format
    if kind != "xlsx":
        sample.differences.append(
            f"The sample is {kind.upper()}; what is written is XLSX, which the same programs open."
        )
    if len(found) > 1:
        others = ", ".join(f"“{one.understood.sheet}”" for one in found[1:])
        sample.differences.append(f"The sample has further sheets ({others}); only the first was compared.")
    if header and (first.understood.header_row or 1) > 1:
        sample.differences.append(
            f"The sample's table begins in row {first.understood.header_row}; here it begins in row 1, and what stands above it "
            "is not written."
        )
    if kind in OPENED:
        _cell_formats(path, sheet, first.understood.header_row or 0, sample)
    return sample


def _cell_formats(path: Path, sheet: str, header_row: int, sample: Sample) -> None:
    with path.open("rb") as file:  # by its bytes: the name of an upload says nothing
        _look(openpyxl.load_workbook(file, read_only=True, keep_links=False), sheet, header_row, sample)


def _look(book: openpyxl.Workbook, sheet: str, header_row: int, sample: Sample) -> None:
    try:
        page = book[sheet]
        page.reset_dimensions()
        rows = page.iter_rows(min_row=max(header_row, 1), max_row=header_row + ROWS, max_col=COLUMNS)
        formats: dict[int, Counter[str]] = {}
        for row in islice(rows, ROWS):
            for cell in row:
                if cell.value is not None:  # a header alone holds its column's place
                    seen = formats.setdefault(cell.column, Counter())
                    seen[_plain(cell.number_format or "General")] += cell.row != header_row
    finally:
        book.close()
    filled = sorted(formats)
    for place, column in zip(filled, sample.columns, strict=False):
        shown = formats[place].most_common(1)[0][0]
        day = shown.split(" ")[0]
        if day in _DATES:
            column.date_key = None if _DATES[day] in ("iso", "day") else _DATES[day]
        elif shown in _NUMBERS:
            column.number_key = None if shown in USUAL else _NUMBERS[shown]
        elif shown not in USUAL and not re.fullmatch(r"\[?h+]?:mm.*", shown):
            sample.differences.append(
                f"“{column.name or place + 1}” is shown as {shown} in the sample; that look is not written here."
            )


def _plain(number_format: str) -> str:
    """An Excel number format without locale, quotes and what follows a semicolon: `[$-407]dd/mm/yyyy;@` → `dd/mm/yyyy`."""
    first = number_format.split(";")[0]
    plain = re.sub(r"\[\$[^\]]*\]|\[(?:red|black|blue)\]|_.|\*.", "", first, flags=re.IGNORECASE)
    return plain.replace("\\", "").replace('"', "").strip().lower()
