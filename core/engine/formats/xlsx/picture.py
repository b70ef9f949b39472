"""A small finished workbook as a person would see it: sheets of cells with the text Excel shows and how it looks.

Read with openpyxl from the real file, so that what the screen draws is what the writer wrote. Number formats are those our
writer uses; any other is shown like General.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any, Literal

from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from core.engine.formats.sheets.codes import MINUTES, is_moment, moment_tokens, places

DIGIT_PIXELS = 7  # of the default font: what a column's width in characters is multiplied by
STANDARD_WIDTH = 9.14  # characters of a column that says nothing
GENERAL = 11  # characters General shows a number in, the sign left aside
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
NUMBER_CODE = re.compile(r"(#,##)?0(\.0+)?%?")
Align = Literal["left", "right", "center"]


@dataclass(frozen=True)
class CellPicture:
    text: str
    align: Align = "left"
    bold: bool = False
    fill: str = ""  # "#3554D1"; "" where there is none
    color: str = ""  # of the text; "" for the usual one


@dataclass(frozen=True)
class SheetPicture:
    name: str
    widths: tuple[int, ...]  # pixels
    rows: tuple[tuple[CellPicture, ...], ...]  # all equally long, header and totals among them


def sheets(path: Path, rows: int = 20) -> list[SheetPicture]:
    """The first `rows` rows of every sheet of a workbook of ours. The file is read whole: it should be small."""
    book = load_workbook(path, data_only=True)
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
    filled = cell.fill.fill_type == "solid"
    return CellPicture(
        shown(cell.value, cell.number_format),
        cell.alignment.horizontal or _usual_side(cell.value),
        bool(cell.font.bold),
        _color(cell.fill.fgColor) if filled else "",
        _color(cell.font.color),
    )


def _color(color: Any) -> str:
    """An RGB colour; colours of the theme are the usual ones, and none."""
    return f"#{color.rgb[-6:]}" if color is not None and color.type == "rgb" else ""


def _usual_side(value: object) -> Align:
    if isinstance(value, bool):
        return "center"
    return "right" if isinstance(value, int | float | date | time) else "left"


def shown(value: object, code: str) -> str:
    """The text Excel shows for a value with that number format code."""
    if value is None:
        return ""
    if isinstance(value, str):  # `_x000D_` stands for the character of that number (ECMA-376 22.9.2.19)
        return re.sub(r"_x([0-9A-Fa-f]{4})_", lambda match: chr(int(match[1], 16)), value)
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, date | time):
        return _moment(value, code if is_moment(code) else "yyyy-mm-dd")
    number = Decimal(repr(value))
    if NUMBER_CODE.fullmatch(code):
        number = number * 100 if code.endswith("%") else number
        rounded = number.quantize(Decimal(1).scaleb(-places(code)), ROUND_HALF_UP) if abs(number) < 10**24 else number
        text = f"{rounded:,f}" if "," in code else f"{rounded:f}"
        text = text.removeprefix("-") if not rounded else text  # Excel shows no minus before a zero
        return text + "%" * code.endswith("%")
    return _general(number)


def _general(number: Decimal) -> str:
    """As many digits as fit in eleven characters, else in scientific notation with five places."""
    whole = max(1, number.adjusted() + 1)
    if whole <= GENERAL and (abs(number) >= Decimal("0.0001") or len(f"{abs(number):f}") <= GENERAL):
        room = max(0, GENERAL - whole - 1)
        text = f"{number.quantize(Decimal(1).scaleb(-room), ROUND_HALF_UP):f}"
        return text.rstrip("0").rstrip(".") if "." in text else text
    mantissa, _, exponent = f"{number:.5E}".partition("E")
    sign, digits = exponent[0], exponent[1:].zfill(2)
    return f"{mantissa.rstrip('0').rstrip('.')}E{sign}{digits}"


def _moment(value: date | time, code: str) -> str:
    day = value if isinstance(value, date) else date(1900, 1, 1)
    clock = value.time() if isinstance(value, datetime) else value if isinstance(value, time) else time()
    parts = {
        "yyyy": f"{day.year:04}",
        "mmm": MONTHS[day.month - 1],
        "mm": f"{day.month:02}",
        "dd": f"{day.day:02}",
        "d": str(day.day),
        "hh": f"{clock.hour:02}",
        MINUTES: f"{clock.minute:02}",
        "ss": f"{clock.second:02}",
        "ss.000": f"{clock.second:02}.{clock.microsecond // 1000:03}",
    }
    return "".join(parts.get(token, token) for token in moment_tokens(code))
