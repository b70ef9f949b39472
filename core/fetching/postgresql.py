"""A table or a query of a PostgreSQL database: one SELECT, read only, in one snapshot, by somebody who could do no harm there.

A transaction that is READ ONLY still lets a superuser run programs of that computer (COPY … TO PROGRAM), so superusers and the
members of the roles that may do so are refused. What people type is parsed by the server as one cursor over the extended
protocol, in which there is room for one statement, and a cursor takes nothing but a SELECT that changes nothing.
"""

from __future__ import annotations

import ssl
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Literal

import psycopg
from psycopg import pq
from pydantic import Field, model_validator

from core.delivery.reach import SECONDS
from core.engine.ingest import structure
from core.engine.values import Kind
from core.errors import AGAIN, Unanswered, Unfetchable
from core.fetching import base, rows
from core.fetching.base import ELSEWHERE, FOLDED, Fetched, Secret, Way, line
from core.fetching.rows import Batch, Stated

LOCK_SECONDS = 15
FIRST_ROWS, MOST_ROWS = 200, 20_000  # asked for at once; wide rows fewer, so that a batch has about BATCH_BYTES
BATCH_BYTES = 8 * 1024 * 1024
MODES = {"verified": "verify-full", "encrypted": "require", "none": "disable"}

REFUSED = """
    select r.rolname, r.rolsuper from pg_roles r
    where (r.rolsuper or r.rolname in ('pg_execute_server_program', 'pg_read_server_files', 'pg_write_server_files'))
      and pg_has_role(session_user, r.oid, 'member')
    order by r.rolname <> session_user, r.rolname limit 1
"""
TABLES = """
    select format('%I.%I', n.nspname, c.relname) from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where c.relkind in ('r', 'p', 'v', 'm', 'f') and n.nspname <> 'information_schema' and n.nspname not like 'pg\\_%'
      and has_schema_privilege(n.oid, 'usage') and has_table_privilege(c.oid, 'select')
    order by 1
"""
# what a type's text may become; by the numbers PostgreSQL has for its own types, which never change
KINDS: dict[int, tuple[Kind, ...]] = {
    16: (Kind.YES_NO,),
    **dict.fromkeys((20, 21, 23, 26), (Kind.WHOLE,)),
    1700: (Kind.DECIMAL,),
    **dict.fromkeys((700, 701), (Kind.FLOAT,)),
    1082: (Kind.DATE,),
    1114: (Kind.TIMESTAMP,),
    1184: (Kind.TIMESTAMP_TZ,),
    1083: (Kind.TIME,),
    **dict.fromkeys((114, 3802), (Kind.NESTED,)),
}


class Options(base.Options):
    host: str = Field(min_length=1, title="Server", description="Such as db.example.org.")
    port: int = Field(default=5432, ge=1, le=65535, title="Port")
    database: str = Field(min_length=1, title="Database")
    user: str = Field(
        min_length=1, title="User name", description="One who may only read. Those who may do everything are refused."
    )
    table: str = Field(default="", title="Table or view", json_schema_extra=ELSEWHERE)
    query: str = Field(
        default="",
        title="A query instead of a table",
        description="One SELECT. It can change nothing.",
        json_schema_extra=FOLDED | {"lines": 5, "placeholder": "select name, amount from orders where paid"},
    )
    encryption: Literal["verified", "encrypted", "none"] = Field(
        default="verified",
        title="Encryption",
        description="Encrypted: the server’s certificate is not checked. None: everybody on the way can read all of it.",
    )
    minutes: int = Field(default=10, ge=1, le=120, title="May take (minutes)", json_schema_extra=FOLDED)

    @model_validator(mode="after")
    def _one(self) -> Options:
        if bool(self.table) == bool(self.query):
            raise ValueError("choose a table, or write a query")
        return self


