"""What the screens show while an export is put together: the same query as the export's, small, quick and interruptible.

This runs in the web process, so it may use little memory and little time; the export itself runs in a child of its own and
has more of both. Relative dates count from now, as the export's would.
"""

from __future__ import annotations

import atexit
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from queue import Empty, SimpleQueue

import duckdb
import pyarrow as pa

from core import datasets
from core.desk import Desk
from core.engine import estimate as estimating
from core.engine import formats, names, packaging, pipeline, query, showing
from core.engine import sentence as wording
from core.engine.query import Counts, Query
from core.engine.rendering import OutColumn
from core.engine.session import WIDE_COLUMNS, interruptible, open_session
from core.engine.spec import ColumnRef, ExportSpec, Resolved, Source
from core.engine.table import Table
from core.errors import BadSpec, Cancelled, LimitReached
from storage.tables import utc_now

__all__ = ["Counts", "Shown", "choices", "counts", "estimate", "file_name", "page", "problems", "sentence", "shown"]

MEMORY_MB = 128  # of one question; a few may be asked at once
SPILL_MB = 2000  # a sort on the screen that needs more is not worth waiting for
THREADS = 2
SECONDS = 10.0  # after which a question is given up with a sentence
NARROW = "Narrow the rows with a filter first. The export itself has more time: it may be run."
KEPT = 4  # open sessions that wait for the next question: opening one costs about 20 ms

_idle: SimpleQueue[duckdb.DuckDBPyConnection] = SimpleQueue()


def problems(desk: Desk, spec: ExportSpec) -> list[BadSpec]:
    """Everything that keeps the spec from running, at once. Empty: it can."""
    _, table, resolved = _asked(desk, spec)
    return pipeline.problems(spec, table, resolved)


def counts(desk: Desk, spec: ExportSpec) -> Counts:
    """Rows of the source, after each step, and of the result: one scan."""
    source, table, resolved = _asked(desk, spec)
    with _session(table) as con:
        return query.count(con, source, table, resolved)


def page(desk: Desk, spec: ExportSpec, page: int = 1, size: int = 50) -> pa.Table:
    """One page (from 1) of the result, under the labels the file will have; a label used twice gets a number."""
    source, table, resolved = _asked(desk, spec)
    asked = query.build(source, table, resolved)
    with _session(table) as con:
        found: pa.Table = query.page(con, asked, (page - 1) * size, size)
    return found.rename_columns(_labels(asked))


@dataclass(frozen=True)
class Shown:
    """One page of the result as the file will show it: text, None for an empty cell.

    The rows of a very wide result may hold its first columns only.
    """

    columns: tuple[OutColumn, ...]
    labels: tuple[str, ...]
    rows: Sequence[tuple[str | None, ...]]


def shown(desk: Desk, spec: ExportSpec, page: int = 1, size: int = 50, *, columns: int | None = None) -> Shown:
    """One page (from 1) of the result with every value as text, display formats applied; `columns`: only the first so many."""
    source, table, resolved = _asked(desk, spec)
    asked = query.build(source, table, resolved)
    with _session(table) as con:
        rows = showing.show(con, asked, (page - 1) * size, size, resolved.zone, columns=columns)
    return Shown(asked.columns, tuple(_labels(asked)), rows)


def choices(
    desk: Desk, dataset: str, column: ColumnRef | str, search: str = "", limit: int = 50
) -> Sequence[tuple[str, int]]:
    """The values of a column that contain `search`, the most frequent first, with how many rows have each."""
    table = datasets.table(desk, dataset)
    ref = ColumnRef(name=column) if isinstance(column, str) else column
    with _session(table) as con:
        return query.choices(con, table, ref, search, limit, zone=desk.workspace().zone)


def sentence(desk: Desk, spec: ExportSpec) -> str:
    """The spec in English, relative dates resolved as of now."""
    _, table, resolved = _asked(desk, spec)
    return wording.sentence(spec, table, resolved)


def estimate(desk: Desk, spec: ExportSpec, rows: int | None = None) -> tuple[int, float]:
    """About how many bytes the file will have, and how many seconds until it is ready, from a sample."""
    source, table, resolved = _asked(desk, spec)
    asked = query.build(source, table, resolved)
    format = formats.get(spec.output.format)
    options = formats.parse_options(spec.output.format, spec.output.options)
    with _session(table) as con:
        known = query.count(con, source, table, resolved).rows if rows is None else rows
        return estimating.estimate(
            con, asked, format, options, known, zone=resolved.zone, compression=spec.packaging.compression
        )


def file_name(desk: Desk, spec: ExportSpec, rows: int) -> str:
    """What the file would be called if it were made now with that many rows. Raises BadSpec."""
    _, table, resolved = _asked(desk, spec)
    ending = formats.get(spec.output.format).extension + packaging.ENDINGS[spec.packaging.compression]
    return names.file_name(
        spec.output.file_name, ending, name=spec.name or table.name, rows=rows, now=resolved.now, zone=resolved.zone
    )


def _asked(desk: Desk, spec: ExportSpec) -> tuple[Source, Table, Resolved]:
    source = spec.sources[0]
    found = datasets.get(desk, source.dataset)
    versions = {source.dataset: found.version_id or ""}
    resolved = Resolved(now=utc_now(), zone=desk.workspace().zone, versions=versions)
    return source, datasets.table(desk, found), resolved


def _labels(asked: Query) -> list[str]:
    taken: dict[str, int] = {}
    labels = []
    for column in asked.columns:
        n = taken[column.label] = taken.get(column.label, 0) + 1
        labels.append(column.label if n == 1 else f"{column.label} ({n})")
    return labels


@contextmanager
def _session(table: Table) -> Iterator[duckdb.DuckDBPyConnection]:
    """A session of the pool for one question. One that failed is closed: it may hold half a result."""
    wide = len(table.columns) >= WIDE_COLUMNS  # needs other settings: not one of the pool
    try:
        if wide:
            raise Empty
        con = _idle.get_nowait()
    except Empty:
        con = open_session(_spill(), memory_mb=MEMORY_MB, threads=THREADS, columns=len(table.columns))
        con.execute(f"set max_temp_directory_size = '{SPILL_MB}MB'")
    try:
        with interruptible(con, SECONDS):
            yield con
    except BaseException as trouble:
        con.close()
        if isinstance(trouble, Cancelled):  # how the timer's interruption arrives from within a stream
            raise LimitReached(f"This takes longer than {SECONDS:g} seconds to show.", NARROW) from trouble
        raise
    if not wide and _idle.qsize() < KEPT:
        _idle.put(con)
    else:
        con.close()


@cache
def _spill() -> Path:
    """Where a sort of this process may spill to; gone with the process."""
    folder = Path(tempfile.mkdtemp(prefix="export-desk-preview-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder
