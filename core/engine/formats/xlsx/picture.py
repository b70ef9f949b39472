"""A small finished workbook as Excel would show it.

Read with openpyxl from the real file, so that what the screen draws is what the writer wrote. Number formats are those our
writer uses; any other is shown like General.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from core.engine.formats.sheets.picture import CellPicture, SheetPicture, shown, usual_side

DIGIT_PIXELS = 7  # of the default font: what a column's width in characters is multiplied by
STANDARD_WIDTH = 9.14  # characters of a column that says nothing
ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")  # stands for the character of that number (ECMA-376 22.9.2.19)


def sheets(path: Path, rows: int = 20) -> list[SheetPicture]:
    """The first `rows` rows of every sheet of a workbook of ours. The file is read whole: it should be small."""
    with path.open("rb") as file:
        book = load_workbook(file, data_only=True)
        try:
            return [
                SheetPicture(sheet.title, tuple(_widths(sheet)), tuple(_rows(sheet, rows))) for sheet in book.worksheets
            ]
        finally:
            book.close()


def _widths(sheet: Worksheet) -> Iterator[int]:
    known = {
        number: dimension.width
        for dimension in sheet.column_dimensions.values()
        for number in range(dimension.min, dimension.max + 1)
    }
    for number in range(1, sheet.max_column + 1):
        yield round(known.get(number, STANDARD_WIDTH) * DIGIT_PIXELS)


def _rows(sheet: Worksheet, rows: int) -> Iterator[tuple[CellPicture, ...]]:
    for row in sheet.iter_rows(max_row=min(rows, sheet.max_row)):
        yield tuple(_cell(cell) for cell in row)


def _cell(cell: Any) -> CellPicture:
    value = ESCAPED.sub(_character, cell.value) if isinstance(cell.value, str) else cell.value
    text = shown(value, cell.number_format)
    wrap = bool(cell.alignment.wrap_text)
    return CellPicture(
        text if wrap else text.replace("\n", ""),  # Excel begins a new line only where the cell wraps
        cell.alignment.horizontal or usual_side(value),
        bool(cell.font.bold),
        _color(cell.fill.fgColor) if cell.fill.fill_type == "solid" else "",
        _color(cell.font.color),
        wrap,
    )


def _character(found: re.Match[str]) -> str:
    return chr(int(found[1], 16))


def _color(color: Any) -> str:
    """An RGB colour; colours of the theme are the usual ones, and none."""
    return f"#{color.rgb[-6:]}" if color is not None and color.type == "rgb" else ""
