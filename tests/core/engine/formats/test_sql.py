"""SQL as databases take it: DuckDB (standard literals) and SQLite run the statements, and hold what the rows held."""

from __future__ import annotations

import math
import sqlite3
from datetime import date, datetime, time
from decimal import Decimal

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st
from psycopg import sql

from core.engine import formats
from core.engine.rendering import OutColumn
from core.engine.session import open_session
from core.engine.spec import Split
from core.engine.values import Kind
from core.errors import BadSpec
from tests.core.engine import nasty
from tests.core.engine.formats.test_golden_text import BEYOND_PYTHON, expected_text, made
from tests.core.engine.formats.test_round_trips import QUICK, ROWS, as_text, exported
from tests.core.engine.making import export, make_table, spec_of
from tests.servers.postgres import postgres

INSERTS = st.sampled_from([1, 2, 3, 500])


def in_duckdb(script, query='select * from "data"'):
    with open_session(None) as connection:
        connection.execute(script)
        return connection.execute(query).fetchall()


def in_sqlite(script, query='select * from "data"'):
    connection = sqlite3.connect(":memory:")
    try:
        connection.executescript(script)
        return connection.execute(query).fetchall()
    finally:
        connection.close()


def test_a_database_holds_every_value_of_the_nasty_table(tmp_path):
    content, written = made("nasty.sql", tmp_path)
    rows = in_duckdb(content.decode(), 'select columns(*)::varchar from "data"')
    for i, column in enumerate(nasty.COLUMNS):
        wanted = [None if text is None else in_duckdb_words(column, text) for text in nasty.cells(column)]
        assert [row[i] for row in rows] == wanted, column.name
    assert [note.code for note in written.notes] == ["renamed_column"]


def in_duckdb_words(column, text):
    """A value as DuckDB casts it to text: instants in UTC, decimals with all places of their column."""
    if column.kind is Kind.TIMESTAMP_TZ:
        return text
    if column.kind is Kind.DECIMAL:
        return f"{Decimal(text):.{column.scale}f}"
    if column.kind is Kind.FLOAT and not text[-1].isdigit():
        return {"NaN": "nan", "Infinity": "inf", "-Infinity": "-inf"}[text]
    return text


@pytest.mark.slow_real
def test_postgresql_holds_every_value_of_the_nasty_table(tmp_path):
    content, _ = made("nasty.sql", tmp_path)
    with postgres() as url, psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(content)
        connection.execute("set time zone 'UTC'")
        names = [column.name for column in nasty.COLUMNS[:-1]]
        chosen = sql.SQL(", ").join(sql.SQL("{}::text").format(sql.Identifier(name)) for name in names)
        rows = connection.execute(sql.SQL("select {} from data").format(chosen)).fetchall()
    for i, column in enumerate(nasty.COLUMNS[:-1]):
        for row, text in zip(rows, nasty.cells(column), strict=True):
            if text is None:
                assert row[i] is None
            elif column.kind is Kind.FLOAT:
                assert repr(float(row[i])) == repr(float(text))
            elif column.kind is Kind.DECIMAL:
                assert Decimal(row[i]) == Decimal(text)
            else:
                assert row[i] == text, column.name


def test_sqlite_holds_every_value_it_can_of_the_nasty_table(con, tmp_path):
    options = formats.parse_options("sql", {"dialect": "sqlite", "create": True})
    path = tmp_path / "nasty.sql"
    rows = nasty.rows(con, nasty.table(tmp_path), "Asia/Jakarta")
    written = formats.get("sql").write(rows, path, options, formats.base.Context("Nasty"))
    found = in_sqlite(path.read_bytes().decode())
    for i, column in enumerate(nasty.COLUMNS):
        for row, text in zip(found, nasty.cells(column), strict=True):
            if text in (None, "NaN"):
                assert row[i] is None
            elif column.kind is Kind.YES_NO:
                assert row[i] == int(text == "true")
            elif column.kind is Kind.FLOAT or column.name == "Price":
                assert row[i] == float(text)
            else:
                assert str(row[i]) == expected_text(column, text)
    assert {note.code for note in written.notes} == {"renamed_column", "not_finite", "long_number_as_text"}
    assert BEYOND_PYTHON["9999-12-31 17:30:00+00"] in {row[10] for row in found}


def same(read, wanted):
    return read == wanted and type(read) is type(wanted)


@QUICK
@given(ROWS, INSERTS, st.booleans())
def test_duckdb_holds_what_the_rows_held(rows, rows_per_insert, transaction):
    options = {"create": True, "rows_per_insert": rows_per_insert, "transaction": transaction}
    found = in_duckdb(exported(rows, "sql", options).decode())
    for read_row, row in zip(found, rows, strict=True):
        for read, wanted in zip(read_row, row, strict=True):
            assert same(read, wanted) or (math.isnan(read) and math.isnan(wanted))


@QUICK
@given(ROWS, INSERTS)
def test_sqlite_holds_what_the_rows_held(rows, rows_per_insert):
    script = exported(rows, "sql", {"dialect": "sqlite", "create": True, "rows_per_insert": rows_per_insert})
    for read_row, row in zip(in_sqlite(script.decode()), rows, strict=True):
        for read, wanted in zip(read_row, row, strict=True):
            if isinstance(wanted, float) and math.isnan(wanted):
                assert read is None
            elif isinstance(wanted, (date, datetime, time)):
                assert read == as_text(wanted)
            elif isinstance(wanted, float):  # SQLite misses some very small and very large ones by the last bit
                assert read == wanted or abs(read - wanted) <= math.ulp(wanted)
            else:
                assert read == (float(wanted) if isinstance(wanted, Decimal) else wanted)


