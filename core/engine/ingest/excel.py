"""Reading workbooks: XLSX, XLSM, XLSB, XLS and ODS, one table a sheet. calamine reads; what it leaves blank is put back.

Call this in a memory-limited process: calamine holds a sheet whole. `workbook_guard` and `sheet_xml` refuse beforehand what
would not fit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import python_calamine as calamine

from core.engine.ingest import cells, structure, workbook, workbook_guard
from core.engine.ingest.arrays import text_array
from core.engine.ingest.candidates import Hint
from core.engine.ingest.containers import OLE, Member
from core.engine.ingest.options import ImportOptions, Understood
from core.engine.ingest.sheet_xml import SheetFacts, column_letters
from core.engine.ingest.staging import Staged
from core.engine.session import literal
from core.errors import BadFile

BATCH_ROWS = 20_000
HEAD_ROWS = 300  # rows the structure is judged by
SAMPLE_ROWS = 20_000  # rows inspect stages
PASSWORD = "is protected with a password."


def stage(
    con: duckdb.DuckDBPyConnection,
    member: Member,
    options: ImportOptions,
    scratch: Path,
    *,
    sample: bool,
    read: Callable[[int], None],
) -> Iterator[Staged]:
    """Every sheet that is wanted and holds something, one after the other. Raises BadFile for what cannot be opened."""
    book = workbook.guarded(member, scratch, sample=sample)
    try:
        opened = _opened(book.path, member)
        wanted = _wanted(opened, options, member)
        filled = 0
        for sheet in wanted:
            staged = _sheet(opened, sheet.name, book, member, options, scratch, sample, read)
            if staged is not None:
                filled += 1
                yield staged
                Path(scratch / "sheet.parquet").unlink(missing_ok=True)
        if not filled:
            raise BadFile(f"“{member.name}” has no sheet with anything in it.", "Check the file and upload it again.")
    finally:
        book.close()


def _opened(path: Path, member: Member) -> calamine.CalamineWorkbook:
    with path.open("rb") as file:
        if file.read(8) == OLE and _holds_encrypted_package(path):
            raise BadFile(f"“{member.name}” {PASSWORD}", "Save it without a password and upload that.")
    try:
        return calamine.CalamineWorkbook.from_path(path)
    except calamine.PasswordError:
        raise BadFile(f"“{member.name}” {PASSWORD}", "Save it without a password and upload that.") from None
    except (calamine.CalamineError, OSError, ValueError) as trouble:
        raise BadFile(
            f"“{member.name}” cannot be opened as a workbook ({str(trouble).splitlines()[0][:120]}).",
            "Open it in a spreadsheet program, save it again as XLSX and upload that.",
        ) from None


def _holds_encrypted_package(path: Path) -> bool:
    """[MS-OFFCRYPTO] 2.3: an encrypted OOXML file is an OLE container with a stream of this name."""
    mark = "EncryptedPackage".encode("utf-16-le")
    held = b""
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            if mark in held + block:
                return True
            held = block[-len(mark) :]
    return False


def _wanted(opened: calamine.CalamineWorkbook, options: ImportOptions, member: Member) -> list[Any]:
    sheets = [s for s in opened.sheets_metadata if s.typ == calamine.SheetTypeEnum.WorkSheet]
    if options.sheets is None:
        return [s for s in sheets if s.visible == calamine.SheetVisibleEnum.Visible]
    names = [s.name for s in sheets]
    missing = [name for name in options.sheets if name not in names]
    if missing:
        raise BadFile(
            f"“{member.name}” has no sheet “{missing[0]}”.",
            "Sheets there are: " + ", ".join(names) + ".",
            field="sheets",
        )
    return [s for s in sheets if s.name in options.sheets]


def _sheet(
    opened: calamine.CalamineWorkbook,
    name: str,
    book: workbook.Book,
    member: Member,
    options: ImportOptions,
    scratch: Path,
    sample: bool,
    read: Callable[[int], None],
) -> Staged | None:
    facts = book.facts(name)
    workbook_guard.check_area(member.name, name, facts.rows, facts.columns, facts.filled, facts.far)
    rows, left = _rows(opened, name, book, facts, member)
    head = list(islice(rows, HEAD_ROWS))
    rounded = cells.Rounded()
    texts = [[cells.text(v, rounded) or "" for v in row] for row in head]
    if not any(any(row) for row in texts):
        return None
    structured, first, header_row = _structure(texts, options)
    width = max(structured.width, max(len(r) for r in head))
    notes: list[str] = []
    header = texts[header_row - 1] if header_row else []
    names = structure.names(header, width, notes)
    notes = [n for n in structured.notes if "left out" in n or "no header" in n] + notes
    target = scratch / "sheet.parquet"
    rounded = cells.Rounded()
    stream = _chain(head[first:], rows)
    count = write_rows(islice(stream, SAMPLE_ROWS) if sample else stream, width, target, rounded, read)
    notes += _notes(facts, rounded, left, first)
    visible = [n for n in range(width) if n >= len(header) or not header[n].strip()] if header_row else []
    complete = not sample or (not book.shortened and count < SAMPLE_ROWS)
    return Staged(
        name=member.stem if book.sheets == 1 else f"{member.stem} - {name}",
        understood=Understood(
            format=member.format,
            compression=member.compression,
            member=member.member,
            sheet=name,
            header_row=header_row,
            null_words=options.null_words,
        ),
        names=names,
        relation=f"read_parquet({literal(str(target))})",
        hints=[Hint(cells=True) for _ in names],
        rows_expected=count,
        complete=complete,
        estimate=None if complete else book.row_estimate(name, first, count),
        notes=notes,
        drop_unnamed=frozenset(visible),
    )


def _structure(texts: list[list[str]], options: ImportOptions) -> tuple[structure.Structure, int, int]:
    """The structure, the index of the first data row, and the header's line (0: none), counting blank rows too."""
    filled = [n for n, row in enumerate(texts) if any(row)]
    header = None
    if options.header_row:
        if options.header_row - 1 not in filled:
            raise BadFile(
                f"Line {options.header_row} cannot be the header: it is empty.",
                "Choose another line.",
                field="header_row",
            )
        header = filled.index(options.header_row - 1)
    found = structure.find([texts[n] for n in filled], header, options.header_row == 0)
    if found.header is None:
        return found, filled[found.first] if found.first < len(filled) else len(texts), 0
    line = filled[found.header]
    return found, line + 1, line + 1


