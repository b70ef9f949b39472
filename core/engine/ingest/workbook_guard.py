"""What a workbook may be before any reader opens it: hostile ones kill readers by memory, so they are refused by their bytes.

A 4 KB file with one cell at XFD1048576 and a 5 MB file that unpacks to 2 GB both end calamine by SIGABRT. So the zip
directory is checked first, then every part is unpacked block by block: real bytes are counted, document type definitions
are refused (ECMA-376 part 2 forbids them), and the area a sheet's filled cells span is measured.
"""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

from core.errors import BadFile

MAX_UNPACKED = 2 << 30  # bytes of all parts together
MAX_RATIO = 200  # unpacked to packed bytes of one part …
SMALL = 10 << 20  # … once it passes this many bytes: a short part of blanks harms nobody
MAX_ENTRIES = 10_000
MAX_AREA = 100_000_000  # cells a sheet may span: a reader holds about 24 bytes for each
SPARSE_AREA = 5_000_000  # from here on a sheet must also be filled …
MIN_FILLED = 0.01  # … by this share, or one stray cell far away makes it so large
BLOCK = 1 << 20
XML_ENDINGS = (".xml", ".rels", ".vml")
NEXT_STEP = "Open it in a spreadsheet program, copy the table into a new workbook, and upload that."
DTD = tuple(mark.encode(codec) for mark in ("<!DOCTYPE", "<!ENTITY") for codec in ("ascii", "utf-16-le", "utf-16-be"))


def refused(name: str, reason: str) -> BadFile:
    return BadFile(f"“{name}” was not opened: {reason}", NEXT_STEP)


def check_directory(path: Path, name: str) -> None:
    """Refuse what the zip directory itself gives away. Cheap: nothing is unpacked. Raises BadFile."""
    try:
        with zipfile.ZipFile(path) as archive:
            infos = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError):
        raise BadFile(f"“{name}” is damaged: its parts cannot be listed.", "Save it again and upload that.") from None
    if len(infos) > MAX_ENTRIES:
        raise refused(name, f"it holds more than {MAX_ENTRIES:,} parts.")
    if any(info.flag_bits & 1 for info in infos):
        raise BadFile(f"“{name}” is protected with a password.", "Save it without a password and upload that.")
    if sum(info.file_size for info in infos) > MAX_UNPACKED:
        raise refused(name, "it says it unpacks to more than 2 GB.")
    if len({info.filename for info in infos}) < len(infos):
        raise refused(name, "two of its parts have the same name.")
    for info in infos:
        if info.file_size > SMALL and info.file_size > MAX_RATIO * max(info.compress_size, 1):
            raise refused(name, f"a part of it unpacks to more than {MAX_RATIO} times its size.")


class Bytes:
    """The real bytes of a workbook, counted over all its parts."""

    def __init__(self, name: str) -> None:
        self.name, self.all = name, 0

    def part(self, archive: zipfile.ZipFile, info: zipfile.ZipInfo, limit: int | None = None) -> Iterator[bytes]:
        """Unpack one part in blocks, refusing it in the act. Raises BadFile."""
        here = 0
        tail = b""
        is_xml = info.filename.lower().endswith(XML_ENDINGS)
        try:
            with archive.open(info) as file:
                while block := file.read(BLOCK):
                    here += len(block)
                    self.all += len(block)
                    if self.all > MAX_UNPACKED:
                        raise refused(self.name, "it unpacks to more than 2 GB.")
                    if here > SMALL and here > MAX_RATIO * max(info.compress_size, 1):
                        raise refused(self.name, f"a part of it unpacks to more than {MAX_RATIO} times its size.")
                    seen = tail + block
                    if is_xml and any(mark in seen for mark in DTD):
                        raise refused(self.name, "it holds a document type definition, which no spreadsheet needs.")
                    tail = block[-32:]
                    yield block
                    if limit is not None and here >= limit:
                        return
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError):
            raise BadFile(f"“{self.name}” is damaged: a part of it cannot be unpacked.", "Save it again.") from None


def check_area(name: str, sheet: str, rows: int, columns: int, filled: int, far: str = "") -> None:
    """Refuse a sheet whose filled cells span an area no reader can hold. Raises BadFile naming the sheet."""
    area = rows * columns
    if area > MAX_AREA or (area > SPARSE_AREA and filled < MIN_FILLED * area):
        stray = (
            f", because something stands far away{f' in {far}' if far else ''}" if filled < MIN_FILLED * area else ""
        )
        raise refused(name, f"the sheet “{sheet}” spans {rows:,} rows by {columns:,} columns{stray}.")
