"""Reading a finished workbook again, quickly: the zip, every member's hash, every row counted, both ends parsed strictly.

Members are inflated by ISA-L and looked at in passing; nothing is held but the current chunk and the ends of each sheet.
"""

from __future__ import annotations

import hashlib
import re
import struct
import zipfile
import zlib
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, cast
from xml.etree.ElementTree import Element, ParseError, fromstring

from isal import isal_zlib

from core.engine.formats.base import Hashing, Written
from core.engine.formats.reading import STRICT_ROWS, damaged

NOT_DEFLATED = cast(type[Exception], isal_zlib.error)  # its stub calls the class an instance
CHUNK = 1 << 18  # compressed bytes read at a time
INFLATED = 1 << 22  # bytes inflated at a time, at most
ENDS = 4 << 20  # bytes of XML kept of either end of a sheet, where 200 rows are more; never less than a row
LOCAL_HEADER = struct.Struct("<4s5H3I2H")  # APPNOTE 4.3.7
SEAM, ROW_START, ROW_END = b"</row><row", b"<row", b"</row>"
MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
OPENING = b'<worksheet xmlns="' + MAIN[1:-1].encode() + b'"><sheetData>'
CLOSING = b"</sheetData></worksheet>"
NUMBER = re.compile(r"-?\d+(\.\d+)?(e[+-]?\d+)?", re.IGNORECASE)
NEEDED = frozenset({"[Content_Types].xml", "_rels/.rels", "xl/workbook.xml", "xl/styles.xml"})


@dataclass(frozen=True)
class Frame:
    """What is known of one sheet of rows: how many, and which rows stand round them."""

    rows: int
    header: bool
    totals: bool

    @property
    def all_rows(self) -> int:
        return self.rows + self.header + self.totals


def verify(content: BinaryIO, written: Written, columns: int) -> int:
    """The rows counted in all sheets of a workbook with so many columns. Raises Trouble where it is not what was written."""
    sheets: dict[str, Frame] = dict(written.extra["sheets"])
    digest = hashlib.sha256()
    content.seek(0)
    while chunk := content.read(CHUNK):
        digest.update(chunk)
    if digest.hexdigest() != written.sha256:
        raise damaged("its bytes are not the bytes that were written.")
    try:
        with zipfile.ZipFile(content) as archive:
            names = archive.namelist()
            if len(set(names)) != len(names) or set(names) != set(written.members) or not set(names) >= NEEDED:
                raise damaged("parts of the workbook are missing or twice there.")
            for info in archive.infolist():
                reading = _Reading(content, info)
                if reading.sha256 != written.members[info.filename]:
                    raise damaged(f"{info.filename} is not what was written.")
                reading.check(columns, sheets.get(info.filename))
    except (zipfile.BadZipFile, zlib.error, NOT_DEFLATED, struct.error, EOFError) as trouble:
        raise damaged(f"it is not a whole workbook ({trouble}).") from trouble
    return sum(frame.rows for frame in sheets.values())


class _Nowhere:
    def write(self, data: bytes) -> int:
        return len(data)


