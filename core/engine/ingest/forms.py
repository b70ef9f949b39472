"""The ways values are written: each form knows its shape, its SQL, and the words people use for it.

A form's pattern is read both by Python (on a sample) and by DuckDB (on every value), so it uses only what RE2 and `re`
share. A value belongs to a form if it matches and its SQL gives a value; only then is nothing lost by typing it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

from core.engine.session import literal
from core.engine.values import Kind


@dataclass(frozen=True)
class Form:
    """One way of writing. `sql` turns a text expression into a typed one (NULL where it does not parse)."""

    key: str
    kind: Kind
    pattern: str
    sql: Callable[[str], str]
    words: str  # "dates written 31/12/2024"
    decimal: str | None = None  # numbers: "." or ","
    group: str = ""  # numbers: what stands between thousands
    order: str | None = None  # dates: dmy, mdy, ymd
    rank: int = 0  # of several forms that fit every value, the lowest is taken

    @cached_property
    def regex(self) -> re.Pattern[str]:
        return re.compile(self.pattern)

    def fits(self, value: str) -> bool:
        return self.regex.fullmatch(value) is not None

    def matches(self, text: str) -> str:
        """SQL: whether the text has this shape."""
        return f"regexp_full_match({text}, {literal(self.pattern)})"

    def value(self, text: str) -> str:
        """SQL: the typed value, NULL where the text is not of this form."""
        return f"case when {self.matches(text)} then {self.sql(text)} end"


def plain(form: Form) -> Callable[[str], str]:
    """SQL that rewrites a number of this form to digits with a point."""

    def rewrite(text: str) -> str:
        if form.group:
            text = f"replace({text}, {literal(form.group)}, '')"
        return f"replace({text}, ',', '.')" if form.decimal == "," else text

    return rewrite


NO_ZERO_LED = "(0|[1-9][0-9]*)"


def _number(key: str, decimal: str, group: str, words: str, rank: int) -> Form:
    point = re.escape(decimal)
    if group:
        mark = re.escape(group)
        body = f"([1-9][0-9]{{0,2}}({mark}[0-9]{{3}})+|[1-9][0-9]{{0,2}}|0)"
    else:
        body = NO_ZERO_LED
    return Form(key, Kind.DECIMAL, f"-?{body}({point}[0-9]+)?", str, words, decimal=decimal, group=group, rank=rank)


WHOLES = Form("whole", Kind.WHOLE, f"-?{NO_ZERO_LED}", str, "whole numbers")
NUMBERS: tuple[Form, ...] = (
    WHOLES,
    _number("plain", ".", "", "numbers", 0),
    _number("comma", ",", "", "numbers with a decimal comma, such as 1234,56", 1),
    _number("group_comma", ".", ",", "numbers such as 1,234.56", 2),
    _number("group_dot", ",", ".", "numbers such as 1.234,56", 2),
    _number("group_space_comma", ",", " ", "numbers such as 1 234,56", 3),
    _number("group_nbsp_comma", ",", "\u00a0", "numbers such as 1 234,56", 3),
    _number("group_nnbsp_comma", ",", "\u202f", "numbers such as 1 234,56", 3),
    _number("group_space", ".", " ", "numbers such as 1 234.56", 4),
    _number("group_nbsp", ".", "\u00a0", "numbers such as 1 234.56", 4),
    _number("group_apostrophe", ".", "'", "numbers such as 1'234.56", 3),
    _number("group_quote", ".", "’", "numbers such as 1’234.56", 3),
)
PLAIN = NUMBERS[1]

# What a person may insist on: zeros in front and a plus sign are then no reason to keep text.
LOOSE_NUMBERS = tuple(
    Form(f"loose{mark}", Kind.DECIMAL, f"[-+]?[0-9]+({re.escape(mark)}[0-9]+)?", str, "numbers", decimal=mark, rank=10)
    for mark in (".", ",")
)

CLOCK = "([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9]([.][0-9]{1,6})?)?"
YEAR = "(000[1-9]|00[1-9][0-9]|0[1-9][0-9]{2}|[1-9][0-9]{3})"  # 0001 to 9999
ISO_DAY = f"{YEAR}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
ZONE = "(Z|[+-]([01][0-9]|2[0-3])(:?[0-5][0-9])?)"
DAY, MONTH = "(0?[1-9]|[12][0-9]|3[01])", "(0?[1-9]|1[0-2])"
NAMES = "(?i:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)"
LONG_NAMES = "(?i:january|february|march|april|may|june|july|august|september|october|november|december)"
HOURS12 = "(0?[1-9]|1[0-2]):[0-5][0-9]"


def _cast(kind: str) -> Callable[[str], str]:
    return lambda text: f"try_cast({text} as {kind})"


def _parse(pattern: str, kind: str) -> Callable[[str], str]:
    return lambda text: f"try_cast(try_strptime({text}, {literal(pattern)}) as {kind})"


def _iso_zoned(text: str) -> str:
    # DuckDB wants a colon in an offset with minutes, and no comma before fractions.
    return f"try_cast(regexp_replace({text}, '([+-][0-9]{{2}})([0-9]{{2}})$', '\\1:\\2') as timestamptz)"


CLOCKS_BESIDE = (  # key, shape, strptime, example
    ("hm", "([01]?[0-9]|2[0-3]):[0-5][0-9]", "%H:%M", "17:45"),
    ("hms", "([01]?[0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]", "%H:%M:%S", "17:45:00"),
    ("hm12", f"{HOURS12} ?(?i:am|pm)", "%I:%M %p", "5:45 PM"),
    ("hms12", f"{HOURS12}:[0-5][0-9] ?(?i:am|pm)", "%I:%M:%S %p", "5:45:00 PM"),
)


# Days in numbers and with English month names: how they are put together, an example, the order, the rank.
DAYS: tuple[tuple[str, str, str | None, int], ...] = (
    ("Y/M/D", "2024/12/31", "ymd", 1),
    ("Y.M.D", "2024.12.31", "ymd", 1),
    ("D/M/Y", "31/12/2024", "dmy", 1),
    ("D-M-Y", "31-12-2024", "dmy", 1),
    ("D.M.Y", "31.12.2024", "dmy", 1),  # nobody writes month.day.year
    ("M/D/Y", "12/31/2024", "mdy", 2),
    ("M-D-Y", "12-31-2024", "mdy", 2),
    ("D B Y", "31 Dec 2024", None, 1),
    ("D-B-Y", "31-Dec-2024", None, 1),
    ("D F Y", "31 December 2024", None, 2),
    ("B D, Y", "Dec 31, 2024", None, 1),
    ("F D, Y", "December 31, 2024", None, 2),
)
PARTS = {
    "Y": (YEAR, "%Y"),
    "M": (MONTH, "%m"),
    "D": (DAY, "%d"),
    "B": (NAMES, "%b"),
    "F": (LONG_NAMES, "%B"),
    ".": (r"\.", "."),
}


def _dates() -> Iterator[Form]:
    """Every way to write a day, alone and with a time of day."""
    for key, example, order, rank in DAYS:
        shape = "".join(PARTS.get(letter, (letter, letter))[0] for letter in key)
        pattern = "".join(PARTS.get(letter, (letter, letter))[1] for letter in key)
        words = f"dates such as {example}"
        yield Form(key, Kind.DATE, shape, _parse(pattern, "date"), words, order=order, rank=rank)
        for clock, clock_shape, clock_pattern, time in CLOCKS_BESIDE:
            both, words = f"{shape},? {clock_shape}", f"dates with a time such as {example} {time}"
            sql = _spaced(f"{pattern} {clock_pattern}")
            yield Form(f"{key} {clock}", Kind.TIMESTAMP, both, sql, words, order=order, rank=rank)


def _spaced(pattern: str) -> Callable[[str], str]:
    """Parse a day and a clock; a comma between them and a missing space before AM or PM are read alike."""

    def sql(text: str) -> str:
        tidy = f"regexp_replace(regexp_replace({text}, ',? ([0-9]+:)', ' \\1'), ' ?([AaPp][Mm])$', ' \\1')"
        if "%p" not in pattern:
            tidy = f"regexp_replace({text}, ',? ([0-9]+:)', ' \\1')"
        return f"try_cast(try_strptime({tidy}, {literal(pattern)}) as timestamp)"

    return sql


ISO = (
    Form("iso", Kind.DATE, ISO_DAY, _cast("date"), "dates such as 2024-12-31", order="ymd"),
    Form(
        "iso_time",
        Kind.TIMESTAMP,
        f"{ISO_DAY}[T ]{CLOCK}",
        _cast("timestamp"),
        "dates with a time such as 2024-12-31 17:45",
        order="ymd",
    ),
    Form(
        "iso_zone",
        Kind.TIMESTAMP_TZ,
        f"{ISO_DAY}[T ]{CLOCK}{ZONE}",
        _iso_zoned,
        "dates with a time and zone such as 2024-12-31T17:45:00Z",
        order="ymd",
    ),
)
# Spreadsheets know which cells are dates: there a day without a time is midnight, and nothing is lost by saying so.
CELL_MOMENTS = Form(
    "cell_moment", Kind.TIMESTAMP, f"{ISO_DAY}([T ]{CLOCK})?", _cast("timestamp"), "dates with a time", rank=9
)
DATES: tuple[Form, ...] = (*ISO, *_dates())
CLOCKS = (Form("clock", Kind.TIME, CLOCK, _cast("time"), "times such as 17:45"),)
FLOATS = Form(
    "float",
    Kind.FLOAT,
    r"[-+]?([0-9]+([.][0-9]*)?|[.][0-9]+)([eE][-+]?[0-9]+)?|(?i:nan|[-+]?inf(inity)?)",
    _cast("double"),
    "numbers",
    rank=20,
)


def _words(yes: str, no: str, rank: int) -> Form:
    def sql(text: str) -> str:
        return f"(lower({text}) = {literal(yes)})"

    return Form(f"{yes}_{no}", Kind.YES_NO, f"(?i:{yes}|{no})", sql, f"{yes} and {no}", rank=rank)


TRUTH = _words("true", "false", 0)
YES_NO_WORDS = (
    TRUTH,
    *(
        _words(yes, no, 1)
        for yes, no in (("yes", "no"), ("y", "n"), ("t", "f"), ("on", "off"), ("1", "0"), ("ja", "nein"), ("ja", "nee"))
    ),
    *(_words(yes, no, 2) for yes, no in (("oui", "non"), ("sí", "no"), ("si", "no"), ("sim", "não"), ("ya", "tidak"))),
    *(_words(yes, no, 2) for yes, no in (("ja", "nej"), ("tak", "nie"), ("да", "нет"))),
)
