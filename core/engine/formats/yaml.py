"""YAML: one document, a list of mappings, that readers of YAML 1.1 (PyYAML) and of YAML 1.2 (yq, JavaScript) take for the same.

Text is always quoted, with JSON's escapes, so that no `no` becomes false and no `12:30` a number; what YAML 1.1 would fold or
refuse (U+007F to U+009F, U+2028 and the like) is escaped too. Floats have a point and a signed exponent, as YAML 1.1 asks.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from pydantic import Field

from core.engine.formats.base import Context, Options, RowFormat
from core.engine.formats.cells import Cells, counted
from core.engine.formats.choices import MORE, DateFormatKey
from core.engine.formats.json import is_long, long_numbers, may_be_long
from core.engine.formats.naming import keys, second_names
from core.engine.formats.reading import Ends, Lines
from core.engine.receipt import Note
from core.engine.rendering import OutColumn
from core.engine.session import literal, quoted
from core.engine.text import finite_or, programs_date, shown
from core.engine.values import DATED, TEXTS, Kind
from core.errors import BadSpec

LONGEST_KEY = 1000  # signs; YAML 1.2 section 7.4.2 allows 1,024 with the quotes
PLAIN_KEY = re.compile(r"[A-Za-z]\w*( \w+)*", re.ASCII)
# YAML 1.1 takes them for something else than text
WORDS = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null"})
# Not printable in YAML 1.1 (section 5.1), a line end there (section 5.4), or the byte order mark; none of them in our own signs.
UNPRINTABLE = (*range(0x7F, 0xA0), 0x2028, 0x2029, 0xFEFF, 0xFFFE, 0xFFFF)
ODD = r"[\x{7F}-\x{9F}\x{2028}\x{2029}\x{FEFF}\x{FFFE}\x{FFFF}]"
DATE = r"[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?([+-][0-9]{2}:[0-9]{2})?)?"
JSON_TOKENS = r'"(?:[^"\\]|\\.)*"|-?[0-9][0-9.eE+-]*|[^"0-9-]+'


class YamlOptions(Options):
    """What people who read YAML with programs need to choose."""

    dates: Literal["text", "dates"] = Field(
        "text",
        title="Dates as",
        description="Readers of YAML 1.1 make dates of bare ones, readers of YAML 1.2 text; quoted ones are text for all.",
        json_schema_extra={"choices": {"text": "text, in quotes", "dates": "YAML dates, without quotes"}},
    )
    long_numbers: Literal["text", "number"] = Field(
        "text",
        title="Numbers of more than 15 digits",
        description="As text no reader rounds them.",
        json_schema_extra={"choices": {"text": "as text, in quotes", "number": "as numbers"}},
    )
    date_format: DateFormatKey = Field(
        "iso",
        title="Date format",
        description="How dates look where a column has no display format of its own; programs expect the first.",
        json_schema_extra=MORE,
    )


class Yaml(RowFormat):
    name: ClassVar[str] = "yaml"
    label: ClassVar[str] = "YAML"
    about: ClassVar[str] = "A list of records that people and programs can read."
    extension: ClassVar[str] = "yaml"
    media_type: ClassVar[str] = "application/yaml"
    Options: ClassVar[type[Options]] = YamlOptions
    values: ClassVar[Mapping[str, str]] = {
        "text": "always in double quotes, escaped",
        "numbers": "all digits; in quotes where a reader would round them; `.nan`, `.inf` and `-.inf`",
        "yes/no": "`true`, `false`",
        "dates": '`"2026-10-31"`, `"2026-10-31T08:05:00"`; as YAML dates without quotes where YAML has such a date',
        "missing values": "`null`",
        "empty text": '`""`',
        "lists and objects": "nested, in JSON's notation",
        "two columns of one name": "the second is called “name (2)”; the receipt says so",
    }

    def check(self, columns: tuple[OutColumn, ...], options: Any) -> None:
        for column, name in zip(columns, keys(columns), strict=True):
            if len(_key(name)) > LONGEST_KEY:
                raise BadSpec(
                    f"The column “{column.label[:40]}…” has a name of {len(column.label):,} signs; YAML takes {LONGEST_KEY:,}.",
                    "Give the column a shorter name.",
                    field="columns",
                )

    def cells(self, columns: tuple[OutColumn, ...], options: YamlOptions, zone: str) -> Cells:
        return Cells(columns, lambda column: _value(column, options, zone))

    def row(self, cells: Cells, columns: tuple[OutColumn, ...], options: Any) -> str:
        pieces = []
        for i, (column, name) in enumerate(zip(columns, keys(columns), strict=True)):
            pieces += [literal(f"{'  ' if i else '- '}{_key(name)}: "), cells.sql[column.key], "chr(10)"]
        row = f"concat({', '.join(pieces)})"
        texts = [quoted(column.key) for column in columns if column.kind in TEXTS]
        if not texts:
            return row
        escaped = "r"
        for code in UNPRINTABLE:
            escaped = f"replace({escaped}, chr({code}), '\\u{code:04X}')"
        odd = f"regexp_matches(concat({', '.join(texts)}), {literal(ODD)})"
        return f"case when {odd} then list_transform([{row}], lambda r: {escaped})[1] else {row} end"

    def epilogue(self, columns: tuple[OutColumn, ...], options: Any, context: Context) -> bytes:
        return b"" if context.rows else b"[]\n"

    def tallies(self, columns: tuple[OutColumn, ...], options: YamlOptions, zone: str) -> dict[str, str]:
        long = [c for c in columns if c.kind in (Kind.WHOLE, Kind.DECIMAL) and not c.format and may_be_long(c)]
        return {"long_number": counted(long, is_long)} if long and options.long_numbers == "text" else {}

    def notes(self, columns: tuple[OutColumn, ...], options: Any, tallies: Mapping[str, int]) -> tuple[Note, ...]:
        return (*long_numbers(tallies.get("long_number", 0)), *second_names(columns, "YAML"))

    def ends(self, columns: tuple[OutColumn, ...], options: Any) -> Ends:
        return Lines(len(columns))

    def parse(self, text: str, columns: tuple[OutColumn, ...], options: Any) -> int:
        """By our own narrower grammar, which all readers of YAML share: a known key, then JSON, `.nan`, `.inf` or a date."""
        starts = [f"{'  ' if i else '- '}{_key(name)}: " for i, name in enumerate(keys(columns))]
        lines = text.split("\n")[:-1]
        for number, line in enumerate(lines):
            start = starts[number % len(starts)]
            if not line.startswith(start):
                raise ValueError("a row does not have the columns of the others")
            value = line[len(start) :]
            if value not in (".nan", ".inf", "-.inf") and not re.fullmatch(DATE, value):
                json.loads(value)
        return len(lines) // len(starts)


def _key(name: str) -> str:
    """A column's name as a mapping's key, quoted unless it is plain words for every reader."""
    if PLAIN_KEY.fullmatch(name) and name.lower() not in WORDS:
        return name
    signs = {code: f"\\u{code:04X}" for code in UNPRINTABLE}
    return json.dumps(name, ensure_ascii=False).translate(signs)


def _value(column: OutColumn, options: YamlOptions, zone: str) -> str:
    """One cell as YAML, never NULL."""
    name = quoted(column.key)
    return f"case when {name} is null then 'null' else {_filled(column, options, zone)} end"


def _filled(column: OutColumn, options: YamlOptions, zone: str) -> str:
    name = quoted(column.key)
    text = shown(column, zone, date_format=options.date_format)
    if column.kind is Kind.TEXT:
        return f"to_json({name})::varchar"
    if column.kind is Kind.NESTED:
        return _flow(name)
    if column.kind is Kind.YES_NO:
        return text
    in_quotes = f"""concat('"', {text}, '"')"""
    if column.kind in DATED:
        text = programs_date(column, zone, options.date_format)
        in_quotes = f"""concat('"', {text}, '"')"""
        if options.dates == "text":
            return in_quotes
        return f"case when regexp_full_match({text}, {literal(DATE)}) then {text} else {in_quotes} end"
    if column.kind is Kind.TIME or column.format:
        return in_quotes
    if column.kind is Kind.FLOAT:
        return _float(name)
    if options.long_numbers == "text" and may_be_long(column):
        return f"case when {is_long(column)} then {in_quotes} else {text} end"
    return text


def _float(name: str) -> str:
    """A float: without a point (1e+300) YAML 1.1 would take it for text."""
    pointed = (
        f"case when contains({name}::varchar, '.') then {name}::varchar else replace({name}::varchar, 'e', '.0e') end"
    )
    return f"case when isfinite({name}) then {pointed} else {finite_or(name, '.nan', '.inf')} end"


def _flow(name: str) -> str:
    """JSON as it is, on one line. Two things YAML 1.1 reads otherwise are mended: 1e5, and signs written as two surrogates."""
    line = f"translate({name}, chr(10) || chr(13) || chr(9), '   ')"
    string = "coalesce(try(to_json((t::json) ->> '$')::varchar), t)"
    number = r"regexp_replace(regexp_replace(t, '^(-?[0-9]+)[eE]', '\1.0e'), '[eE]([0-9])', 'e+\1')"
    token = f"""case when t[1] = '"' then {string} when regexp_matches(t, '[0-9][eE]') then {number} else t end"""
    mended = (
        f"array_to_string(list_transform(regexp_extract_all({line}, {literal(JSON_TOKENS)}), lambda t: {token}), '')"
    )
    return rf"case when regexp_matches({name}, '\\u[dD]|[0-9][eE]') then {mended} else {line} end"


FORMAT = Yaml()
