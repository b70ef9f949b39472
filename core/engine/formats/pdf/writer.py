"""Writing a PDF: survey, layout, then every row as it comes from the database, page by page into the file."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from core.engine.formats.base import Context, Section, Written
from core.engine.formats.pdf.document import StreamedCanvas, digest
from core.engine.formats.pdf.fonts import Fonts
from core.engine.formats.pdf.layout import Page as Paper
from core.engine.formats.pdf.layout import Table, choose
from core.engine.formats.pdf.options import PdfOptions, picture
from core.engine.formats.pdf.pages import INK, QUIET, Pages
from core.engine.formats.pdf.survey import Survey, drawn, survey
from core.engine.receipt import Note
from core.errors import AGAIN, Trouble

PROGRAM = "Export Desk"
TITLE, SUBTITLE, SECTION = 17.0, 9.0, 12.5  # points
TITLE_LINES = 4  # the 200 characters of a title fit, on every paper but the smallest
LOGO_WIDTH, LOGO_HEIGHT = 130.0, 38.0
BOOKMARKS = 2_000  # groups in the outline, at most: more is no outline
EXAMPLES = 5  # characters named in a note
CELLS_AT_ONCE = 50_000  # texts held as Python objects
ROWS_A_PAGE = 25  # a low guess, to know how many digits the number of pages has

Row = tuple[Any, ...]  # texts (None where a cell is empty), and what `survey.drawn` adds where rows are grouped


def write(sections: Sequence[Section], path: Path, options: PdfOptions, context: Context) -> Written:
    """Write all sections to `path`. Raises BadSpec for what cannot be laid out, before anything is written."""
    surveys = [survey(section, options) for section in sections]
    paper, tables = choose(surveys, options)
    count = sum(section.rows.count for section in sections)
    title = options.title.strip() or context.title
    fonts = Fonts()
    moment = context.now.astimezone(ZoneInfo(context.zone))
    with path.open("xb") as out:
        canvas = StreamedCanvas(out, (paper.width, paper.height), moment, options.language)
        canvas.setTitle(title)
        canvas.setAuthor(PROGRAM)
        canvas.setCreator(PROGRAM)
        canvas.setSubject(summary(count, moment))
        bands = max(table.bands for table in tables)
        pages = Pages(canvas, paper, fonts, options, title, max(1, count * bands // ROWS_A_PAGE))
        document = _Document(pages, canvas, paper, options)
        document.first_page(tables[0], title, summary(count, moment))
        for section, known, table in zip(sections, surveys, tables, strict=True):
            document.section(section, known, table, alone=len(sections) == 1)
        pages.flush()
        canvas.finish(pages.total(), fonts)
    return Written(
        rows=document.rows,
        bytes=path.stat().st_size,
        sha256=digest(path),
        notes=(*(note for known in surveys for note in known.notes), *_missing(pages.missing), *_cut(pages.cut)),
        extra={
            "pages": canvas.document.pages,
            "contents": canvas.document.contents.hexdigest(),
            "fonts": {font.name: font.sha256 for font in fonts},
        },
    )


def summary(count: int, moment: datetime) -> str:
    rows = f"{count:,} row{'' if count == 1 else 's'}"
    return f"{moment.day} {moment:%B %Y, %H:%M} · {rows}"


def _missing(found: dict[str, int]) -> Iterator[Note]:
    if found:
        count = sum(found.values())
        most = sorted(found, key=lambda character: (-found[character], character))[:EXAMPLES]
        names = ", ".join(f"{c} (U+{ord(c):04X})" if c.isprintable() else f"U+{ord(c):04X}" for c in most)
        yield Note(
            code="missing_character",
            message=f"{count:,} character{'' if count == 1 else 's'} for which there is no letter shape are drawn as a box, "
            f"such as {names}; copied out of the PDF they are whole.",
            count=count,
        )


def _cut(headers: Collection[str]) -> Iterator[Note]:
    if headers:
        yield Note(
            code="header_cut",
            message=f"The header “{next(iter(headers))[:60]}…” is too long for its column and ends with an ellipsis.",
            count=len(headers),
        )


class _Document:
    """The order of things in the file."""

    def __init__(self, pages: Pages, canvas: StreamedCanvas, paper: Paper, options: PdfOptions) -> None:
        self.pages, self.canvas, self.paper, self.options = pages, canvas, paper, options
        self.rows = 0
        self._begun = False  # whether a table was drawn already
        self._bookmarks = 0
        self._named = ""  # what the group at hand is called

    def first_page(self, table: Table, title: str, subtitle: str) -> None:
        """Title, date and number of rows on the left, the logo on the right."""
        pages, paper = self.pages, self.paper
        pages.table(table)
        top, width = paper.top, 0.0
        if self.options.logo:
            image = picture(self.options.logo)
            width = self.canvas.logo(image, paper.width - paper.margin, top + 4, LOGO_WIDTH, LOGO_HEIGHT) + 16
        setter = pages.typesetter(TITLE)
        y = top - TITLE * 0.8
        lines = setter.lines(title, paper.room - width, bold=True)[:TITLE_LINES]
        pages.count_missing(lines)
        for line in lines:
            x = paper.width - paper.margin - width - line.width if line.leftwards else paper.margin
            self.canvas.draw(f"{INK} rg BT 1 0 0 1 {x:.2f} {y:.2f} Tm {line.operators} ET")
            y -= TITLE * 1.3
        y += TITLE * 0.45
        if self.options.subtitle:
            small = pages.typesetter(SUBTITLE)
            y -= SUBTITLE * 0.75
            words = small.cut(subtitle, paper.room - width).operators
            self.canvas.draw(f"{QUIET} rg BT {small.select} 1 0 0 1 {paper.margin:.2f} {y:.2f} Tm {words} ET")
            y -= SUBTITLE * 0.6
        if width:
            y = min(y, top + 4 - LOGO_HEIGHT)
        pages.began(y - 10)

    def section(self, section: Section, known: Survey, table: Table, *, alone: bool) -> None:
        """Every part of a section as a table under its own heading."""
        stream = _rows(section, known, self.options)
        titled = not alone or len(section.parts) > 1
        for place, part in enumerate(section.parts):
            if self._begun and self.options.new_page:
                self.pages.flush()
            self.pages.again(None)
            self.pages.table(table)
            if place == 0:
                self.pages.count_headers()
            if titled:
                rows = f"{part.rows:,} row{'' if part.rows == 1 else 's'}"
                self.pages.heading(part.title, rows, size=SECTION, level=0)
                self._bookmark(part.title, 0)
            self._begun = True
            self.pages.header()
            taken = self._part(islice(stream, part.rows), known, 1 if titled else 0)
            if taken != part.rows:
                raise _changed(section)
            if not taken:
                self.pages.remark("No rows.")
            self.rows += taken
            if self.options.totals and known.summed:
                sums = dict(zip(known.summed, known.totals[place], strict=True))
                self.pages.sums("Total", "Total", sums, strong=True)
        if next(stream, None) is not None:
            raise _changed(section)

    def _part(self, rows: Iterator[Row], known: Survey, level: int) -> int:
        count, draw = 0, self.pages.rows
        if known.group is None:
            for row in rows:
                draw(row)
                count += 1
            return count
        width = len(known.columns)
        for row in rows:
            heading, place, members, *sums = row[width:]
            if place == 1:
                self._group(known, heading, members, level)
            draw(row)
            count += 1
            if place == members:
                self.pages.again(None)
                if sums:
                    shown = {p: text or "" for p, text in zip(known.summed, sums, strict=True)}
                    self.pages.sums(f"Subtotal {self._named}", "Subtotal", shown, strong=False)
        return count

    def _group(self, known: Survey, heading: str, members: int, level: int) -> None:
        assert known.group is not None
        self._named = re.sub(r"\s+", " ", heading).strip() or "(empty)"
        rows = f"{members:,} row{'' if members == 1 else 's'}"
        title = f"{known.group.label}: {self._named}"
        self.pages.heading(title, rows, size=self.pages.design.size + 0.5, level=1)
        self.pages.again(title)
        if self._bookmarks < BOOKMARKS:
            self._bookmarks += 1
            self._bookmark(self._named, level)

    def _bookmark(self, title: str, level: int) -> None:
        """An entry of the outline, at the heading just drawn."""
        key = f"b{self.pages.page_number}-{self._bookmarks}-{title[:40]}-{self.rows}"
        self.canvas.bookmarkPage(key, fit="XYZ", left=0, top=self.pages.y + 24)
        self.canvas.addOutlineEntry(re.sub(r"\s+", " ", title)[:200] or "(empty)", key, level)


def _changed(section: Section) -> Trouble:
    return Trouble(f"The query no longer gives the {section.rows.count:,} rows counted.", AGAIN)


def _rows(section: Section, known: Survey, options: PdfOptions) -> Iterator[Row]:
    """The texts of every row, in the order they are drawn."""
    at_once = max(1, CELLS_AT_ONCE // len(known.columns))
    for batch in drawn(section, known, options).batches():
        for first in range(0, len(batch), at_once):
            some = batch.slice(first, at_once)
            yield from zip(*(column.to_pylist() for column in some.columns), strict=True)
