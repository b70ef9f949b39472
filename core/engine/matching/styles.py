"""How the values of a column are written: the display format of such dates, the sign before decimals and how many there are."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from core.engine.display import DATE_FORMATS

NULL_WORDS = ("NULL", "null", "N/A", "n/a", "NA", "#N/A", "-", "--", "None", "none", "nil", "\\N", "(null)", "n.a.",
              "k.A.")  # fmt: skip
TRUTHS = frozenset({"true", "false"})
YES_NO = (("yes", "no"), ("y", "n"), ("ja", "nein"), ("ja", "nee"), ("oui", "non"), ("sí", "no"), ("si", "no"), ("ya", "tidak"),
          ("1", "0"), ("t", "f"), ("j", "n"), ("wahr", "falsch"), ("true", "false"))  # fmt: skip
CLOCK = r"(?P<clock>[T ]\d{1,2}:\d{2}(?P<seconds>:\d{2}(?P<fraction>[.,]\d+)?)?)?(?P<zone>Z|[+-]\d{2}:?\d{2})?"
SHAPES = {  # how a day looks → the display formats that write it so, the likeliest first
    r"\d{4}-\d{2}-\d{2}": ("iso",),
    r"\d{2}/\d{2}/\d{4}": ("dmy_slash", "mdy_slash"),
    r"\d{2}\.\d{2}\.\d{4}": ("dmy_dot",),
    r"\d{2}-\d{2}-\d{4}": ("dmy_dash",),
    r"\d{1,2} [A-Z][a-z]{2} \d{4}": ("dmy_words",),
    r"\d{4}/\d{2}/\d{2}": ("ymd_slash",),
    r"(?:19|20)\d{2}(?:0[1-9]|1[0-2])[0-3]\d": ("ymd_digits",),
    r"[0-3]\d(?:0[1-9]|1[0-2])(?:19|20)\d{2}": ("dmy_digits",),
    r"\d{4}-(?:0[1-9]|1[0-2])": ("month",),
}
OTHER_DAYS = (r"\d{1,2}/\d{1,2}/\d{2,4}", r"\d{1,2}\.\d{1,2}\.\d{2,4}", r"\d{1,2}-\d{1,2}-\d{2,4}",
              r"\d{1,2}[- ][A-Za-z]{3,9}\.?[- ,]+\d{2,4}",
              r"[A-Za-z]{3,9}\.? \d{1,2}, \d{4}", r"\d{4}\.\d{2}\.\d{2}")  # fmt: skip
GROUPS = ".,'’ \u00a0\u202f"


@dataclass(frozen=True)
class DateStyle:
    """`key` of display.DATE_FORMATS, or None where we have none that looks so; `time`: with a clock of so many parts."""

    key: str | None
    example: str
    time: bool = False
    seconds: bool = False
    zone: bool = False
    iso_t: bool = False
    ambiguous: bool = False  # 01/02/2026 fits day first and month first alike


@dataclass(frozen=True)
class NumberStyle:
    """`decimal` is "" where no value has decimals; `least` and `most` count them."""

    example: str
    decimal: str = ""
    group: str = ""
    least: int = 0
    most: int = 0
    percent: bool = False


def date_style(values: Sequence[str]) -> DateStyle | None:
    """How all these values are written as dates; None if they are not."""
    if not values:
        return None
    for shape, keys in SHAPES.items():
        found = [re.fullmatch(f"(?P<day>{shape}){CLOCK}", value) for value in values]
        if not all(found):
            continue
        fitting = [key for key in keys if all(_is_day(match["day"], key) for match in found if match)]
        if not fitting:
            continue
        longest = max((match for match in found if match), key=lambda match: len(match[0]))
        return DateStyle(
            fitting[0], longest[0], longest["clock"] is not None, longest["seconds"] is not None,
            longest["zone"] is not None, "T" in longest[0], ambiguous=len(fitting) > 1,
        )  # fmt: skip
    for shape in OTHER_DAYS:
        if all(re.fullmatch(f"{shape}{CLOCK}", value) for value in values):
            return DateStyle(None, values[0], ":" in values[0])
    return None


def _is_day(text: str, key: str) -> bool:
    try:
        _day(text, key)
    except ValueError:
        return False
    return True


def _day(text: str, key: str) -> date:
    """The day a text of that display format means. Raises ValueError where it is none."""
    return datetime.strptime(text, DATE_FORMATS[key].strftime.replace("%-d", "%d")).date()


def number_style(values: Sequence[str], decimal: str | None = None) -> NumberStyle | None:
    """How all these values are written as numbers; None if they are not. `decimal`: the sign the file uses, where known."""
    if not values or not all(any(c.isdigit() for c in value) for value in values):
        return None
    for mark, group in _notations(decimal):
        style = _read(values, mark, group)
        if style is not None:
            return style
    return None


def _notations(decimal: str | None) -> Iterator[tuple[str, str]]:
    """(decimal sign, thousands sign) in the order in which they are tried: without thousands first."""
    marks = [decimal] if decimal else [".", ","]
    for group in ("", *GROUPS):
        for mark in marks:
            if group != mark:
                yield mark, group


def _read(values: Sequence[str], mark: str, group: str) -> NumberStyle | None:
    whole = rf"\d{{1,3}}(?:{re.escape(group)}\d{{3}})*" if group else r"\d+"
    shape = re.compile(rf"[-+]?{whole}(?:{re.escape(mark)}(?P<decimals>\d+))?(?P<percent> ?%)?")
    found = [shape.fullmatch(value.strip()) for value in values]
    if not all(found):
        return None
    matches = [match for match in found if match]
    decimals = [len(match["decimals"] or "") for match in matches]
    grouped = bool(group) and any(group in match[0] for match in matches)
    longest = max(matches, key=lambda match: len(match[0]))
    return NumberStyle(
        longest[0], mark if any(decimals) else "", group if grouped else "", min(decimals), max(decimals),
        any(match["percent"] for match in matches),
    )  # fmt: skip


def plain_number(text: str, style: NumberStyle) -> Decimal:
    """The number a value of that style means."""
    digits = text.strip().removesuffix("%").strip()
    digits = digits.replace(style.group, "") if style.group else digits
    return Decimal(digits.replace(style.decimal, ".") if style.decimal else digits)


def plain_day(text: str, style: DateStyle) -> str:
    """The day a value of that style means, as ISO; as it is where we cannot tell."""
    if style.key is None:
        return text
    match = re.match("|".join(f"(?:{shape})" for shape in SHAPES), text)
    try:
        return _day(match[0] if match else text, style.key).isoformat()
    except ValueError:
        return text


def yes_no(values: Sequence[str]) -> tuple[str, str] | None:
    """The pair of words all values are of; None if they are not."""
    words = {value.casefold() for value in values}
    return next((pair for pair in YES_NO if words and words <= set(pair)), None)


def null_word(values: Sequence[str]) -> str | None:
    """The word for "nothing" among values that are otherwise numbers or dates."""
    for word in NULL_WORDS:
        rest = [value for value in values if value != word]
        if len(rest) < len(values) and rest and (number_style(rest) or date_style(rest)):
            return word
    return None


def file_decimal(columns: Sequence[Sequence[str]]) -> str | None:
    """The decimal sign of a file: what the columns that leave no doubt agree on."""
    votes = set()
    for values in columns:
        fits = {mark for mark in ".," if (style := number_style(values, mark)) and (style.decimal or style.group)}
        if len(fits) == 1:
            votes |= fits
        elif len(fits) == 2 and any(re.search(r"[.,]\d{1,2}$|[.,]\d{4,}$", value) for value in values):
            votes |= {mark for mark in fits if (style := number_style(values, mark)) and style.decimal}
    return votes.pop() if len(votes) == 1 else None
