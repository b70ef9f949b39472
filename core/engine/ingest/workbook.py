"""A workbook's parts: which file holds which sheet, what its bytes say, and a shortened copy to look at quickly.

Whatever opens a workbook goes through `guarded`, so nothing is read that was not checked.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

import xlrd
from defusedxml import ElementTree

from core.engine.ingest import legacy_workbooks, ods, sheet_xml, workbook_guard
from core.engine.ingest.containers import Member
from core.engine.ingest.sheet_xml import SheetFacts
from core.errors import BadFile

HEAD_BYTES = 2 << 20  # of each sheet's XML in a shortened copy
SHORTEN_FROM = 24 << 20  # bytes of all parts: a larger workbook is looked at through a shortened copy
STRINGS_BYTES = 64 << 20


@dataclass
class Book:
    """A checked workbook. `facts(sheet)` is what its bytes say; `path` is what to open (a shortened copy, perhaps)."""

    path: Path
    original: Path
    format: str
    sheets: int = 1
    shortened: bool = False
    known: dict[str, SheetFacts] = field(default_factory=dict)
    shares: dict[str, float] = field(default_factory=dict)  # of each sheet's XML, how much the copy holds

    def facts(self, sheet: str) -> SheetFacts:
        return self.known.get(sheet, SheetFacts())

    def row_estimate(self, sheet: str, first: int, staged: int) -> int:
        """Rows of data in the whole sheet, judged by its beginning."""
        share = self.shares.get(sheet, 1.0)
        seen = max(self.facts(sheet).bottom + 1 - first, staged)
        return round(seen / share) if share else seen

    def openpyxl_rows(self, sheet: str) -> Iterator[list[Any]]:
        """The slow reader, which keeps error values wherever they stand."""
        import openpyxl

        with self.path.open("rb") as file:  # by name it would insist on an ending, which stored files have not
            book = openpyxl.load_workbook(file, read_only=True, data_only=True)
            for row in book[sheet].iter_rows(values_only=True):
                yield ["" if v is None else v for v in row]
            book.close()

    def close(self) -> None:
        if self.shortened:
            self.path.unlink(missing_ok=True)


def guarded(member: Member, scratch: Path, *, sample: bool) -> Book:
    """Check a workbook and measure its sheets; with `sample`, a large one is shortened to its first rows. Raises BadFile."""
    if member.format == "xls":
        return Book(member.path, member.path, "xls", *_xls(member))
    workbook_guard.check_directory(member.path, member.name)
    counted = workbook_guard.Bytes(member.name)
    with zipfile.ZipFile(member.path) as archive:
        parts = _sheet_parts(archive, member, counted)
        large = sum(info.file_size for info in archive.infolist()) > SHORTEN_FROM
        if member.format == "xlsx" or member.format == "xlsm":
            if sample and large:
                return _shortened(archive, parts, member, counted, scratch)
            book = Book(member.path, member.path, member.format, max(1, len(parts)))
            by_part = {part: sheet for sheet, part in parts.items()}
            for info in archive.infolist():
                blocks = counted.part(archive, info)
                if info.filename in by_part:
                    book.known[by_part[info.filename]] = sheet_xml.read(blocks)
                else:
                    _drain(blocks)
            return book
        book = Book(member.path, member.path, member.format, max(1, len(parts)))
        for info in archive.infolist():
            blocks = counted.part(archive, info)
            if member.format == "ods" and info.filename == "content.xml":
                book.known = ods.read(blocks, member.name)
                book.sheets = max(1, len(book.known))
            elif member.format == "xlsb" and info.filename in parts.values():
                sheet = next(s for s, p in parts.items() if p == info.filename)
                book.known[sheet] = legacy_workbooks.xlsb(blocks)
            else:
                _drain(blocks)
        return book


def _drain(blocks: Iterator[bytes]) -> None:
    for _ in blocks:
        pass


def _xls(member: Member) -> tuple[int, bool, dict[str, SheetFacts]]:
    """An old workbook's error cells, by xlrd; its sheets cannot be larger than 65,536 × 256."""
    try:
        facts = legacy_workbooks.xls(member.path)
    except (
        xlrd.XLRDError,
        xlrd.compdoc.CompDocError,
        AssertionError,
        IndexError,
        KeyError,
        ValueError,
        OSError,
        EOFError,
    ):
        return 1, False, {}  # calamine may still read it, or will say why not
    except Exception as trouble:  # struct.error, UnicodeError …: xlrd lets many through
        if isinstance(trouble, MemoryError):
            raise
        return 1, False, {}
    return max(1, len(facts)), False, facts


