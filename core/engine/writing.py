"""Writing the files of one export into its scratch folder: one file, several side by side, or several inside a zip.

one table                   the format writes it
several in one file         the format writes its sheets or sections, each stream cut by counts
a split of a text format    one rendered stream, cut into files as it goes by
a split of another format   the ordered rows are staged once, each file takes its own
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb

from core.engine import cuts
from core.engine.cutting import Cut
from core.engine.formats.base import Context, Options, Part, RowFormat, Section, SheetFormat, Written
from core.engine.planning import Plan
from core.engine.query import Counts, Query
from core.engine.receipt import Note
from core.engine.rendering import OutColumn, Rows
from core.engine.session import explained
from core.engine.sizes import batch_rows
from core.engine.spec import Source
from core.engine.table import Table
from core.engine.targets import Target
from core.engine.zipping import ZIP64_FROM
from core.errors import AGAIN, LimitReached, Trouble

STAGED = "staged"  # the temporary table of a split's ordered rows
TEXT_FACTOR = 4  # a row as text is at most so many times its stored size, about


@dataclass(frozen=True)
class Stream:
    """One source on its way out. `parts` is None for a split by size: how many there are shows while writing."""

    title: str
    source: Source
    table: Table
    query: Query
    counts: Counts
    parts: tuple[Part, ...] | None


class Writer:
    """Writes every stream of a plan into a target. `about` gives the "About this export" lines."""

    def __init__(
        self,
        made: Plan,
        con: duckdb.DuckDBPyConnection,
        target: Target,
        scratch: Path,
        *,
        about: tuple[tuple[str, str], ...] = (),
        advanced: Callable[[int], None] = lambda rows: None,
        password: str | None = None,
    ) -> None:
        self.made, self.con, self.target, self.scratch = made, con, target, scratch
        self.about, self.advanced, self.password = about, advanced, password
        self.notes: list[Note] = []

    def write(self, streams: Sequence[Stream]) -> None:
        """Write all rows of all streams. Raises Trouble where they are not as many as were counted."""
        if self.made.together:
            self._sheets(streams)
            return
        for stream in streams:
            format = self.made.format
            if isinstance(format, RowFormat) and (format.cuttable(self.made.options) or self._whole(stream)):
                self._texts(format, stream, len(streams))
            elif self._whole(stream):
                self._alone(stream, len(streams))
            else:
                self._staged(stream, len(streams))

    def rows(self, stream: Stream) -> Rows:
        query = stream.query
        return Rows(
            self.con,
            query.sql,
            query.params,
            query.columns,
            stream.counts.rows,
            self.made.resolved.zone,
            batch_rows(self.con, stream.source, stream.table),
            self.advanced,
            unordered=query.unordered,
        )

    def _whole(self, stream: Stream) -> bool:
        split = self.made.spec.packaging.split
        return split is None or (cuts.by_key(split) and stream.query.by is None)

    def _context(self, title: str, rows: int | None, files: int = 1) -> Context:
        return Context(title, self.about, self.made.resolved.now, self.made.resolved.zone, rows, files)

    # ---------------------------------------------------------------- the four ways

    def _sheets(self, streams: Sequence[Stream]) -> None:
        format = self.made.format
        assert isinstance(format, SheetFormat)
        sections = [Section(self.rows(stream), self._titled(stream, len(streams))) for stream in streams]
        total = sum(len(section.parts) for section in sections)
        if total > cuts.SHEETS.parts:
            raise cuts.too_many(total, cuts.SHEETS)
        path = self.scratch / "written"
        rows = sum(stream.counts.rows for stream in streams)
        written = format.write_sections(sections, path, self.made.options, self._context(self.made.title, rows))
        self._file(path, "", "", written, streams[0].query.columns, rows)
        self.notes += written.notes

    def _titled(self, stream: Stream, tables: int) -> tuple[Part, ...]:
        """The parts of one stream as sheets: each has a title of its own."""
        if self._whole(stream):
            return (Part(stream.title if tables > 1 else self.made.title, stream.counts.rows),)
        parts = stream.parts or ()
        return tuple(replace(part, title=f"{stream.title} {part.title}") for part in parts) if tables > 1 else parts

    def _texts(self, format: RowFormat, stream: Stream, tables: int) -> None:
        rows = self.rows(stream)
        options = format.settled(rows, self.made.options)
        with closing(Cut(format.render(rows, options))) as cut:
            for part, number in self._parts(stream, cut):
                label = self._label(stream, part, tables)
                files = tables * len(stream.parts or ())
                context = self._context(self._title(stream, part, tables), part.rows if part.rows >= 0 else None, files)
                name = self.target.named(label, number, part.rows if part.rows >= 0 else stream.counts.rows)
                batches = (
                    cut.take(part.rows)
                    if part.rows >= 0
                    else cut.take_bytes(self._room(format, rows, options, context))
                )
                with self.target.sink(name, large=self._large(stream)) as sink:
                    written = format.write_part(rows.columns, batches, sink, options, context)
                if part.rows not in (-1, written.rows):
                    raise changed(part.rows, written.rows)
                self.target.keep(name, label, written, rows.columns)
            if cut.more():
                raise changed(stream.counts.rows, cut.taken + 1)
        if cut.taken != stream.counts.rows:
            raise changed(stream.counts.rows, cut.taken)
        self.notes += format.notes(rows.columns, options, rows.tallies)

    def _parts(self, stream: Stream, cut: Cut) -> Iterator[tuple[Part, str]]:
        """Each part with its number; -1 rows: as many as fit by size."""
        if stream.parts is not None:
            width = len(str(len(stream.parts)))
            yield from ((part, f"{number:0{width}}") for number, part in enumerate(stream.parts, 1))
            return
        number = 1
        while number == 1 or cut.more():
            yield Part(f"{number:03}", -1), f"{number:03}"
            number += 1

    def _room(self, format: RowFormat, rows: Rows, options: Options, context: Context) -> int:
        """Bytes of rows one file of a split by size may hold. An encoding other than UTF-8 at most doubles them."""
        split = self.made.spec.packaging.split
        limit = int((split.megabytes if split and split.megabytes else 0) * 1_000_000)
        frame = format.prologue(rows.columns, options, context)
        frame += format.epilogue(rows.columns, options, replace(context, rows=rows.count))
        room = limit - len(frame)
        if room < 1:
            raise LimitReached(
                f"The header alone takes {len(frame):,} bytes; a file of this split may have {limit:,}.",
                "Choose larger files.",
                field="packaging.split",
            )
        return room if format.encoding(options) == "utf-8" else room // 2

    def _alone(self, stream: Stream, tables: int) -> None:
        path, rows = self.scratch / "written", stream.counts.rows
        whole = Part("", rows)
        context = self._context(self._title(stream, whole, tables), rows)
        written = self.made.format.write(self.rows(stream), path, self.made.options, context)
        self._file(path, self._label(stream, whole, tables), "", written, stream.query.columns, rows)
        self.notes += written.notes

    def _staged(self, stream: Stream, tables: int) -> None:
        query, format = stream.query, self.made.format
        names = ", ".join(column.key for column in query.columns)
        found: list[Note] = []
        numbered = f"select *, row_number() over () as {cuts.ROW} from ({query.sql})"
        with explained():
            self.con.execute(f"create or replace temp table {STAGED} as {numbered}", query.params or None)
        begun, width, size = 0, len(str(len(stream.parts or ()))), batch_rows(self.con, stream.source, stream.table)
        for number, part in enumerate(stream.parts or (), 1):
            sql = f"select {names} from {STAGED} where {cuts.ROW} > {begun} and {cuts.ROW} <= {begun + part.rows}"
            begun += part.rows
            rows = Rows(
                self.con, sql, [], query.columns, part.rows, self.made.resolved.zone, size, self.advanced, unordered=sql
            )
            path = self.scratch / "written"
            context = self._context(self._title(stream, part, tables), part.rows)
            written = format.write(rows, path, self.made.options, context)
            self._file(path, self._label(stream, part, tables), f"{number:0{width}}", written, query.columns, part.rows)
            found += written.notes
        with explained():
            self.con.execute(f"drop table {STAGED}")
        self.notes += merged(found)

    # ---------------------------------------------------------------- what they share

    def _file(
        self, path: Path, label: str, number: str, written: Written, columns: tuple[OutColumn, ...], rows: int
    ) -> None:
        """Lock a finished file where it locks itself, and hand it over."""
        if written.rows != rows:
            raise changed(rows, written.rows)
        if self.made.locks == "file" and self.password:
            locked = path.with_name("locked")
            self.made.format.lock(path, locked, self.password)
            path.unlink()
            path = locked
        name = self.target.named(label, number, rows)
        self.target.take(name, path)
        self.target.keep(name, label, written, columns)

    def _label(self, stream: Stream, part: Part, tables: int) -> str:
        """What one file is called among the others; "" for the only one."""
        return " ".join(words for words in (stream.title if tables > 1 else "", part.title) if words)

    def _title(self, stream: Stream, part: Part, tables: int) -> str:
        """What stands at the top of one file."""
        return " ".join(words for words in (stream.title if tables > 1 else self.made.title, part.title) if words)

    def _large(self, stream: Stream) -> bool:
        """Whether a file may pass 2 GB."""
        stored = stream.table.path.stat().st_size * TEXT_FACTOR
        return stored > ZIP64_FROM // TEXT_FACTOR


def changed(counted: int, found: int) -> Trouble:
    return Trouble(f"{found:,} rows were written where {counted:,} were counted.", AGAIN)


def merged(notes: Sequence[Note]) -> list[Note]:
    """The notes of many files as one each: what happened in several says in how many, and how often in all."""
    groups: dict[tuple[str, str | None], list[Note]] = {}
    for note in notes:
        groups.setdefault((note.code, note.column), []).append(note)
    found = []
    for same in groups.values():
        first, total = same[0], sum(note.count for note in same)
        if len(same) > 1:
            message = f"{first.message} The like in {len(same):,} files, {total:,} times in all."
            first = first.model_copy(update={"message": message, "count": total})
        found.append(first)
    return found