class _Reading:
    """One member read to its end: its hash, its rows counted, its first and last rows as XML."""

    def __init__(self, file: BinaryIO, info: zipfile.ZipInfo) -> None:
        self.name = info.filename
        self.rows = 0
        self.head = b""
        self._open = True  # whether the head still grows
        self._tail: deque[tuple[int, bytes]] = deque()  # (row ends, chunk)
        self._tail_rows = self._tail_bytes = 0
        carry = b""
        with Hashing(_Nowhere()) as sink:
            for chunk in _inflated(file, info):
                sink.write(chunk)
                seams = (carry + chunk[: len(SEAM) - 1]).count(SEAM) + chunk.count(SEAM)
                carry = (carry + chunk)[-len(SEAM) + 1 :] if len(chunk) < len(SEAM) else chunk[-len(SEAM) + 1 :]
                self._keep(chunk, seams)
                self.rows += seams
        self.sha256 = sink.sha256
        self.rows += ROW_START in self.head

    def _keep(self, chunk: bytes, rows: int) -> None:
        if self._open:
            self.head += chunk
            self._open = self.rows + rows <= STRICT_ROWS + 1 and (len(self.head) < ENDS or self.rows + rows < 3)
        self._tail.append((rows, chunk))
        self._tail_rows += rows
        self._tail_bytes += len(chunk)
        while (left := self._tail_rows - self._tail[0][0]) >= 2 and (
            left > STRICT_ROWS + 2 or self._tail_bytes - len(self._tail[0][1]) > ENDS
        ):
            gone, dropped = self._tail.popleft()
            self._tail_rows -= gone
            self._tail_bytes -= len(dropped)

    def check(self, columns: int, frame: Frame | None) -> None:
        """Parse what was kept. Raises Trouble."""
        if frame is None:
            if self._open:
                _parsed(self.head, self.name)
            return
        if self.rows != frame.all_rows:
            raise damaged(f"{self.name} holds {self.rows:,} rows where {frame.all_rows:,} were written.")
        if self._open:
            found = _parsed(self.head, self.name).iterfind(f"{MAIN}sheetData/{MAIN}row")
            if frame.all_rows:
                _check_rows(list(found), columns, self.name, totals=frame.totals)
            return
        cut = -1
        for _ in range(STRICT_ROWS + frame.header):
            cut = self.head.find(ROW_END, cut + 1)
            if cut < 0:
                break
        head = self.head[: cut + len(ROW_END)] if cut >= 0 else self.head[: self.head.rfind(ROW_END) + len(ROW_END)]
        first = _rows(head + CLOSING, self.name)
        _check_rows(first, columns, self.name, totals=frame.totals and len(first) == frame.all_rows)
        tail = b"".join(chunk for _, chunk in self._tail)
        start = len(tail)
        for _ in range(STRICT_ROWS + frame.totals + 1):
            before = tail.rfind(ROW_END, 0, start)
            if before < 0:
                break
            start = before
        last = _rows(OPENING + tail[start + len(ROW_END) :], self.name)
        _check_rows(last, columns, self.name, totals=frame.totals)


def _rows(xml: bytes, name: str) -> list[Element]:
    return _parsed(xml, name).findall(f"{MAIN}sheetData/{MAIN}row")


def _inflated(file: BinaryIO, info: zipfile.ZipInfo) -> Iterator[bytes]:
    """A member's content in chunks, its length and CRC checked at the end."""
    file.seek(info.header_offset)
    header = LOCAL_HEADER.unpack(file.read(LOCAL_HEADER.size))
    file.seek(header[-2] + header[-1], 1)
    left, size, crc = info.compress_size, 0, 0
    inflater = isal_zlib.decompressobj(-15)
    while left:
        data = file.read(min(CHUNK, left))
        if not data:
            raise EOFError(f"{info.filename} ends early")
        left -= len(data)
        while data:
            chunk = inflater.decompress(data, INFLATED)
            data = inflater.unconsumed_tail
            size, crc = size + len(chunk), isal_zlib.crc32(chunk, crc)
            if chunk:
                yield chunk
    if rest := inflater.flush():
        size, crc = size + len(rest), isal_zlib.crc32(rest, crc)
        yield rest
    if not inflater.eof or (size, crc) != (info.file_size, info.CRC):
        raise damaged(f"{info.filename} does not match its checksum.")


def _parsed(xml: bytes, name: str) -> Element:
    """XML whose hash was found to be that of what we wrote: no stranger's, so the fast parser may read it."""
    try:
        return fromstring(xml)
    except (ParseError, ValueError) as trouble:
        raise damaged(f"{name} cannot be parsed ({trouble}).") from trouble


def _check_rows(rows: list[Element], columns: int, name: str, *, totals: bool = False) -> None:
    """Every row has one cell a column, every cell a value its type allows; a formula stands in a totals row only."""
    if not rows:
        raise damaged(f"{name} has no rows where it should.")
    for row in rows:
        may_compute = totals and row is rows[-1]
        if len(row) != columns:
            raise damaged(f"a row of {name} has {len(row)} cells where there are {columns} columns.")
        for cell in row:
            if cell.tag != f"{MAIN}c" or not _sound(cell, may_compute):
                raise damaged(f"{name} has a cell no reader would accept.")


def _sound(cell: Element, may_compute: bool) -> bool:
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
