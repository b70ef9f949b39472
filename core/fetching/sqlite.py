"""A table or a query of an SQLite database, which is a file in a folder that an administrator allowed."""

from __future__ import annotations

import sqlite3
import time
from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from urllib.parse import quote

from pydantic import Field, model_validator

from core.engine.ingest import structure
from core.engine.session import quoted
from core.engine.values import Kind
from core.errors import AGAIN, Unanswered, Unfetchable
from core.fetching import base, folder, rows
from core.fetching.base import ELSEWHERE, FOLDED, Fetched, Way, line
from core.fetching.rows import Batch, Stated

BATCH_ROWS = 2_000
STEPS = 100_000  # of SQLite's machine between two looks at the clock
BUSY_SECONDS = 15.0  # while somebody else writes
EXACT = 2**53  # a whole number up to here is the same as a floating one
LONGEST = 100_000_000  # bytes of one value
ALLOWED = {sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_RECURSIVE}
FORBIDDEN = (
    "load_extension",
    "readfile",
    "writefile",
    "edit",
    "fts3_tokenizer",
)  # functions that reach beyond the file
TABLES = "select name from sqlite_schema where type in ('table', 'view') and name not like 'sqlite\\_%' escape '\\' order by 1"


class Options(base.Options):
    root: str = Field(
        min_length=1,
        title="Folder",
        description="One of those an administrator allowed.",
        json_schema_extra=ELSEWHERE,
    )
    file: base.Line = Field(min_length=1, title="Database file", description="Such as shop.db.")
    table: str = Field(default="", title="Table or view", json_schema_extra=ELSEWHERE)
    query: str = Field(
        default="",
        title="A query instead of a table",
        description="One SELECT. It can change nothing.",
        json_schema_extra=FOLDED | {"lines": 5, "placeholder": "select name, amount from orders where paid"},
    )
    minutes: int = Field(default=10, ge=1, le=120, title="May take (minutes)", json_schema_extra=FOLDED)

    @model_validator(mode="after")
    def _one(self) -> Options:
        if bool(self.table) == bool(self.query):
            raise ValueError("choose a table, or write a query")
        return self


@dataclass
class _Seen:
    """What a column was stated as, and what its values turned out to be: in SQLite those are two things."""

    name: str
    stated: str = ""  # of a table's column, such as DECIMAL(10,2)
    types: set[type] = field(default_factory=set)
    inexact: bool = False  # a whole number too large to be a floating one as well

    def text(self, value: object) -> str | None:
        if value is None:
            return None
        self.types.add(type(value))
        if isinstance(value, bytes):
            return b64encode(value).decode()
        if isinstance(value, int):
            self.inexact = self.inexact or abs(value) > EXACT
        return value if isinstance(value, str) else repr(value)

    def column(self) -> Stated:
        stated, types = self.stated.upper(), self.types
        wishes: tuple[Kind, ...] = ()
        if types == {int}:
            wishes = (Kind.YES_NO, Kind.WHOLE) if "BOOL" in stated else (Kind.WHOLE,)
        elif types and types <= {int, float} and not self.inexact:
            wishes = (Kind.FLOAT,)
        elif types == {str} and "JSON" in stated:
            wishes = (Kind.NESTED,)
        elif types == {str} and ("DATE" in stated or "TIME" in stated):
            wishes = (Kind.DATE, Kind.TIMESTAMP, Kind.TIME)
        words = {int: "whole numbers", float: "numbers", str: "text", bytes: "bytes"}
        kinds = " and ".join(words[one] for one in words if one in types)
        note = "Bytes are shown as base64." if bytes in types else ""
        said = f"{self.stated} holding {kinds}" if self.stated and kinds else self.stated or kinds or "nothing"
        return Stated(self.name, wishes, said, yes="1", no="0", note=note)


