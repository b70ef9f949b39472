"""How each column looks in a workbook: number format, width, alignment, header."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from core.engine.display import DATE_FORMATS, NUMBER_FORMATS
from core.engine.formats.sheets.options import SheetOptions
from core.engine.formats.sheets.values import Facts, Reach
from core.engine.rendering import OutColumn
from core.engine.values import NUMBERS, TEXTS, Kind

EVEN_WIDTH = 18  # characters
PLACES = 30  # digits after the point an Excel format may show
NARROWEST, WIDEST, WIDEST_HEADER = 6, 60, 32
PADDING = 2  # characters of air in a cell
BUTTON = 3  # characters a filter button covers
GENERAL_WIDTH = 12  # Excel shows a number without a format in at most 11 characters
YES_NO_FORMAT = '"TRUE";"TRUE";"FALSE"'  # Excel shows the words anyway; LibreOffice would show 1 and 0
TEXT_FORMAT = "@"  # editing 00123 keeps it text
LINE = 15  # points, the height of a line in the default font
BAND, INK, RULE = "3554D1", "1B2233", "9CA3AF"  # colours of the header, of bold text, of the lines round totals
ABOUT_WIDTHS = (26, 90)  # characters
ABOUT_CHARACTERS = 2_000  # a longer text goes on in the next row: Excel shows at most 27 lines of one
LONGEST_TEXT_FORMAT = 255  # characters; older Excels show ##### for more in such a cell


@dataclass(frozen=True)
class Look:
    header: str
    number_format: str
    width: float  # characters of the default font
    align: Literal["left", "right", "center"]  # of the header and the values beneath it
    align_cells: bool  # Excel's own alignment would differ, as for numbers beside text that stands for numbers
    holds_text: bool
    header_lines: int = 1


def looks(
    columns: Sequence[OutColumn], facts: Sequence[Facts], options: SheetOptions, zone: str, reach: Reach
) -> tuple[Look, ...]:
    return tuple(_look(column, fact, options, zone, reach) for column, fact in zip(columns, facts, strict=True))


def _look(column: OutColumn, fact: Facts, options: SheetOptions, zone: str, reach: Reach) -> Look:
    real = options.real_values
    header = f"{column.label} ({zone})" if real and column.kind is Kind.TIMESTAMP_TZ else column.label
    text = not real or column.kind in TEXTS
    number_format = number_format_of(column, fact, reach) if not text else TEXT_FORMAT
    if text and fact.longest > LONGEST_TEXT_FORMAT:
        number_format = "General"
    width, lines = _width(column, fact, number_format, header, options)
    return Look(
        header=header,
        number_format=number_format,
        width=width,
        align="left" if text else "right" if column.kind in NUMBERS else "center",
        align_cells=not text and (bool(fact.as_text) or column.kind not in NUMBERS),
        holds_text=text or bool(fact.as_text),
        header_lines=lines,
    )


def number_format_of(column: OutColumn, fact: Facts, reach: Reach) -> str:
    """The Excel number format of a column of real values: the one people chose, else one that shows every digit."""
    places = 0 if not fact.fractions else 3 if reach.milliseconds or not fact.finer else 6
    seconds = "hh:mm:ss." + "0" * places if places else "hh:mm:ss"
    if column.kind in NUMBERS:
        chosen = NUMBER_FORMATS.get(column.format or "")
        if chosen:
            return chosen.excel
        if column.kind is Kind.WHOLE or (column.kind is Kind.DECIMAL and column.scale == 0):
            return "0"
        loose = column.kind is Kind.FLOAT or column.trim or column.scale is None
        return "General" if loose else "0." + "0" * min(column.scale or 0, PLACES)
    if column.kind is Kind.TIME:
        return seconds
    if column.kind in (Kind.DATE, Kind.TIMESTAMP, Kind.TIMESTAMP_TZ):
        way = DATE_FORMATS.get(column.format or "") or DATE_FORMATS["iso"]
        return way.excel if column.kind is Kind.DATE or not way.with_time else f"{way.excel} {seconds}"
    return YES_NO_FORMAT if column.kind is Kind.YES_NO else "General"


def _width(column: OutColumn, fact: Facts, number_format: str, header: str, options: SheetOptions) -> tuple[float, int]:
    """Width in characters, and how many lines the header takes in it."""
    name = display_width(header) * (1.1 if options.header_style != "plain" else 1) if options.header else 0
    name += BUTTON if options.header and options.filter else 0
    width: float = EVEN_WIDTH
    if options.widths == "fit":
        content = min(_content_width(column, fact, number_format), WIDEST)
        width = round(max(NARROWEST, content + PADDING, min(name + PADDING, WIDEST_HEADER)), 1)
    return width, min(4, max(1, -(-int(name) // max(1, int(width) - 1))))


def _content_width(column: OutColumn, fact: Facts, number_format: str) -> float:
    if fact.as_text and column.kind is not Kind.FLOAT:
        return 26.0
    if number_format == TEXT_FORMAT or column.kind in TEXTS:
        if column.kind in TEXTS:
            # characters of three bytes and more are mostly as wide as two
            return fact.longest * (1.8 if fact.biggest > 2 * fact.longest else 1.05)
        return 20.0
    if column.kind in NUMBERS:
        if number_format == "General":
            return GENERAL_WIDTH
        largest = [abs(fact.lowest), abs(fact.highest), abs(float(fact.total or 0))]
        scale = 100 if number_format.endswith("%") else 1
        places = len(number_format.rstrip("%").partition(".")[2])
        return len(
            f"{max(largest) * scale:,.{places}f}" if "," in number_format else f"{max(largest) * scale:.{places}f}"
        ) + (fact.lowest < 0)
    if column.kind is Kind.YES_NO:
        return 6.0
    return float(len(number_format) + number_format.startswith("d "))  # `d` alone is one digit or two


def display_width(text: str) -> int:
    """Columns a text takes where East Asian characters take two and combining marks none."""
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def about_lines(lines: Sequence[tuple[str, str]]) -> Iterator[tuple[str, str, int]]:
    """(name, text, height in points) of the rows of a sheet about the export; a text too long for one goes on in the next."""
    for name, text in lines:
        for begin in range(0, max(1, len(text)), ABOUT_CHARACTERS):
            piece = text[begin : begin + ABOUT_CHARACTERS]
            wide = ABOUT_WIDTHS[1] - 5
            count = sum(max(1, -(-display_width(line) // wide)) for line in piece.splitlines() or [""])
            yield name, piece, min(count, 27) * LINE + 3
