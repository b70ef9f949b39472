"""Fetching from databases: read only, one SELECT, NULL and types kept."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from itertools import chain, repeat
from pathlib import Path
from typing import Any

import duckdb
import psycopg
import pytest
from pydantic import ValidationError

from core.delivery.reach import Reach
from core.engine import ingest
from core.engine.table import Table
from core.errors import Unanswered, Unfetchable
from core.fetching import postgresql, sqlite
from core.fetching.base import Fetched, Method, Way
from tests.servers.postgres import postgres

SETUP = """
    create role reader login password 'secret';
    create role writer login; grant pg_write_server_files to writer;
    create role grouped login; create role programs; grant pg_execute_server_program to programs; grant programs to grouped;
    create schema shop; grant usage on schema shop to reader, writer, grouped;
    create table shop.orders (
        id bigint, code text, note text, price numeric(10,2), rate numeric, share float8, paid boolean, due date,
        at timestamp, seen timestamptz, opens time, about jsonb, tags text[], raw bytea, odd numeric, far date, huge numeric(38,0)
    );
    insert into shop.orders values
        (1, '00123', '', 10.50, 1.5, 0.1, true, '2026-10-31', '2026-10-31 08:00:00.25', '2026-10-31 08:00:00+02', '08:00',
         '{"a": 1}', '{x,"y z"}', '\\x00ff', 1, '2026-01-01', 12345678901234567890123456789012345678),
        (9223372036854775807, E'two\\nlines, "quoted"', null, -0.05, 22.25, 'NaN', false, '0001-01-01', '1969-12-31 23:59:59',
         '1999-12-31 23:59:59.999999Z', '23:59:59.5', '[]', '{}', '', 'NaN', 'infinity', -1),
        (null, null, 'Ünïcödé 🎉', null, null, null, null, null, null, null, null, null, null, null, null, null, null);
    create table shop."Odd ""Name"" of" ("a" int, "A" int); insert into shop."Odd ""Name"" of" values (1, 2);
    create table shop.hidden (a int);
    create sequence shop.counter;
    grant select on shop.orders, shop."Odd ""Name"" of" to reader; grant all on shop.counter to reader;
    grant insert on shop.hidden to reader;
