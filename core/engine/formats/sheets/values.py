"""Which values a cell can hold as a number, a date or a time, and what stands in it where it cannot: SQL for every kind.

Spreadsheets compute in doubles: 15 significant digits are safe (Microsoft's own limit), more are written as text.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from core.engine.rendering import OutColumn
from core.engine.session import quoted
from core.engine.text import plain, wall
from core.engine.values import Kind

EXACT_DIGITS = 15  # significant digits a spreadsheet keeps of a number
LARGEST_WHOLE = 10**EXACT_DIGITS - 1
LAST_DATE = "9999-12-31"


@dataclass(frozen=True)
class Reach:
    """What the sheets of one kind of file can hold, and how sentences call the program they are for."""

    program: str  # "Excel"
    article: str  # "an"
    first_date: str  # earlier ones are written as text
    text_units: int | None = None  # UTF-16 units a cell holds; None: no limit
    milliseconds: bool = False  # times are cut to milliseconds
    controls: bool = True  # control characters, carriage returns and tabs survive
    sheet_rows: int = 1_048_576  # rows of a sheet, header and totals included
    sheet_columns: int = 16_384

    @property
    def named(self) -> str:
        return f"{self.article} {self.program}"


@dataclass(frozen=True)
class Facts:
    """What a survey of one column found before the first row is written."""

    filled: int  # values that are not NULL
    rows: int
    longest: int = 0  # text: characters in the longest value
    biggest: int = 0  # text: UTF-8 bytes of the biggest value
    bytes: int = 0  # text: UTF-8 bytes of all values
    controls: int = 0  # text: values with characters the file cannot hold
    returns: int = 0  # text: values with carriage returns the file cannot hold
    tabs: int = 0  # text: values with tabs, where not every reader keeps them
    lowest: float = 0.0  # numbers, as far as they stay numbers
    highest: float = 0.0
    long_numbers: int = 0  # numbers of more than 15 significant digits
    not_finite: int = 0  # NaN, ±Infinity, infinite dates
    unreachable: int = 0  # finite dates and times the program has no number for
    fractions: int = 0  # times of day that have a fraction of a second
    finer: int = 0  # times of day finer than a millisecond
    total: str | None = None  # the sum of what stays a number, as text

    @property
    def full(self) -> bool:
        """No value is NULL."""
        return self.filled == self.rows

    @property
    def as_text(self) -> int:
        """Values that stand as text in a column of numbers, dates or times."""
        return self.long_numbers + self.not_finite + self.unreachable

    @property
    def summed(self) -> bool:
        """The column has a total: a sum that leaves some values out would mislead."""
        return self.total is not None and not self.as_text


def naive(column: OutColumn, zone: str) -> str:
    """The value as a cell can take it: an instant becomes the wall-clock time in the export's zone."""
    name = quoted(column.key)
    return wall(name, zone) if column.kind is Kind.TIMESTAMP_TZ else name


def as_text(column: OutColumn, zone: str) -> str:
    """What stands in a cell that cannot hold the true number, date or time: its plain text, in the zone of its column."""
    return f"{naive(column, zone)}::varchar" if column.kind is Kind.TIMESTAMP_TZ else plain(column, zone)


def is_long(column: OutColumn) -> str:
    """SQL that is true of a number with more than 15 significant digits; "" where none can have them."""
    name = quoted(column.key)
    if column.kind is Kind.WHOLE:
        return f"{name} not between -{LARGEST_WHOLE} and {LARGEST_WHOLE}"
    if column.kind is not Kind.DECIMAL or (column.precision is not None and column.precision <= EXACT_DIGITS):
        return ""
    text = f"{name}::varchar"
    trimmed = f"case when contains({text}, '.') then rtrim({text}, '0') else {text} end"
    digits = f"length(ltrim(replace(replace({trimmed}, '-', ''), '.', ''), '0')) > {EXACT_DIGITS}"
    if column.scale is None or column.scale >= EXACT_DIGITS:
        return f"({digits})"
    return f"(abs({name}) >= {10 ** (EXACT_DIGITS - column.scale)} and {digits})"


def is_unreachable(column: OutColumn, zone: str, reach: Reach) -> str:
    """SQL that is true of a date or time a cell has no number for, infinite ones included."""
    name = quoted(column.key)
    if column.kind is Kind.DATE:
        return f"{name} not between date '{reach.first_date}' and date '{LAST_DATE}'"
    if column.kind is Kind.TIME:
        return f"{name} >= time '24:00:00'"
    outside = f"({{0}} < timestamp '{reach.first_date}' or {{0}} >= timestamp '10000-01-01')"
    if column.kind is Kind.TIMESTAMP:
        return outside.format(name)
    # converting an instant is dear, and no zone is more than a day away from UTC
    first = date.fromisoformat(reach.first_date) + timedelta(days=2)
    near = f"{name} between timestamptz '{first} 00:00:00+00' and timestamptz '9999-12-29 00:00:00+00'"
    return f"(not {near} and (not isfinite({name}) or {outside.format(naive(column, zone))}))"


def instead(column: OutColumn, facts: Facts, zone: str, reach: Reach) -> str:
    """SQL that is true where text must stand for the true value; "" where every value can be held."""
    if not facts.as_text:
        return ""
    if column.kind is Kind.FLOAT:
        return f"not isfinite({quoted(column.key)})"
    if column.kind in (Kind.WHOLE, Kind.DECIMAL):
        return is_long(column)
    return is_unreachable(column, zone, reach)
