"""SQL: INSERT statements that put the rows into a table of somebody's database, in the dialect it speaks.

Standard literals (ISO/IEC 9075-2, 5.3), or what the dialect has instead. Strings are doubled at `'` and stand as they are else,
line ends too: PostgreSQL with standard_conforming_strings (its default since 9.1), MySQL with its backslashes doubled. A row is
rendered as `(…)`; several of them become one statement where the rendered batches go by, by slices and not row by row.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Literal

import numpy as np
from pydantic import AfterValidator, Field

from core.engine.formats.base import Context, Options, RowFormat, Written
from core.engine.formats.cells import Cells, counted
from core.engine.formats.choices import MORE
from core.engine.formats.naming import different, renaming
from core.engine.formats.reading import NEWLINE, Ends
from core.engine.receipt import Note
from core.engine.rendering import OutColumn, Rendered
from core.engine.session import characters, literal, quoted
from core.engine.text import finite_or, is_nan, plain, programs_date, shown, wall
from core.engine.values import DATED, TEXTS, Kind
from core.errors import BadSpec

MOST_ROWS = 1000  # of one INSERT, as SQL Server takes them
INT64_DIGITS = 18
DOUBLE_DIGITS = 15
APOSTROPHE = ord("'")
VALUE = (
    r"(?:N?'(?:[^']|'')*'|-?[0-9]+(?:\.[0-9]+)?(?:e[+-]?[0-9]+)?|NULL|TRUE|FALSE"
    r"|(?:DATE|TIME|TIMESTAMP|TIMESTAMP WITH TIME ZONE) '[^']*'|CAST\('[^']*' AS DOUBLE PRECISION\))"
)


@dataclass(frozen=True)
class Dialect:
    """How a family of databases spells what they all have."""

    label: str
    quotes: tuple[str, str]  # round a name
    longest: int  # name, in bytes for PostgreSQL, else in signs; 0: any
    begin: str
    types: Mapping[Kind, str]
    typed: bool = True  # dates as DATE '…', else as text
    words: bool = True  # TRUE and FALSE, else 1 and 0
    infinite: bool = False  # dates and floats may be infinite

    def name(self, name: str) -> str:
        opening, closing = self.quotes
        return opening + name.replace(closing, closing * 2) + closing


DIALECTS = {
    "standard": Dialect(
        "PostgreSQL and most others", ('"', '"'), 63, "START TRANSACTION;",
        {Kind.TEXT: "TEXT", Kind.WHOLE: "BIGINT", Kind.FLOAT: "DOUBLE PRECISION", Kind.YES_NO: "BOOLEAN", Kind.DATE: "DATE",
         Kind.TIMESTAMP: "TIMESTAMP", Kind.TIMESTAMP_TZ: "TIMESTAMP WITH TIME ZONE", Kind.TIME: "TIME"},
        infinite=True,
    ),
    "mysql": Dialect(
        "MySQL and MariaDB", ("`", "`"), 64, "START TRANSACTION;",
        {Kind.TEXT: "LONGTEXT", Kind.WHOLE: "BIGINT", Kind.FLOAT: "DOUBLE", Kind.YES_NO: "BOOLEAN", Kind.DATE: "DATE",
         Kind.TIMESTAMP: "DATETIME(6)", Kind.TIMESTAMP_TZ: "DATETIME(6)", Kind.TIME: "TIME(6)"},
    ),
    "sqlite": Dialect(
        "SQLite", ('"', '"'), 0, "BEGIN TRANSACTION;",
        {Kind.TEXT: "TEXT", Kind.WHOLE: "INTEGER", Kind.FLOAT: "REAL", Kind.YES_NO: "INTEGER", Kind.DATE: "TEXT",
         Kind.TIMESTAMP: "TEXT", Kind.TIMESTAMP_TZ: "TEXT", Kind.TIME: "TEXT"},
        typed=False, words=False, infinite=True,
    ),
    "sqlserver": Dialect(
        "SQL Server", ("[", "]"), 128, "BEGIN TRANSACTION;",
        {Kind.TEXT: "NVARCHAR(MAX)", Kind.WHOLE: "BIGINT", Kind.FLOAT: "FLOAT(53)", Kind.YES_NO: "BIT", Kind.DATE: "DATE",
         Kind.TIMESTAMP: "DATETIME2(6)", Kind.TIMESTAMP_TZ: "DATETIMEOFFSET(6)", Kind.TIME: "TIME(6)"},
        typed=False, words=False,
    ),
}  # fmt: skip


def _a_table(value: str) -> str:
    if not all(part.strip() for part in value.split(".")) or re.search(r"['\x00-\x1f\x7f]", value):
        raise ValueError("a table has a name such as orders or sales.orders")
    return value


class SqlOptions(Options):
    """Where the rows go."""

    table: Annotated[str, AfterValidator(_a_table)] = Field(
        "data", max_length=120, title="Table", description="Its name; with a schema in front as in sales.orders."
    )
    dialect: Literal[tuple(DIALECTS)] = Field(  # type: ignore[valid-type]
        "standard",
        title="Database",
        description="Databases differ in how names, dates and texts are written. SQL Server's sqlcmd reads it with -x.",
        json_schema_extra={"choices": {key: dialect.label for key, dialect in DIALECTS.items()}},
    )
    create: bool = Field(
        False, title="Create the table", description="A CREATE TABLE that fits the columns comes first."
    )
    transaction: bool = Field(
        True, title="All or nothing", description="One transaction: no row stays where another fails."
    )
    rows_per_insert: int = Field(
        500,
        ge=1,
        le=MOST_ROWS,
        title="Rows in one INSERT",
        description="More is faster to load; 1 is a statement for every row.",
        json_schema_extra=MORE,
    )

    @property
    def speech(self) -> Dialect:
        return DIALECTS[self.dialect]


class Sql(RowFormat):
    name: ClassVar[str] = "sql"
    label: ClassVar[str] = "SQL"
    about: ClassVar[str] = "INSERT statements for PostgreSQL, MySQL, SQLite or SQL Server."
    extension: ClassVar[str] = "sql"
    media_type: ClassVar[str] = "application/sql"
    Options: ClassVar[type[Options]] = SqlOptions
    separator: ClassVar[bytes] = b";\n"
    values: ClassVar[Mapping[str, str]] = {
        "column names": "in the dialect's quotes; on one line, without apostrophes, different also in small letters",
        "text": "`'…'`, `N'…'` for SQL Server; NUL, which only MySQL takes, becomes `�` elsewhere, counted",
        "numbers": "all digits; for SQLite as text where its numbers would round them (extreme reals: its last bit)",
        "NaN, infinity": "`CAST('NaN' AS DOUBLE PRECISION)`; SQLite has no NaN, MySQL and SQL Server neither: `NULL`, counted",
        "yes/no": "`TRUE`, `FALSE`; `1`, `0` for SQLite and SQL Server",
        "dates": "`DATE '2026-10-31'`, `TIMESTAMP '2026-10-31 08:05:00'`; text for SQLite and SQL Server",
        "dates with a zone": "`TIMESTAMP WITH TIME ZONE '2026-10-31 08:05:00+07:00'`; for MySQL in UTC, said in the receipt",
        "missing values": "`NULL`",
        "lists and objects": "JSON text",
        "a display format": "makes text of a number or a date",
    }

    def check(self, columns: tuple[OutColumn, ...], options: SqlOptions) -> None:
        longest = options.speech.longest
        for name in (*options.table.split("."), *_names(columns)):
            size = len(name.encode()) if options.dialect == "standard" else len(name)
            if longest and size > longest:
                raise BadSpec(
                    f"“{name[:40]}…” is too long a name for {options.speech.label}: it keeps {longest} signs of it.",
                    "Give the column or the table a shorter name.",
                    field="columns",
                )

    def prologue(self, columns: tuple[OutColumn, ...], options: SqlOptions, context: Context) -> bytes:
        lines = []
        if options.dialect == "mysql":
            lines.append("SET NAMES utf8mb4;")
            if any(column.kind is Kind.TIMESTAMP_TZ for column in columns):
                lines.append("SET time_zone = '+00:00';")
        if options.create:
            names = [options.speech.name(name) for name in _names(columns)]
            fields = ",\n".join(f"    {n} {_type(c, options)}" for n, c in zip(names, columns, strict=True))
            lines.append(f"CREATE TABLE {_table(options)} (\n{fields}\n);")
        if options.transaction:
            lines.append(options.speech.begin)
        return "".join(f"{line}\n" for line in lines).encode()

    def cells(self, columns: tuple[OutColumn, ...], options: SqlOptions, zone: str) -> Cells:
        return Cells(columns, lambda column: _value(column, options, zone))

    def row(self, cells: Cells, columns: tuple[OutColumn, ...], options: SqlOptions) -> str:
        begin = f";\n{_head(columns, options)}(" if options.rows_per_insert == 1 else ",\n("
        values = ", ', ', ".join(cells.sql[column.key] for column in columns)
        return f"concat({literal(begin)}, {values}, ')')"

    def epilogue(self, columns: tuple[OutColumn, ...], options: SqlOptions, context: Context) -> bytes:
        return (";\n" * bool(context.rows) + "COMMIT;\n" * options.transaction).encode()

    def write_part(
        self,
        columns: tuple[OutColumn, ...],
        batches: Iterable[Rendered],
        out: Any,
        options: SqlOptions,
        context: Context,
    ) -> Written:
        if options.rows_per_insert > 1:
            batches = _statements(batches, _head(columns, options).encode(), options.rows_per_insert)
        return super().write_part(columns, batches, out, options, context)

    def tallies(self, columns: tuple[OutColumn, ...], options: SqlOptions, zone: str) -> dict[str, str]:
        found = {}
        lost = [c for c in columns if c.kind is Kind.FLOAT or (c.kind in DATED and not options.speech.infinite)]
        if lost and options.dialect != "standard":
            missing = is_nan if options.speech.infinite else "not isfinite({})".format
            found["lost"] = counted(lost, lambda column: missing(quoted(column.key)))
        if texts := [c for c in columns if c.kind in TEXTS and options.dialect != "mysql"]:
            found["nul"] = counted(texts, lambda column: f"contains({quoted(column.key)}, chr(0))")
        return found

    def notes(
        self, columns: tuple[OutColumn, ...], options: SqlOptions, tallies: Mapping[str, int]
    ) -> tuple[Note, ...]:
        why = "SQL names stand on one line, without apostrophes, and differ in more than capitals"
        found = list(renaming(columns, _names(columns), why))
        if count := tallies.get("lost", 0):
            are = "value is" if count == 1 else "values are"
            message = f"{count:,} {are} not finite (NaN or infinity), which {options.speech.label} cannot hold: written as NULL."
            found.append(Note(code="not_finite", message=message, count=count))
        if count := tallies.get("nul", 0):
            hold = "text holds" if count == 1 else "texts hold"
            message = f"{count:,} {hold} NUL characters, which databases refuse: each became the sign � (U+FFFD)."
            found.append(Note(code="forbidden_characters", message=message, count=count))
        if options.dialect == "mysql" and (zoned := [c for c in columns if c.kind is Kind.TIMESTAMP_TZ]):
            message = (
                f"Times of {', '.join(f'“{c.label}”' for c in zoned)} are in UTC: MySQL keeps no zone beside a time."
            )
            found.append(Note(code="in_utc", message=message, count=len(zoned)))
        if as_text := [c for c in columns if _rounded(c, options)]:
            message = (
                f"{', '.join(f'“{c.label}”' for c in as_text)} stand as text: SQLite would round such long numbers."
            )
            found.append(Note(code="long_number_as_text", message=message, count=len(as_text)))
        return tuple(found)

    def ends(self, columns: tuple[OutColumn, ...], options: SqlOptions) -> Ends:
        return RowLines(options.rows_per_insert)

    def parse(self, text: str, columns: tuple[OutColumn, ...], options: SqlOptions) -> int:
        row, head = re.compile(rf"\({', '.join([VALUE] * len(columns))}\)(?:[,;]\n|\Z)"), _head(columns, options)
        count = at = 0
        while at < len(text):
            at += len(head) if text.startswith(head, at) else 0
            found = row.match(text, at)
            if not found:
                raise ValueError(f"no row of values stands at “{text[at : at + 40]}”")
            count, at = count + 1, found.end()
        return count


class RowLines:
    """Ends of rows: newlines outside strings; where several rows share an INSERT, the lines with its head end none.

    Names hold no apostrophe and no newline (`_names`), so that every odd `'` begins a string.
    """

    def __init__(self, rows_per_insert: int) -> None:
        self.rows, self.lines, self.inside = rows_per_insert, 0, 0

    def __call__(self, chunk: bytes) -> np.ndarray:
        seen = np.frombuffer(chunk, np.uint8)
        ends = np.flatnonzero(seen == NEWLINE)
        quotes = np.flatnonzero(seen == APOSTROPHE)
        ends = ends[(np.searchsorted(quotes, ends) + self.inside) & 1 == 0]
        self.inside = (self.inside + len(quotes)) & 1
        if self.rows > 1:
            lines = np.arange(self.lines, self.lines + len(ends))
            self.lines += len(ends)
            ends = ends[lines % (self.rows + 1) != 0]
        return np.asarray(ends + 1)


def _statements(batches: Iterable[Rendered], head: bytes, rows: int) -> Iterator[Rendered]:
    """Rendered rows with a new INSERT before every so many of them, counted from the beginning of the file."""
    done = 0
    for batch in batches:
        starts = range(-done % rows, len(batch), rows)
        done += len(batch)
        yield _with_heads(batch, starts, b";\n" + head) if starts else batch


def _with_heads(batch: Rendered, starts: range, head: bytes) -> Rendered:
    """The batch with `head` in the place of the comma and newline that rows at `starts` begin with."""
    offsets = batch.offsets.astype(np.int64)
    pieces: list[bytes | memoryview] = []
    at = int(offsets[0])
    for start in starts:
        row = int(offsets[start])
        pieces += [batch.data[at:row], head]
        at = row + len(b",\n")
    pieces.append(batch.data[at : int(offsets[-1])])
    grown = np.zeros_like(offsets)
    grown[np.asarray(starts) + 1] = len(head) - len(b",\n")
    return Rendered(offsets - offsets[0] + np.cumsum(grown), memoryview(b"".join(pieces)))


def _names(columns: tuple[OutColumn, ...]) -> list[str]:
    """The headers as any database takes them for different columns."""
    plain_names = [re.sub(r"[\x00-\x1f\x7f]+", " ", column.label).strip().replace("'", "’") for column in columns]
    return different([name or "column" for name in plain_names], same=str.casefold)


def _table(options: SqlOptions) -> str:
    return ".".join(options.speech.name(part) for part in options.table.split("."))


def _head(columns: tuple[OutColumn, ...], options: SqlOptions) -> str:
    names = ", ".join(options.speech.name(name) for name in _names(columns))
    return f"INSERT INTO {_table(options)} ({names}) VALUES{' ' if options.rows_per_insert == 1 else chr(NEWLINE)}"


def _rounded(column: OutColumn, options: SqlOptions) -> bool:
    """Whether SQLite would keep the column's numbers as doubles that have fewer digits."""
    exact = INT64_DIGITS if column.kind is Kind.WHOLE else DOUBLE_DIGITS
    numbers = column.kind in (Kind.WHOLE, Kind.DECIMAL) and not _worded(column)
    return options.dialect == "sqlite" and numbers and (column.precision or 0) > exact