class PostgreSQL(base.Method[Options]):
    name = "postgresql"
    label = "PostgreSQL database"
    icon = ":material/database:"
    model = Options
    secrets = (Secret("password", "Password"),)
    bound = ("host", "port", "user", "database", "encryption")
    lists_tables = True

    def fetch(self, options: Options, secrets: Mapping[str, str], way: Way) -> Fetched:
        with _told(options), _connected(options, secrets, way) as conn:
            query = options.query.strip().rstrip(";") or f"select * from {_table(conn, options)}"
            _ask(conn, f"declare desk no scroll cursor without hold for\n{query}")
            described = _checked(conn.pgconn.describe_portal(b"desk"))
            stated = _stated(conn, described)
            name = options.table.rpartition(".")[2].strip('"') or options.database
            return rows.write(name, described.nfields, _batches(conn, described.nfields), lambda: stated, way)

    def place(self, options: Options) -> str:
        return f"{options.host}, {options.database}, {options.table or 'a query'}"

    def tables(self, options: Options, secrets: Mapping[str, str], way: Way) -> Sequence[str]:
        with _told(options), _connected(options, secrets, way) as conn:
            return [str(name) for (name,) in conn.execute(TABLES).fetchall()]


@contextmanager
def _connected(options: Options, secrets: Mapping[str, str], way: Way) -> Iterator[psycopg.Connection[Any]]:
    """A transaction that can only read, in one snapshot, of somebody who may do no more than that."""
    with base.told():
        address = way.reach.address(options.host, options.port)
    try:
        conn = psycopg.connect(
            host=options.host,
            hostaddr=str(address),
            port=options.port,
            dbname=options.database,
            user=options.user,
            password=secrets.get("password", ""),
            sslmode=MODES[options.encryption],
            sslrootcert=(ssl.get_default_verify_paths().cafile or "system") if options.encryption == "verified" else "",
            sslcertmode="disable",
            require_auth="" if options.encryption == "verified" else "!password",  # never in clear to nobody knows whom
            gssencmode="disable",
            passfile="/dev/null",
            options="",
            application_name="Export Desk",
            client_encoding="UTF8",
            connect_timeout=int(SECONDS),
            tcp_user_timeout=int(SECONDS * 1000),
            keepalives_idle=int(SECONDS),
            autocommit=True,
        )
    except psycopg.OperationalError as problem:
        raise _not_in(options, problem) from problem
    with conn:
        if dangerous := conn.execute(REFUSED).fetchone():
            raise Unfetchable(
                f"“{options.user}” of {options.database} is {'a superuser' if dangerous[1] else f'a member of {dangerous[0]}'}, "
                "who may do more than read.",
                "Use somebody who may only read the tables that are wanted.",
                field="user",
            )
        conn.execute("begin isolation level repeatable read read only")
        for setting, value in _settings(options).items():
            conn.execute("select set_config(%s, %s, true)", (setting, value))
        yield conn


def _settings(options: Options) -> dict[str, str]:
    return {
        "statement_timeout": f"{options.minutes}min",
        "idle_in_transaction_session_timeout": f"{options.minutes}min",
        "lock_timeout": f"{LOCK_SECONDS}s",
        "timezone": "UTC",
        "datestyle": "ISO, YMD",
        "intervalstyle": "postgres",
        "extra_float_digits": "1",  # as many as it takes to read the same number again
        "bytea_output": "hex",
    }


def _table(conn: psycopg.Connection[Any], options: Options) -> str:
    """Its name as the server itself writes it."""
    if (options.table,) in conn.execute(TABLES).fetchall():
        return options.table
    raise Unfetchable(
        f"There is no table “{options.table}” in {options.database} that “{options.user}” may read.",
        "Choose one from the list.",
        field="table",
    )


def _ask(conn: psycopg.Connection[Any], statement: str) -> pq.abc.PGresult:
    """One statement over the extended protocol, which takes no second one."""
    return _checked(conn.pgconn.exec_params(statement.encode(), None))


