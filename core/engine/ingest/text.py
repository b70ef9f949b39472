"""Reading delimited text: encoding, dialect and structure are found one after the other, then DuckDB reads every cell as text.

DuckDB reads the file itself where it is clean UTF-8; otherwise a clean copy in scratch. Rows with too many or too few
cells, or with broken quotes, come back as problems with the text they were written in.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb

from core.engine.ingest import dialect as dialects
from core.engine.ingest import encoding as encodings
from core.engine.ingest import structure as structures
from core.engine.ingest.containers import Member
from core.engine.ingest.dialect import Dialect
from core.engine.ingest.encoding import Decoded, Encoding
from core.engine.ingest.options import ImportOptions, Understood
from core.engine.ingest.problems import Problem
from core.engine.ingest.scan import Scan, even_line_ends, scan
from core.engine.ingest.staging import Staged
from core.engine.session import literal
from core.errors import BadFile

SAMPLE_BYTES = 1 << 20  # what inspect looks at, and what dialect and structure are judged by
MAX_LINE_BYTES = 16 << 20  # the longest record that can be read; DuckDB holds two such buffers a thread
REJECTS = "ingest_rejects"  # where DuckDB puts the rows that do not fit
HABIT = 0.02  # from this share of short rows on, leaving out trailing empty cells is the file's habit


@dataclass
class Clean:
    """A file DuckDB can read: UTF-8, one kind of line end, no zero bytes."""

    path: Path
    encoding: Encoding
    scan: Scan
    complete: bool
    line_end: str


def stage(
    con: duckdb.DuckDBPyConnection, member: Member, options: ImportOptions, scratch: Path, *, sample: bool
) -> Staged:
    """Find out how a text file is written and lay it out as a relation. `sample`: only the first MB."""
    clean = _clean(member, options, scratch, sample)
    text = _beginning(clean.path)
    if not text.strip():
        raise BadFile(f"“{member.name}” holds no text.", "Check the file and upload it again.")
    dialect, declared = _dialect(text, options)
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
    clean = _readable(con, clean, Reading(clean, dialect, structure.width, skip, pad), scratch, notes)
    if pad and short:
        notes.append("Rows with fewer cells than the header were filled up with empty ones.")
    return _staged(con, member, options, clean, dialect, structure, found, skip, pad, notes)


def _readable(con: duckdb.DuckDBPyConnection, clean: Clean, read: Reading, scratch: Path, notes: list[str]) -> Clean:
    """Where line ends are mixed and a quote is never closed, inside and outside cannot be told apart: even them all."""
    if not clean.scan.mixed:
        return clean
    try:
        con.execute(f"select count(*) from {read.relation()}").fetchall()
    except duckdb.InvalidInputException:
        target = scratch / "even_all.csv"
        even_line_ends(clean.path, target, b"")
        notes.append("The file mixes kinds of line ends and a quote is not closed; all line ends were made alike.")
        return replace(clean, path=target, scan=scan(target), line_end="\n")
    return clean


def _staged(
    con: duckdb.DuckDBPyConnection,
    member: Member,
    options: ImportOptions,
    clean: Clean,
    dialect: Dialect,
    structure: structures.Structure,
    found: list[dialects.Record],
    skip: int,
    pad: bool,
    notes: list[str],
) -> Staged:
    read = Reading(clean, dialect, structure.width, skip, pad)
    for ending in ("", "_scans", "_seen", "_seen_scans"):
        con.execute(f"drop table if exists {REJECTS}{ending}")
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
        short_rows="pad" if pad else "set_aside",
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
        estimate=_estimate(clean, member, skip),
    )


def _estimate(clean: Clean, member: Member, skip: int) -> int | None:
    if clean.complete:
        return None
    share = member.path.stat().st_size / max(clean.scan.bytes, 1)
    return max(0, round(clean.scan.records * share) - skip)


@dataclass
class Reading:
    """How DuckDB is asked to read one clean file, and how its rejects become problems."""

    clean: Clean
    dialect: Dialect
    width: int
    skip: int
    pad: bool

    @property
    def parallel(self) -> bool:
        """Whether DuckDB may begin to read in several places at once. Not where line ends stand inside quotes: DuckDB 2.0
        then takes the inside of a long cell for rows of their own, without an error (seen in 3 of 4 files of 90 MB)."""
        plain = self.dialect.quote in ("", '"') and self.dialect.escape == self.dialect.quote
        return plain and not self.clean.scan.within and not self.pad

    def relation(self, record: bool = False) -> str:
        """What stands after FROM; `record`: rows that do not fit go to the table of rejects, else they are passed over."""
        columns = ", ".join(f"c{n + 1}: 'VARCHAR'" for n in range(self.width))
        asked = {
            "columns": f"{{{columns}}}",
            "auto_detect": "false",
            "header": "false",
            "skip": str(self.skip),
            "delim": literal(self.dialect.delimiter),
            "quote": literal(self.dialect.quote),
            "escape": literal(self.dialect.escape),
            "nullstr": "''",
            "allow_quoted_nulls": "false",  # an empty cell is NULL, a quoted empty one is empty text
            "strict_mode": "true",
            "null_padding": str(self.pad).lower(),
            # Never `ignore_errors` alone: DuckDB 2.0 then passes over the good rows behind a bad one too.
            "store_rejects": "true",
            "rejects_table": literal(REJECTS if record else f"{REJECTS}_seen"),
            "rejects_scan": literal(f"{REJECTS}_scans" if record else f"{REJECTS}_seen_scans"),
            "rejects_limit": "0" if record else "1",
        }
        if not self.parallel:
            asked["parallel"] = "false"
        if self.clean.scan.bytes > MAX_LINE_BYTES // 8:
            asked["max_line_size"] = str(MAX_LINE_BYTES)
            asked["buffer_size"] = str(2 * MAX_LINE_BYTES)
        return f"read_csv({literal(str(self.clean.path))}, " + ", ".join(f"{k} = {v}" for k, v in asked.items()) + ")"

    def problems(self, con: duckdb.DuckDBPyConnection) -> list[Problem]:
        """The rows DuckDB set aside in the scan that recorded them, in order, each once."""
        try:
            rejected = con.execute(
                "select line_byte_position, min_by(error_type::varchar, column_idx), any_value(csv_line) "
                f"from {REJECTS} group by 1 order by 1"
            ).fetchall()
        except duckdb.CatalogException:
            return []
        lines = _line_numbers(self.clean.path, [position - 1 for position, *_ in rejected])
        return [
            Problem(line=line, text=(text or "").rstrip("\r\n"), reason=self._reason(kind, text or ""))
            for line, (_, kind, text) in zip(lines, rejected, strict=True)
        ]

    def _reason(self, kind: str, text: str) -> str:
        if kind in ("TOO MANY COLUMNS", "MISSING COLUMNS"):
            found = dialects.records(text, self.dialect, 1)
            cells = len(found[0].cells) if found else 1
            if cells != self.width:
                return (
                    f"This row has {cells:,} {'cell' if cells == 1 else 'cells'}; the table has {self.width:,} columns."
                )
            return f"This row does not have the table's {self.width:,} columns."
        if kind == "UNQUOTED VALUE":
            return f"A quote ({self.dialect.quote}) is opened or closed in the wrong place."
        if kind == "LINE SIZE OVER MAXIMUM":
            return f"This row is longer than {MAX_LINE_BYTES >> 20} MB: a quote may never be closed."
        if kind == "INVALID ENCODING":
            return "This row holds bytes that are no text."
        return "This row cannot be read: " + kind.lower() + "."


def _line_numbers(path: Path, positions: list[int]) -> list[int]:
    """The 1-based line each of these ascending byte positions stands on."""
    found: list[int] = []
    line, at = 1, 0
    with path.open("rb") as file:
        for position in positions:
            while at < position:
                block = file.read(min(1 << 20, position - at))
                if not block:
                    break
                line += block.count(b"\n")
                at += len(block)
            found.append(line)
    return found


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


def _beginning(path: Path) -> str:
    with path.open("rb") as file:
        head = file.read(SAMPLE_BYTES)
    if len(head) == SAMPLE_BYTES:  # end with a whole line, or at least a whole character
        head = head[: head.rfind(b"\n") + 1] or head
    return head.decode("utf-8-sig", errors="replace")


def _clean(member: Member, options: ImportOptions, scratch: Path, sample: bool) -> Clean:
    """The file itself if DuckDB can read it as it is, else a clean copy."""
    path, complete = member.path, True
    if sample and path.stat().st_size > SAMPLE_BYTES:
        path, complete = _head(path, scratch), False
    with path.open("rb") as file:
        head = file.read(1 << 16)
    codec = (
        encodings.checked(options.encoding) if options.encoding else encodings.by_mark(head) or encodings.by_zeros(head)
    )
    measured = scan(path)
    if codec is None and measured.utf8:
        codec = "utf-8"
    encoding = Encoding(codec) if codec else _guessed(path, head, measured)
    if encoding.is_utf8 and measured.utf8 and not measured.nuls and len(measured.line_ends) <= 1:
        return Clean(path, encoding, measured, complete, next(iter(measured.line_ends), "\n"))
    copy = scratch / "clean.csv"
    decoded = Decoded(path, encoding.codec)
    with copy.open("wb") as out:
        for block in decoded.blocks():
            out.write(block.encode("utf-8", errors="surrogatepass"))
    encoding = replace(encoding, notes=[*encoding.notes, *decoded.notes()])
    measured = scan(copy)
    if len(measured.line_ends) > 1:
        copy = _even_line_ends(copy, scratch)
        encoding.notes.append("The file mixes kinds of line ends; they were made alike.")
        measured = scan(copy)
    return Clean(copy, encoding, measured, complete, next(iter(measured.line_ends), "\n"))


def _guessed(path: Path, head: bytes, measured: Scan) -> Encoding:
    """Mostly UTF-8 with a few foreign bytes, or a legacy encoding: by what the non-ASCII lines say."""
    del measured
    good = bad = 0
    sample = bytearray()
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            if block.isascii():
                continue
            for line in block.splitlines():
                if line.isascii():
                    continue
                sample += line + b"\n"
                try:
                    line.decode("utf-8")
                    good += 1
                except UnicodeDecodeError:
                    bad += 1
            if len(sample) > encodings.GUESS_BYTES and bad:
                break
    if good > 4 * bad:
        return Encoding("utf-8")
    return encodings.guess(bytes(sample) or head)


def _head(path: Path, scratch: Path) -> Path:
    """The first MB as a file of its own, ending with a whole line."""
    target = scratch / "beginning"
    with path.open("rb") as file:
        data = file.read(SAMPLE_BYTES)
    if encodings.by_mark(data[:4]) in (None, "utf-8-sig") and encodings.by_zeros(data[:4096]) is None:
        cut = max(data.rfind(b"\n"), data.rfind(b"\r")) + 1
        data = data[:cut] or data
    else:
        data = data[: len(data) // 4 * 4]
    target.write_bytes(data)
    return target


def _even_line_ends(path: Path, scratch: Path) -> Path:
    """Make all line ends outside quoted cells LF; inside them they are the person's text and stay."""
    target = scratch / "even.csv"
    even_line_ends(path, target)
    path.unlink()
    return target
