"""How one value looks where every character counts: a small language in the manner of Python's format specs.

A look is some of these words, a blank between them:

    0  0.00  #,##0.00  0,00  #.##0,00  0v00   a number: its decimals, thousands, the sign between (v: left out)
    12  <12  >12  ^12  *<12  08               the width and where the value stands in it; a sign before < > ^ fills up,
                                              a leading 0 fills up with zeros after the minus
    iso dmy_slash … yyyymmdd dd.mm.yy hhmiss  a date: a key of display.DATE_FORMATS, or its parts in letters
    upper lower                               the letters
    cut                                       a text that is too long loses its end, counted; without it, it is refused

Width counts characters (Unicode code points), never bytes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Literal

from core.engine.display import DATE_FORMATS, NumberFormat
from core.engine.rendering import OutColumn
from core.engine.session import literal, quoted
from core.engine.text import formatted_date, formatted_number, shown, wall
from core.engine.values import DATED, NUMBERS, PLAIN_WORDS, Kind
from core.errors import BadSpec

WIDEST = 10_000  # characters of one value
MOST_DIGITS = 38  # of a DECIMAL
WORDS = "0.00, #,##0.00, 0v00, <30, >12, 08, dmy_slash, yyyymmdd, upper, lower, cut"
_NUMBER = re.compile(r"(?P<group>#[,.]##)?0(?:(?P<mark>[.,vV])(?P<places>0{1,12}))?")
_WIDTH = re.compile(r"(?:(?P<fill>.)?(?P<align>[<>^]))?(?P<zero>0)?(?P<width>[1-9]\d{0,4})", re.DOTALL)
_PARTS = {"yyyy": "%Y", "yy": "%y", "mm": "%m", "dd": "%d", "hh": "%H", "mi": "%M", "ss": "%S"}
_PATTERN = re.compile(r"(?:yyyy|yy|mm|dd|hh|mi|ss|[-/.:_T])+")


@dataclass(frozen=True)
class Look:
    """What a look says; None or False where it says nothing."""

    width: int | None = None  # characters
    align: Literal["<", ">", "^"] | None = None  # absent: numbers to the right, everything else to the left
    fill: str = " "
    zero: bool = False  # zeros between the sign and the digits
    number: NumberFormat | None = None
    mark: Literal[".", ",", ""] = "."  # between whole and decimals; "": implied
    date: str | None = None  # a strftime pattern, whole
    date_key: str | None = None
    case: Literal["upper", "lower"] | None = None
    cut: bool = False

    def check(self, column: OutColumn) -> None:
        """Raises BadSpec where the look is for another kind of value."""
        if self.number and column.kind not in NUMBERS:
            raise _misplaced("decimals are for numbers", column)
        if self.number and self.mark == "" and _digits(column) + self.number.places > MOST_DIGITS:
            raise _misplaced("its numbers are too long for implied decimals", column)
        if (self.date or self.date_key) and column.kind not in DATED:
            raise _misplaced("a date format is for dates", column)
        of_numbers = self.fill.isdigit() or self.fill in "+-.,"  # beside a number; zeros before it change nothing
        if column.kind in NUMBERS and of_numbers and not (self.fill == "0" and self.right(column)):
            raise _misplaced(f"filled up with {self.fill} it would become another number", column)

    def right(self, column: OutColumn) -> bool:
        return self.align == ">" or (self.align is None and (self.zero or column.kind in NUMBERS))


def parse_look(text: str) -> Look:
    """Raises BadSpec naming the word that means nothing."""
    found: dict[str, Any] = {}
    for word in _words(text):
        found |= _meaning(word)
    return Look(**found)


def _words(text: str) -> list[str]:
    """Parted at blanks; a blank may also be the sign that fills up, as in “ <30”."""
    return re.findall(r"(?: [<>^]\d+|\S+)", text)


def _meaning(word: str) -> dict[str, object]:
    if word in ("upper", "lower"):
        return {"case": word}
    if word == "cut":
        return {"cut": True}
    if word in DATE_FORMATS:
        return {"date_key": word}
    if number := _NUMBER.fullmatch(word):
        mark, places = number["mark"] or ".", len(number["places"] or "")
        group = (number["group"] or "")[1:2]
        if group and group == mark and places:
            raise _unknown(word)
        if group and not places:
            mark = "." if group == "," else ","
        way = NumberFormat(word, "", "", "", places, thousands=bool(group))
        return {"number": way, "mark": "" if mark in "vV" else mark}
    if width := _WIDTH.fullmatch(word):
        if int(width["width"]) > WIDEST:
            raise BadSpec(f"A width of {width['width']} is too much: at most {WIDEST:,}.", field="options")
        zero = width["zero"] is not None
        return {"width": int(width["width"]), "align": width["align"], "fill": width["fill"] or " ", "zero": zero}
    if _PATTERN.fullmatch(word) and any(part in word for part in _PARTS):
        return {"date": re.sub("|".join(_PARTS), lambda part: _PARTS[part.group()], word)}
    raise _unknown(word)


def _digits(column: OutColumn) -> int:
    """Digits before the point a column may hold; 0 where a number that is too long shows it (1e+300)."""
    return 0 if column.kind is Kind.FLOAT else (column.precision or 0) - (column.scale or 0)


def _unknown(word: str) -> BadSpec:
    return BadSpec(f"“{word}” is no way to show a value.", f"There are, for example: {WORDS}.", field="options")


def _misplaced(what: str, column: OutColumn) -> BadSpec:
    return BadSpec(
        f"“{column.label}” is {PLAIN_WORDS[column.kind]}: {what}.", "Take that away, or choose another column.", field="options"
    )  # fmt: skip


def value(
    column: OutColumn, look: Look, zone: str, *, date_format: str | None = None, decimal_comma: bool = False
) -> str:
    """SQL of the value's text before it is made to fit; of a missing value nothing that counts."""
    if look.number and column.kind in NUMBERS:
        text = formatted_number(column, look.number)
        text = f"translate({text}, '.,', ',.')" if look.mark == "," else text
        if (
            look.mark == ""
        ):  # words and powers of ten (NaN, 1e+300) keep their point: they are not digits with one implied
            text = f"case when regexp_matches({text}, '[a-z]') then {text} else replace({text}, '.', '') end"
    elif look.date and column.kind in DATED:
        name = quoted(column.key)
        moment = wall(name, column.zone or zone) if column.kind is Kind.TIMESTAMP_TZ else name
        text = f"case when isfinite({name}) then strftime({moment}, {literal(look.date)}) else {name}::varchar end"
    elif look.date_key and column.kind in DATED:
        text = formatted_date(column, DATE_FORMATS[look.date_key], zone)
    else:
        text = shown(column, zone, date_format=date_format, decimal_comma=decimal_comma)
    return f"{look.case}({text})" if look.case else text


