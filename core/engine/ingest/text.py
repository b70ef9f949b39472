"""Reading delimited text: encoding, dialect and structure are found one after the other, then DuckDB reads every cell as text.

The rooms: `clean` makes a file DuckDB can read, `dialect` and `structure` look at its beginning, `reader` asks DuckDB.
"""

from __future__ import annotations

import re
from pathlib import Path

import duckdb

from core.engine.ingest import clean as cleaning
from core.engine.ingest import dialect as dialects
from core.engine.ingest import structure as structures
from core.engine.ingest.clean import Clean
from core.engine.ingest.containers import Member
from core.engine.ingest.dialect import Dialect
from core.engine.ingest.options import ImportOptions, Understood
from core.engine.ingest.reader import Reader
from core.engine.ingest.scan import scan
from core.engine.ingest.staging import Staged
from core.errors import BadFile

HABIT = 0.02  # from this share of short rows on, leaving out trailing empty cells is the file's habit


def stage(
    con: duckdb.DuckDBPyConnection, member: Member, options: ImportOptions, scratch: Path, *, sample: bool
) -> Staged:
    """Find out how a text file is written and lay it out as a relation. `sample`: only the first MB."""
    clean = cleaning.prepare(member, options, scratch, sample)
    text = cleaning.beginning(clean.path)
    if not text.strip():
        raise BadFile(f"“{member.name}” holds no text.", "Check the file and upload it again.")
    dialect, declared = _dialect(text, options)
    if dialect.quote != '"':
        clean.scan = scan(clean.path, dialect.quote.encode())
    found = dialects.records(text, dialect)
    if declared:  # Excel's "sep=;" line
        found = found[1:]
    header, headless = _header(found, options)
    structure = structures.find([r.cells for r in found], header, headless)
    if not structure.names:
        raise BadFile(f"“{member.name}” holds no table.", "Check the file and upload it again.")
    before = structure.first + (1 if declared else 0)
    skip = _skipped(text, dialect, before)
    pad, short = _short(found, structure, options)
    notes = [*clean.encoding.notes, *structure.notes]
    read = Reader(clean, dialect, structure.width, skip, pad)
    if clean.scan.mixed and not read.readable(con):
        read.clean = cleaning.evened(clean, scratch)
        notes.append("The file mixes kinds of line ends and a quote is not closed; all line ends were made alike.")
    if not read.parallel and clean.complete:
        read.clean = cleaning.with_sentinel(read.clean, scratch)
    if pad and short:
        notes.append("Rows with fewer cells than the header were filled up with empty ones.")
    return _staged(con, member, options, read, structure, found, notes)


def _staged(
    con: duckdb.DuckDBPyConnection,
    member: Member,
    options: ImportOptions,
    read: Reader,
    structure: structures.Structure,
    found: list[dialects.Record],
    notes: list[str],
) -> Staged:
    read.forget(con)
    clean, dialect = read.clean, read.dialect
    header_line = found[structure.header].line if structure.header is not None and found else 0
    understood = Understood(
        format="csv",
        compression=member.compression,
        member=member.member,
        encoding=clean.encoding.codec.removesuffix("-sig"),
        delimiter=dialect.delimiter,
        quote=dialect.quote,
        header_row=header_line,
        null_words=options.null_words,
        short_rows="pad" if read.pad else "set_aside",
    )
    unnamed = frozenset(
        n
        for n in range(structure.width)
        if structure.header is not None
        and (n >= len(found[structure.header].cells) or not found[structure.header].cells[n].strip())
    )
    return Staged(
        name=member.stem,
        understood=understood,
        names=structure.names,
        relation=read.relation(),
        recording=read.relation(record=True),
        problems=lambda: read.problems(con),
        rows_expected=clean.scan.records or None,
        complete=clean.complete,
        notes=notes,
        drop_unnamed=unnamed,
        estimate=_estimate(clean, member, read.skip),
    )


def _estimate(clean: Clean, member: Member, skip: int) -> int | None:
    if clean.complete:
        return None
    share = member.path.stat().st_size / max(clean.scan.bytes, 1)
    return max(0, round(clean.scan.records * share) - skip)


def _dialect(text: str, options: ImportOptions) -> tuple[Dialect, bool]:
    """The dialect, and whether the file's first line declares the delimiter (`sep=;`, which Excel writes and reads)."""
    declared = re.match(r"\ufeff?\"?sep=(.)\"?\r?\n", text, re.IGNORECASE)
    delimiter = options.delimiter or (declared[1] if declared else None)
    if delimiter is not None and delimiter in '"\r\n':
        raise BadFile("A quote or a line end cannot separate cells.", "Choose another delimiter.", field="delimiter")
    return dialects.detect(text, delimiter, options.quote), declared is not None


def _header(found: list[dialects.Record], options: ImportOptions) -> tuple[int | None, bool]:
    """The header's index among the records, if the person chose its line."""
    if options.header_row is None:
        return None, False
    if options.header_row == 0:
        return None, True
    for n, record in enumerate(found):
        if record.line == options.header_row:
            return n, False
    raise BadFile(
        f"Line {options.header_row} cannot be the header: there is no row beginning on it.",
        "Choose a line among the first rows of the file.",
        field="header_row",
    )


def _skipped(text: str, dialect: Dialect, before: int) -> int:
    """How many records DuckDB must skip to begin with the data: it counts blank lines as records too."""
    if not before:
        return 0
    skipped = seen = 0
    for _, cells in dialects._split(text, dialect):
        skipped += 1
        if cells:
            seen += 1
            if seen == before:
                break
    return skipped


def _short(found: list[dialects.Record], structure: structures.Structure, options: ImportOptions) -> tuple[bool, int]:
    """Whether short rows are filled up. Leaving out trailing empty cells is some programs' habit; a rare one is a fault."""
    data = found[structure.first :]
    short = sum(len(r.cells) < structure.width for r in data)
    if options.short_rows is not None:
        return options.short_rows == "pad", short
    return len(data) >= 50 and short >= max(5, HABIT * len(data)) and structure.width > 1, short
