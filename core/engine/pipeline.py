"""One export, from spec to published, verified files: count, write, publish, check, receipt.

No database and no web here. The caller (a job's child, the command line) gives folders and hears progress.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path

import duckdb

from core.engine import cuts, packaging
from core.engine.archive import Archive, Manifest
from core.engine.cuts import by_key
from core.engine.formats.base import Part, RowFormat
from core.engine.moments import moment_words, zone_of
from core.engine.names import file_name
from core.engine.planning import Plan, Tables, plan, problems
from core.engine.progress import Meter, Progress
from core.engine.publishing import publish, sync
from core.engine.query import build, count
from core.engine.receipt import File, Note, Receipt, TableCount
from core.engine.sentence import sentence
from core.engine.session import explained, open_session
from core.engine.spec import ExportSpec, Resolved
from core.engine.targets import Finished, Loose, Target, Zipped
from core.engine.verify import Verified, verify, verify_zip
from core.engine.writing import Stream, Writer
from core.errors import AGAIN, BadSpec, DeskError, LimitReached, Trouble

__all__ = ["Plan", "plan", "problems", "run"]

STEPS = 3  # counting, writing, checking
WATCH_SECONDS = 0.2  # how often a sort or a grouping is asked how far it is
SORTING_SHARE = 0.6  # of DuckDB's memory, where it sorts: sorted rows wait outside that limit as well
SORTING_MB = 100  # but never less, as far as it is given
LISTED = 100  # members of a zip the receipt names; its manifest names all


def run(
    spec: ExportSpec,
    tables: Tables,
    resolved: Resolved,
    *,
    folder: Path,
    stored: Callable[[int], str],
    scratch: Path,
    report: Callable[[Progress], None] = lambda progress: None,
    memory_mb: int = 200,
    threads: int | None = None,
    password: str | None = None,
) -> Receipt:
    """Run one export; its files are at `folder / stored(1)`, `stored(2)` … when this returns, complete, counted and hashed.

    `scratch` is a folder of this attempt alone, on the same disk as `folder` if it can be; whoever made it removes it.
    `memory_mb` is DuckDB's part of the memory. `password` is the one `spec.packaging.password` names. Raises BadSpec,
    LimitReached, DiskFull, Trouble.
    """
    made = plan(spec, tables, resolved)
    if made.locks and not password:
        raise BadSpec(
            "The password of this export is no longer kept.", "Set a password again.", field="packaging.password"
        )
    password = password if made.locks else None
    if password is not None:
        packaging.check_password(password)
    meter = Meter(report, steps=STEPS, source=made.tables[0].name)
    seconds: dict[str, float] = {}
    scratch.mkdir(parents=True, exist_ok=True)
    wide = max(len(table.columns) for table in made.tables)
    if any(source.sort for source in spec.sources) or by_key(spec.packaging.split):
        memory_mb = min(memory_mb, max(SORTING_MB, int(memory_mb * SORTING_SHARE)))
    with closing(open_session(scratch, memory_mb=memory_mb, threads=threads, columns=wide)) as con:
        with timed(seconds, "count"):
            meter.phase("Counting rows", sum(table.rows for table in made.tables))
            streams = counted(made, con)
        with timed(seconds, "write"):
            meter.phase("Writing rows", sum(stream.counts.rows for stream in streams))
            finished, notes = write(made, con, streams, scratch, stored, meter, password)
            published = published_in(folder, finished, stored)
    with timed(seconds, "verify"):
        total = sum(stream.counts.rows for stream in streams)
        meter.phase(f"Checking the finished file{'s' if len(finished) > 1 else ''}", total, files=len(published))
        verified = checked(made, published, finished, total, scratch, password, meter)
    meter.reach(total)
    return receipt(made, streams, finished, published, verified, notes, seconds)


def counted(made: Plan, con: duckdb.DuckDBPyConnection) -> list[Stream]:
    """Every source counted and its parts known. Raises LimitReached before a row is written: a file is never cut short."""
    split, streams = made.spec.packaging.split, []
    counts = [
        count(con, source, table, made.resolved) for source, table in zip(made.spec.sources, made.tables, strict=True)
    ]
    rows, limit = sum(c.rows for c in counts), made.spec.limits.rows
    if limit is not None and rows > limit:
        raise LimitReached(
            f"This export has {rows:,} rows; at most {limit:,} are allowed.",
            "Filter the rows, or raise the limit. Nothing was written.",
            field="limits.rows",
        )
    most = cuts.SHEETS if made.together else cuts.FILES if made.compression == "zip" else cuts.LOOSE
    for number, (source, table, found) in enumerate(zip(made.spec.sources, made.tables, counts, strict=True)):
        query = build(source, table, made.resolved, split)
        parts: tuple[Part, ...] | None = (Part("", found.rows),)
        if split is not None and split.by == "rows":
            parts = cuts.numbered(found.rows, split.rows or found.rows)
        elif split is not None and split.by == "size":
            parts = None
        elif query.by is not None:
            parts = tuple(cuts.counted(con, query.keys, query.params, query.by, most)) or (Part("", 0),)
        if parts is not None and len(parts) > most.parts:
            raise cuts.too_many(len(parts), most)
        streams.append(Stream(made.table_title(number), source, table, query, found, parts))
    return streams


def write(
    made: Plan,
    con: duckdb.DuckDBPyConnection,
    streams: Sequence[Stream],
    scratch: Path,
    stored: Callable[[int], str],
    meter: Meter,
    password: str | None,
) -> tuple[list[Finished], list[Note]]:
    """Write everything into `scratch` and have the disk keep it."""
    seen = threading.Event()

    def advanced(rows: int) -> None:
        if not seen.is_set():
            seen.set()
            meter.again("Writing rows")
        meter.advance(rows)

    with explained(), ExitStack() as stack, watched(con, seen, meter, made, streams):
        target: Target
        archive = None
        path = scratch / f"{stored(1)}.part"
        if made.compression == "zip":
            archive = stack.enter_context(Archive(path, made.resolved.now, password if made.locks == "zip" else None))
            target = Zipped(made, archive, path)
        else:
            target = Loose(made, scratch, stored)
        about = about_lines(made, streams)
        writer = Writer(made, con, target, scratch, about=about, advanced=advanced, password=password)
        writer.write(streams)
        if archive is not None:
            archive.close_with(manifest_of(made), [file.member for file in target.finished if file.member])
    with explained():
        for done in dict.fromkeys(file.path for file in target.finished) or [path]:
            sync(done)
    return target.finished, writer.notes


@contextmanager
def watched(
    con: duckdb.DuckDBPyConnection, seen: threading.Event, meter: Meter, made: Plan, streams: Sequence[Stream]
) -> Iterator[None]:
    """While a sort or a grouping gives no rows yet, tell how far it is."""
    source, parted = streams[0].source, any(stream.query.by for stream in streams)
    words = "Grouping rows" if source.summary else "Sorting rows" if source.sort or parted else "Removing duplicates"
    if not (source.sort or source.summary or source.distinct or parted):
        yield
        return
    rows = sum(stream.counts.rows for stream in streams)

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


def published_in(folder: Path, finished: Sequence[Finished], stored: Callable[[int], str]) -> list[Path]:
    """Give every finished file its name. A zip is one file, however many it holds."""
    parts = list(dict.fromkeys(file.path for file in finished))
    return [publish(part, folder, stored(number)) for number, part in enumerate(parts, 1)]


def checked(
    made: Plan,
    published: Sequence[Path],
    finished: Sequence[Finished],
    rows: int,
    scratch: Path,
    password: str | None,
    meter: Meter,
) -> list[Verified]:
    """Verify every published file; where one fails, all are taken away at once."""
    opens, locked = (password if made.locks == where else None for where in ("zip", "file"))
    try:
        if made.compression == "zip":
            [path] = published
            about = manifest_of(made)
            found = [
                verify_zip(
                    path, made.format, finished, made.options, about, scratch, password=opens, locked=locked,
                    advanced=meter.advance,
                )
            ]  # fmt: skip
        else:
            found = []
            for path, file in zip(published, finished, strict=True):
                found.append(
                    verify(
                        path, made.format, file.written, file.columns, made.options, made.compression, password=locked,
                        scratch=scratch,
                    )
                )  # fmt: skip
                meter.advance(file.written.rows)
        if sum(verified.rows for verified in found) != rows:
            read = sum(verified.rows for verified in found)
            raise Trouble(f"The finished file holds {read:,} rows instead of {rows:,}.", AGAIN)
    except DeskError:
        for path in published:
            path.unlink(missing_ok=True)
        raise
    return found


def manifest_of(made: Plan) -> Manifest:
    return Manifest(made.title, sentence(made.spec, made.tables, made.resolved), made.resolved.now)


def about_lines(made: Plan, streams: Sequence[Stream]) -> tuple[tuple[str, str], ...]:
    """What an "About this export" sheet says."""
    moment = made.resolved.now.astimezone(zone_of(made.resolved.zone)).replace(tzinfo=None, microsecond=0)
    lines = [("Export", made.title), ("What it holds", sentence(made.spec, made.tables, made.resolved))]
    for stream in streams:
        lines += [
            ("Dataset", stream.table.name),
            ("Rows in the dataset", f"{stream.counts.source_rows:,}"),
            *((f"Rows after {step.label}", f"{step.rows:,}") for step in stream.counts.steps),
        ]
    rows = sum(stream.counts.rows for stream in streams)
    lines += [("Rows in this export" if made.several else "Rows in this file", f"{rows:,}")]
    return (*lines, ("Made", f"{moment_words(moment)} ({made.resolved.zone})"))


def receipt(
    made: Plan,
    streams: Sequence[Stream],
    finished: Sequence[Finished],
    published: Sequence[Path],
    verified: Sequence[Verified],
    notes: Sequence[Note],
    seconds: dict[str, float],
) -> Receipt:
    spec, resolved, alone = made.spec, made.resolved, len(streams) == 1
    tables = tuple(
        TableCount(name=s.title, source_rows=s.counts.source_rows, steps=s.counts.steps, rows=s.counts.rows)
        for s in streams
    )
    return Receipt(
        dataset=made.title if not alone else made.tables[0].name,
        format=made.format.name,
        sentence=sentence(spec, made.tables, resolved),
        now=resolved.now,
        zone=resolved.zone,
        source_rows=sum(table.source_rows for table in tables),
        steps=tables[0].steps if alone else (),
        rows=sum(found.rows for found in verified),
        tables=() if alone else tables,
        notes=tuple(notes),
        files=tuple(files(made, finished, published, verified)),
        seconds=seconds,
    )


def files(
    made: Plan, finished: Sequence[Finished], published: Sequence[Path], verified: Sequence[Verified]
) -> Iterator[File]:
    """The published files as the receipt lists them."""
    media_type = packaging.MEDIA_TYPES.get(made.compression, made.format.media_type)
    if isinstance(made.format, RowFormat):
        media_type = media_type.replace("charset=utf-8", f"charset={made.format.encoding(made.options)}")
    zipped = made.compression == "zip"
    members = [file.member for file in finished if file.member is not None]
    for path, found, file in zip(published, verified, finished, strict=not zipped):
        name = file.name
        if zipped:
            name = file_name(
                made.spec.output.file_name, "zip", name=made.title, rows=found.rows, now=made.resolved.now,
                zone=made.resolved.zone,
            )  # fmt: skip
        yield File(
            name=name,
            stored=path.name,
            media_type=media_type,
            bytes=found.bytes,
            rows=found.rows,
            sha256=found.sha256,
            part="" if zipped else file.part,
            locked=bool(made.locks),
            members=tuple(members[:LISTED]),
            member_count=len(members),
        )


@contextmanager
def timed(seconds: dict[str, float], name: str) -> Iterator[None]:
    begun = time.monotonic()
    try:
        yield
    finally:
        seconds[name] = round(time.monotonic() - begun, 4)