def _sheet_parts(archive: zipfile.ZipFile, member: Member, counted: workbook_guard.Bytes) -> dict[str, str]:
    """Sheet name → part name, by workbook.xml and its relationships (ECMA-376 part 1, 18.2.19); both namespaces."""
    names = {info.filename for info in archive.infolist()}
    if member.format == "ods":
        return {}
    if member.format == "xlsb":
        return legacy_workbooks.xlsb_parts(archive, counted)
    main = next(
        (n for n in ("xl/workbook.xml", *sorted(n for n in names if n.endswith("/workbook.xml"))) if n in names), None
    )
    if main is None:
        raise BadFile(f"“{member.name}” is damaged: it has no list of sheets.", "Save it again and upload that.")
    folder = PurePosixPath(main).parent
    rels = f"{folder}/_rels/{PurePosixPath(main).name}.rels"
    targets = {}
    if rels in names:
        for rel in _xml(archive, rels, counted, member).iter():
            if _local(rel.tag) == "Relationship":
                targets[rel.get("Id")] = rel.get("Target", "")
    found = {}
    for element in _xml(archive, main, counted, member).iter():
        if _local(element.tag) == "sheet":
            key = next((v for k, v in element.attrib.items() if _local(k) == "id" and k != "id"), None)
            target = targets.get(key, "")
            part = target.lstrip("/") if target.startswith("/") else str(folder / target)
            if part in names:
                found[element.get("name", "")] = part
    return found


def _local(tag: str) -> str:
    return tag.rsplit("}", 1)[-1]


def _xml(archive: zipfile.ZipFile, part: str, counted: workbook_guard.Bytes, member: Member) -> Any:
    data = b"".join(counted.part(archive, archive.getinfo(part)))
    try:
        return ElementTree.fromstring(data, forbid_dtd=True)
    except Exception as trouble:
        if isinstance(trouble, MemoryError):
            raise
        raise BadFile(
            f"“{member.name}” is damaged: {part} is not well-formed.", "Save it again and upload that."
        ) from None


def _shortened(
    archive: zipfile.ZipFile, parts: dict[str, str], member: Member, counted: workbook_guard.Bytes, scratch: Path
) -> Book:
    """A small workbook of the first rows of every sheet, so that a look at a large one stays quick and small."""
    book = Book(scratch / "beginning.xlsx", member.path, member.format, max(1, len(parts)), shortened=True)
    by_part = {part: sheet for sheet, part in parts.items()}
    needed = 0
    with zipfile.ZipFile(book.path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as out:
        for info in archive.infolist():
            name = info.filename
            if name in by_part:
                head = b"".join(counted.part(archive, info, HEAD_BYTES))
                body, share = _cut(head, info.file_size)
                sheet = by_part[name]
                book.known[sheet], book.shares[sheet] = sheet_xml.read([body]), share
                indexes = re.findall(rb't="s"[^>]*>\s*<(?:\w+:)?v>(\d+)<', body)
                needed = max(needed, *(int(i) + 1 for i in indexes), 0)
                out.writestr(name, body)
        for info in archive.infolist():
            name = info.filename.lower()
            if info.filename in by_part:
                continue
            if name.endswith("sharedstrings.xml"):
                out.writestr(info.filename, _strings(counted.part(archive, info), needed))
            elif name.endswith((".xml", ".rels")) and not re.search(
                r"pivot|drawing|comment|chart|calcchain|query", name
            ):
                out.writestr(info.filename, b"".join(counted.part(archive, info)))
    return book


def _cut(head: bytes, size: int) -> tuple[bytes, float]:
    """A sheet's XML after the last whole row of its head, closed again; and the share of the sheet it holds."""
    if len(head) >= size:
        return head, 1.0
    last = max(head.rfind(b"</row>"), head.rfind(b":row>"))
    if last < 0:
        return head, len(head) / max(size, 1)
    end = head.index(b">", last) + 1
    tag = re.search(rb"</((?:\w+:)?)row>$", head[:end])
    prefix = tag[1] if tag else b""
    return head[:end] + b"</" + prefix + b"sheetData></" + prefix + b"worksheet>", end / max(size, 1)


def _strings(blocks: Iterator[bytes], needed: int) -> bytes:
    """The first `needed` shared strings; strings are numbered in order of their first use."""
    data = b""
    ends: list[int] = []
    at = 0
    closing = re.compile(rb"</(?:\w+:)?si>|<(?:\w+:)?si\s*/>")
    for block in blocks:
        data += block
        for m in closing.finditer(data, at):
            ends.append(m.end())
            at = m.end()
        if len(ends) >= needed and needed:
            break
        if len(data) > STRINGS_BYTES:
            break
    else:
        return data
    end = ends[min(needed, len(ends)) - 1] if needed and ends else (ends[0] if ends else 0)
    prefix = re.search(rb"<((?:\w+:)?)sst\b", data)
    return data[:end] + b"</" + (prefix[1] if prefix else b"") + b"sst>"
