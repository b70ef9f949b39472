"""One export, from spec to published, verified file: count, write, publish, check, receipt.

No database and no web here. The caller (a job's child, the command line) gives folders and hears progress.
"""

from __future__ import annotations

import errno
import os
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import duckdb

from core.engine import formats, packaging
from core.engine.formats.base import Context, Format, Options, Written
from core.engine.moments import moment_words, zone_of
from core.engine.names import check_pattern, file_name
from core.engine.progress import Meter, Progress
from core.engine.query import Counts, Query, build, check, count
from core.engine.receipt import File, Receipt
from core.engine.rendering import Rows
from core.engine.sentence import sentence
from core.engine.session import explained, open_session
from core.engine.sizes import batch_rows
from core.engine.spec import ExportSpec, Resolved
from core.engine.table import Table
from core.engine.verify import Verified, verify
from core.errors import BadSpec, DeskError, LimitReached, Trouble

STEPS = 3  # counting, writing, checking
WATCH_SECONDS = 0.2  # how often a sort or a grouping is asked how far it is


@dataclass(frozen=True)
class Plan:
    """A spec that can run: its format and options found, its source checked."""

    spec: ExportSpec
    table: Table
    resolved: Resolved
    format: Format
    options: Options

    @property
    def title(self) -> str:
        return self.spec.name or self.table.name

    @property
    def ending(self) -> str:
        return self.format.extension + packaging.ENDINGS[self.spec.packaging.compression]


def problems(spec: ExportSpec, table: Table, resolved: Resolved) -> list[BadSpec]:
    """Everything that keeps an export from running: its source, its format's options, its packing, its file name."""
    wrong = check(spec.sources[0], table, resolved)
    for attempt in (
        lambda: formats.parse_options(spec.output.format, spec.output.options),
        lambda: packaging.check(formats.get(spec.output.format), spec.packaging.compression),
        lambda: check_pattern(spec.output.file_name),
    ):
        try:
            attempt()
        except BadSpec as trouble:
            if trouble.message not in {w.message for w in wrong}:
                wrong.append(trouble)
    return wrong


def plan(spec: ExportSpec, table: Table, resolved: Resolved) -> Plan:
    """Raises BadSpec; `details["all"]` lists every problem where there are several."""
    wrong = problems(spec, table, resolved)
    if wrong:
        first = wrong[0]
        others = {"all": [w.message for w in wrong]} if len(wrong) > 1 else {}
        raise BadSpec(first.message, first.next_step, field=first.field, **others)
    format = formats.get(spec.output.format)
    return Plan(spec, table, resolved, format, formats.parse_options(format.name, spec.output.options))


def run(
    spec: ExportSpec,
    table: Table,
    resolved: Resolved,
    *,
    folder: Path,
    stored: Callable[[int], str],
    scratch: Path,
    report: Callable[[Progress], None] = lambda progress: None,
    memory_mb: int = 200,
    threads: int | None = None,
) -> Receipt:
    """Run one export; the file is at `folder / stored(1)` when this returns, complete, counted and hashed.

    `scratch` is a folder of this attempt alone, on the same disk as `folder` if it can be; whoever made it removes it.
    `memory_mb` is DuckDB's part of the memory. Raises BadSpec, LimitReached, DiskFull, Trouble.
    """
    made = plan(spec, table, resolved)
    meter = Meter(report, steps=STEPS, source=table.name)
    seconds: dict[str, float] = {}
    scratch.mkdir(parents=True, exist_ok=True)
    with closing(open_session(scratch, memory_mb=memory_mb, threads=threads, columns=len(table.columns))) as con:
        with timed(seconds, "count"):
            meter.phase("Counting rows", table.rows)
            counts = count(con, spec.sources[0], table, resolved)
            refuse_too_many(counts.rows, spec)
        with timed(seconds, "write"):
            meter.phase("Writing rows", counts.rows)
            query = build(spec.sources[0], table, resolved)
            part = scratch / f"{stored(1)}.part"
            written = write(made, con, query, counts, part, meter)
            published = publish(part, folder, stored(1))
    with timed(seconds, "verify"):
        meter.phase("Checking the finished file", counts.rows)
        verified = checked(made, published, written, query, counts)
    meter.reach(counts.rows)
    return receipt(made, counts, written, verified, published.name, seconds)


def refuse_too_many(rows: int, spec: ExportSpec) -> None:
    """Raises LimitReached before a row is written: a file is never cut short."""
    limit = spec.limits.rows
    if limit is not None and rows > limit:
        raise LimitReached(
            f"This export has {rows:,} rows; at most {limit:,} are allowed.",
            "Filter the rows, or raise the limit. Nothing was written.",
            field="limits.rows",
        )


