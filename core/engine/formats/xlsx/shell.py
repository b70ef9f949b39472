"""Everything of a workbook but its rows: styles, widths, frozen header, filter, properties. openpyxl saves it, once.

Rows are streamed between the two halves of each sheet. The number of rows is known beforehand, so the halves are final.
"""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from core.engine.formats.base import Context
from core.engine.formats.sheets.looks import ABOUT_WIDTHS, BAND, INK, LINE, RULE, Look, about_lines
from core.engine.formats.sheets.options import SheetOptions
from core.engine.formats.sheets.plan import ABOUT, Plan, PlannedPart, PlannedSection, PlannedSheet
from core.engine.formats.xlsx.cells import computed_cell, empty_cell, text_cell

FONT = "Calibri"
SHEET_DATA = re.compile(rb"<sheetData\s*/>|<sheetData>.*?</sheetData>", re.S)
FILTER = re.compile(rb'<autoFilter ref="[^"]*"')
DIMENSION = re.compile(rb"<dimension[^>]*/>")
MODIFIED = re.compile(rb"(<dcterms:modified[^>]*>)[^<]*(</dcterms:modified>)")


@dataclass(frozen=True)
class Sheet:
    """One sheet to be written: `head`, `header`, its `rows` rows, `footer`, `tail`."""

    member: str  # its name in the zip
    rows: int
    head: bytes
    tail: bytes
    header: bytes = b""
    footer: bytes = b""


@dataclass(frozen=True)
class DressedSection:
    sheets: tuple[Sheet, ...]
    styles: tuple[int, ...]  # the style index of each column's cells


@dataclass(frozen=True)
class Shell:
    sections: tuple[DressedSection, ...]
    parts: tuple[tuple[str, bytes], ...]  # every other member of the zip, in order


def build(planned: Plan, options: SheetOptions, context: Context) -> Shell:
    """The shell of a workbook whose sheets hold the rows planned."""
    book = Workbook()
    book.remove(book.worksheets[0])
    book.properties.creator = "Export Desk"
    book.properties.title = re.sub(r"[\x00-\x08\x0b-\x1f\ufffe\uffff]", " ", context.title)
    book.properties.created = context.now.astimezone(UTC).replace(tzinfo=None, microsecond=0)
    styles = [_Styles(section) for section in planned.sections]
    for section, styled in zip(planned.sections, styles, strict=True):
        sheets = [_created(book, section, sheet) for sheet in section.sheets]
        _dress(sheets[0], section)  # the others look like it
        styled.register(sheets[0])
    about = _dressed_about(book) if options.about else None
    parts = _saved(book, context.now)
    members = (f"xl/worksheets/sheet{number}.xml" for number in count(1))
    sections = []
    for section, styled in zip(planned.sections, styles, strict=True):
        header = styled.header_row() if options.header else b""
        made: list[Sheet] = []
        like: tuple[bytes, bytes] | None = None
        for part in section.parts:
            for sheet in part.sheets:
                member = next(members)
                saved = parts.pop(member)
                head, tail = like = like or _halves(saved)
                tail = _fitted(tail, section, sheet)
                totals = options.totals and sheet is part.sheets[-1]
                footer = styled.totals_row(part) if totals else b""
                made.append(Sheet(member, sheet.rows, head, tail, header, footer))
        sections.append(DressedSection(tuple(made), tuple(styled.cells)))
    if about:
        member = next(members)
        head, tail = _halves(parts.pop(member))
        rows = "".join(_about_row(*line, about) for line in about_lines(planned.about))
        parts = {member: head + rows.encode() + tail, **parts}  # after the sheets of rows, before everything else
    return Shell(tuple(sections), tuple(parts.items()))


def _created(book: Workbook, section: PlannedSection, planned: PlannedSheet) -> Worksheet:
    """A sheet with what the workbook itself must know of it: the area of its filter, the rows printed on each page."""
    sheet, options = book.create_sheet(planned.title), section.options
    if options.header:
        if options.filter:
            sheet.auto_filter.ref = _filtered(section, planned)
        sheet.print_title_rows = "1:1"
    return sheet


def _filtered(section: PlannedSection, planned: PlannedSheet) -> str:
    return f"A1:{get_column_letter(len(section.columns))}{planned.rows + 1}"


def _dress(sheet: Worksheet, section: PlannedSection) -> None:
    """Widths, frozen header and the way it prints."""
    for i, look in enumerate(section.looks, 1):
        sheet.column_dimensions[get_column_letter(i)].width = look.width
    if section.options.header and section.options.freeze_header:
        sheet.freeze_panes = "A2"
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.fitToHeight = 0  # as many pages as the rows need, one page wide
    sheet.sheet_properties.pageSetUpPr.fitToPage = len(section.columns) <= 20
    sheet.oddFooter.center.text = "&P / &N"


def _dressed_about(book: Workbook) -> tuple[int, int]:
    """Add the sheet about the export; the styles of its names and texts."""
    sheet = book.create_sheet(ABOUT)
    for letter, width in zip("AB", ABOUT_WIDTHS, strict=True):
        sheet.column_dimensions[letter].width = width
    sheet.sheet_view.showGridLines = False
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    name, text = sheet.cell(1, 1), sheet.cell(1, 2)
    name.font = Font(name=FONT, size=11, bold=True, color=BAND)
    name.alignment = Alignment(vertical="top")
    text.alignment = Alignment(vertical="top", wrap_text=True)
    return name.style_id, text.style_id


