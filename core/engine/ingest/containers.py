"""What an upload really is: a plain file, one inside .gz, or several inside .zip; unpacked to scratch, counted as it goes.

A packed file is refused once its real bytes say it is a bomb: what a directory declares is not believed. Members are stored
under numbers of ours, never under their own names.
"""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, cast

from isal import igzip

from core.errors import BadFile

FORMATS = {
    "csv": "csv", "tsv": "csv", "tab": "csv", "txt": "csv", "psv": "csv", "asc": "csv", "dat": "csv",
    "xlsx": "xlsx", "xlsm": "xlsm", "xltx": "xlsx", "xltm": "xlsm", "xlsb": "xlsb", "xls": "xls", "xlt": "xls", "ods": "ods",
    "json": "json", "geojson": "json", "jsonl": "jsonl", "ndjson": "jsonl", "parquet": "parquet", "pq": "parquet",
}  # fmt: skip
WORKBOOKS = frozenset({"xlsx", "xlsm", "xlsb", "xls", "ods"})
KNOWN = "CSV, Excel (xlsx, xlsm, xlsb, xls), ODS, JSON, JSON Lines and Parquet, also inside .gz or .zip"

MAX_ENTRIES = 10_000
MAX_RATIO = 200  # unpacked to packed bytes; refused only past SMALL, since a short file of zeros harms nobody
SMALL = 64 << 20  # bytes
MAX_UNPACKED = 64 << 30  # bytes
BLOCK = 1 << 20
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


@dataclass(frozen=True)
class Member:
    """One file to read: where it lies unpacked, its own name, what it is and what it was packed in."""

    path: Path
    name: str
    format: str
    compression: str | None = None
    member: str | None = None

    @property
    def stem(self) -> str:
        return stem(self.name)


def stem(name: str) -> str:
    """A file's name without folders and without the endings we know: "a/report.csv.gz" → "report"."""
    base = PurePosixPath(name.replace("\\", "/")).name or name
    parts = base.split(".")
    while len(parts) > 1 and parts[-1].lower() in {*FORMATS, "gz", "zip"}:
        parts.pop()
    return ".".join(parts).strip() or base


def ending(name: str) -> str:
    return name.rsplit(".", 1)[-1].lower() if "." in name else ""


def members(path: Path, name: str, scratch: Path, unpacked: Callable[[int], None] = lambda n: None) -> Iterator[Member]:
    """Every readable file of an upload, one at a time; the unpacked copy of one is removed before the next.

    Raises BadFile for a bomb, an encrypted or broken archive, an unknown kind, or an archive without anything readable.
    """
    with path.open("rb") as file:
        head = file.read(4096)
    if not head:
        raise BadFile(f"“{name}” is empty.", "Check the file and upload it again.")
    if head[:2] == b"\x1f\x8b":
        yield from _gunzipped(path, name, scratch, unpacked)
    elif head[:4] in (b"PK\x03\x04", b"PK\x05\x06"):
        kind = _workbook_kind(path, name)
        if kind is None:
            yield from _unzipped(path, name, scratch, unpacked)
        else:
            yield Member(path, name, kind)
    else:
        yield Member(path, name, kind_of(head, name))


def kind_of(head: bytes, name: str) -> str:
    """What a file is, by its first bytes and then by its ending. Raises BadFile for kinds that hold no table."""
    by_name = FORMATS.get(ending(name))
    if head[:4] == b"PAR1":
        return "parquet"
    if head[:8] == OLE:
        return "xls"
    for mark, words in ((b"%PDF", "a PDF"), (b"\x89PNG", "a picture"), (b"\xff\xd8\xff", "a picture"), (b"GIF8", "a picture"),
                        (b"7z\xbc\xaf", "a 7-Zip archive"), (b"Rar!", "a RAR archive"), (b"SQLite format 3", "a database"),
                        (b"\x7fELF", "a program"), (b"MZ\x90", "a program")):  # fmt: skip
        if head.startswith(mark):
            raise BadFile(f"“{name}” is {words}, not a table.", f"These can be read: {KNOWN}.")
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    if text[:1] == b"<" and (b"<html" in text[:1000].lower() or b"<table" in text[:4000].lower()):
        raise BadFile(
            f"“{name}” is a web page, not a table.", "Open it in a spreadsheet program and save it as XLSX or CSV."
        )
    if text[:5] == b"<?xml":
        raise BadFile(f"“{name}” is XML, which cannot be read yet.", "Save it as XLSX or CSV and upload that.")
    if by_name == "parquet":
        raise BadFile(f"“{name}” is called Parquet but is not.", "Check the file and upload it again.")
    if by_name in WORKBOOKS:
        return "csv"  # text that somebody named .xls: read as what it is, and said in a note
    if by_name is not None:
        return by_name
    if text[:1] in (b"{", b"["):
        return "jsonl" if text[:1] == b"{" and b"\n{" in text.replace(b"\r", b"") else "json"
    return "csv"