"""


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with postgres() as url:
        port = int(url.rpartition(":")[2].partition("/")[0])
        with psycopg.connect(host="127.0.0.1", port=port, user="desk", dbname="postgres", autocommit=True) as conn:
            conn.execute(SETUP)
        yield port


def of(port: int, **more: Any) -> postgresql.Options:
    given = {"host": "127.0.0.1", "port": port, "database": "postgres", "user": "reader", "encryption": "none"}
    return postgresql.Options.model_validate(given | more)


def read(found: Fetched, tmp_path: Path) -> Table:
    """As the dataset it becomes."""
    [made] = ingest.ingest(found.path, found.name, tmp_path / "read")
    return Table.open(made.path)


def values(table: Table) -> list[tuple[Any, ...]]:
    return duckdb.sql(f"select * from read_parquet('{table.path}')").fetchall()


def test_a_table_keeps_its_types_and_what_is_null(port: int, way: Way, tmp_path: Path):
    table = read(postgresql.METHOD.fetch(of(port, table="shop.orders"), {"password": "secret"}, way), tmp_path)
    assert table.name == "orders"
    assert {c.name: c.kind.value for c in table.columns} == {
        "id": "whole", "code": "text", "note": "text", "price": "decimal", "rate": "decimal", "share": "float",
        "paid": "yes_no", "due": "date", "at": "timestamp", "seen": "timestamp_tz", "opens": "time", "about": "nested",
        "tags": "text", "raw": "text", "odd": "text", "far": "text", "huge": "whole",
    }  # fmt: skip
    columns = {c.name: c for c in table.columns}
    shown = duckdb.sql(
        f"select {', '.join(f'{c.id}::varchar' for c in table.columns)} from read_parquet('{table.path}')"
    ).fetchall()
    found = [dict(zip(columns, row, strict=True)) for row in shown]
    assert found[0] | {"seen": ""} == {
        "id": "1", "code": "00123", "note": "", "price": "10.50", "rate": "1.50", "share": "0.1", "paid": "true",
        "due": "2026-10-31", "at": "2026-10-31 08:00:00.25", "seen": "", "opens": "08:00:00", "about": '{"a": 1}',
        "tags": '{x,"y z"}', "raw": "\\x00ff", "odd": "1", "far": "2026-01-01",
        "huge": "12345678901234567890123456789012345678",
    }  # fmt: skip
    assert found[1]["code"] == 'two\nlines, "quoted"'
    assert (found[1]["note"], found[1]["raw"]) == (None, "\\x")
    assert (found[1]["share"], found[1]["odd"], found[1]["far"]) == ("nan", "NaN", "infinity")
    assert {k: v for k, v in found[2].items() if v is not None} == {"note": "Ünïcödé 🎉"}
    seen = columns["seen"].id
    [[moment]] = duckdb.sql(f"select epoch_us({seen}) from read_parquet('{table.path}') limit 1").fetchall()
    assert moment == 1793426400_000000  # 06:00 in UTC
    assert columns["rate"].trim  # 1.5 is not written as 1.50
    assert "numeric(10,2)" in columns["price"].why
    assert "Kept as text" in columns["far"].why


def test_many_rows_arrive_in_their_order(port: int, way: Way, tmp_path: Path):
    took: list[int] = []
    query = "select n, repeat('x', (n % 500)::int) as t from generate_series(1, 60000) n;"
    found = postgresql.METHOD.fetch(of(port, query=query), {"password": "secret"}, replace(way, took=took.append))
    table = read(found, tmp_path)
    assert table.rows == 60000
    wanted = [(n, "x" * (n % 500)) for n in range(1, 60001)]
    assert values(table) == wanted
    assert len(took) > 3


def test_the_same_rows_are_the_same_bytes(port: int, way: Way):
    first = postgresql.METHOD.fetch(of(port, table="shop.orders"), {"password": "secret"}, way).path.read_bytes()
    again = postgresql.METHOD.fetch(of(port, table="shop.orders"), {"password": "secret"}, way).path.read_bytes()
    assert first == again


def test_tables_that_may_be_read_are_listed(port: int, way: Way, tmp_path: Path):
    listed = postgresql.METHOD.tables(of(port, table="any"), {"password": "secret"}, way)
    assert listed == ['shop."Odd ""Name"" of"', "shop.orders"]
    table = read(postgresql.METHOD.fetch(of(port, table=listed[0]), {"password": "secret"}, way), tmp_path)
    assert len({c.name.lower() for c in table.columns}) == 2  # SQL knows a from A, a person hardly does
    assert values(table) == [(1, 2)]


@pytest.mark.parametrize(
    ("user", "why"),
    [
        ("desk", "is a superuser"),
        ("writer", "a member of pg_write_server_files"),
        ("grouped", "a member of pg_execute_server_program"),
    ],
)
def test_whoever_may_do_more_than_read_is_refused(port: int, way: Way, user: str, why: str):
    with pytest.raises(Unfetchable, match=why) as refused:
        postgresql.METHOD.fetch(of(port, user=user, query="select 1"), {}, way)
    assert refused.value.field == "user"


@pytest.mark.parametrize(
    "query",
    [
        "insert into shop.hidden values (1) returning a",
        "with made as (insert into shop.hidden values (1) returning a) select * from made",
        "select 1; insert into shop.hidden values (1)",
        "select nextval('shop.counter')",
        "select 1; commit; insert into shop.hidden values (1)",
        "copy shop.orders to program 'touch /tmp/desk-was-here'",
        "select 1) to program 'touch /tmp/desk-was-here'",
        "select 1 into shop.made",
        "select set_config('transaction_read_only', 'off', true)",
        "select * from shop.hidden",
        "select * from pg_read_file('/etc/passwd')",
        "begin",
        "",
        "nonsense",
    ],
)
def test_nothing_but_one_select_that_reads_what_it_may(port: int, way: Way, query: str):
    if not query:
        with pytest.raises(ValidationError, match="choose a table, or write a query"):
            of(port, query=query)
        return
    with pytest.raises(Unfetchable):
        postgresql.METHOD.fetch(of(port, query=query), {"password": "secret"}, way)
    with psycopg.connect(host="127.0.0.1", port=port, user="desk", dbname="postgres") as conn:
        assert conn.execute("select count(*) from shop.hidden").fetchone() == (0,)
        assert conn.execute("select is_called from shop.counter").fetchone() == (False,)
    assert not Path("/tmp/desk-was-here").exists()


def test_a_query_that_takes_too_long_is_stopped(port: int, way: Way, monkeypatch: pytest.MonkeyPatch):
    settings = postgresql._settings
    monkeypatch.setattr(postgresql, "_settings", lambda options: settings(options) | {"statement_timeout": "100ms"})
    with pytest.raises(Unfetchable, match="still busy"):
        postgresql.METHOD.fetch(of(port, query="select pg_sleep(60)"), {}, way)


def test_what_does_not_answer_is_said(port: int, way: Way):
    with pytest.raises(Unfetchable, match="no database “nowhere”"):
        postgresql.METHOD.fetch(of(port, database="nowhere", query="select 1"), {}, way)
    with pytest.raises(Unfetchable, match="did not let “stranger” in"):
        postgresql.METHOD.fetch(of(port, user="stranger", query="select 1"), {}, way)
    with pytest.raises(Unfetchable, match="could not be encrypted"):
        postgresql.METHOD.fetch(of(port, encryption="verified", query="select 1"), {}, way)
    with pytest.raises(Unfetchable, match=r"no table “shop\.gone”"):
        postgresql.METHOD.fetch(of(port, table="shop.gone"), {}, way)
    with pytest.raises(Unfetchable, match="inside the network"):
        postgresql.METHOD.fetch(of(port, query="select 1"), {}, replace(way, reach=Reach()))
    with pytest.raises(Unanswered, match="Nothing answers"):
        postgresql.METHOD.fetch(of(1, query="select 1"), {}, way)


# ---------------------------------------------------------------- SQLite


@pytest.fixture
def shop(shared: Path) -> Path:
    path = shared / "shop.db"
    with closing(sqlite3.connect(path)) as conn, conn:
        conn.execute(
            "create table orders (id integer, code text, note text, price real, mixed, paid boolean, due date, raw blob, "
            '"big" integer, about json)'
        )
        conn.executemany(
            "insert into orders values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                (1, "00123", "", 10.5, 1, 1, "2026-10-31", b"\x00\xff", 2**63 - 1, "{}"),
                (2, "7", None, 3, "1", 0, "0001-01-01", b"", -(2**63), "[1]"),
                (None,) * 10,
            ],
        )
        conn.execute("create view few as select id from orders")
    return path


def sql(shared: Path, **more: Any) -> sqlite.Options:
    return sqlite.Options.model_validate({"root": str(shared), "file": "shop.db"} | more)


def test_an_sqlite_table_keeps_its_types_and_what_is_null(shop: Path, shared: Path, way: Way, tmp_path: Path):
    assert sqlite.METHOD.tables(sql(shared, table="any"), {}, way) == ["few", "orders"]
    table = read(sqlite.METHOD.fetch(sql(shared, table="orders"), {}, way), tmp_path)
    assert [c.kind.value for c in table.columns] == [
        "whole", "text", "text", "float", "text", "yes_no", "date", "text", "whole", "nested",
    ]  # fmt: skip
    first, second, third = values(table)
    assert first[:6] == (1, "00123", "", 10.5, "1", True)
    assert first[7:] == ("AP8=", 2**63 - 1, "{}")
    assert second[:5] == (2, "7", None, 3.0, "1")
    assert third == (None,) * 10


@pytest.mark.parametrize(
    "query",
    [
        "delete from orders returning id",
        "select 1; delete from orders",
        "attach 'other.db' as other",
        "pragma query_only = off",
        "select load_extension('/tmp/x.so')",
        "vacuum into '/tmp/desk-copy.db'",
        "select * from gone",
        "nonsense",
    ],
)
def test_an_sqlite_query_does_nothing_but_read(shop: Path, shared: Path, way: Way, query: str):
    before = shop.read_bytes()
    with pytest.raises(Unfetchable):
        sqlite.METHOD.fetch(sql(shared, query=query), {}, way)
    assert shop.read_bytes() == before


def test_an_sqlite_query_that_takes_too_long_is_stopped(
    shop: Path, shared: Path, way: Way, monkeypatch: pytest.MonkeyPatch
):
    clock = chain([0.0], repeat(1e9))
    monkeypatch.setattr("core.fetching.sqlite.time.monotonic", lambda: next(clock))
    endless = "with recursive n(x) as (select 1 union all select x + 1 from n) select max(x) from n"
    with pytest.raises(Unfetchable, match="still being read"):
        sqlite.METHOD.fetch(sql(shared, query=endless), {}, way)


def test_what_is_no_sqlite_database_is_said(shared: Path, way: Way):
    (shared / "shop.db").write_bytes(b"not a database at all" * 100)
    with pytest.raises(Unfetchable, match="no SQLite database"):
        sqlite.METHOD.fetch(sql(shared, table="orders"), {}, way)
    with pytest.raises(Unfetchable, match="leads out"):
        sqlite.METHOD.tables(sql(shared, file="../data/desk.db", table="any"), {}, way)


@pytest.mark.parametrize("method", [postgresql.METHOD, sqlite.METHOD])
def test_a_place_is_said_without_the_query(method: Method[Any], port: int, shared: Path):
    options = of(port, query="select 1") if method is postgresql.METHOD else sql(shared, query="select 1")
    assert method.place(options).endswith("a query")
