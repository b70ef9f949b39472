"""Reading a finished spreadsheet again: its tables stand one after the other in content.xml, each looked at by itself."""

from __future__ import annotations

import re
from typing import BinaryIO
from xml.etree.ElementTree import Element

from core.engine.formats.base import Written
from core.engine.formats.ods.document import BODY_END, BODY_START, CONTENT, NAMESPACES
from core.engine.formats.reading import damaged, strict_rows
from core.engine.formats.sheets.reading import (
    Frame,
    Markup,
    Pieces,
    SheetEnds,
    check_sheet,
    parsed,
    read,
)

TABLE, OFFICE, TEXT = (f"{{{NAMESPACES[prefix]}}}" for prefix in ("table", "office", "text"))
TABLE_START, TABLE_END = b"<table:table ", b"</table:table>"
OPENING, CLOSING = (CONTENT + BODY_START).encode(), BODY_END.encode()
NEEDED = frozenset({"mimetype", "content.xml", "styles.xml", "META-INF/manifest.xml"})
NUMBER = r"-?\d+(\.\d+)?(e[+-]?\d+)?"
DAY = r"\d{4}-\d\d-\d\d"
VALUES = {  # office:value-type → the attribute that holds the value, and what it may be
    "float": ("value", re.compile(NUMBER)),
    "percentage": ("value", re.compile(NUMBER)),
    "boolean": ("boolean-value", re.compile("true|false")),
    "date": ("date-value", re.compile(rf"{DAY}(T\d\d:\d\d:\d\d(\.\d{{1,6}})?)?")),
    "time": ("time-value", re.compile(r"PT\d\dH\d\dM\d\d(\.\d{1,6})?S")),
}


def verify(content: BinaryIO, written: Written) -> int:
    """The rows counted in all tables. Raises Trouble where the file is not what was written."""
    frames: tuple[Frame, ...] = written.extra["sheets"]

    def visit(name: str, pieces: Pieces) -> None:
        if name == "content.xml":
            _Tables(frames).read(pieces)
        elif name.endswith(".xml"):
            parsed(b"".join(pieces), name)
        else:
            b"".join(pieces)

    read(content, written, NEEDED, visit)
    return sum(frame.rows for frame in frames)


class _Tables:
    """Takes content.xml apart: what comes before the first table, each table, what comes after the last."""

    def __init__(self, frames: tuple[Frame, ...]) -> None:
        self.frames, self.found = frames, 0
        self.table: SheetEnds | None = None
        self.between = b""  # what stands outside tables

    def read(self, pieces: Pieces) -> None:
        for piece in pieces:
            while piece:
                piece = self._outside(piece) if self.table is None else self._inside(self.table, piece)
        if self.table is not None or self.found < len(self.frames):
            raise damaged(f"content.xml holds {self.found:,} tables where {len(self.frames):,} were written.")
        parsed(self.between, "content.xml")

    def _outside(self, piece: bytes) -> bytes:
        before, start, rest = piece.partition(TABLE_START)
        self.between += before
        if start:
            self.table = SheetEnds(MARKUP.row_end, strict_rows(len(self.frames)))
            self.table.feed(OPENING)
        return start + rest

    def _inside(self, table: SheetEnds, piece: bytes) -> bytes:
        within, end, rest = piece.partition(TABLE_END)
        table.feed(within + end + CLOSING if end else within)
        if end:
            name = f"table {self.found + 1:,}"
            if self.found < len(self.frames):
                check_sheet(name, table, self.frames[self.found], MARKUP)
            else:  # the one about the export
                parsed(table.head, name)
            self.found += 1
            self.table = None
        return rest


def _rows(document: Element) -> list[Element]:
    return list(document.iter(f"{TABLE}table-row"))


def _sound(cell: Element, may_compute: bool) -> bool:
    if cell.tag != f"{TABLE}table-cell" or (cell.get(f"{TABLE}formula") and not may_compute):
        return False
    kind = cell.get(f"{OFFICE}value-type")
    if kind is None:
        return len(cell) == 0
    if kind == "string":
        return len(cell) > 0 and all(part.tag == f"{TEXT}p" for part in cell)
    attribute, pattern = VALUES.get(kind, ("", None))
    return len(cell) == 0 and pattern is not None and bool(pattern.fullmatch(cell.get(f"{OFFICE}{attribute}", "")))


MARKUP = Markup(
    row_end=b"</table:table-row>",
    opening=OPENING + b"<table:table>",
    closing=TABLE_END + CLOSING,
    rows=_rows,
    cell=_sound,
    header_end=b"</table:table-header-rows>",
)