def _about_row(name: str, text: str, height: float, styles: tuple[int, int]) -> str:
    """A row as high as its text needs: readers other than Excel do not find that out themselves."""
    return f'<row ht="{height}" customHeight="1">{text_cell(name, styles[0])}{text_cell(text, styles[1])}</row>'


class _Styles:
    """Which style index each kind of cell has; known once they were registered on a sheet of the workbook."""

    def __init__(self, section: PlannedSection) -> None:
        self.looks, self.options = section.looks, section.options
        self.headers: list[int] = []
        self.cells: list[int] = []
        self.totals: list[int] = []

    def register(self, sheet: Worksheet) -> None:
        """Give one cell of each look its style; the cells themselves are dropped with the sheet's own data."""
        seen: dict[tuple[str, str], tuple[int, int, int]] = {}
        for look in self.looks:
            key = (look.number_format, look.align)
            if key not in seen:
                seen[key] = self._three(sheet, look, len(seen) + 1)
            header, cell, total = seen[key]
            self.headers.append(header)
            self.cells.append(cell)
            self.totals.append(total)

    def _three(self, sheet: Worksheet, look: Look, at: int) -> tuple[int, int, int]:
        header, cell, total = (sheet.cell(row, at) for row in (1, 2, 3))
        cell.number_format = total.number_format = look.number_format
        if look.align_cells:
            cell.alignment = Alignment(horizontal=look.align)
        total.font = Font(name=FONT, size=11, bold=True, color=INK)
        total.border = Border(top=Side("thin", color=RULE), bottom=Side("double", color=RULE))
        style = self.options.header_style
        if style != "plain":
            header.font = Font(name=FONT, size=11, bold=True, color="FFFFFF" if style == "band" else INK)
            header.alignment = Alignment(horizontal=look.align, vertical="center", wrap_text=True)
        if style == "band":
            header.fill = PatternFill("solid", fgColor=BAND)
        if style == "bold":
            header.border = Border(bottom=Side("medium", color=RULE))
        return header.style_id, cell.style_id, total.style_id

    def header_row(self) -> bytes:
        cells = "".join(text_cell(look.header, style) for look, style in zip(self.looks, self.headers, strict=True))
        height = max((look.header_lines for look in self.looks), default=1)
        tall = f' ht="{LINE * height + 5}" customHeight="1"' if self.options.header_style != "plain" else ""
        return f"<row{tall}>{cells}</row>".encode()

    def totals_row(self, part: PlannedPart) -> bytes:
        """Sums that follow the filter (SUBTOTAL 109), over every sheet; the first column without a sum says Total."""
        if not part.has_totals:
            return b""
        first = 2 if self.options.header else 1
        cells, said = [], False
        for i, (total, style) in enumerate(zip(part.totals, self.totals, strict=True), 1):
            letter = get_column_letter(i)
            if total is not None:
                areas = [
                    ("'" + sheet.title.replace("'", "''") + "'!" if sheet is not part.sheets[-1] else "")
                    + f"{letter}{first}:{letter}{first + sheet.rows - 1}"
                    for sheet in part.sheets
                ]
                cells.append(computed_cell(f"SUBTOTAL(109,{','.join(areas)})", total, style))
            elif said:
                cells.append(empty_cell(style))
            else:
                cells.append(text_cell("Total", style))
                said = True
        return f"<row>{''.join(cells)}</row>".encode()


def _saved(book: Workbook, now: datetime) -> dict[str, bytes]:
    """The members of the saved workbook by name, their times those of the export."""
    buffer = io.BytesIO()
    book.save(buffer)
    with zipfile.ZipFile(buffer) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    stamp = now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ").encode()
    parts["docProps/core.xml"] = MODIFIED.sub(rb"\g<1>" + stamp + rb"\g<2>", parts["docProps/core.xml"])
    return parts


def _halves(sheet: bytes) -> tuple[bytes, bytes]:
    """A saved sheet's XML before and after its rows, both ends of `<sheetData>` included."""
    head, tail = SHEET_DATA.split(DIMENSION.sub(b"", sheet), maxsplit=1)
    return head + b"<sheetData>", b"</sheetData>" + tail


def _fitted(tail: bytes, section: PlannedSection, sheet: PlannedSheet) -> bytes:
    """The end of a sheet that looks like the section's first, for its own number of rows.

    No green triangle on `00123`: text that looks like a number is meant (ECMA-376 18.3.1.51, ignoredErrors).
    """
    tail = FILTER.sub(rf'<autoFilter ref="{_filtered(section, sheet)}"'.encode(), tail)
    letters = [get_column_letter(i) for i, look in enumerate(section.looks, 1) if look.holds_text]
    if not sheet.rows or not letters:
        return tail
    first = 2 if section.options.header else 1
    areas = " ".join(f"{letter}{first}:{letter}{first + sheet.rows - 1}" for letter in letters)
    told = f'<ignoredErrors><ignoredError sqref="{areas}" numberStoredAsText="1"/></ignoredErrors>'
    return tail.replace(b"</worksheet>", told.encode() + b"</worksheet>")