def one_line(text: str) -> str:
    """SQL: every line break within the text as one blank."""
    broken = f"contains({text}, chr(10)) or contains({text}, chr(13))"
    return f"case when {broken} then regexp_replace({text}, '\\r\\n|\\r|\\n', ' ', 'g') else {text} end"


def fitted(text: str, column: OutColumn, look: Look) -> str:
    """SQL: a text as wide as the look asks. What is longer loses its end: who must not lose it was refused before."""
    if look.width is None:
        return text
    if look.zero and look.align is None:
        bare = f"lpad({text}, {look.width}, '0')"
        if column.kind not in NUMBERS:
            return bare
        signed = f"concat('-', lpad(substr({text}, 2), {look.width - 1}, '0'))"
        zeros = f"case when starts_with({text}, '-') then {signed} else {bare} end"
        if column.kind is not Kind.FLOAT:
            return zeros
        return f"case when isfinite({quoted(column.key)}) then {zeros} else lpad({text}, {look.width}, ' ') end"
    fill = literal("0" if look.zero else look.fill)
    if look.align == "^":
        before = f"repeat({fill}, greatest(0, ({look.width} - length({text})) // 2))"
        return f"rpad(concat({before}, {text}), {look.width}, {fill})"
    return f"{'lpad' if look.right(column) else 'rpad'}({text}, {look.width}, {fill})"


def unless_null(column: OutColumn, look: Look, text: str, null_text: str) -> str:
    """SQL: the text of a value that is there, else what stands for a missing one."""
    null = literal(fitted_null(null_text, column, look))
    return f"case when {quoted(column.key)} is null then {null} else {text} end"


def fitted_null(null_text: str, column: OutColumn, look: Look) -> str:
    """What stands for a missing value: never filled up with zeros, which would make a number of it."""
    text = null_text
    if look.width is not None:
        text = text.rjust(look.width) if look.right(column) else text.ljust(look.width)
    return text


def fitted_text(text: str, look: Look, *, number: bool = False) -> str:
    """The same as `fitted`, of a text at hand (a title, a count): longer ones stay as they are."""
    if look.case:
        text = text.upper() if look.case == "upper" else text.lower()
    if look.width is None:
        return text
    if look.cut and not number:
        text = text[: look.width]
    if look.zero and look.align is None:
        return text.zfill(look.width) if number else text.rjust(look.width, "0")
    fill = "0" if look.zero else look.fill
    if look.align == "^":
        return (fill * ((look.width - len(text)) // 2) + text).ljust(look.width, fill)
    right = look.align == ">" or (look.align is None and number)
    return text.rjust(look.width, fill) if right else text.ljust(look.width, fill)