def write(
    made: Plan, con: duckdb.DuckDBPyConnection, query: Query, counts: Counts, part: Path, meter: Meter
) -> Written:
    """Write all rows to `part` and have the disk keep them."""
    seen = threading.Event()

    def advanced(rows: int) -> None:
        if not seen.is_set():
            seen.set()
            meter.again("Writing rows")
        meter.advance(rows)

    rows = Rows(
        con,
        query.sql,
        query.params,
        query.columns,
        counts.rows,
        made.resolved.zone,
        batch_rows(con, made.spec.sources[0], made.table),
        advanced,
        unordered=query.unordered,
    )
    about = about_lines(made, counts)
    context = Context(made.title, about, made.resolved.now, made.resolved.zone, counts.rows)
    with explained(), watched(con, seen, meter, made, counts.rows):
        written = packaging.write(made.format, rows, part, made.options, context, made.spec.packaging.compression)
        sync(part)
    if written.rows != counts.rows:
        raise Trouble(
            f"{written.rows:,} rows were written where {counts.rows:,} were counted.", "It is tried again by itself."
        )
    return written


@contextmanager
def watched(
    con: duckdb.DuckDBPyConnection, seen: threading.Event, meter: Meter, made: Plan, rows: int
) -> Iterator[None]:
    """While a sort or a grouping gives no rows yet, tell how far it is."""
    source = made.spec.sources[0]
    words = "Grouping rows" if source.summary else "Sorting rows" if source.sort else "Removing duplicates"
    if not (source.sort or source.summary or source.distinct):
        yield
        return

    def watch() -> None:
        while not seen.wait(WATCH_SECONDS):
            with suppress(duckdb.Error):
                share = con.query_progress()
                if 0 < share <= 100 and not seen.is_set():
                    meter.reach(int(rows * share / 100), words)

    watcher = threading.Thread(target=watch, name="watch", daemon=True)
    watcher.start()
    try:
        yield
    finally:
        seen.set()
        watcher.join()


def sync(path: Path) -> None:
    with open(path, "rb") as file:
        os.fsync(file.fileno())


def publish(part: Path, folder: Path, name: str) -> Path:
    """Give the finished file its name in one step: nobody ever sees half of it. Replaces what a dead attempt left."""
    target = folder / name
    with explained():
        try:
            os.replace(part, target)
        except OSError as trouble:
            if trouble.errno != errno.EXDEV:
                raise
            beside = folder / f".{name}.part"  # another disk: copy next to it first
            try:
                shutil.copyfile(part, beside)
                sync(beside)
                os.replace(beside, target)
            finally:
                beside.unlink(missing_ok=True)
                part.unlink(missing_ok=True)
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    return target


def checked(made: Plan, published: Path, written: Written, query: Query, counts: Counts) -> Verified:
    """Verify the published file; one that fails is taken away at once."""
    try:
        verified = verify(published, made.format, written, query.columns, made.options, made.spec.packaging.compression)
        if verified.rows != counts.rows:
            raise Trouble(
                f"The finished file holds {verified.rows:,} rows instead of {counts.rows:,}.",
                "It is written again by itself.",
            )
    except DeskError:
        published.unlink(missing_ok=True)
        raise
    return verified


def about_lines(made: Plan, counts: Counts) -> tuple[tuple[str, str], ...]:
    """What an "About this export" sheet says."""
    moment = made.resolved.now.astimezone(zone_of(made.resolved.zone)).replace(tzinfo=None, microsecond=0)
    lines = [
        ("Export", made.title),
        ("What it holds", sentence(made.spec, made.table, made.resolved)),
        ("Dataset", made.table.name),
        ("Rows in the dataset", f"{counts.source_rows:,}"),
        *((f"Rows after {step.label}", f"{step.rows:,}") for step in counts.steps),
        ("Rows in this file", f"{counts.rows:,}"),
        ("Made", f"{moment_words(moment)} ({made.resolved.zone})"),
    ]
    return tuple(lines)


def receipt(
    made: Plan, counts: Counts, written: Written, verified: Verified, stored: str, seconds: dict[str, float]
) -> Receipt:
    spec, resolved = made.spec, made.resolved
    name = file_name(
        spec.output.file_name, made.ending, name=made.title, rows=verified.rows, now=resolved.now, zone=resolved.zone
    )
    media_type = packaging.MEDIA_TYPES.get(spec.packaging.compression, made.format.media_type)
    return Receipt(
        dataset=made.table.name,
        format=made.format.name,
        sentence=sentence(spec, made.table, resolved),
        now=resolved.now,
        zone=resolved.zone,
        source_rows=counts.source_rows,
        steps=counts.steps,
        rows=verified.rows,
        notes=written.notes,
        files=(
            File(
                name=name,
                stored=stored,
                media_type=media_type,
                bytes=verified.bytes,
                rows=verified.rows,
                sha256=verified.sha256,
            ),
        ),
        seconds=seconds,
    )


@contextmanager
def timed(seconds: dict[str, float], name: str) -> Iterator[None]:
    begun = time.monotonic()
    try:
        yield
    finally:
        seconds[name] = round(time.monotonic() - begun, 4)
