"""What the bytes of XLS, XLSB and ODS workbooks say: error cells calamine blanks, and how far their cells reach."""

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
ODS_CELLS = 20_000_000  # cells the repeats of an ODS sheet may stand for


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
        key, target = re.search(rb'Id="([^"]*)"', tag), re.search(rb'Target="([^"]*)"', tag)
        if key and target:
            targets[key[1].decode()] = target[1].decode()
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


REPEATED_CELL = re.compile(rb'<[\w-]+:(?:covered-)?table-cell\b([^>]*number-columns-repeated="(\d{3,})"[^>]*)>')
REPEATED_ROW = re.compile(
    rb'<[\w-]+:table-row\b[^>]*number-rows-repeated="(\d{3,})"[^>]*>(.*?)</[\w-]+:table-row>', re.DOTALL
)


def ods(blocks: Iterable[bytes], name: str) -> dict[str, SheetFacts]:
    """Refuse an ODS whose repeats stand for too many filled cells, and find its error cells. Raises BadFile."""
    expanded = 0
    held = b""
    whole: list[bytes] = []
    errors = False
    for block in blocks:
        whole.append(block)
        data = held + block
        cut = data.rfind(b"</table:table-row>") + 18 if b"</table:table-row>" in data else 0
        part, held = (data[:cut], data[cut:]) if cut else (b"", data)
        expanded += _expanded(part)
        errors = errors or b'value-type="error"' in part
        if expanded > ODS_CELLS:
            raise workbook_guard.refused(name, "a few of its cells are repeated many millions of times.")
    if expanded + _expanded(held) > ODS_CELLS:
        raise workbook_guard.refused(name, "a few of its cells are repeated many millions of times.")
    if errors or b'value-type="error"' in held:
        return _ods_errors(whole)
    names = re.findall(rb'<table:table\b[^>]*\btable:name="([^"]*)"', b"".join(whole)) if len(whole) < 64 else []
    return {n.decode("utf-8", "replace"): SheetFacts() for n in names}


def _expanded(data: bytes) -> int:
    if b"-repeated=" not in data:
        return 0
    cells = sum(int(m[2]) for m in REPEATED_CELL.finditer(data) if b"value-type" in m[1])
    for row in REPEATED_ROW.finditer(data):
        filled = row[2].count(b"value-type")
        if filled:
            wide = sum(int(m[2]) for m in REPEATED_CELL.finditer(row[2]) if b"value-type" in m[1])
            cells += int(row[1]) * (filled + wide)
    return cells


def _ods_errors(blocks: list[bytes]) -> dict[str, SheetFacts]:
    """Where error cells stand, with repeats counted; only called when there are some."""
    from xml.parsers import expat

    found: dict[str, SheetFacts] = {}
    state = {"sheet": "", "row": 0, "column": 0, "repeat": 1, "error": False, "text": "", "paragraph": False, "rows": 1}

    def start(tag: str, attributes: dict[str, str]) -> None:
        local = tag.rsplit(":", 1)[-1]
        get = {k.rsplit(":", 1)[-1]: v for k, v in attributes.items()}
        if local == "table":
            state.update(sheet=get.get("name", ""), row=0)
            found[str(state["sheet"])] = SheetFacts()
        elif local == "table-row":
            state.update(column=0, rows=int(get.get("number-rows-repeated", 1)))
        elif local in ("table-cell", "covered-table-cell"):
            error = any(k.endswith("value-type") and v == "error" for k, v in attributes.items())
            state.update(repeat=int(get.get("number-columns-repeated", 1)), error=error, text="")
        elif local == "p":
            state["paragraph"] = True

    def text(data: str) -> None:
        if state["error"] and state["paragraph"]:
            state["text"] = str(state["text"]) + data

    def end(tag: str) -> None:
        local = tag.rsplit(":", 1)[-1]
        if local == "p":
            state["paragraph"] = False
        elif local in ("table-cell", "covered-table-cell"):
            column, repeat = int(state["column"]), int(state["repeat"])
            if state["error"] and repeat < 1000:
                for n in range(repeat):
                    found[str(state["sheet"])].errors[int(state["row"]), column + n] = str(state["text"]) or "#ERROR!"
            state.update(column=column + repeat, error=False)
        elif local == "table-row":
            state["row"] = int(state["row"]) + int(state["rows"])

    parser = expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = start, end, text
    for block in blocks:
        parser.Parse(block, False)
    return found
