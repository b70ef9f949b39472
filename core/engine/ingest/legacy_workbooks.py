"""What the bytes of XLS and XLSB workbooks say: error cells calamine blanks, and how far their cells reach."""

from __future__ import annotations

import re
import struct
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path

import xlrd

from core.engine.ingest import workbook_guard
from core.engine.ingest.sheet_xml import SheetFacts

ERRORS = {0x00: "#NULL!", 0x07: "#DIV/0!", 0x0F: "#VALUE!", 0x17: "#REF!", 0x1D: "#NAME?", 0x24: "#NUM!", 0x2A: "#N/A"}
# [MS-XLSB] 2.3.2: record types of the cell table
ROW_HEADER, CELL_ERROR, FORMULA_ERROR = 0, 3, 11
FILLED = frozenset({2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 62})
BUNDLE_SHEET = 156


def xls(path: Path) -> dict[str, SheetFacts]:
    """The error cells of every sheet of a BIFF workbook."""
    book = xlrd.open_workbook(str(path), on_demand=True)
    found: dict[str, SheetFacts] = {}
    for name in book.sheet_names():
        sheet = book.sheet_by_name(name)
        facts = SheetFacts()
        for row in range(sheet.nrows):
            kinds = sheet.row_types(row)
            if xlrd.XL_CELL_ERROR in kinds:
                for column, kind in enumerate(kinds):
                    if kind == xlrd.XL_CELL_ERROR:
                        facts.errors[row, column] = ERRORS.get(sheet.cell_value(row, column), "#ERROR!")
        found[name] = facts
        book.unload_sheet(name)
    return found


def xlsb_parts(archive: zipfile.ZipFile, counted: workbook_guard.Bytes) -> dict[str, str]:
    """Sheet name → part name of an XLSB, by BrtBundleSh records ([MS-XLSB] 2.4.311) and the relationships."""
    names = {info.filename for info in archive.infolist()}
    rels = (
        b"".join(counted.part(archive, archive.getinfo("xl/_rels/workbook.bin.rels")))
        if "xl/_rels/workbook.bin.rels" in names
        else b""
    )
    targets = {}
    for tag in re.findall(rb"<Relationship\b[^>]*>", rels):
        given, to = re.search(rb'Id="([^"]*)"', tag), re.search(rb'Target="([^"]*)"', tag)
        if given and to:
            targets[given[1].decode()] = to[1].decode()
    found = {}
    for kind, body in _records(counted.part(archive, archive.getinfo("xl/workbook.bin"))):
        if kind == BUNDLE_SHEET and len(body) >= 16:
            key, at = _wide(body, 8)
            name, _ = _wide(body, at)
            target = targets.get(key, "")
            part = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
            if part in names:
                found[name] = part
    return found


def _wide(body: bytes, at: int) -> tuple[str, int]:
    length = struct.unpack_from("<I", body, at)[0]
    end = at + 4 + 2 * length
    return body[at + 4 : end].decode("utf-16-le", "replace"), end


def xlsb(blocks: Iterable[bytes]) -> SheetFacts:
    """Extent and error cells of a binary sheet: cells carry their column, row headers their row."""
    facts = SheetFacts()
    row = 0
    for kind, body in _records(blocks):
        if kind == ROW_HEADER and len(body) >= 4:
            row = struct.unpack_from("<I", body)[0]
        elif kind in FILLED and len(body) >= 4:
            column = struct.unpack_from("<I", body)[0]
            facts.filled += 1
            facts.top, facts.bottom = min(facts.top, row), max(facts.bottom, row)
            facts.left, facts.right = min(facts.left, column), max(facts.right, column)
            if kind in (CELL_ERROR, FORMULA_ERROR) and len(body) >= 9:
                facts.errors[row, column] = ERRORS.get(body[8], "#ERROR!")
    return facts


def _records(blocks: Iterable[bytes]) -> Iterator[tuple[int, bytes]]:
    """BIFF12 records: a type of one or two bytes, a length of one to four, the body ([MS-XLSB] 2.1.4)."""
    data, at = b"", 0
    for block in blocks:
        data, at = data[at:] + block, 0
        end = len(data)
        while True:
            start = at
            if end - at < 6 and block:
                break
            kind = data[at]
            at += 1
            if kind & 0x80:
                kind = (kind & 0x7F) | ((data[at] & 0x7F) << 7)
                at += 1
            length = shift = 0
            while at < end:
                byte = data[at]
                at += 1
                length |= (byte & 0x7F) << shift
                shift += 7
                if not byte & 0x80 or shift >= 28:
                    break
            if at + length > end:
                at = start
                break
            yield kind, data[at : at + length]
            at += length