def _worded(column: OutColumn) -> bool:
    """Whether a display format makes the column one of text."""
    return shown(column, "UTC") != plain(column, "UTC")


def _type(column: OutColumn, options: SqlOptions) -> str:
    types = options.speech.types
    if column.kind in TEXTS or _worded(column) or _rounded(column, options):
        return types[Kind.TEXT]
    if column.kind is Kind.DECIMAL or (column.kind is Kind.WHOLE and (column.precision or 0) > INT64_DIGITS):
        return f"DECIMAL({column.precision or 38}, {column.scale or 0})"
    return types[column.kind]


def _value(column: OutColumn, options: SqlOptions, zone: str) -> str:
    """One cell as a literal, never NULL itself."""
    name = quoted(column.key)
    return f"case when {name} is null then 'NULL' else {_filled(column, options, zone)} end"


def _filled(column: OutColumn, options: SqlOptions, zone: str) -> str:
    name, speech = quoted(column.key), options.speech
    if column.kind in TEXTS:
        return _string(name, options.dialect)
    if _worded(column) or _rounded(column, options):
        return f"concat('''', {shown(column, zone)}, '''')"
    if column.kind is Kind.YES_NO:
        yes, no = ("TRUE", "FALSE") if speech.words else ("1", "0")
        return f"case when {name} then '{yes}' else '{no}' end"
    if column.kind is Kind.FLOAT:
        return _float(name, options.dialect)
    if column.kind in DATED:
        moment = _dated(column, options, zone)
        return moment if speech.infinite else f"case when isfinite({name}) then {moment} else 'NULL' end"
    if column.kind is Kind.TIME:
        return f"concat('{'TIME ' if speech.typed else ''}''', {name}::varchar, '''')"
    return plain(column, zone)


