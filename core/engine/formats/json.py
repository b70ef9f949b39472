"""JSON and JSON Lines (RFC 8259): one object a row, composed column by column.

DuckDB's own `to_json(row)` writes NaN, turns 0.10 into 0.1 and renames columns that differ in case only; so each cell is
rendered here, and a number keeps the digits it has.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from pydantic import Field

from core.engine.formats.base import Context, Options, RowFormat
from core.engine.formats.cells import Cells, counted
from core.engine.formats.choices import MORE, DateFormatKey
from core.engine.formats.naming import keys, second_names
from core.engine.formats.reading import Ends, Lines
from core.engine.receipt import Note
from core.engine.rendering import OutColumn
from core.engine.session import literal, quoted
from core.engine.text import programs_date, shown
from core.engine.values import DATED, Kind

DOUBLE_EXACT = 2**53 - 1  # the largest whole number every JSON reader keeps (RFC 8259, section 6)
DOUBLE_DIGITS = 15  # a decimal of so many digits survives a reader that uses doubles


class LinesOptions(Options):
    """What programs that read JSON need to be told."""

    long_numbers: Literal["text", "number"] = Field(
        "text",
        title="Numbers of more than 15 digits",
        description="As text no reader rounds them.",
        json_schema_extra={"choices": {"text": "as text, in quotes", "number": "as numbers"}},
    )
    not_finite: Literal["null", "text"] = Field(
        "null",
        title="NaN and infinity",
        description="JSON has no number for them. Either way the receipt counts them.",
        json_schema_extra=MORE | {"choices": {"null": "left empty (null)", "text": "as words"}},
    )
    date_format: DateFormatKey = Field(
        "iso",
        description="How dates look where a column has no display format of its own; programs expect the first.",
        json_schema_extra=MORE,
    )


class JsonOptions(LinesOptions):
    """The same, and the layout."""

    pretty: bool = Field(False, title="Readable layout", description="Each value on a line of its own, indented.")


class JsonLines(RowFormat):
    name: ClassVar[str] = "jsonl"
    label: ClassVar[str] = "JSON Lines"
    about: ClassVar[str] = "One JSON object a line: for programs that read row by row."
    extension: ClassVar[str] = "jsonl"
    media_type: ClassVar[str] = "application/x-ndjson"
    Options: ClassVar[type[Options]] = LinesOptions

    def cells(self, columns: tuple[OutColumn, ...], options: Any, zone: str) -> Cells:
        return Cells(columns, lambda column: _value(column, options, zone))

    def row(self, cells: Cells, columns: tuple[OutColumn, ...], options: Any) -> str:
        return f"concat({_object(cells, columns)}, chr(10))"

    def tallies(self, columns: tuple[OutColumn, ...], options: Any, zone: str) -> dict[str, str]:
        lost = [c for c in columns if c.kind is Kind.FLOAT or c.kind in DATED]
        long = [c for c in columns if c.kind in (Kind.WHOLE, Kind.DECIMAL) and not c.format and may_be_long(c)]
        found = {}
        if lost:
            found["not_finite"] = counted(lost, lambda column: f"not isfinite({quoted(column.key)})")
        if long and options.long_numbers == "text":
            found["long_number"] = counted(long, is_long)
        return found

    def notes(self, columns: tuple[OutColumn, ...], options: Any, tallies: Mapping[str, int]) -> tuple[Note, ...]:
        found = []
        if count := tallies.get("not_finite", 0):
            written = "null" if options.not_finite == "null" else "words"
            are = "value is" if count == 1 else "values are"
            found.append(
                Note(
                    code="not_finite",
                    message=f"{count:,} {are} not finite (NaN or infinity), which JSON cannot hold: written as {written}.",
                    count=count,
                )
            )
        found += long_numbers(tallies.get("long_number", 0))
        return (*found, *second_names(columns, "JSON"))

    def ends(self, columns: tuple[OutColumn, ...], options: Any) -> Ends:
        return Lines()

    def parse(self, text: str, columns: tuple[OutColumn, ...], options: Any) -> int:
        lines = text.split("\n")[:-1]
        for line in lines:
            _check_object(json.loads(line, parse_constant=_refused), columns)
        return len(lines)


class Json(JsonLines):
    name: ClassVar[str] = "json"
    label: ClassVar[str] = "JSON"
    about: ClassVar[str] = "One array of objects: for web pages and programs."
    extension: ClassVar[str] = "json"
    media_type: ClassVar[str] = "application/json"
    Options: ClassVar[type[Options]] = JsonOptions
    separator: ClassVar[bytes] = b",\n"

    def prologue(self, columns: tuple[OutColumn, ...], options: Any, context: Context) -> bytes:
        return b"[\n"

    def row(self, cells: Cells, columns: tuple[OutColumn, ...], options: JsonOptions) -> str:
        return f"concat(',', chr(10), {_object(cells, columns, pretty=options.pretty)})"

    def epilogue(self, columns: tuple[OutColumn, ...], options: Any, context: Context) -> bytes:
        return b"\n]\n"

    def ends(self, columns: tuple[OutColumn, ...], options: JsonOptions) -> Ends:
        return Lines(len(columns) + 2 if options.pretty else 1)

    def parse(self, text: str, columns: tuple[OutColumn, ...], options: Any) -> int:
        rows = json.loads(f"[{text}]", parse_constant=_refused)
        for row in rows:
            _check_object(row, columns)
        return len(rows)


def _object(cells: Cells, columns: tuple[OutColumn, ...], *, pretty: bool = False) -> str:
    """The pieces of one row's object, as arguments of concat."""
    before, between, after = ("  {\n    ", ",\n    ", "\n  }") if pretty else ("{", ",", "}")
    colon = ": " if pretty else ":"
    pieces = []
    for i, (column, name) in enumerate(zip(columns, keys(columns), strict=True)):
        key = json.dumps(name, ensure_ascii=False)
        pieces += [literal((between if i else before) + key + colon), cells.sql[column.key]]
    return ", ".join([*pieces, literal(after)])


