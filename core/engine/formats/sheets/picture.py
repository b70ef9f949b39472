"""A small finished workbook as a person would see it: sheets of cells with the text its program shows and how it looks.

Each kind of workbook reads its own real file into these; what a number or a moment looks like is one thing for all of them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal, TypeAlias

from core.engine.formats.sheets.codes import MINUTES, is_moment, moment_tokens, places

GENERAL = 11  # characters General shows a number in, the sign left aside
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
NUMBER_CODE = re.compile(r"(#,##)?0(\.0+)?%?")
Align = Literal["left", "right", "center"]
Value: TypeAlias = str | bool | int | float | Decimal | date | time | None


@dataclass(frozen=True)
class CellPicture:
    text: str
    align: Align = "left"
    bold: bool = False
    fill: str = ""  # "#3554D1"; "" where there is none
    color: str = ""  # of the text; "" for the usual one
    wrap: bool = False  # whether a long text goes on in the next line of its cell


@dataclass(frozen=True)
class SheetPicture:
    name: str
    widths: tuple[int, ...]  # pixels
    rows: tuple[tuple[CellPicture, ...], ...]  # all equally long, header and totals among them


def usual_side(value: Value) -> Align:
    """Where a program puts a value whose cell says nothing of it."""
    if isinstance(value, bool):
        return "center"
    return "right" if isinstance(value, int | float | Decimal | date | time) else "left"


def shown(value: Value, code: str, general: int = GENERAL) -> str:
    """The text of a value in a cell of that number format code; `general` characters are there where the code is General."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, date | time):
        return _moment(value, code if is_moment(code) else "yyyy-mm-dd")
    number = value if isinstance(value, Decimal) else Decimal(repr(value))
    if NUMBER_CODE.fullmatch(code):
        number = number * 100 if code.endswith("%") else number
        rounded = number.quantize(Decimal(1).scaleb(-places(code)), ROUND_HALF_UP) if abs(number) < 10**24 else number
        text = f"{rounded:,f}" if "," in code else f"{rounded:f}"
        text = text.removeprefix("-") if not rounded else text  # no program shows a minus before a zero
        return text + "%" * code.endswith("%")
    return _general(number, general)


def _general(number: Decimal, room: int) -> str:
    """As many digits as fit in so many characters, else in scientific notation with five places."""
    whole = max(1, number.adjusted() + 1)
    if whole <= room and (abs(number) >= Decimal("0.0001") or len(f"{abs(number):f}") <= room):
        behind = max(0, room - whole - 1)
        text = f"{number.quantize(Decimal(1).scaleb(-behind), ROUND_HALF_UP):f}"
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
    }
    return "".join(parts.get(token) or _fraction(token, clock) for token in moment_tokens(code))


def _fraction(token: str, clock: time) -> str:
    """ "ss.000" and the like; anything else stands for itself."""
    if not token.startswith("ss."):
        return token
    digits = len(token) - 3
    return f"{clock.second:02}." + f"{clock.microsecond:06}"[:digits]
