"""Excel workbooks (ECMA-376 SpreadsheetML), written by DuckDB and read by Excel, LibreOffice, openpyxl and calamine."""

from __future__ import annotations

from pathlib import Path
from typing import Any, BinaryIO

from core.engine.formats.base import Context, Format, Written
from core.engine.formats.xlsx import verify, workbook
from core.engine.formats.xlsx.options import XlsxOptions
from core.engine.rendering import OutColumn, Rows


class Xlsx(Format):
    name = "xlsx"
    label = "Excel"
    about = "A workbook for Excel, LibreOffice or Google Sheets, with real dates and numbers."
    extension = "xlsx"
    media_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    packed = True
    Options = XlsxOptions

    def __init__(self, sheet_rows: int = workbook.SHEET_ROWS) -> None:
        """`sheet_rows`: rows one sheet may hold, header and totals included."""
        self.sheet_rows = sheet_rows

    def write(self, rows: Rows, path: Path, options: Any, context: Context) -> Written:
        return workbook.write(rows, path, options, context, self.sheet_rows)

    def verify(self, content: BinaryIO, written: Written, columns: tuple[OutColumn, ...], options: Any) -> int:
        return verify.verify(content, written, len(columns))


FORMAT = Xlsx()
