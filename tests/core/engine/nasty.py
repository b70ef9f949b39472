"""One nasty table: every kind of value, and of each the values that break writers.

A cell is written here as its plain text (what CSV says), None for NULL; DuckDB casts it to the column's type. Lists shorter
than the table are filled up from their beginning, so every row has something everywhere.
"""

from __future__ import annotations

from itertools import cycle, islice
from pathlib import Path

import duckdb
import pyarrow.parquet as pq

from core.engine.rendering import OutColumn, Rows
from core.engine.session import open_session
from core.engine.table import METADATA_KEY, Meaning, Table
from core.engine.values import Column, Kind

TEXTS = (
    "plain",
    None,
    "",
    'said "hi", left; a|b',
    "two\nlines",
    "carriage\r\nreturn\rthere",
    "emoji 🎉 👩‍👩‍👧 😀",
    "مرحبا بالعالم",
    "שלום, עולם",
    "日本語のテキスト",
    "00123",
    "12345678901234567890",
    "=1+1",
    "+62 812 3456",
    "-cmd|' /C calc'!A0",
    "@SUM(A1)",
    "＝1+1",
    "\ttab first",
    "  spaces around  ",
    "_x0041_",
    "_x0041_x0042_",
    "control \x01\x02\x1f\x0b",
    "_x0041\x01",
    "\ufffe\uffff",
    "\x7f\x85\u2028",
    "NULL",
    "<b>&amp;</b> ]]>",
    "e\u0301 and é",
    "O'Neil\\n",
    "true",
    "1e5",
)
CELLS: dict[Column, tuple[str | None, ...]] = {
    Column(id="c1", name="Text", kind=Kind.TEXT): TEXTS,
    Column(id="c2", name='Other, "text"', kind=Kind.TEXT): ("x", None, "", " "),
    Column(id="c3", name="=Whole", kind=Kind.WHOLE): (
        "0", "-1", None, "999999999999999", "1000000000000000", "-9223372036854775808", "9223372036854775807", "42",
    ),
    Column(id="c4", name="Long id", kind=Kind.WHOLE, precision=38, scale=0): (
        "12345678901234567890", None, "-7", "99999999999999999999999999999999999999",
    ),
    Column(id="c5", name="Price", kind=Kind.DECIMAL, precision=12, scale=2): (
        "0.10", "-0.01", "1234567890.00", None, "0.00", "19.99",
    ),
    Column(id="c6", name="Exact", kind=Kind.DECIMAL, precision=30, scale=10, trim=True): (
        "1.5", "2.25", None, "-0.0000000001", "12345678901234567890.0123456789", "100", "123456789012345.6",
    ),
    Column(id="c7", name="Float", kind=Kind.FLOAT): (
        "0.1", "NaN", "Infinity", "-Infinity", None, "0.30000000000000004", "1e+300", "5e-324", "-2.5",
        "1.7976931348623157e+308", "123456789.0",
    ),
    Column(id="c8", name="Yes or no", kind=Kind.YES_NO): ("true", "false", None),
    Column(id="c9", name="Day", kind=Kind.DATE): (
        "2024-02-29", "1850-01-01", "1899-12-31", "1900-02-28", "1900-03-01", None, "9999-12-31", "infinity", "-infinity",
    ),
    Column(id="c10", name="Moment", kind=Kind.TIMESTAMP): (
        "2024-02-29 13:45:30", "2024-01-01 00:00:00.001", "2024-01-01 12:34:56.789999", None, "1850-05-06 07:08:09.5",
        "9999-12-31 23:59:59.999999", "1969-12-31 23:59:59.999", "1900-03-01 00:00:00", "1900-02-28 23:59:59", "infinity",
    ),
    Column(id="c11", name="Instant", kind=Kind.TIMESTAMP_TZ): (
        "2024-06-01 12:00:00+00", "2024-12-31 20:30:00.123456+00", None, "1899-12-31 00:00:00+00", "1900-02-28 20:00:00+00",
        "9999-12-31 16:00:00+00", "9999-12-31 17:30:00+00",
    ),
    Column(id="c12", name="Clock", kind=Kind.TIME): (
        "00:00:00", "23:59:59.999999", "24:00:00", None, "12:00:00.5", "07:30:00",
    ),
    Column(id="c13", name="Nested", kind=Kind.NESTED): (
        '{"a": [1, "two\\nlines", null], "é": {"b": "<&>"}}', "[]", None, '[{"=x": 1.50}]',
    ),
    Column(id="c14", name="Text", kind=Kind.TEXT): (None,),
}  # fmt: skip
COLUMNS = tuple(CELLS)
COUNT = max(map(len, CELLS.values()))


def cells(column: Column) -> tuple[str | None, ...]:
    """The plain text of every value of a column, row by row; None for NULL."""
    return tuple(islice(cycle(CELLS[column]), COUNT))


def sql_type(column: Column) -> str:
    if column.kind is Kind.WHOLE:
        return "decimal(38, 0)" if column.precision else "bigint"
    if column.kind is Kind.DECIMAL:
        return f"decimal({column.precision}, {column.scale})"
    plain = {Kind.FLOAT: "double", Kind.YES_NO: "boolean", Kind.TIMESTAMP_TZ: "timestamptz"}
    texts = (Kind.TEXT, Kind.NESTED)
    return "varchar" if column.kind in texts else plain.get(column.kind, column.kind.value)


def table(folder: Path) -> Table:
    """The nasty table as a dataset's file, as ingest would leave it."""
    with open_session(None) as connection:
        rows = list(zip(*map(cells, COLUMNS), strict=True))
        connection.execute("create table n (" + ", ".join(f"{c.id} {sql_type(c)}" for c in COLUMNS) + ")")
        connection.executemany(f"insert into n values ({', '.join('?' * len(COLUMNS))})", rows)
        arrow = connection.sql("select * from n").to_arrow_table()
    meaning = Meaning(name="Nasty", columns=COLUMNS, date_column="c9")
    path = folder / "nasty.parquet"
    pq.write_table(arrow.replace_schema_metadata({METADATA_KEY: meaning.model_dump_json().encode()}), path)
    return Table.open(path)


def out_columns(columns: tuple[Column, ...] = COLUMNS) -> tuple[OutColumn, ...]:
    return tuple(
        OutColumn(f"o{i}", c.name, c.kind, c.precision, c.scale, c.trim, c.zone) for i, c in enumerate(columns, 1)
    )


def rows(connection: duckdb.DuckDBPyConnection, table: Table, zone: str = "UTC") -> Rows:
    """All of a table, every column, ready to be rendered."""
    chosen = ", ".join(f"{c.id} as o{i}" for i, c in enumerate(table.columns, 1))
    query = f"select {chosen} from read_parquet('{table.path}')"
    return Rows(connection, query, [], out_columns(table.columns), table.rows, zone)
