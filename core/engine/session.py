"""The one door to DuckDB: every query of the engine runs in a session opened here, with settings that were measured.

Memory is bounded and a sort spills to the attempt's own scratch folder; zoned timestamps are read in UTC and converted on
purpose; no extension is ever fetched; row order is kept.
"""

from __future__ import annotations

import errno
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from core.errors import AGAIN, Cancelled, DeskError, DiskFull, LimitReached, Trouble

INTERRUPT_AGAIN = 0.05  # seconds
# A wide table gets one thread (each holds a vector of every column), memory by the column, and goes without the optimizer
# that looks for common expressions, which costs more than it saves (4,000 columns: 44 s).
WIDE_COLUMNS = 300
WIDE_COLUMN_MB = 0.25
# What stops a spill is the disk; DuckDB's own default (90 % of what is free) races with others.
SPILL_LIMIT_MB = 1_000_000


def quoted(name: str) -> str:
    """A SQL identifier. Headers people typed never come here: stored columns are c1 … cN, results o1 … oN."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A SQL text literal, for constants of ours that are part of an expression (delimiters, keys). Values are bound."""
    return "'" + text.replace("'", "''") + "'"


def characters(text: str) -> str:
    """The same, a character at a time: for line ends and whatever else cannot stand in a statement as it is."""
    return "(" + " || ".join(f"chr({ord(character)})" for character in text) + ")"


def open_session(
    scratch: Path | None, *, memory_mb: int = 200, threads: int | None = None, columns: int = 0
) -> duckdb.DuckDBPyConnection:
    """A fresh in-memory DuckDB. Close it when done; it belongs to one thread at a time.

    `scratch` is the folder a sort may spill to (removed whole by whoever made it); None: spilling is off, and a query
    that does not fit `memory_mb` fails. `columns` is how wide the widest query will be.
    """
    connection = duckdb.connect(":memory:")
    if columns >= WIDE_COLUMNS:
        memory_mb, threads = max(memory_mb, 200 + int(columns * WIDE_COLUMN_MB)), 1
    settings: dict[str, object] = {
        "memory_limit": f"{memory_mb}MiB",
        "temp_directory": str(scratch / "spill") if scratch else "",
        "preserve_insertion_order": True,
        "arrow_large_buffer_size": True,  # a batch of long rows may pass 2 GB of offsets
        "TimeZone": "UTC",
        "Calendar": "gregorian",
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
        "python_enable_replacements": False,  # a table name must never become a Python variable
        "enable_progress_bar": True,  # so that query_progress() knows; never printed
        "enable_progress_bar_print": False,
    }
    if threads:
        settings["threads"] = threads
    if scratch:
        settings["max_temp_directory_size"] = f"{SPILL_LIMIT_MB}MB"
    if columns >= WIDE_COLUMNS:
        settings["disabled_optimizers"] = "common_subexpressions"
    for name, value in settings.items():
        shown = literal(value) if isinstance(value, str) else str(value).lower()
        connection.execute(f"set {name} = {shown}")
    return connection


@contextmanager
def interruptible(connection: duckdb.DuckDBPyConnection, seconds: float) -> Iterator[None]:
    """Stop whatever runs on `connection` after so many seconds: what runs inside then raises LimitReached."""
    over = threading.Event()

    def interrupt() -> None:
        if not over.wait(seconds):
            connection.interrupt()
        while not over.wait(INTERRUPT_AGAIN):  # one that falls between two statements is forgotten by DuckDB
            connection.interrupt()

    watcher = threading.Thread(target=interrupt, name="interrupt", daemon=True)
    watcher.start()
    try:
        yield
    except duckdb.InterruptException as trouble:
        raise LimitReached(
            f"This takes longer than {seconds:g} seconds to show.",
            "The export itself has more time: run it, or narrow the rows with a filter first.",
        ) from trouble
    finally:
        over.set()
        watcher.join()  # so that it never stops the next question


@contextmanager
def explained() -> Iterator[None]:
    """Turn whatever DuckDB, Arrow or the disk raises inside into an error of ours with a sentence."""
    try:
        yield
    except DeskError:
        raise
    except (duckdb.InterruptException, KeyboardInterrupt):
        raise
    except (duckdb.Error, OSError, MemoryError, ValueError) as trouble:
        known = explain(trouble)
        if known is None:
            raise
        raise known from trouble


def explain(trouble: BaseException) -> DeskError | None:
    """What a failure of DuckDB, Arrow or the disk means; None if it means nothing to us (a fault of our own).

    Failures in mid-stream arrive as OSError with DuckDB's words inside, so the words decide.
    """
    words = str(trouble)
    if getattr(trouble, "errno", None) in (errno.ENOSPC, errno.EDQUOT) or re.search(
        r"no space left|disk quota exceeded|max_temp_directory_size|not enough disk|could not write.*space",
        words,
        re.IGNORECASE,
    ):
        return DiskFull("There is not enough free disk space to finish this.", "Free some space and run it again.")
    if isinstance(trouble, (MemoryError, duckdb.OutOfMemoryException)) or re.search(
        r"out of memory|failed to (allocate|pin)|cannot allocate memory|bad_alloc", words, re.IGNORECASE
    ):
        return LimitReached(
            "This needs more memory than it may use.",
            "Raise the memory limit, take fewer columns, or filter the rows first.",
        )
    if re.search(r"interrupt", words, re.IGNORECASE):
        return Cancelled("This was cancelled.")
    if isinstance(trouble, duckdb.ConversionException) or re.search(
        r"conversion error|out of range", words, re.IGNORECASE
    ):
        return LimitReached(
            "A value is too large for what is computed from it: " + words.splitlines()[0],
            "Leave the column or the figure out, or filter the row out.",
        )
    if isinstance(trouble, duckdb.IOException) or re.search(
        r"no such file|cannot open file|io error|too small to be a parquet|no magic bytes", words, re.IGNORECASE
    ):
        return Trouble("The stored data could not be read.", f"{AGAIN} If it stays, add the file again.")
    return None
