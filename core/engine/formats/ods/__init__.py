"""OpenDocument spreadsheets (ISO/IEC 26300), written by DuckDB and read by LibreOffice, Excel, Google Sheets and calamine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, BinaryIO

from core.engine.formats.base import Context, Section, SheetFormat, Written
from core.engine.formats.ods import document, verify, workbook
from core.engine.formats.ods.cells import LIBREOFFICE
from core.engine.formats.sheets.options import SheetOptions
from core.engine.rendering import OutColumn


class Ods(SheetFormat):
    name = "ods"
    label = "OpenDocument"
    about = "A spreadsheet for LibreOffice and for offices that ask for an open standard; Excel opens it too."
    extension = "ods"
    media_type = document.MEDIA_TYPE
    packed = True
    view = "spreadsheet"
    Options = SheetOptions

    def __init__(self, sheet_rows: int = LIBREOFFICE.sheet_rows) -> None:
        """`sheet_rows`: rows one sheet may hold, header and totals included."""
        self.reach = replace(LIBREOFFICE, sheet_rows=sheet_rows)

    def write_sections(self, sections: Sequence[Section], path: Path, options: Any, context: Context) -> Written:
        return workbook.write(sections, path, options, context, self.reach)

    def verify(self, content: BinaryIO, written: Written, columns: tuple[OutColumn, ...], options: Any) -> int:
        return verify.verify(content, written)


FORMAT = Ods()
