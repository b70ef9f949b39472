"""Where everything stands: the page, the size of type, the columns and how wide they are.

Widths are worked out in thousandths of the type size (like the fonts' own), so that one measurement serves every size that is
tried: first the comfortable one on upright paper, then sideways, then smaller print, at last several pages side by side.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from reportlab.lib import pagesizes

from core.engine.formats.pdf.fonts import Fonts
from core.engine.formats.pdf.options import PdfOptions
from core.engine.formats.pdf.survey import Survey
from core.engine.formats.pdf.typefaces import EM
from core.engine.formats.pdf.typesetting import BREAKS, Typesetter
from core.engine.rendering import OutColumn
from core.engine.values import NUMBERS, TEXTS
from core.errors import BadSpec

COMFORTABLE = (9.0, 8.5, 8.0)  # points: sizes tried before the paper is turned
SMALLER = (7.5, 7.0, 6.5, 6.0)  # tried after that; nothing smaller is legible on paper
CONTINUED = 7.0  # the size where columns go on on further pages
PAD = 450  # thousandths of the type size, left and right of a cell
LEADING = 1.32  # from line to line, in type sizes
AIR = 0.28  # above and below the lines of a row, in type sizes
ASCENT = 0.93  # of the first line, in type sizes: where its baseline is
TEXT_WIDTH = 22_000  # thousandths: a text column wider than this is wrapped before print gets smaller
TEXT_LEAST = 7_000
WORD = 13_000  # a word longer than this may be broken
HEADER_WORD = 9_000
STRETCH = 1.5  # how much wider than its content a table may be drawn
NARROWEST = 0.6  # of the page: a table of few columns is drawn that wide
WHOLE = 0.25  # of the page: a row up to this height is never parted
LINES_APART = 3  # of a parted row, at least so many stand at the foot of a page
FEET = 22.0  # points of the footer below the rows


@dataclass(frozen=True)
class Page:
    """A sheet of paper, in points."""

    width: float
    height: float
    margin: float

    @property
    def room(self) -> float:
        return self.width - 2 * self.margin

    @property
    def top(self) -> float:
        return self.height - self.margin

    @property
    def bottom(self) -> float:
        """Where rows end."""
        return self.margin + FEET - 8


@dataclass(frozen=True)
class Wish:
    """What a column asks for, in thousandths of the type size, padding included."""

    natural: float  # the longest value on one line
    comfortable: float
    least: float


@dataclass(frozen=True)
class Slot:
    """A column on a page; the first one has a slot in every band."""

    index: int  # which value of the row
    band: int
    left: float  # of its text, points
    room: float  # for its text, points
    rightwards: bool  # numbers: the text ends at the right edge

    @cached_property
    def right(self) -> float:
        return self.left + self.room


@dataclass(frozen=True)
class Table:
    """How one section is drawn: `bands` are pages side by side, one where all columns fit."""

    columns: tuple[OutColumn, ...]
    slots: tuple[Slot, ...]
    bands: int
    widths: tuple[float, ...]  # of each band, points
    size: float

    @property
    def leading(self) -> float:
        return self.size * LEADING

    def height(self, lines: int) -> float:
        """Of a row of so many lines."""
        return lines * self.leading + 2 * AIR * self.size


def paper(options: PdfOptions, *, landscape: bool) -> Page:
    width, height = getattr(pagesizes, options.page_size.upper())
    margin = 28.0 if options.page_size == "A5" else 40.0
    return Page(height, width, margin) if landscape else Page(width, height, margin)


def wishes(known: Survey) -> list[Wish]:
    """What every column asks for: from its header, its widest values and its sums."""
    setter = Typesetter(Fonts(), EM)  # in thousandths; not the document's fonts: measuring uses no glyph
    made = []
    for place, (column, values) in enumerate(zip(known.columns, known.widest, strict=True)):
        added = known.summed.index(place) if place in known.summed else None
        sums = [] if added is None else [part[added] for part in known.totals]
        texts = [*values, *max_by_length(sums)]
        widest = max((setter.measure(text) for text in texts), default=0.0)
        if sums:
            widest = max(widest, *(setter.measure(text, bold=True) for text in max_by_length(sums)))
        label = setter.measure(column.label, bold=True)
        header = min(max(setter.measure(word, bold=True) for word in _words(column.label)), HEADER_WORD)
        if column.kind in TEXTS:
            word = max((setter.measure(word) for text in values for word in _words(text)), default=0.0)
            least = max(header, min(word, WORD), min(widest, TEXT_LEAST))
            natural = max(widest, min(label, 1.5 * max(widest, header)), header)
            comfortable = max(least, min(natural, TEXT_WIDTH))
        else:
            least = max(min(widest, TEXT_WIDTH), header)
            natural = comfortable = max(least, min(label, 1.3 * least))
        made.append(Wish(*(width + 2 * PAD + 20 for width in (natural, comfortable, least))))
    return made


def max_by_length(texts: Sequence[str], most: int = 3) -> list[str]:
    return sorted(texts, key=len)[-most:]


def _words(text: str) -> list[str]:
    return [word for word in BREAKS.split(text) if word] or [""]


def choose(surveys: Sequence[Survey], options: PdfOptions) -> tuple[Page, list[Table]]:
    """One paper for all sections, and each section's table. Raises BadSpec where columns do not fit and must."""
    asked = [wishes(known) for known in surveys]
    upright, sideways = paper(options, landscape=False), paper(options, landscape=True)
    if options.orientation == "auto":
        sizes = (float(options.font_size),) if options.font_size else COMFORTABLE
        easy = all(any(_fits(wish, size, upright, least=False) for size in sizes) for wish in asked)
        page = upright if easy else sideways
    else:
        page = upright if options.orientation == "portrait" else sideways
    return page, [_table(known, wish, page, options) for known, wish in zip(surveys, asked, strict=True)]


