"""PDF: pages to print, send or file, in every script, with titles, groups and totals.

options.py      what a person may choose
survey.py       what the database is asked: widest values, sums, the rows as texts
layout.py       paper, size of type, widths of columns
typefaces.py    which typeface has a character
bidi.py         text from right to left
typesetting.py  text into lines: shaping and wrapping
fonts.py        the fonts inside the document
document.py     ReportLab, with pages written as they come
pages.py        what stands on a page
writer.py       the order of things
verify.py       reading it again;  lock.py  its password
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO, ClassVar

from core.engine.formats.base import Context, Section, SheetFormat, Written
from core.engine.formats.pdf import lock, verify, writer
from core.engine.formats.pdf.options import PdfOptions
from core.engine.formats.pdf.survey import grouping
from core.engine.rendering import OutColumn
from core.errors import BadSpec

MOST_COLUMNS = 250  # some twenty pages side by side: more is no document


class Pdf(SheetFormat):
    name, label, extension, media_type = "pdf", "PDF", "pdf", "application/pdf"
    about = "Pages to print or send: titles, groups, totals, in every script."
    packed = True
    tables = "sections"
    lockable = True
    view = "picture"
    values: ClassVar[Mapping[str, str]] = {
        "text": "as it is, wrapped where the column is narrow; a character without a letter shape is a box, counted",
        "numbers": "all digits, or the column's display format; to the right",
        "NaN, infinity": "`NaN`, `Infinity`; a column that holds one has no total, and a note says so",
        "dates and times": "`2026-10-31 08:05:00`, or as you ask; where there is a zone, with the workspace's offset",
        "missing values, empty text": "nothing",
        "lists and objects": "JSON text",
    }
    Options = PdfOptions

    def check(self, columns: tuple[OutColumn, ...], options: Any) -> None:
        grouping(columns, options)
        if len(columns) > MOST_COLUMNS:
            raise BadSpec(
                f"This export has {len(columns):,} columns; a PDF shows at most {MOST_COLUMNS}.",
                "Choose fewer columns, or another format such as Excel or CSV.",
                field="columns",
            )

    def write_sections(self, sections: Sequence[Section], path: Path, options: Any, context: Context) -> Written:
        return writer.write(sections, path, options, context)

    def verify(self, content: BinaryIO, written: Written, columns: tuple[OutColumn, ...], options: Any) -> int:
        return verify.verify(content, written)

    def lock(self, path: Path, locked: Path, password: str) -> None:
        lock.lock(path, locked, password)

    def unlock(self, locked: Path, path: Path, password: str) -> None:
        lock.unlock(locked, path, password)


FORMAT = Pdf()
