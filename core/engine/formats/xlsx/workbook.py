"""Writing the workbook: the shell's halves, the rendered rows between them, one zip.

A seekable file, so that sizes stand in front of each member: LibreOffice refuses a streamed ZIP64. Deflate by ISA-L, level 1:
on rows of a spreadsheet level 0 takes as long and gives 30 % more, level 3 takes twice as long and gives 3 % less.
"""

from __future__ import annotations

import hashlib
import zipfile
import zlib
from collections.abc import Iterable
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from typing import Any, cast

from isal import isal_zlib

from core.engine.cutting import Cut
from core.engine.formats.base import Context, Hashing, Written
from core.engine.formats.xlsx import cells, shell
from core.engine.formats.xlsx.looks import looks
from core.engine.formats.xlsx.options import XlsxOptions
from core.engine.formats.xlsx.survey import TEXTS, notes, survey
from core.engine.formats.xlsx.verify import Frame
from core.engine.rendering import OutColumn, Rows
from core.engine.text import shown
from core.errors import LimitReached, Trouble

SHEET_ROWS = 1_048_576  # rows of a sheet, header and totals included
SHEET_COLUMNS = 16_384
LEVEL = 1
RAW_DEFLATE = -15  # window bits of a zip's members
ZIP64_FROM = 2 << 30  # bytes of XML a sheet may come to; larger ones get 64-bit sizes, which some readers do not know
EARLIEST = datetime(1980, 1, 1, tzinfo=UTC)  # where the times of zip members begin
CELL_BYTES = 75  # markup and number of one cell, at most; its text comes on top


def write(rows: Rows, path: Path, options: XlsxOptions, context: Context, sheet_rows: int = SHEET_ROWS) -> Written:
    """Write all rows to `path`. Raises LimitReached for what a workbook cannot hold, before anything is written."""
    columns = rows.columns
    room = sheet_rows - options.header - options.totals
    _check_shape(rows, options, room)
    facts = survey(rows, totals=options.totals)
    known = notes(columns, facts, rows.zone) if options.real_values else ()
    looked = looks(columns, facts, options, rows.zone)
    counts = sheet_counts(rows.count, room)
    about = [*context.about, *(("Please note", note.message) for note in known)]
    made = shell.build(columns, looked, facts, options, context, counts, about)

    def as_shown(column: OutColumn) -> str | None:
        """The SQL of what a column shows as text; None where cells hold the value itself."""
        real = options.real_values and column.kind not in TEXTS
        return None if real else shown(column, rows.zone)

    stream = Cut(rows.render(cells.row(columns, facts, made.styles, rows.zone, as_shown)))
    text_bytes = 2 * sum(fact.bytes for fact in facts)
    members: dict[str, str] = {}
    try:
        with zipfile.ZipFile(path, "x", zipfile.ZIP_DEFLATED) as archive:
            for sheet in made.sheets:
                large = sheet.rows * len(columns) * CELL_BYTES + text_bytes > ZIP64_FROM
                rendered = (batch.bytes for batch in stream.take(sheet.rows))
                content = chain[bytes | memoryview]((sheet.head, sheet.header), rendered, (sheet.footer, sheet.tail))
                members[sheet.member] = _add(archive, sheet.member, content, context.now, zip64=large)
            for name, part in made.parts:
                members[name] = _add(archive, name, (part,), context.now)
    finally:
        stream.close()
    if stream.taken != rows.count or stream.more():
        raise Trouble(f"The query no longer gives the {rows.count:,} rows counted.", "It is tried again by itself.")
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return Written(
        rows=stream.taken,
        bytes=path.stat().st_size,
        sha256=digest,
        notes=known,
        members=members,
        extra={
            "sheets": {
                sheet.member: Frame(sheet.rows, bool(sheet.header), bool(sheet.footer))
                for sheet in made.sheets
                if sheet.title != shell.ABOUT
            }
        },
    )


def sheet_counts(rows: int, room: int) -> list[int]:
    """Rows of each sheet; an empty export has one empty sheet."""
    full, rest = divmod(rows, room)
    return [room] * full + ([rest] if rest or not full else [])


def _check_shape(rows: Rows, options: XlsxOptions, room: int) -> None:
    columns = rows.columns
    if len(columns) > SHEET_COLUMNS:
        raise LimitReached(
            f"This export has {len(columns):,} columns; an Excel sheet holds at most {SHEET_COLUMNS:,}.",
            "Take fewer columns, or choose CSV, JSON or Parquet.",
        )
    if rows.count > room and not options.continue_sheets:
        raise LimitReached(
            f"This export has {rows.count:,} rows; one Excel sheet holds {room:,}.",
            "Turn on “Continue on further sheets”, filter the rows, or choose CSV.",
            field="continue_sheets",
        )
    for number, column in enumerate(columns, 1):
        if len(column.label.encode("utf-16-le")) // 2 + len(rows.zone) + 3 > cells.CELL_TEXT_UNITS:
            raise LimitReached(
                f"The header of column {number} is longer than the {cells.CELL_TEXT_UNITS:,} characters of an Excel cell.",
                "Give the column a shorter header, or choose CSV, JSON or Parquet.",
                field=column.label[:100],
            )


def _add(
    archive: zipfile.ZipFile, name: str, content: Iterable[bytes | memoryview], now: datetime, *, zip64: bool = False
) -> str:
    """Add one member from a stream; the SHA-256 of its content."""
    info = zipfile.ZipInfo(name, max(now, EARLIEST).timetuple()[:6])
    info.compress_type = zipfile.ZIP_DEFLATED
    info.create_system, info.external_attr = 3, 0o600 << 16
    try:
        with archive.open(info, "w", force_zip64=zip64) as member:
            cast(Any, member)._compressor = isal_zlib.compressobj(LEVEL, zlib.DEFLATED, RAW_DEFLATE)
            with Hashing(member) as sink:
                for piece in content:
                    sink.write(piece)
    except RuntimeError as trouble:
        if "too large" not in str(trouble):
            raise
        raise LimitReached(
            "A sheet of this workbook is larger than 4 GB, which Excel cannot open.",
            "Take fewer columns or rows, or choose CSV or Parquet.",
        ) from trouble
    return sink.sha256
