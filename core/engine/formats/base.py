"""What a format is. Three shapes are enough.

    RowFormat    text: a beginning, one SQL expression a row, an end; a file may be cut out of the stream at any row
    SheetFormat  a file of several tables: the sheets of a workbook, the sections of a PDF
    Format       anything else that takes the rows of one table (Parquet)

Adding a format = one module that ends in `FORMAT = …`, one entry in `formats/__init__.py`, one golden file.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO, ClassVar, cast

from pydantic import BaseModel, ConfigDict

from core.engine.formats.cells import Cells
from core.engine.formats.reading import Digest, Ends, Reading, damaged, parsed_strictly, strict_rows
from core.engine.formats.transcoding import Transcoded, transcoding
from core.engine.receipt import Note
from core.engine.rendering import OutColumn, Rendered, Rows

MOST_TABLES = 1_000  # of one file: nobody leafs through more, and every program that opens a workbook holds them all


class Options(BaseModel):
    """Base of every format's options: one pydantic model draws the form, the API schema and the docs table.

    Each field's `title` is its label on screen and its `description` the one-line explanation beneath it;
    `json_schema_extra=choices.MORE` puts it under "More options". What several formats let people choose is in `choices.py`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")


@dataclass(frozen=True)
class Written:
    """What a writer says of the content it wrote (before compression): rows, bytes, its SHA-256, and what readers should know.

    `members` holds the digest of each streamed member where the file is a container (XLSX sheets), by member name.
    """

    rows: int
    bytes: int
    sha256: str
    notes: tuple[Note, ...] = ()
    members: Mapping[str, str] = field(default_factory=dict)
    extra: Mapping[str, Any] = field(default_factory=dict)  # what the format's own `verify` needs (sheets, row counts)


@dataclass(frozen=True)
class Context:
    """What a writer may print besides the rows: the title, "About this export" lines, the export's moment and zone.

    `rows` is how many rows this file gets; None where that is not known before it is written (a split by size).
    """

    title: str
    about: tuple[tuple[str, str], ...] = ()
    now: datetime = field(default_factory=lambda: datetime.now(UTC))  # aware: the moment the run was frozen at
    zone: str = "UTC"
    rows: int | None = None
    files: int = 1  # how many files this export makes, this one among them


@dataclass(frozen=True)
class Part:
    """A run of consecutive rows that becomes a sheet, a section or a file of its own."""

    title: str
    rows: int


@dataclass(frozen=True)
class Section:
    """One table of a file: the stream of its rows, and the parts it is cut into (one or more, `rows.count` in all)."""

    rows: Rows
    parts: tuple[Part, ...]


class Format(ABC):
    """One kind of file. Instances are stateless; the registry holds one of each."""

    name: ClassVar[str]  # "csv": what specs and the API say
    label: ClassVar[str]  # "CSV": what the screen says
    about: ClassVar[str]  # one line: who wants it
    extension: ClassVar[str]  # "csv", without the dot
    media_type: ClassVar[str]
    Options: ClassVar[type[Options]]
    values: ClassVar[
        Mapping[str, str]
    ] = {}  # how it writes each kind of value, where docs/formats.md has no column for it
    packed: ClassVar[bool] = False  # compressed by itself: packing it again would gain nothing
    hashed_whole: ClassVar[bool] = False  # `Written.sha256` is of the whole content, and `verify` compares it
    several: ClassVar[bool] = False  # holds several tables: a SheetFormat
    tables: ClassVar[str] = "sheets"  # what its tables are called
    view: ClassVar[str]  # how its first rows are shown before it is made: a key of file_views.VIEWS, or none
    lockable: ClassVar[bool] = False  # has a password of its own: `lock` and `unlock` are there

    @abstractmethod
    def write(self, rows: Rows, path: Path, options: Any, context: Context) -> Written:
        """Write all rows to `path` (a new file) and say what was written. Raises DeskError; fsync is the pipeline's."""

    @abstractmethod
    def verify(self, content: BinaryIO, written: Written, columns: tuple[OutColumn, ...], options: Any) -> int:
        """Read finished, decompressed content again: same hash, every row counted, its first and last rows parsed strictly.

        Returns the rows counted. Raises Trouble("…") when the file is not what was written.
        """

    def check(self, columns: tuple[OutColumn, ...], options: Any) -> None:  # noqa: B027 (most have nothing to object to)
        """Raises BadSpec where these options do not go with these columns: said before anything runs."""

    def lock(self, path: Path, locked: Path, password: str) -> None:
        """Write the finished file at `path` again to `locked` (a new file), readable only with the password."""
        raise NotImplementedError(f"{self.label} files have no password of their own")

    def unlock(self, locked: Path, path: Path, password: str) -> None:
        """The reverse of `lock`, byte for byte where the format keeps bytes. Raises Trouble where it does not open."""
        raise NotImplementedError(f"{self.label} files have no password of their own")


class SheetFormat(Format):
    """A format whose file holds several tables, one after the other, each cut into parts that have a title."""

    several: ClassVar[bool] = True

    @abstractmethod
    def write_sections(self, sections: Sequence[Section], path: Path, options: Any, context: Context) -> Written:
        """Write every part of every section as a table of its own, in order. Titles are made legal and unique here."""

    def write(self, rows: Rows, path: Path, options: Any, context: Context) -> Written:
        return self.write_sections((Section(rows, (Part(context.title, rows.count),)),), path, options, context)


