"""Helpers for the tests of PDF files: make one from values, read it back by readers that are not ours."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pikepdf
import pypdf

from core.engine.formats.base import Context, Part, Section, Written
from core.engine.formats.pdf import FORMAT
from core.engine.formats.pdf.options import PdfOptions
from core.engine.rendering import OutColumn
from tests.core.engine.formats.xlsx.workbooks import rows_of

NOW = datetime(2026, 10, 31, 7, 8, 9, tzinfo=UTC)
BFCHAR = re.compile(rb"<([0-9a-f]{4})> <([0-9a-f]*)>")


@dataclass(frozen=True)
class Made:
    """A PDF just written, and what its writer said of it."""

    path: Path
    written: Written
    columns: tuple[OutColumn, ...]

    def verified(self) -> int:
        with open(self.path, "rb") as file:
            return FORMAT.verify(file, self.written, self.columns, None)

    @property
    def reader(self) -> pypdf.PdfReader:
        return pypdf.PdfReader(self.path)

    @property
    def text(self) -> str:
        return "\n".join(page.extract_text() for page in self.reader.pages)

    def pages(self) -> list[list[str]]:
        """The lines of every page as pypdf reads them."""
        return [page.extract_text().splitlines() for page in self.reader.pages]

    def rows(self, page: int) -> list[list[str]]:
        """The texts of every data row on a page, line by line in the order they are drawn, as qpdf and the font maps say."""
        with pikepdf.open(self.path) as document:
            return [[text for _, text in cells] for cells in _marked(document.pages[page])]

    def places(self, page: int) -> list[list[tuple[float, str]]]:
        """The same with where each text begins, in points from the left."""
        with pikepdf.open(self.path) as document:
            return _marked(document.pages[page])

    def outline(self) -> list[Any]:
        """The titles of the outline, nested as it is."""

        def titles(entries: Iterable[Any]) -> list[Any]:
            return [titles(entry) if isinstance(entry, list) else entry.title for entry in entries]

        return titles(self.reader.outline)

    def codes(self) -> dict[str, int]:
        return {note.code: note.count for note in self.written.notes}


def _marked(page: pikepdf.Page) -> list[list[tuple[float, str]]]:
    """What stands between /Row or /RowPart and EMC: where each text begins, and what its codes stand for."""
    maps = {
        name: {
            m[1]: bytes.fromhex(m[2].decode()).decode("utf-16-be") for m in BFCHAR.finditer(font.ToUnicode.read_bytes())
        }
        for name, font in page.Resources.Font.items()
    }
    rows: list[list[tuple[float, str]]] = []
    texts: dict[bytes, str] = {}
    inside = False
    for instruction in pikepdf.parse_content_stream(page):
        operands: Any = instruction.operands
        operator = str(instruction.operator)
        match operator:
            case "BMC":
                inside = str(operands[0]) in ("/Row", "/RowPart")
                if inside:
                    rows.append([])
            case "EMC":
                inside = False
            case "Tf":
                texts = maps[str(operands[0])]
            case "Tm" if inside:
                rows[-1].append((float(operands[4]), ""))
            case "Tj" | "TJ" if inside:
                strings = operands if operator == "Tj" else [o for o in operands[0] if isinstance(o, pikepdf.String)]
                codes = b"".join(bytes(string) for string in strings).hex().encode()
                x, text = rows[-1][-1]
                rows[-1][-1] = (x, text + "".join(texts[codes[i : i + 4]] for i in range(0, len(codes), 4)))
    return rows


def pdf(
    path: Path,
    columns: Sequence[OutColumn],
    values: Iterable[Sequence[Any]],
    *,
    parts: Sequence[Part] = (),
    title: str = "Test",
    zone: str = "UTC",
    **options: Any,
) -> Made:
    """Write a PDF from values; it has passed its own check when it is returned."""
    with rows_of(columns, values, zone) as rows:
        section = Section(rows, tuple(parts) or (Part(title, rows.count),))
        context = Context(title, (), NOW, zone)
        written = FORMAT.write_sections([section], path, PdfOptions(**options), context)
    made = Made(path, written, tuple(columns))
    assert made.verified() == written.rows
    return made