def _string(sql: str, dialect: str) -> str:
    mysql = {"\\": "\\\\", "\0": "\\0", "\x1a": "\\Z"}  # the last ends a file for its client on Windows
    # a backslash before a line end makes SQL Server drop both: it may drop two that we put there
    joining = {"\\\r\n": "\\\\\r\n\r\n", "\\\n": "\\\\\n\n"}
    changed = mysql if dialect == "mysql" else {"\0": "\ufffd", **(joining if dialect == "sqlserver" else {})}
    for sign, escaped in {**changed, "'": "''"}.items():
        sql = f"replace({sql}, {characters(sign)}, {characters(escaped)})"
    return f"concat({literal('N' if dialect == 'sqlserver' else '')}, '''', {sql}, '''')"


def _float(name: str, dialect: str) -> str:
    """A float as an approximate number, with an exponent: without one it would be a decimal and rounded on its way."""
    text = f"{name}::varchar"
    number = f"case when contains({text}, 'e') then {text} else {text} || 'e0' end"
    if dialect == "standard":
        words = finite_or(name, "NaN", "Infinity")
        return (
            f"case when isfinite({name}) then {number} else concat('CAST(''', {words}, ''' AS DOUBLE PRECISION)') end"
        )
    if dialect == "sqlite":
        beyond = f"case {text} when 'inf' then '9e999' when '-inf' then '-9e999' else 'NULL' end"  # too large: infinity
        return f"case when isfinite({name}) then {number} else {beyond} end"
    return f"case when isfinite({name}) then {number} else 'NULL' end"


def _dated(column: OutColumn, options: SqlOptions, zone: str) -> str:
    keyword = {Kind.DATE: "DATE ", Kind.TIMESTAMP: "TIMESTAMP ", Kind.TIMESTAMP_TZ: "TIMESTAMP WITH TIME ZONE "}[
        column.kind
    ]
    text = plain(column, zone)
    if options.dialect == "sqlserver":
        text = programs_date(column, zone)  # with a T it means the same in every language setting
    elif options.dialect == "mysql" and column.kind is Kind.TIMESTAMP_TZ:
        keyword, text = "TIMESTAMP ", f"{wall(quoted(column.key), 'UTC')}::varchar"
    return f"concat({literal((keyword if options.speech.typed else '') + chr(APOSTROPHE))}, {text}, '''')"


FORMAT = Sql()
