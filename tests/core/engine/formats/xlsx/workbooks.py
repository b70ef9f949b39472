"""Helpers for the tests of workbooks: make one from values, read it back by readers that are not ours."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterable, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import python_calamine

from core.engine.formats.base import Context, SheetFormat, Written
from core.engine.formats.xlsx import FORMAT
from core.engine.rendering import OutColumn, Rows
from core.engine.session import open_session, quoted
from core.engine.values import Kind

NOW = datetime(2026, 10, 31, 7, 8, 9, tzinfo=UTC)
TYPES = {
    Kind.TEXT: "varchar",
    Kind.NESTED: "varchar",
    Kind.WHOLE: "bigint",
    Kind.FLOAT: "double",
    Kind.YES_NO: "boolean",
    Kind.TIMESTAMP_TZ: "timestamptz",
}


@dataclass(frozen=True)
class Made:
    """A workbook just written, and what its writer said of it."""

    path: Path
    written: Written
    columns: tuple[OutColumn, ...]
    options: Any
    format: SheetFormat

    def verified(self) -> int:
        with open(self.path, "rb") as file:
            return self.format.verify(file, self.written, self.columns, self.options)

    def sheet(self, index: int = 0) -> list[list[Any]]:
        """Every cell as openpyxl sees it, formulas as formulas."""
        book = openpyxl.load_workbook(self.path)
        return [[cell.value for cell in row] for row in book.worksheets[index].iter_rows()]

    def calamine(self, index: int = 0) -> list[list[Any]]:
        book = python_calamine.CalamineWorkbook.from_path(str(self.path))
        return book.get_sheet_by_index(index).to_python(skip_empty_area=False)

    def xml(self, member: str = "xl/worksheets/sheet1.xml") -> str:
        with zipfile.ZipFile(self.path) as archive:
            return archive.read(member).decode()

    def codes(self) -> dict[str, int]:
        """Notes: code → count, over all columns."""
        found: dict[str, int] = {}
        for note in self.written.notes:
            found[note.code] = found.get(note.code, 0) + note.count
        return found


def column(number: int, label: str, kind: Kind, **more: Any) -> OutColumn:
    return OutColumn(f"o{number}", label, kind, **more)


def sql_type(out: OutColumn) -> str:
    if out.kind is Kind.DECIMAL or (out.kind is Kind.WHOLE and out.precision):
        return f"decimal({out.precision}, {out.scale or 0})"
    return TYPES.get(out.kind, out.kind.value)


@contextmanager
def rows_of(columns: Sequence[OutColumn], values: Iterable[Sequence[Any]], zone: str = "UTC"):
    """Rows holding these values, one sequence a row."""
    with open_session(None, memory_mb=500) as connection:
        connection.execute("create table t (" + ", ".join(f"{quoted(c.key)} {sql_type(c)}" for c in columns) + ")")
        many = [list(row) for row in values]
        if many:
            connection.executemany(f"insert into t values ({', '.join('?' * len(columns))})", many)
        yield Rows(connection, "select * from t", [], tuple(columns), len(many), zone)


def make(rows: Rows, path: Path, format: SheetFormat = FORMAT, context: Context | None = None, **options: Any) -> Made:
    chosen = format.Options(**options)
    written = format.write(rows, path, chosen, context or Context("Test", (), NOW))
    return Made(path, written, rows.columns, chosen, format)


def workbook(
    path: Path, columns: Sequence[OutColumn], values: Iterable[Sequence[Any]], zone: str = "UTC", **more: Any
) -> Made:
    """Write a workbook from values; it has passed its own check when it is returned."""
    with rows_of(columns, values, zone) as rows:
        made = make(rows, path, **more)
    assert made.verified() == rows.count
    return made


def decoded(text: str) -> str:
    """What `_xHHHH_` stands for (ECMA-376 22.9.2.19); openpyxl leaves that to its caller."""
    return re.sub(r"_x([0-9A-Fa-f]{4})_", lambda m: chr(int(m[1], 16)), text)


def moment(value: Any) -> Any:
    """A day at midnight as a moment: readers choose by the number's fraction, not by the column."""
    return datetime(value.year, value.month, value.day) if type(value) is date else value