def _rows(
    opened: calamine.CalamineWorkbook, name: str, book: workbook.Book, facts: SheetFacts, member: Member
) -> tuple[Iterator[list[Any]], int]:
    """The sheet's rows from its first on, and the first column's number: blank columns on the left are not read."""
    if facts.unplaced:  # error cells without addresses: openpyxl keeps them
        return book.openpyxl_rows(name), 0
    try:
        sheet = opened.get_sheet_by_name(name)
    except (calamine.CalamineError, OSError) as trouble:
        raise BadFile(
            f"The sheet “{name}” of “{member.name}” cannot be read ({str(trouble).splitlines()[0][:120]}).",
            "Save the workbook again as XLSX and upload that.",
        ) from None
    left = sheet.start[1] if sheet.start else 0
    rows: Iterator[list[Any]] = iter(sheet.iter_rows())
    if member.format == "ods":
        rows = ([cells.from_iso_duration(v) if isinstance(v, str) else v for v in row] for row in rows)
    return _with_errors(rows, facts, left), left


def _with_errors(rows: Iterator[list[Any]], facts: SheetFacts, left: int) -> Iterator[list[Any]]:
    """Put the error values back which calamine leaves blank."""
    if not facts.errors:
        yield from rows
        return
    by_row: dict[int, list[tuple[int, str]]] = {}
    for (row, column), text in facts.errors.items():
        by_row.setdefault(row, []).append((column - left, text))
    for n, cells_ in enumerate(rows):
        for at, text in by_row.get(n, ()):
            if 0 <= at < len(cells_) and cells_[at] == "":
                cells_[at] = text
            elif at >= len(cells_):
                cells_ += [""] * (at - len(cells_)) + [text]
        yield cells_


def write_rows(
    rows: Iterator[list[Any]], width: int, target: Path, rounded: cells.Rounded, read: Callable[[int], None]
) -> int:
    """Write rows as text columns c1 … cN to a Parquet file in scratch; returns how many."""
    schema = pa.schema([(f"c{n + 1}", pa.string()) for n in range(width)])
    count = 0
    with pq.ParquetWriter(target, schema, compression="zstd", compression_level=1) as out:
        while batch := list(islice(rows, BATCH_ROWS)):
            columns = list(zip(*(row if len(row) == width else _even(row, width) for row in batch), strict=True))
            arrays = [text_array(cells.column(values, rounded)) for values in columns]
            out.write_batch(pa.record_batch(arrays, schema=schema))
            count += len(batch)
            read(count)
    return count


def _even(row: list[Any], width: int) -> list[Any]:
    return row[:width] + [""] * (width - len(row))


def _chain(first: list[list[Any]], rest: Iterator[list[Any]]) -> Iterator[list[Any]]:
    yield from first
    yield from rest


def _notes(facts: SheetFacts, rounded: cells.Rounded, left: int, first: int) -> list[str]:
    found = []
    del left, first
    if facts.errors or facts.unplaced:
        n = len(facts.errors) + facts.unplaced
        example = ""
        if facts.errors:
            (row, column), text = next(iter(facts.errors.items()))
            example = f", such as {text} in {column_letters(column)}{row + 1}"
        found.append(f"{n:,} {'cell holds' if n == 1 else 'cells hold'} an error{example}; kept as text.")
    if facts.uncalculated:
        n, where = facts.uncalculated, f", such as {facts.first_uncalculated}" if facts.first_uncalculated else ""
        found.append(
            f"{n:,} {'formula was' if n == 1 else 'formulas were'} never calculated{where}, so the cells are empty. "
            "Open the workbook in a spreadsheet program, save it, and upload it again."
        )
    if rounded.count:
        found.append(
            f"{rounded.count:,} numbers were taken with 15 digits, as spreadsheets show them, such as {rounded.example}."
        )
    return found