def _checked(result: pq.abc.PGresult) -> pq.abc.PGresult:
    if result.status not in (pq.ExecStatus.COMMAND_OK, pq.ExecStatus.TUPLES_OK):
        raise psycopg.errors.error_from_result(result)
    return result


def _stated(conn: psycopg.Connection[Any], described: pq.abc.PGresult) -> list[Stated]:
    every = range(described.nfields)
    names = structure.names([(described.fname(n) or b"").decode() for n in every], described.nfields, [])
    types = [(described.ftype(n), described.fmod(n)) for n in every]
    words = [conn.execute("select format_type(%s, %s)", type).fetchone() for type in types]
    return [
        Stated(name, KINDS.get(type[0], ()), str(said[0]) if said else "")
        for name, type, said in zip(names, types, words, strict=True)
    ]


def _batches(conn: psycopg.Connection[Any], width: int) -> Iterator[Batch]:
    count = FIRST_ROWS
    while True:
        got = _ask(conn, f"fetch forward {count} from desk")
        if not got.ntuples:
            return
        every = range(got.ntuples)
        batch = [[got.get_value(n, column) for n in every] for column in range(width)]
        size = sum(len(value) for values in batch for value in values if value)
        yield batch
        count = max(1, min(MOST_ROWS, got.ntuples * BATCH_BYTES // max(size, 1), got.ntuples * 4))


@contextmanager
def _told(options: Options) -> Iterator[None]:
    """What the server says of the statement, as sentences."""
    try:
        yield
    except psycopg.Error as problem:
        raise _answered(options, problem) from problem


def _not_in(options: Options, problem: psycopg.OperationalError) -> Unfetchable | Unanswered:
    """Nobody got in. The library gives words alone; what begins with FATAL the server itself said."""
    words, server = line(problem), f"{options.host}:{options.port}"
    if "certificate" in words or "SSL" in words:
        return Unfetchable(
            f"The connection to {server} could not be encrypted as it was asked for: {words}.",
            "Use the name its certificate is for, or choose another kind of encryption.",
            field="encryption",
        )
    if "authentication" in words or "password" in words or "pg_hba.conf" in words or "role " in words:
        return Unfetchable(
            f"{server} did not let “{options.user}” in.",
            "Check the user name and the database, and type the password again.",
            field="user",
        )
    if f'database "{options.database}"' in words:
        return Unfetchable(
            f"There is no database “{options.database}” at {server}.", "Check its name.", field="database"
        )
    if "refused" in words:
        return Unanswered(f"Nothing answers at {server}.", "Check the address and the port, and whether it is running.")
    return Unanswered(f"{server} cannot be reached just now: {words}.", AGAIN)


def _answered(options: Options, problem: psycopg.Error) -> Unfetchable | Unanswered:
    state, said = problem.sqlstate or "", line(problem.diag.message_primary or problem)
    field = "query" if options.query else "table"
    if state == "57014":
        return Unfetchable(
            f"{options.host} was still busy with this after {options.minutes} minutes.",
            "Ask for less, or let it take longer.",
            field="minutes",
        )
    if state == "42501":
        return Unfetchable(f"“{options.user}” may not read this: {said}.", "Ask who runs the database.", field=field)
    if state in ("25006", "0A000") or "DECLARE CURSOR" in said:
        return Unfetchable(
            f"This query does more than read: {said}.", "Write one SELECT that changes nothing.", field=field
        )
    if state == "42601" and ("multiple commands" in said or options.query):
        return Unfetchable(f"This is not one SELECT: {said}.", "Write one SELECT and nothing else.", field=field)
    if state[:2] in ("08", "40", "53", "55", "57", "58") or not state:
        return Unanswered(f"{options.host} could not answer: {said}.", AGAIN)
    return Unfetchable(
        f"{options.host} answered: {said}.", "Check the query, or ask who runs the database.", field=field
    )


METHOD = PostgreSQL()
