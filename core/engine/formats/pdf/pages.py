"""The pages of a document while they fill: titles, headers, rows, and what stands round them.

Nothing here looks at the database. A page is held as operators until it is full; lines and tints go beneath the text. Each
data row stands between `/Row BMC` and `EMC` (what goes on of it on pages below or beside: `/RowPart`), so that rows can be
counted in the finished file; what is no content of the table is an artifact (ISO 32000-1, 14.6 and 14.8.2.2).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from core.engine.formats.pdf.document import FORM_HEIGHT, PAGES, StreamedCanvas
from core.engine.formats.pdf.fonts import Fonts
from core.engine.formats.pdf.layout import AIR, ASCENT, LINES_APART, PAD, WHOLE, Page, Slot, Table
from core.engine.formats.pdf.options import PdfOptions
from core.engine.formats.pdf.typefaces import EM
from core.engine.formats.pdf.typesetting import SHAPED, Line, Typesetter

INK, QUIET, ACCENT = "0.13 0.15 0.18", "0.45 0.48 0.52", "0.16 0.33 0.53"  # red, green, blue
HAIRLINE, TINT, BAND = "0.87 0.885 0.90", "0.965 0.972 0.98", "0.925 0.942 0.962"
FOOT = 7.5  # points of type
ROW, ROW_PART, ARTIFACT = "/Row BMC", "/RowPart BMC", "/Artifact BMC"
HEADER_LINES = 8  # of one header, at most
KEEP = 2  # rows that must fit beneath a heading, or it goes to the next page


@dataclass
class Sheet:
    """What is on the current page, for every band of columns: operators beneath the text, and the text."""

    beneath: list[list[str]]
    text: list[list[str]]
    rules: list[float] = field(default_factory=list)  # heights of the lines between rows
    tints: list[tuple[float, float]] = field(default_factory=list)  # bottom and height of tinted rows


class Pages:
    """Draws tables one under the other. Call `table`, then `header`, rows, `finish`."""

    def __init__(
        self, canvas: StreamedCanvas, page: Page, fonts: Fonts, options: PdfOptions, title: str, expected: int
    ) -> None:
        self.canvas, self.page, self.fonts, self.options = canvas, page, fonts, options
        self._setters: dict[float, Typesetter] = {}
        self.foot = self.typesetter(FOOT)
        self.title = title
        self.number = 0
        self.missing: dict[str, int] = {}  # characters no typeface has → how often
        self.cut: dict[str, None] = {}  # headers that did not fit
        self._digits = len(str(expected))  # of the number of pages, as far as can be guessed
        self.y = page.top
        self._sheet: Sheet | None = None
        self._begun = False  # whether the page holds a table
        self._repeat: str | None = None  # the heading to say again on the next page

    def typesetter(self, size: float) -> Typesetter:
        """The one for that size of type, in points."""
        if size not in self._setters:
            self._setters[size] = Typesetter(self.fonts, size)
        return self._setters[size]

    # --- one table

    def table(self, table: Table) -> None:
        """Rows that follow belong to this table."""
        if self._sheet is not None and self._begun and (table.bands > 1 or len(self._sheet.text) > 1):
            self.flush()  # pages side by side hold one table
        self.design = table
        self.setter = self.typesetter(table.size)
        self._scale = table.size / EM
        self._row_height = table.height(1)
        self._lefts = [f"{slot.left:.2f}" for slot in table.slots]
        self._striped = False
        self._headers = [(slot, self._label(slot)) for slot in table.slots]
        if self._sheet is None:
            self._open()
        elif not self._begun:
            self._sheet = self._blank()
        else:
            self._sheet.text[0].append(self.setter.select)

    def _label(self, slot: Slot) -> tuple[Line, ...]:
        label = self.design.columns[slot.index].label
        lines = self.setter.lines(label, slot.room, bold=True)
        if len(lines) <= HEADER_LINES:
            return lines
        self.cut.setdefault(label)
        return (*lines[: HEADER_LINES - 1], self.setter.line("…", bold=True))

    def header(self) -> None:
        """The names of the columns: at the start of a table and of every page it goes on on."""
        table, sheet = self.design, self._on()
        self._begun = True
        height = table.height(max(len(lines) for _, lines in self._headers))
        bottom = self.y - height
        for band, width in enumerate(table.widths):
            sheet.beneath[band].append(f"{BAND} rg {self.page.margin:.2f} {bottom:.2f} {width:.2f} {height:.2f} re f")
            sheet.beneath[band].append(f"{ACCENT} RG 0.9 w {self._across(bottom, width)} S")
            sheet.text[band].append(f"{ARTIFACT}\nBT {self.setter.select} {ACCENT} rg")
        for slot, lines in self._headers:
            # short headers stand at the foot of the band, like the wrapped ones
            top = bottom + table.height(len(lines))
            self._column(sheet.text[slot.band], slot, lines, top)
        for band in range(table.bands):
            sheet.text[band].append(f"{INK} rg ET\nEMC")
        self.y = bottom
        self._striped = False

    def rows(self, values: Sequence[str | None]) -> None:
        """One row of the table. The hot path: no shaping, no wrapping, two look-ups a character."""
        table = self.design
        glyphs, width_of = self.setter.regular.glyphs, self.setter.regular.widths.__getitem__
        scale = self._scale
        placed: list[list[str]] = [[] for _ in range(table.bands)]
        for slot, left in zip(table.slots, self._lefts, strict=True):
            text = values[slot.index]
            if not text:
                continue
            codes = text.translate(glyphs)
            if SHAPED in codes:
                self._careful(values)
                return
            width = sum(map(width_of, text)) * scale
            if width > slot.room:
                self._careful(values)
                return
            x = f"{slot.right - width:.2f}" if slot.rightwards else left
            placed[slot.band] += (x, codes)
        if self.y - self._row_height < self.page.bottom:
            self.next_page()
        baseline = f"{self.y - AIR * table.size - ASCENT * table.size:.2f}"
        tag = ROW
        for text_of_band, cells in zip(self._on().text, placed, strict=True):
            pairs = zip(cells[::2], cells[1::2], strict=True)
            drawn = " ".join([f"1 0 0 1 {x} {baseline} Tm <{codes}> Tj" for x, codes in pairs])
            text_of_band.append(f"{tag}\nBT {drawn} ET\nEMC" if drawn else f"{tag}\nEMC")
            tag = ROW_PART
        self._ruled(self._row_height)

    def _careful(self, values: Sequence[str | None]) -> None:
        """A row with texts that are shaped or wrapped; one taller than a page goes on on the next."""
        table = self.design
        cells = [(slot, self.setter.lines(text, slot.room)) for slot in table.slots if (text := values[slot.index])]
        for slot, lines in cells:
            if slot.band == 0 or slot.index:  # the first column is drawn again on every further page
                self.count_missing(lines)
        tallest = max(len(lines) for _, lines in cells)
        left, whole = self.y - self.page.bottom, (self.page.top - self.page.bottom) * WHOLE
        apart = table.height(tallest) > whole and left >= table.height(LINES_APART)
        if table.height(tallest) > left and self.y < self._body and not apart:
            self.next_page()
        tag, done = ROW, 0
        while done < tallest:
            fits = int((self.y - self.page.bottom - 2 * AIR * table.size) / table.leading + 0.001)
            lines_here = min(max(fits, 1), tallest - done)
            sheet = self._on()
            for band in range(table.bands):
                sheet.text[band].append(f"{ROW_PART if band else tag}\nBT")
            for slot, lines in cells:
                self._column(sheet.text[slot.band], slot, lines[done : done + lines_here], self.y)
            for band in range(table.bands):
                sheet.text[band].append("ET\nEMC")
            done, tag = done + lines_here, ROW_PART
            self._ruled(table.height(lines_here))
            if done < tallest:
                self.next_page()

    def _column(self, text: list[str], slot: Slot, lines: Sequence[Line], top: float) -> None:
        """The lines of one cell; a paragraph from right to left begins at the right."""
        table = self.design
        baseline = top - (AIR + ASCENT) * table.size
        for line in lines:
            if line.operators:
                x = slot.right - line.width if slot.rightwards or line.leftwards else slot.left
                text.append(f"1 0 0 1 {x:.2f} {baseline:.2f} Tm {line.operators}")
            baseline -= table.leading

    def count_missing(self, lines: Sequence[Line]) -> None:
        """Remember what is drawn as a box."""
        for line in lines:
            for character in line.missing:
                self.missing[character] = self.missing.get(character, 0) + 1

    def count_headers(self) -> None:
        """Headers are drawn on every page and counted once."""
        for slot, lines in self._headers:
            if slot.band == 0 or slot.index:
                self.count_missing(lines)

    def _ruled(self, height: float) -> None:
        """Move below a row and leave the mark that leads the eye along it."""
        sheet = self._on()
        self.y -= height
        if self.options.lines == "lines":
            sheet.rules.append(self.y)
        elif self.options.lines == "zebra":
            if self._striped:
                sheet.tints.append((self.y, height))
            self._striped = not self._striped

    # --- headings and sums

    def heading(self, title: str, detail: str, *, size: float, level: int) -> None:
        """A line over a table (level 0) or a group (level 1), kept together with the rows beneath it."""
        setter = self.typesetter(size)
        above = size * (1.0 if level == 0 else 0.75) if self.y < self._body else 0.0
        needed = above + size * 1.9 + KEEP * self._row_height + (self._row_height if level == 0 else 0)
        if self.y - needed < self.page.bottom:
            self.next_page(repeat=False)
            above = 0.0
        self.y -= above
        self._say(setter, title, detail)

    def again(self, title: str | None) -> None:
        """What is said at the top of further pages: the group that goes on there."""
        self._repeat = title

    def _say(self, setter: Typesetter, title: str, detail: str) -> None:
        size, sheet = setter.size, self._on()
        self.y -= size * 1.65
        y = self.y + size * 0.45
        more = self.foot.line(detail)
        name = setter.cut(title, self.page.room - more.width - size, bold=True)
        self.count_missing([name])
        x = self.page.margin + (PAD * self._scale if size <= self.design.size + 1.5 else 0)
        for band in range(self.design.bands):
            sheet.text[band].append(
                f"{ARTIFACT}\nBT {setter.select} 1 0 0 1 {x:.2f} {y:.2f} Tm {name.operators} {self.foot.select} {QUIET} rg "
                f"1 0 0 1 {x + name.width + size * 0.6:.2f} {y:.2f} Tm {more.operators} {INK} rg {self.setter.select} ET\nEMC"
            )

    def sums(self, label: str, short: str, values: dict[int, str], *, strong: bool) -> None:
        """A row of sums, by place of column; the label stands in front of the first, `short` where it has no room."""
        table = self.design
        height = self._row_height * (1.15 if strong else 1.0)
        first = min(values, default=len(table.columns))
        if first == 0:  # no room in front: the label gets a line of its own
            height += table.leading
        if self.y - height < self.page.bottom:
            self.next_page()
        sheet = self._on()
        if sheet.rules and abs(sheet.rules[-1] - self.y) < 0.01:
            sheet.rules.pop()
        for band, width in enumerate(table.widths):
            colour, thick = (ACCENT, 0.9) if strong else (QUIET, 0.5)
            sheet.beneath[band].append(f"{colour} RG {thick} w {self._across(self.y, width)} S")
            sheet.text[band].append(f"{ARTIFACT}\nBT")
        top = self.y - (table.size * 0.1 if strong else 0)
        for band in range(table.bands):
            slots = [slot for slot in table.slots if slot.band == band]
            ahead = [slot.left - PAD * self._scale for slot in slots if slot.index in values]
            end = min(ahead, default=self.page.margin + table.widths[band])
            room = end - slots[0].left if first else table.widths[band]
            name = self.setter.line(label, bold=True)
            if name.width > room:
                name = self.setter.cut(short, room, bold=True)
            self._column(sheet.text[band], Slot(0, band, slots[0].left, room, False), [name], top)
        if first == 0:
            top -= table.leading
        for slot in table.slots:
            if slot.index in values:
                lines = self.setter.lines(values[slot.index], slot.room, bold=True)
                self._column(sheet.text[slot.band], slot, lines, top)
        for band in range(table.bands):
            sheet.text[band].append("ET\nEMC")
        self.y -= height
        self._striped = False

    def remark(self, text: str) -> None:
        """A quiet line in place of rows."""
        line = self.setter.line(text)
        y = self.y - (AIR + ASCENT) * self.design.size
        x = self.page.margin + PAD * self._scale
        self._on().text[0].append(
            f"{ARTIFACT}\nBT {QUIET} rg 1 0 0 1 {x:.2f} {y:.2f} Tm {line.operators} {INK} rg ET\nEMC"
        )
        self.y -= self._row_height

    # --- pages

    def _on(self) -> Sheet:
        if self._sheet is None:
            self._open()
        assert self._sheet is not None
        return self._sheet

    def _open(self) -> None:
        self._sheet = self._blank()
        self._begun = False
        self.y = self._body = self.page.top

    def _blank(self) -> Sheet:
        bands = self.design.bands
        return Sheet([[] for _ in range(bands)], [[self.setter.select] for _ in range(bands)])

    def began(self, y: float) -> None:
        """The first page begins with more than a header: rows start below."""
        self.y = self._body = y

    @property
    def page_number(self) -> int:
        """Of the page that is being filled, from 1."""
        return self.number + 1

    def next_page(self, *, repeat: bool = True) -> None:
        """Go on at the top of a new page, under the header again."""
        self.flush()
        self._open()
        if repeat and self._repeat:
            self._say(self.typesetter(self.design.size + 0.5), self._repeat, "continued")
        self.header()
        self._body = self.y

    def flush(self) -> None:
        """Put the page, and those beside it, into the file."""
        sheet, self._sheet = self._sheet, None
        if sheet is None:
            return
        for band in range(len(sheet.text)):
            width = self.design.widths[band] if band < len(self.design.widths) else self.page.room
            self.number += 1
            canvas = self.canvas
            canvas.draw(f"{ARTIFACT}")
            if sheet.tints:
                x = f"{self.page.margin:.2f}"
                boxes = " ".join(f"{x} {bottom:.2f} {width:.2f} {height:.2f} re" for bottom, height in sheet.tints)
                canvas.draw(f"{TINT} rg {boxes} f")
            if sheet.rules:
                canvas.draw(f"{HAIRLINE} RG 0.4 w {' '.join(self._across(y, width) for y in sheet.rules)} S")
            canvas.draw("\n".join([*sheet.beneath[band], f"EMC\n{INK} rg", *sheet.text[band]]))
            self._footer(band)
            canvas.showPage()

    def _across(self, y: float, width: float) -> str:
        return f"{self.page.margin:.2f} {y:.2f} m {self.page.margin + width:.2f} {y:.2f} l"

    def _footer(self, band: int) -> None:
        page, foot = self.page, self.foot
        y = page.margin - 14
        left = self.title
        if self.design.bands > 1:
            places = [slot.index + 1 for slot in self.design.slots if slot.band == band]
            start = places[1] if band and len(places) > 1 else places[0]
            left = f"{left} · columns {start}–{places[-1]} of {len(self.design.columns)}"
        name = foot.cut(left, page.room - 110)
        self.canvas.draw(
            f"{ARTIFACT}\n{QUIET} rg BT {foot.select} 1 0 0 1 {page.margin:.2f} {y:.2f} Tm {name.operators} ET"
        )
        if self.options.page_numbers:
            of = foot.line(" of " + "0" * self._digits).width
            line = foot.line(f"Page {self.number}")
            x = page.width - page.margin - of
            self.canvas.draw(f"BT 1 0 0 1 {x - line.width:.2f} {y:.2f} Tm {line.operators} ET")
            self.canvas.draw(f"q 1 0 0 1 {x:.2f} {y:.2f} cm")
            self.canvas.doForm(PAGES)
            self.canvas.draw("Q")
        self.canvas.draw("EMC")

    def total(self) -> str:
        """The operators of the form that says how many pages there are."""
        line = self.foot.line(f" of {self.number:,}")
        return f"{QUIET} rg BT {self.foot.select} {line.operators} ET"


__all__ = ["FORM_HEIGHT", "Pages"]
