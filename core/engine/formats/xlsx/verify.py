"""Reading a finished workbook again: every sheet a member of its own, its rows strictly SpreadsheetML."""

from __future__ import annotations

import re
from typing import BinaryIO
from xml.etree.ElementTree import Element

from core.engine.formats.base import Written
from core.engine.formats.reading import strict_rows
from core.engine.formats.sheets.reading import Frame, Markup, Pieces, SheetEnds, check_sheet, parsed, read

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
NUMBER = re.compile(r"-?\d+(\.\d+)?(e[+-]?\d+)?", re.IGNORECASE)
NEEDED = frozenset({"[Content_Types].xml", "_rels/.rels", "xl/workbook.xml", "xl/styles.xml"})


def verify(content: BinaryIO, written: Written) -> int:
    """The rows counted in all sheets of a workbook. Raises Trouble where it is not what was written."""
    sheets: dict[str, Frame] = dict(written.extra["sheets"])
    strict = strict_rows(len(sheets))

    def visit(name: str, pieces: Pieces) -> None:
        if name not in sheets:
            parsed(b"".join(pieces), name)
            return
        sheet = SheetEnds(MARKUP.row_end, strict)
        for piece in pieces:
            sheet.feed(piece)
        check_sheet(name, sheet, sheets[name], MARKUP)

    read(content, written, NEEDED, visit)
    return sum(frame.rows for frame in sheets.values())


def _rows(sheet: Element) -> list[Element]:
    return sheet.findall(f"{MAIN}sheetData/{MAIN}row")


def _sound(cell: Element, may_compute: bool) -> bool:
    if cell.tag != f"{MAIN}c":
        return False
    if cell.get("t") == "inlineStr":
        return len(cell) == 1 and cell.find(f"{MAIN}is/{MAIN}t") is not None
    parts = [part.tag for part in cell]
    if parts not in ([], [f"{MAIN}v"]) and not (may_compute and parts == [f"{MAIN}f", f"{MAIN}v"]):
        return False
    value = cell.findtext(f"{MAIN}v")
    if cell.get("t") == "b":
        return value in ("0", "1")
    if cell.get("t") == "e":
        return may_compute and value == "#NUM!"
    return cell.get("t") is None and (not parts or bool(value and NUMBER.fullmatch(value)))


MARKUP = Markup(
    row_end=b"</row>",
    opening=b'<worksheet xmlns="' + MAIN[1:-1].encode() + b'"><sheetData>',
    closing=b"</sheetData></worksheet>",
    rows=_rows,
    cell=_sound,
)
