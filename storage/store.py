"""The store: one database, SQLite or PostgreSQL, and two ways into it.

`reading()` never takes the write lock and cannot write. `writing()` takes it at once (`BEGIN IMMEDIATE` on SQLite): a
transaction that reads first and asks for the lock later loses its update to "database is locked" under load.
"""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, inspect, make_url, text
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import Float, String
from sqlmodel import Session

import storage.tables  # noqa: F401  (the tables belong to the metadata before anybody asks for it)

BUSY_MILLISECONDS = 30_000  # how long a SQLite writer waits for the one before it
MIGRATIONS = Path(__file__).parent / "migrations"
OPENING_LOCK = 0x6465736B  # "desk": PostgreSQL's advisory lock while a process opens the database
WRITES = "desk_writes"  # execution option of the writers' engine


class database_now(FunctionElement[float]):
    """The database's own clock as epoch seconds: the only clock leases are measured with. Advances within a transaction."""

    type = Float()
    inherit_cache = True
    name = "database_now"


@compiles(database_now, "sqlite")
def _sqlite_now(element: Any, compiler: Any, **kw: Any) -> str:
    return "((julianday('now') - 2440587.5) * 86400.0)"  # unixepoch('subsec') needs SQLite 3.42


@compiles(database_now, "postgresql")
def _postgres_now(element: Any, compiler: Any, **kw: Any) -> str:
    return "extract(epoch from clock_timestamp())::double precision"


class folded(FunctionElement[str]):
    """Text without case, for searching: SQLite's own lower() knows only A to Z."""

    type = String()
    inherit_cache = True
    name = "folded"


@compiles(folded, "sqlite")
def _sqlite_folded(element: Any, compiler: Any, **kw: Any) -> str:
    return f"desk_lower({compiler.process(element.clauses, **kw)})"


@compiles(folded, "postgresql")
def _postgres_folded(element: Any, compiler: Any, **kw: Any) -> str:
    return f"lower({compiler.process(element.clauses, **kw)})"


class Store:
    """A database by its SQLAlchemy URL. Connections are made when first used; `migrate()` before anything else."""

    def __init__(self, url: str) -> None:
        self.url = make_url(url)
        if self.url.drivername in ("postgresql", "postgres"):
            self.url = self.url.set(drivername="postgresql+psycopg")
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self.engine = create_engine(self.url, pool_pre_ping=not self.is_sqlite)
        if self.is_sqlite:
            _teach_sqlite(self.engine)
        self._readers = self.engine.execution_options(postgresql_readonly=True)
        self._writers = self.engine.execution_options(**{WRITES: True})

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """One consistent snapshot; writing in it is an error of the database."""
        with Session(self._readers, expire_on_commit=False) as session:
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """One transaction that holds the write lock from its start; commits at the end, undoes everything on an error."""
        with Session(self._writers, expire_on_commit=False) as session:
            yield session
            session.commit()

    @contextmanager
    def alone(self) -> Iterator[Session]:
        """Bring the tables up to date, then write as the only one who opens this database just now.

        Any number of processes may start at once: the first one migrates, the others wait for it and find it done.
        """
        with self._opening_lock(), self._writers.connect() as connection:
            if not self.is_sqlite:
                connection.execute(text("select pg_advisory_xact_lock(:key)"), {"key": OPENING_LOCK})
            if _revision(connection) != newest_revision():
                _upgrade(connection)
            with Session(connection, expire_on_commit=False) as session:
                yield session
                session.commit()
            connection.commit()

    def migrate(self) -> None:
        """Bring the tables up to date and nothing else."""
        with self.alone():
            pass

    @contextmanager
    def _opening_lock(self) -> Iterator[None]:
        """SQLite: a lock beside the file, so that two first starts do not fight over switching it to WAL."""
        if not self.is_sqlite:
            yield
            return
        database = Path(self.url.database or "")
        database.parent.mkdir(parents=True, exist_ok=True)
        with open(database.with_name(database.name + ".lock"), "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def close(self) -> None:
        """Give back every connection."""
        self.engine.dispose()


def _teach_sqlite(engine: Engine) -> None:
    """Durable, patient, with foreign keys; and transactions begin when we say, not when the driver guesses."""

    @event.listens_for(engine, "connect")
    def _connected(dbapi_connection: Any, record: Any) -> None:
        dbapi_connection.isolation_level = None
        cursor = dbapi_connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout = {BUSY_MILLISECONDS}")
        cursor.execute("PRAGMA journal_mode = WAL")
        cursor.execute("PRAGMA synchronous = FULL")  # NORMAL may lose the last commits when the power goes
        cursor.execute("PRAGMA foreign_keys = ON")
        cursor.close()
        dbapi_connection.create_function("desk_lower", 1, _lower, deterministic=True)

    @event.listens_for(engine, "begin")
    def _began(connection: Connection) -> None:
        writes = bool(connection.get_execution_options().get(WRITES))
        connection.exec_driver_sql(f"PRAGMA query_only = {'OFF' if writes else 'ON'}")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def newest_revision() -> str:
    """The revision the code expects: the last file of migrations/versions, whose names begin with their revision."""
    return max(path.stem.partition("_")[0] for path in (MIGRATIONS / "versions").glob("[0-9]*.py"))


def _revision(connection: Connection) -> str | None:
    """The revision the database is at; None for an empty one."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("select version_num from alembic_version")).scalar()


def _upgrade(connection: Connection) -> None:
    from alembic import command  # a third of a second to import, and nearly every start has nothing to migrate
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _lower(value: str | None) -> str | None:
    return None if value is None else value.lower()