def _string(sql: str) -> str:
    return f"to_json({sql})::varchar"


def _unquotable(sql: str) -> str:
    """Text that needs no escaping: digits, letters, dates."""
    return f"""concat('"', {sql}, '"')"""


def _value(column: OutColumn, options: Any, zone: str) -> str:
    """One cell as JSON, never NULL."""
    name = quoted(column.key)
    return f"case when {name} is null then 'null' else {_filled(column, options, zone)} end"


def _filled(column: OutColumn, options: Any, zone: str) -> str:
    name = quoted(column.key)
    text = shown(column, zone, date_format=options.date_format)
    if column.kind is Kind.TEXT:
        return _string(name)
    if column.kind is Kind.NESTED:  # a newline can only stand between JSON's own signs: a blank means the same
        return f"translate({name}, chr(10) || chr(13), '  ')"
    if column.kind is Kind.YES_NO:
        return f"{name}::varchar"
    if column.kind is Kind.FLOAT:
        lost = "'null'" if options.not_finite == "null" else _unquotable(text)
        return f"case when isfinite({name}) then {_unquotable(text) if column.format else text} else {lost} end"
    if column.kind in DATED:
        finite = programs_date(column, zone, options.date_format)
        lost = "'null'" if options.not_finite == "null" else _unquotable(text)
        return f"case when isfinite({name}) then {_unquotable(finite)} else {lost} end"
    if column.kind is Kind.TIME or column.format:
        return _unquotable(text)
    if options.long_numbers == "text" and may_be_long(column):
        return f"case when {is_long(column)} then {_unquotable(text)} else {text} end"
    return text


def may_be_long(column: OutColumn) -> bool:
    """Whether the column is one that may hold such numbers as `is_long` finds."""
    return not column.precision or column.precision > DOUBLE_DIGITS


def is_long(column: OutColumn) -> str:
    """Whether a reader that uses doubles would change this number."""
    name = quoted(column.key)
    if column.kind is Kind.WHOLE:
        return f"({name} not between -{DOUBLE_EXACT} and {DOUBLE_EXACT})"
    digits = f"replace(ltrim({name}::varchar, '-0.'), '.', '')"
    return f"(length({digits}) > {DOUBLE_DIGITS})"


def long_numbers(count: int) -> list[Note]:
    """What the receipt says of numbers that stand in quotes; nothing where there are none."""
    if not count:
        return []
    have = "number has" if count == 1 else "numbers have"
    message = f"{count:,} {have} more than 15 digits and stand in quotes, so that no reader rounds them."
    return [Note(code="long_number_as_text", message=message, count=count)]


def _refused(word: str) -> Any:
    raise ValueError(f"{word} is no JSON")


def _check_object(row: Any, columns: tuple[OutColumn, ...]) -> None:
    if not isinstance(row, dict) or list(row) != keys(columns):
        raise ValueError("a row does not have the columns of the others")


FORMAT = Json()
LINES = JsonLines()