def _fits(asked: Sequence[Wish], size: float, page: Page, *, least: bool) -> bool:
    return sum(wish.least if least else wish.comfortable for wish in asked) * size / EM <= page.room


def _table(known: Survey, asked: Sequence[Wish], page: Page, options: PdfOptions) -> Table:
    sizes = (float(options.font_size),) if options.font_size else (*COMFORTABLE, *SMALLER)
    for least in (False, True):  # print gets a little smaller before words wrap tightly
        for size in sizes[: 5 if not least else None]:
            if _fits(asked, size, page, least=least):
                return _one_band(known, asked, page, size)
    if options.too_wide == "refuse":
        raise BadSpec(
            f"{len(known.columns)} columns do not fit on one {options.page_size} page, not even in small print.",
            "Choose fewer columns, a larger or sideways page, or let the columns go on on further pages.",
            field="too_wide",
        )
    return _bands(known, asked, page, float(options.font_size or CONTINUED))


def _one_band(known: Survey, asked: Sequence[Wish], page: Page, size: float) -> Table:
    room = page.room / size * EM
    return _made(known, [list(enumerate(_stretched(_shared(asked, room), room)))], page, size)


def _stretched(widths: Sequence[float], room: float) -> list[float]:
    """A little wider where there is room: up to the page, but numbers stay near what they belong to."""
    wanted = sum(widths)
    factor = min(room, max(wanted * STRETCH, room * NARROWEST)) / wanted
    return [width * factor for width in widths]


def _shared(asked: Sequence[Wish], room: float) -> list[float]:
    """Natural widths; where they are too much, each gets its least, and of the rest longer texts more than shorter ones."""

    def at(share: float) -> list[float]:
        return [
            wish.least + min(wish.natural - wish.least, share * math.sqrt(wish.natural - wish.least)) for wish in asked
        ]

    low, high = 0.0, math.sqrt(max(wish.natural for wish in asked)) + 1
    if sum(at(high)) <= room:
        return at(high)
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (middle, high) if sum(at(middle)) <= room else (low, middle)
    return at(low)


def _bands(known: Survey, asked: Sequence[Wish], page: Page, size: float) -> Table:
    """Columns in order, as many to a page as fit; every page begins with the first column."""
    room = page.room / size * EM
    widths = [min(wish.comfortable, room / 2) for wish in asked]
    bands: list[list[tuple[int, float]]] = [[(0, widths[0])]]
    for place, width in enumerate(widths[1:], 1):
        if sum(taken for _, taken in bands[-1]) + width > room:
            bands.append([(0, widths[0])])
        bands[-1].append((place, width))
    for band in bands:
        band[:] = zip((place for place, _ in band), _stretched([width for _, width in band], room), strict=True)
    return _made(known, bands, page, size)


def _made(known: Survey, bands: Sequence[Sequence[tuple[int, float]]], page: Page, size: float) -> Table:
    slots, totals = [], []
    pad = PAD * size / EM
    for band, columns in enumerate(bands):
        x = page.margin
        for index, width in columns:
            points = width * size / EM
            rightwards = known.columns[index].kind in NUMBERS
            slots.append(Slot(index, band, x + pad, points - 2 * pad, rightwards))
            x += points
        totals.append(x - page.margin)
    return Table(known.columns, tuple(slots), len(bands), tuple(totals), size)
