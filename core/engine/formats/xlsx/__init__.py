"""Excel workbooks (ECMA-376 SpreadsheetML), written by DuckDB and read by Excel, LibreOffice, openpyxl and calamine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, BinaryIO

from core.engine.formats.base import Context, Section, SheetFormat, Written
from core.engine.formats.sheets.options import SheetOptions
from core.engine.formats.xlsx import lock, verify, workbook
from core.engine.formats.xlsx.cells import EXCEL
from core.engine.rendering import OutColumn


class Xlsx(SheetFormat):
    name = "xlsx"
    label = "Excel"
    about = "A workbook for Excel, LibreOffice or Google Sheets, with real dates and numbers."
    extension = "xlsx"
    media_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    packed = True
    lockable = True
    view = "workbook"
    Options = SheetOptions

    def __init__(self, sheet_rows: int = EXCEL.sheet_rows) -> None:
        """`sheet_rows`: rows one sheet may hold, header and totals included."""
        self.reach = replace(EXCEL, sheet_rows=sheet_rows)

    def write_sections(self, sections: Sequence[Section], path: Path, options: Any, context: Context) -> Written:
        return workbook.write(sections, path, options, context, self.reach)

    def verify(self, content: BinaryIO, written: Written, columns: tuple[OutColumn, ...], options: Any) -> int:
        return verify.verify(content, written)

    def lock(self, path: Path, locked: Path, password: str) -> None:
        lock.lock(path, locked, password)

    def unlock(self, locked: Path, path: Path, password: str) -> None:
        lock.unlock(locked, path, password)


FORMAT = Xlsx()
