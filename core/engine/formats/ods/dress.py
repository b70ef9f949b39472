"""How the sheets look: the automatic styles of columns, headers and totals, and the rows that stand round the data."""

from __future__ import annotations

from collections.abc import Sequence

from openpyxl.utils import get_column_letter

from core.engine.formats.ods import document
from core.engine.formats.ods.cells import computed_cell, empty_cell, text_cell
from core.engine.formats.ods.number_styles import data_style
from core.engine.formats.sheets.looks import BAND, INK, LINE, RULE, Look, about_lines
from core.engine.formats.sheets.options import SheetOptions
from core.engine.formats.sheets.plan import PlannedPart, PlannedSection, PlannedSheet

ALIGN = {"left": "start", "right": "end", "center": "center"}
# Liberation Sans 10 has digits of 7.4 pixels; what stands in for it where it is missing has wider ones.
PIXELS, INCH = 8, 96
ROW_START, ROW_END = "<table:table-row>", "</table:table-row>"


class Styles:
    """Hands out automatic styles, each definition once. `xml` lists them in the order they were asked for."""

    def __init__(self, options: SheetOptions) -> None:
        self.options = options
        self._names: dict[str, str] = {}
        self._counts: dict[str, int] = {}
        self.xml: list[str] = [
            '<style:style style:name="sheet" style:family="table" style:master-page-name="Default"/>'
        ]

    def _named(self, prefix: str, definition: str) -> str:
        """The name of the style so defined; `{}` in the definition stands for it."""
        key = prefix + definition
        if key not in self._names:
            self._counts[prefix] = number = self._counts.get(prefix, 0) + 1
            self._names[key] = f"{prefix}{number}"
            self.xml.append(definition.replace("{}", f"{prefix}{number}"))
        return self._names[key]

    def width(self, characters: float) -> str:
        inches = (characters * PIXELS + 5) / INCH
        return self._named(
            "co",
            '<style:style style:name="{}" style:family="table-column"><style:table-column-properties '
            f'style:column-width="{inches:.4f}in"/></style:style>',
        )

    def height(self, points: float) -> str:
        return self._named(
            "ro",
            '<style:style style:name="{}" style:family="table-row"><style:table-row-properties '
            f'style:row-height="{points:g}pt" style:use-optimal-row-height="false"/></style:style>',
        )

    def _cell(self, prefix: str, properties: str, code: str = "General") -> str:
        data = data_style("{}", code)
        shown = f' style:data-style-name="{self._named("N", data)}"' if data else ""
        return self._named(
            prefix,
            f'<style:style style:name="{{}}" style:family="table-cell" style:parent-style-name="Default"{shown}>'
            f"{properties}</style:style>",
        )

    def cells(self, look: Look) -> str:
        return self._cell("ce", _align(look) if look.align_cells else "", look.number_format)

    def totals(self, look: Look) -> str:
        border = f'<style:table-cell-properties fo:border-top="0.75pt solid #{RULE}" fo:border-bottom="2.25pt double #{RULE}"/>'
        return self._cell("to", border + _bold(INK), look.number_format)

    def header(self, look: Look) -> str:
        style = self.options.header_style
        if style == "plain":
            return self._cell("he", "")
        kind = f'fo:background-color="#{BAND}"' if style == "band" else f'fo:border-bottom="1.5pt solid #{RULE}"'
        properties = f'<style:table-cell-properties {kind} fo:wrap-option="wrap" style:vertical-align="middle"/>'
        return self._cell("he", properties + _align(look) + _bold("FFFFFF" if style == "band" else INK))

    def about(self) -> tuple[str, str]:
        top = '<style:table-cell-properties style:vertical-align="top"'
        return self._cell("ab", f"{top}/>{_bold(BAND)}"), self._cell("ab", f'{top} fo:wrap-option="wrap"/>')


def _align(look: Look) -> str:
    return f'<style:paragraph-properties fo:text-align="{ALIGN[look.align]}"/>'


def _bold(color: str) -> str:
    return f'<style:text-properties fo:color="#{color}" fo:font-weight="bold"/>'


class Dress:
    """The look of one section's sheets."""

    def __init__(self, section: PlannedSection, styles: Styles) -> None:
        self.section, self.styles = section, styles
        self.options = section.options
        self.columns = "".join(document.column(styles.width(look.width), styles.cells(look)) for look in section.looks)
        self.header = self._header() if self.options.header else ""

    def start(self, sheet: PlannedSheet) -> bytes:
        return (document.table_start(sheet.title, self.columns) + self.header).encode()

    def _header(self) -> str:
        looks = self.section.looks
        cells = "".join(text_cell(look.header, self.styles.header(look)) for look in looks)
        start = ROW_START
        if self.options.header_style != "plain":
            lines = max((look.header_lines for look in looks), default=1)
            start = f'<table:table-row table:style-name="{self.styles.height(LINE * lines + 5)}">'
        return f"<table:table-header-rows>{start}{cells}{ROW_END}</table:table-header-rows>"

    def filtered(self, sheet: PlannedSheet) -> str:
        """The area that has filter buttons: header and rows, without totals."""
        last = get_column_letter(len(self.section.columns))
        name = document.address(sheet.title)
        return f"{name}.A1:{name}.{last}{sheet.rows + 1}"

    def totals(self, part: PlannedPart) -> bytes:
        """Sums that follow the filter (SUBTOTAL 109), over every sheet; the first column without a sum says Total."""
        if not part.has_totals:
            return b""
        first = 2 if self.options.header else 1
        cells, said = [], False
        for i, (total, look) in enumerate(zip(part.totals, self.section.looks, strict=True), 1):
            style, letter = self.styles.totals(look), get_column_letter(i)
            if total is not None:
                areas = [
                    f"[{'$' + document.address(sheet.title) if sheet is not part.sheets[-1] else ''}"
                    f".{letter}{first}:.{letter}{first + sheet.rows - 1}]"
                    for sheet in part.sheets
                ]
                cells.append(computed_cell(f"of:=SUBTOTAL(109;{';'.join(areas)})", total, style))
            elif said:
                cells.append(empty_cell(style))
            else:
                cells.append(text_cell("Total", style))
                said = True
        return f"{ROW_START}{''.join(cells)}{ROW_END}".encode()


def about_table(title: str, lines: Sequence[tuple[str, str]], widths: Sequence[float], styles: Styles) -> bytes:
    """The whole sheet about the export: names, texts, each row as high as its text needs."""
    name, text = styles.about()
    columns = [document.column(styles.width(width), style) for width, style in zip(widths, (name, text), strict=True)]
    rows = "".join(
        f'<table:table-row table:style-name="{styles.height(height)}">{text_cell(said, name)}{text_cell(piece, text)}{ROW_END}'
        for said, piece, height in about_lines(lines)
    )
    return f"{document.table_start(title, columns)}{rows}</table:table>".encode()
