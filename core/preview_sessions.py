"""Sessions for questions of the screens: small, quick and interruptible, and a few kept open for the next question.

They live in the web process, so they may use little memory and little time; the export itself runs in a child of its own.
"""

from __future__ import annotations

import atexit
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from queue import Empty, SimpleQueue

import duckdb

from core.engine.session import WIDE_COLUMNS, interruptible, open_session
from core.engine.table import Table
from core.errors import Cancelled, LimitReached

MEMORY_MB = 128  # of one question; a few may be asked at once
SPILL_MB = 2000  # a sort on the screen that needs more is not worth waiting for
THREADS = 2
SECONDS = 10.0  # after which a question is given up with a sentence
NARROW = "Narrow the rows with a filter first. The export itself has more time: it may be run."
KEPT = 4  # open sessions that wait for the next question: opening one costs about 20 ms

_idle: SimpleQueue[duckdb.DuckDBPyConnection] = SimpleQueue()


@contextmanager
def session(*tables: Table) -> Iterator[duckdb.DuckDBPyConnection]:
    """A session of the pool for one question. One that failed is closed: it may hold half a result."""
    columns = max(len(table.columns) for table in tables)
    wide = columns >= WIDE_COLUMNS  # needs other settings: not one of the pool
    try:
        if wide:
            raise Empty
        con = _idle.get_nowait()
    except Empty:
        con = open_session(_spill(), memory_mb=MEMORY_MB, threads=THREADS, columns=columns)
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