class Sqlite(base.Method[Options]):
    name = "sqlite"
    label = "SQLite database"
    icon = ":material/hard_drive:"
    model = Options
    lists_tables = True

    def fetch(self, options: Options, secrets: Mapping[str, str], way: Way) -> Fetched:
        with _opened(options, way) as conn:
            stated = {}
            if options.table:
                if (options.table,) not in conn.execute(TABLES).fetchall():
                    raise Unfetchable(
                        f"There is no table “{options.table}” in “{options.file}”.",
                        "Choose one from the list.",
                        field="table",
                    )
                stated = {n: str(type) for n, (type,) in enumerate(conn.execute(
                    "select type from pragma_table_info(?) order by cid", (options.table,)))}  # fmt: skip
            _guard(conn, options)
            answer = conn.execute(options.query.strip().rstrip(";") or f"select * from {quoted(options.table)}")
            headers = [str(one[0]) for one in answer.description or ()]
            names = structure.names(headers, len(headers), []) if headers else []
            seen = [_Seen(name, stated.get(n, "")) for n, name in enumerate(names)]
            name = options.table or PurePosixPath(options.file).stem
            return rows.write(name, len(seen), _batches(answer, seen), lambda: [one.column() for one in seen], way)

    def place(self, options: Options) -> str:
        return f"{PurePosixPath(options.root, options.file.lstrip('/'))}, {options.table or 'a query'}"

    def tables(self, options: Options, secrets: Mapping[str, str], way: Way) -> Sequence[str]:
        with _opened(options, way) as conn:
            return [str(name) for (name,) in conn.execute(TABLES).fetchall()]


def _batches(answer: sqlite3.Cursor, seen: Sequence[_Seen]) -> Iterator[Batch]:
    while found := answer.fetchmany(BATCH_ROWS):
        yield [[one.text(row[n]) for row in found] for n, one in enumerate(seen)]


@contextmanager
def _opened(options: Options, way: Way) -> Iterator[sqlite3.Connection]:
    """The file, opened to be read, in one snapshot."""
    with folder.reading(options.root, options.file):
        path = folder.found(options.root, options.file, way)
    try:
        conn = sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True, isolation_level=None, timeout=BUSY_SECONDS)
        try:
            conn.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, LONGEST)
            conn.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
            for pragma in ("query_only = on", "trusted_schema = off", "cell_size_check = on", "mmap_size = 0"):
                conn.execute(f"pragma {pragma}")
            conn.execute("begin")
            yield conn
        finally:
            conn.close()
    except (sqlite3.Error, sqlite3.Warning) as problem:
        raise _answered(options, problem) from problem


def _guard(conn: sqlite3.Connection, options: Options) -> None:
    """From now on nothing but reading, and not for longer than it may take."""
    until = time.monotonic() + options.minutes * 60

    def allowed(action: int, first: str | None, second: str | None, _db: str | None, _by: str | None) -> int:
        if action == sqlite3.SQLITE_FUNCTION:
            return sqlite3.SQLITE_DENY if (second or "").lower() in FORBIDDEN else sqlite3.SQLITE_OK
        return sqlite3.SQLITE_OK if action in ALLOWED else sqlite3.SQLITE_DENY

    conn.set_authorizer(allowed)
    conn.set_progress_handler(lambda: time.monotonic() > until, STEPS)


def _answered(options: Options, problem: sqlite3.Error | sqlite3.Warning) -> Unfetchable | Unanswered:
    said, where = line(problem), "query" if options.query else "table"
    if "not a database" in said or "malformed" in said:
        return Unfetchable(f"“{options.file}” is damaged, or no SQLite database: {said}.", "Check it.", field="file")
    if "locked" in said or "busy" in said:
        return Unanswered(f"Somebody is writing into “{options.file}”.", AGAIN)
    if "interrupted" in said:
        return Unfetchable(
            f"“{options.file}” was still being read after {options.minutes} minutes.",
            "Ask for less, or let it take longer.",
            field="minutes",
        )
    if "not authorized" in said or "prohibited" in said or "one statement" in said or "readonly" in said:
        return Unfetchable(
            f"This query does more than read: {said}.", "Write one SELECT that changes nothing.", field=where
        )
    if "decode" in said.lower():
        return Unfetchable(f"A text in “{options.file}” is not UTF-8.", "Mend it there, or leave its column out.")
    return Unfetchable(f"“{options.file}”: {said}.", "Check the query.", field=where)


METHOD = Sqlite()