@pytest.mark.parametrize(
    ("dialect", "script"),
    [
        (
            "mysql",
            "SET NAMES utf8mb4;\nSET time_zone = '+00:00';\n"
            "CREATE TABLE `s`.`t` (\n    `a ``b` LONGTEXT,\n    `yes` BOOLEAN,\n"
            "    `x` DOUBLE,\n    `at` DATETIME(6),\n    `day` DATE\n);\n"
            "START TRANSACTION;\n"
            "INSERT INTO `s`.`t` (`a ``b`, `yes`, `x`, `at`, `day`) VALUES\n"
            "('it''s \\\\\nnew\\0', TRUE, 0.5e0, TIMESTAMP '2026-10-31 07:00:00', DATE '2026-10-31'),\n"
            "(NULL, FALSE, NULL, NULL, NULL);\nCOMMIT;\n",
        ),
        (
            "sqlserver",
            "CREATE TABLE [s].[t] (\n    [a `b] NVARCHAR(MAX),\n    [yes] BIT,\n"
            "    [x] FLOAT(53),\n    [at] DATETIMEOFFSET(6),\n    [day] DATE\n);\n"
            "BEGIN TRANSACTION;\n"
            "INSERT INTO [s].[t] ([a `b], [yes], [x], [at], [day]) VALUES\n"
            "(N'it''s \\\\\n\nnew\ufffd', 1, 0.5e0, '2026-10-31T14:00:00+07:00', '2026-10-31'),\n"
            "(NULL, 0, NULL, NULL, NULL);\nCOMMIT;\n",
        ),
    ],
)  # fmt: skip
def test_other_dialects_get_their_own_literals(dialect, script, tmp_path, exported):
    columns = {
        "a `b": (Kind.TEXT, ["it's \\\nnew\0", None]),
        "yes": (Kind.YES_NO, [True, False]),
        "x": (Kind.FLOAT, [0.5, float("inf")]),
        "at": (Kind.TIMESTAMP_TZ, [datetime.fromisoformat("2026-10-31T07:00:00+00:00"), None]),
        "day": (Kind.DATE, [date(2026, 10, 31), None]),
    }
    spec = spec_of("sql", {"dialect": dialect, "create": True, "table": "s.t"})
    made = exported(make_table(tmp_path / "t", columns), spec, zone="Asia/Jakarta")
    assert made.text == script
    assert "not_finite" in {note.code for note in made.receipt.notes}


def test_every_file_of_a_split_runs_by_itself(tmp_path):
    table = make_table(tmp_path / "t", {"n": (Kind.WHOLE, range(25)), "text": (Kind.TEXT, ["it's\n);"] * 25)})
    spec = spec_of("sql", {"dialect": "sqlite", "create": True, "rows_per_insert": 3}, packaging="none")
    split = spec.packaging.model_copy(update={"split": Split(by="rows", rows=10)})
    folder = tmp_path / "out"
    receipt = export(table, spec.model_copy(update={"packaging": split}), folder).receipt
    found = [in_sqlite((folder / file.stored).read_text()) for file in receipt.files]
    assert [len(rows) for rows in found] == [10, 10, 5]
    assert [n for rows in found for n, _ in rows] == list(range(25))


def test_no_rows_are_no_insert(tmp_path, exported):
    empty = make_table(tmp_path / "t", {"a": (Kind.TEXT, [])})
    assert exported(empty, spec_of("sql")).text == "START TRANSACTION;\nCOMMIT;\n"


def test_headers_become_names_that_no_database_confuses(tmp_path, exported):
    headers = ["a", "A", "it's", "two\nlines", "", 'q"']
    table = make_table(tmp_path / "t", {header: (Kind.WHOLE, [1]) for header in headers})
    made = exported(table, spec_of("sql", {"rows_per_insert": 1, "transaction": False}))
    assert (
        made.text
        == 'INSERT INTO "data" ("a", "A (2)", "it’s", "two lines", "column", "q""") VALUES (1, 1, 1, 1, 1, 1);\n'
    )
    assert made.receipt.notes[0].count == 4


def test_a_column_in_a_display_format_is_text(tmp_path, exported):
    table = make_table(tmp_path / "t", {"day": (Kind.DATE, [date(2026, 10, 31)])})
    made = exported(table, spec_of("sql", {"create": True}, columns=[{"column": "day", "format": "dmy_slash"}]))
    assert '"day" TEXT' in made.text
    assert "('31/10/2026')" in made.text


def test_a_name_the_database_would_cut_is_refused():
    columns = (OutColumn("o1", "é" * 32, Kind.TEXT),)
    with pytest.raises(BadSpec, match="is too long a name for PostgreSQL"):
        formats.get("sql").check(columns, formats.parse_options("sql", {}))
    formats.get("sql").check(columns, formats.parse_options("sql", {"dialect": "sqlite"}))


@pytest.mark.parametrize("name", ["", "a.", "o'clock", "two\nlines"])
def test_a_table_without_a_proper_name_is_refused(name):
    with pytest.raises(BadSpec, match="“table” cannot be"):
        formats.parse_options("sql", {"table": name})