class RowFormat(Format):
    """A text format: prologue, one SQL text expression per row, epilogue. The separator precedes every row but the first.

    A subclass gives the pieces, how rows end and how a few rows are parsed; writing, hashing and verification are here.
    """

    hashed_whole: ClassVar[bool] = True
    view: ClassVar[str] = "text"
    separator: ClassVar[bytes] = b""  # what `row` begins with and the first row must lose

    def prologue(self, columns: tuple[OutColumn, ...], options: Any, context: Context) -> bytes:
        return b""

    @abstractmethod
    def cells(self, columns: tuple[OutColumn, ...], options: Any, zone: str) -> Cells:
        """Each cell's SQL text. Never NULL."""

    @abstractmethod
    def row(self, cells: Cells, columns: tuple[OutColumn, ...], options: Any) -> str:
        """The SQL expression that puts the cells of one row together, terminator included."""

    def epilogue(self, columns: tuple[OutColumn, ...], options: Any, context: Context) -> bytes:
        """The end; `context.rows` is known by now."""
        return b""

    def encoding(self, options: Any) -> str:
        """The Python codec of the file's text. Everything above speaks UTF-8; it is changed on the way out."""
        return "utf-8"

    def cuttable(self, options: Any) -> bool:
        """Whether the stream may be cut into files as it goes by; else each file is rendered from rows of its own."""
        return True

    def settled(self, rows: Rows, options: Any) -> Any:
        """The options with what only the rows know filled in (widths, sums): asked for before anything is written."""
        return options

    def tallies(self, columns: tuple[OutColumn, ...], options: Any, zone: str) -> dict[str, str]:
        """Integer SQL expressions to sum over all rows, by name; `notes` turns the sums into sentences."""
        return {}

    def notes(self, columns: tuple[OutColumn, ...], options: Any, tallies: Mapping[str, int]) -> tuple[Note, ...]:
        return ()

    @abstractmethod
    def ends(self, columns: tuple[OutColumn, ...], options: Any) -> Ends:
        """A fresh finder of row ends, for the part between prologue and epilogue."""

    @abstractmethod
    def parse(self, text: str, columns: tuple[OutColumn, ...], options: Any) -> int:
        """Parse a few whole rows as strictly as any reader; the number of rows. Raises ValueError."""

    def render(self, rows: Rows, options: Any) -> Iterator[Rendered]:
        """Every row as text, in batches that may be cut anywhere."""
        cells = self.cells(rows.columns, options, rows.zone)
        tallies = self.tallies(rows.columns, options, rows.zone)
        return rows.render(self.row(cells, rows.columns, options), tallies, cells.prepared)

    def write(self, rows: Rows, path: Path, options: Any, context: Context) -> Written:
        with open(path, "xb", buffering=0) as file:
            return self.write_to(rows, file, options, context)

    def write_to(self, rows: Rows, out: Any, options: Any, context: Context) -> Written:
        """Write all rows to a binary sink: `out.write` gets one buffer a batch."""
        options = self.settled(rows, options)
        written = self.write_part(rows.columns, self.render(rows, options), out, options, context)
        return replace(written, notes=self.notes(rows.columns, options, rows.tallies))

    def write_part(
        self, columns: tuple[OutColumn, ...], batches: Iterable[Rendered], out: Any, options: Any, context: Context
    ) -> Written:
        """Write one file of rendered rows: what begins it, the rows, what ends it. Notes are left to the caller."""
        count, skip, encoding = 0, len(self.separator), self.encoding(options)
        first = self.prologue(columns, options, context)
        with Hashing(transcoding(out, encoding)) as sink:
            sink.write(first)
            for batch in batches:
                sink.write(batch.bytes[skip:] if count == 0 else batch.bytes)
                count += len(batch)
            last = self.epilogue(columns, options, replace(context, rows=count))
            sink.write(last)
        return Written(
            count, sink.bytes, sink.sha256, extra={"frame": (first, last), "strict": strict_rows(context.files)}
        )

    def verify(self, content: BinaryIO, written: Written, columns: tuple[OutColumn, ...], options: Any) -> int:
        (first, last), strict = written.extra["frame"], written.extra["strict"]
        reading = Reading(self.ends(columns, options), first, last, strict)
        encoding = self.encoding(options)
        reading.read(content if encoding == "utf-8" else cast(BinaryIO, Transcoded(content, encoding)))
        if (reading.bytes, reading.sha256) != (written.bytes, written.sha256):
            raise damaged("its bytes are not the bytes that were written.")
        rows = reading.rows
        if self.separator and reading.tail:
            rows += 1  # the last row ends where the epilogue begins
        elif reading.loose:
            raise damaged("it ends in the middle of a row.")
        if rows != written.rows:
            raise damaged(f"it holds {rows:,} rows where {written.rows:,} were written.")
        expected = min(rows, strict)
        head = reading.head.removesuffix(self.separator)
        tail = reading.tail.removesuffix(self.separator)
        for piece, where, at_least in ((head, "first", expected), (tail, "last", expected)):
            found = parsed_strictly(piece, lambda text: self.parse(text, columns, options), where)
            if not at_least <= found <= at_least + 1:
                raise damaged(f"{found} of its {where} {at_least} rows could be read.")
        return rows


class Hashing:
    """A binary sink that counts and hashes what goes through it to `out`.

    Buffers must not change after they were written. `sha256` may be asked for once the `with` block ended.
    """

    def __init__(self, out: Any) -> None:
        self.out, self.bytes, self._digest = out, 0, Digest()

    def __enter__(self) -> Hashing:
        return self

    def __exit__(self, *_: object) -> None:
        self._digest.close()

    def write(self, data: bytes | memoryview) -> int:
        self._digest.update(data)
        self.bytes += len(data)
        written = 0
        while written < len(data):  # an unbuffered file may take less than it is given
            written += self.out.write(data[written:] if written else data)
        return len(data)

    @property
    def sha256(self) -> str:
        return self._digest.sha256