def _workbook_kind(path: Path, name: str) -> str | None:
    """Which workbook a zip is, by what lies inside it; None for an ordinary archive."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = {info.filename.lower() for info in archive.infolist()[: MAX_ENTRIES + 1]}
            if "xl/workbook.bin" in names:
                return "xlsb"
            if "[content_types].xml" in names and any(n.startswith("xl/") for n in names):
                return "xlsm" if ending(name) in ("xlsm", "xltm") else "xlsx"
            if "content.xml" in names and "mimetype" in names:
                return "ods"
            if "[content_types].xml" in names or ending(name) in WORKBOOKS:
                raise BadFile(f"“{name}” is no spreadsheet.", f"These can be read: {KNOWN}.")
    except zipfile.BadZipFile:
        raise BadFile(
            f"“{name}” is damaged: its contents cannot be listed.", "Save or download it again and upload that."
        ) from None
    return None


class Meter:
    """Counts real bytes as they are unpacked and refuses a bomb in the act."""

    def __init__(self, name: str, packed: int, report: Callable[[int], None]) -> None:
        self.name, self.packed, self.report, self.bytes = name, max(packed, 1), report, 0

    def add(self, count: int) -> None:
        self.bytes += count
        if self.bytes > MAX_UNPACKED or (self.bytes > SMALL and self.bytes > MAX_RATIO * self.packed):
            raise BadFile(
                f"“{self.name}” unpacks to more than {MAX_RATIO} times its size, which no table does.",
                "Unpack it yourself and upload what is inside, if you trust it.",
            )
        self.report(self.bytes)


def _copy(source: IO[bytes], target: Path, meter: Meter) -> None:
    with target.open("wb") as out:
        while block := source.read(BLOCK):
            meter.add(len(block))
            out.write(block)


def _gunzipped(path: Path, name: str, scratch: Path, unpacked: Callable[[int], None]) -> Iterator[Member]:
    inner = name[: -len(".gz")] if ending(name) == "gz" else name
    target = scratch / "unpacked"
    try:
        with cast(IO[bytes], igzip.IGzipFile(path, "rb")) as source:  # type: ignore[no-untyped-call]
            _copy(source, target, Meter(name, path.stat().st_size, unpacked))
    except (EOFError, OSError, zlib.error) as trouble:
        if getattr(trouble, "errno", None):
            raise
        raise BadFile(f"“{name}” is damaged and cannot be unpacked.", "Download or pack it again.") from None
    try:
        yield _unpacked(target, inner, "gzip", None, name)
    finally:
        target.unlink(missing_ok=True)


def _unpacked(target: Path, inner: str, compression: str, member: str | None, outer: str) -> Member:
    with target.open("rb") as file:
        head = file.read(4096)
    if not head:
        raise BadFile(f"“{member or inner}” in “{outer}” is empty.", "Check the file and upload it again.")
    if head[:2] == b"\x1f\x8b":
        raise BadFile(f"“{outer}” is packed twice.", "Unpack it once and upload what is inside.")
    if head[:4] == b"PK\x03\x04":
        kind = _workbook_kind(target, inner)
        if kind is None:
            raise BadFile(f"“{outer}” holds another archive.", "Unpack it once and upload what is inside.")
    else:
        kind = kind_of(head, inner)
    return Member(target, inner, kind, compression, member)


def _unzipped(path: Path, name: str, scratch: Path, unpacked: Callable[[int], None]) -> Iterator[Member]:
    with zipfile.ZipFile(path) as archive:
        infos = [info for info in archive.infolist() if not info.is_dir() and not _debris(info.filename)]
        if len(infos) > MAX_ENTRIES:
            raise BadFile(f"“{name}” holds more than {MAX_ENTRIES:,} files.", "Upload the files that matter.")
        if any(info.flag_bits & 1 for info in infos):
            raise BadFile(f"“{name}” is protected with a password.", "Unpack it yourself and upload what is inside.")
        wanted = [info for info in infos if ending(info.filename) in FORMATS]
        if not wanted:
            raise BadFile(f"“{name}” holds no file that can be read.", f"These can be read: {KNOWN}.")
        meter = Meter(name, path.stat().st_size, unpacked)
        for info in wanted:
            target = scratch / "unpacked"
            inner = PurePosixPath(info.filename.replace("\\", "/")).name
            try:
                with archive.open(info) as source:
                    _copy(source, target, meter)
                yield _unpacked(target, inner, "zip", info.filename, name)
            except (zipfile.BadZipFile, NotImplementedError, zlib.error, EOFError):
                raise BadFile(f"“{inner}” in “{name}” is damaged and cannot be unpacked.", "Pack it again.") from None
            finally:
                target.unlink(missing_ok=True)


def _debris(name: str) -> bool:
    """What macOS and Windows leave in archives."""
    return name.startswith("__MACOSX/") or PurePosixPath(name).name in (".DS_Store", "Thumbs.db", "desktop.ini")
