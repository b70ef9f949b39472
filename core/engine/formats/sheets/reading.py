"""Reading a finished workbook again, quickly: the zip, every member's hash, every row counted, both ends of a sheet kept.

Members are inflated by ISA-L and looked at in passing; nothing is held but the current chunk and the ends of each sheet.
"""

from __future__ import annotations

import hashlib
import struct
import zipfile
import zlib
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO, cast
from xml.etree.ElementTree import Element, ParseError, fromstring

from isal import isal_zlib

from core.engine.formats.base import Written
from core.engine.formats.reading import STRICT_ROWS, Digest, damaged
from core.engine.zipping import RAW_DEFLATE

NOT_DEFLATED = cast(type[Exception], isal_zlib.error)  # its stub calls the class an instance
CHUNK = 1 << 18  # compressed bytes read at a time
INFLATED = 1 << 22  # bytes inflated at a time, at most
ENDS = 4 << 20  # bytes of XML kept of either end of a sheet, where 200 rows are more; never less than a row
LOCAL_HEADER = struct.Struct("<4s5H3I2H")  # APPNOTE 4.3.7


@dataclass(frozen=True)
class Frame:
    """What is known of one sheet of rows: how many, which rows stand round them, how many cells each has."""

    rows: int
    header: bool
    totals: bool
    columns: int

    @property
    def all_rows(self) -> int:
        return self.rows + self.header + self.totals


Pieces = Iterator[bytes]
Visit = Callable[[str, Pieces], None]  # a member's name, and its content: pieces that end where a tag ends


def read(content: BinaryIO, written: Written, needed: frozenset[str], visit: Visit) -> None:
    """Check the zip and every hash, and show every member to `visit`. Raises Trouble where it is not what was written."""
    digest = hashlib.sha256()
    content.seek(0)
    while chunk := content.read(CHUNK):
        digest.update(chunk)
    if digest.hexdigest() != written.sha256:
        raise damaged("its bytes are not the bytes that were written.")
    try:
        with zipfile.ZipFile(content) as archive:
            names = archive.namelist()
            if len(set(names)) != len(names) or set(names) != set(written.members) or not set(names) >= needed:
                raise damaged("parts of the workbook are missing or twice there.")
            for info in archive.infolist():
                member = _Member(content, info)
                visit(info.filename, member.pieces())
                if member.sha256 != written.members[info.filename]:
                    raise damaged(f"{info.filename} is not what was written.")
    except (zipfile.BadZipFile, zlib.error, NOT_DEFLATED, struct.error, EOFError) as trouble:
        raise damaged(f"it is not a whole workbook ({trouble}).") from trouble


class _Member:
    """One member of the zip, read once; `sha256` is known when the pieces came to their end."""

    def __init__(self, file: BinaryIO, info: zipfile.ZipInfo) -> None:
        self.file, self.info = file, info
        self.sha256 = ""

    def pieces(self) -> Pieces:
        """The content in pieces that end where a tag ends, so that no tag is ever cut in two."""
        digest, carry = Digest(), b""
        try:
            for chunk in _content(self.file, self.info):
                digest.update(chunk)
                chunk = carry + chunk if carry else chunk
                cut = chunk.rfind(b">") + 1
                carry = chunk[cut:]
                if cut:
                    yield chunk[:cut] if carry else chunk
            if carry:
                yield carry
        finally:
            digest.close()
        self.sha256 = digest.sha256


def _content(file: BinaryIO, info: zipfile.ZipInfo) -> Iterator[bytes]:
    """A member's content in chunks, its length and CRC checked at the end."""
    file.seek(info.header_offset)
    header = LOCAL_HEADER.unpack(file.read(LOCAL_HEADER.size))
    file.seek(header[-2] + header[-1], 1)
    left, size, crc = info.compress_size, 0, 0
    inflater = isal_zlib.decompressobj(RAW_DEFLATE) if info.compress_type == zipfile.ZIP_DEFLATED else None
    while left:
        data = file.read(min(CHUNK, left))
        if not data:
            raise EOFError(f"{info.filename} ends early")
        left -= len(data)
        while data:
            chunk, data = (inflater.decompress(data, INFLATED), inflater.unconsumed_tail) if inflater else (data, b"")
            size, crc = size + len(chunk), isal_zlib.crc32(chunk, crc)
            if chunk:
                yield chunk
    if inflater and (rest := inflater.flush()):
        size, crc = size + len(rest), isal_zlib.crc32(rest, crc)
        yield rest
    if (inflater and not inflater.eof) or (size, crc) != (info.file_size, info.CRC):
        raise damaged(f"{info.filename} does not match its checksum.")


class SheetEnds:
    """One sheet as it goes by: its rows counted, its first and last rows kept as XML."""

    def __init__(self, row_end: bytes, strict: int = STRICT_ROWS) -> None:
        """`row_end` is the tag that ends every row; `strict` rows are kept of either end."""
        self.row_end, self.strict = row_end, strict
        self.rows = 0
        self.head = b""
        self.whole = True  # whether the head still grows: all that came is in it
        self._tail: deque[tuple[int, bytes]] = deque()  # (row ends, piece)
        self._tail_rows = self._tail_bytes = 0

    def feed(self, piece: bytes) -> None:
        rows = piece.count(self.row_end)
        if self.whole:
            self.head += piece
            self.whole = self.rows + rows <= self.strict + 1 and (len(self.head) < ENDS or self.rows + rows < 3)
        self.rows += rows
        self._tail.append((rows, piece))
        self._tail_rows += rows
        self._tail_bytes += len(piece)
        while (left := self._tail_rows - self._tail[0][0]) >= 2 and (
            left > self.strict + 2 or self._tail_bytes - len(self._tail[0][1]) > ENDS
        ):
            gone, dropped = self._tail.popleft()
            self._tail_rows -= gone
            self._tail_bytes -= len(dropped)

    def first(self, rows: int) -> bytes:
        """The XML from the sheet's beginning to the end of that row, or of the last one kept."""
        cut = -1
        for _ in range(rows):
            found = self.head.find(self.row_end, cut + 1)
            if found < 0:
                break
            cut = found
        return self.head[: cut + len(self.row_end)] if cut >= 0 else self.head

    def last(self, rows: int) -> bytes:
        """The XML of at most so many last rows, to the sheet's end."""
        tail = b"".join(piece for _, piece in self._tail)
        start = len(tail)
        for _ in range(rows + 1):
            before = tail.rfind(self.row_end, 0, start)
            if before < 0:
                break
            start = before
        return tail[start + len(self.row_end) :]


@dataclass(frozen=True)
class Markup:
    """How the XML of one kind of sheet is looked at: what stands round loose rows, where rows are, what a cell may be."""

    row_end: bytes
    opening: bytes  # makes XML of rows that lost their beginning
    closing: bytes  # … and their end
    rows: Callable[[Element], list[Element]]
    cell: Callable[[Element, bool], bool]  # whether a reader would accept it; True: it may be computed
    header_end: bytes = b""  # what may follow the header row


def check_sheet(name: str, sheet: SheetEnds, frame: Frame, markup: Markup) -> None:
    """Count and strictly parse what was kept of a sheet. Raises Trouble."""
    if sheet.rows != frame.all_rows:
        raise damaged(f"{name} holds {sheet.rows:,} rows where {frame.all_rows:,} were written.")
    if sheet.whole:
        found = markup.rows(parsed(sheet.head, name))
        if frame.all_rows:
            _check_rows(found, frame, name, markup, totals=frame.totals)
        return
    first = markup.rows(parsed(sheet.first(sheet.strict + frame.header) + markup.closing, name))
    _check_rows(first, frame, name, markup, totals=frame.totals and len(first) == frame.all_rows)
    tail = sheet.last(sheet.strict + frame.totals).removeprefix(markup.header_end)
    last = markup.rows(parsed(markup.opening + tail, name))
    _check_rows(last, frame, name, markup, totals=frame.totals)


def parsed(xml: bytes, name: str) -> Element:
    """XML whose file was found to be what we wrote: no stranger's, so the fast parser may read it. Raises Trouble."""
    try:
        return fromstring(xml)
    except (ParseError, ValueError) as trouble:
        raise damaged(f"{name} cannot be parsed ({trouble}).") from trouble


def _check_rows(rows: list[Element], frame: Frame, name: str, markup: Markup, *, totals: bool) -> None:
    """Every row has one cell a column, every cell a value its type allows; a formula stands in a totals row only."""
    if not rows:
        raise damaged(f"{name} has no rows where it should.")
    for row in rows:
        if len(row) != frame.columns:
            raise damaged(f"a row of {name} has {len(row)} cells where there are {frame.columns} columns.")
        may_compute = totals and row is rows[-1]
        if not all(markup.cell(cell, may_compute) for cell in row):
            raise damaged(f"{name} has a cell no reader would accept.")
