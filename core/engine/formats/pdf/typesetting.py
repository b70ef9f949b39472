"""Text into lines that are ready to be drawn: each is the operators of its glyphs, and its width.

Most texts of a table are letters whose glyphs never depend on one another: they go through two look-ups a character, without
shaping (`plain`). Everything else is shaped by HarfBuzz, run by run, in the order of Unicode's bidirectional algorithm.
Operators: ISO 32000-1, 9.4 (text objects); every line begins and ends with the regular main font selected.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, groupby
from typing import Any

import uharfbuzz as hb

from core.engine.formats.pdf.bidi import base_level, levels, reordered
from core.engine.formats.pdf.fonts import Font, Fonts
from core.engine.formats.pdf.typefaces import (
    BOLD,
    BOX,
    EM,
    REGULAR,
    SANS,
    Typeface,
    east_asian,
    font,
    glyph_of,
    script_of,
    stands_alone,
    typeface_of,
)

PARAGRAPHS = re.compile("\r\n|[\n\r\x0b\x0c\x85\u2028\u2029]")
IDEOGRAPHS = "\u2e80-\u2fff\u3040-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\uff00-\uffef"
NEVER_FIRST = "、。，．・：；？！゛゜ヽヾゝゞ々ー）］｝〕〉》」』】ぁぃぅぇぉっゃゅょァィゥェォッャュョ"
# where a line may end: at spaces, after a hyphen or slash within a word, round an ideograph
BREAKS = re.compile(
    "[ \t\u1680\u2000-\u2006\u2008-\u200b\u205f\u3000]+"
    r"|(?<=\w)[-/‐–—]+(?=\w)"
    rf"|(?<=[{IDEOGRAPHS}])(?![\s{NEVER_FIRST}])|(?<=[^\s])(?=[{IDEOGRAPHS}])(?![{NEVER_FIRST}])"
)
SHAPED = "?"  # stands in for what cannot be set character by character; no hexadecimal digit
TAB_SPACES = 4
LINES_KEPT = 10_000  # texts whose lines are remembered: repeated values are set once
WORDS_KEPT = 20_000  # words whose shape is remembered
KEPT_LENGTH = 200  # characters; longer texts seldom repeat, and their lines take memory


@dataclass(frozen=True, slots=True)
class Line:
    """One line of text: its operators, its width in points, whether its paragraph runs from right to left."""

    operators: str
    width: float
    leftwards: bool = False
    missing: str = ""  # the characters no typeface has; each is drawn as a box


EMPTY = Line("", 0.0)


@dataclass(slots=True)
class Cluster:
    """The smallest piece of shaped text that can move: its glyphs as (code, own width, dx, dy), from left to right."""

    start: int  # place of its first character in its word
    text: str
    font: Font
    level: int
    glyphs: list[tuple[str, float, float, float]]
    advance: float  # thousandths of the type size, as dx and dy are
    missing: bool = False


class Array:
    """The operand of TJ while it grows."""

    def __init__(self) -> None:
        self.codes = ""
        self._done: list[str] = []

    def back(self, distance: float) -> None:
        """Move the pen back, where that is far enough to be seen."""
        if abs(distance) >= 0.5:
            self._done.append(f"<{self.codes}>{round(distance)}" if self.codes else f"{round(distance)}")
            self.codes = ""

    def taken(self) -> str:
        """The operator for all so far; a new array begins."""
        array = "".join(self._done) + (f"<{self.codes}>" if self.codes else "")
        self.codes = ""
        self._done.clear()
        return f"[{array}] TJ" if array else ""


class Glyphs(dict[int, str]):
    """Codepoint → four hexadecimal digits of the main font, or `SHAPED`; filled as characters turn up."""

    def __init__(self, font: Font, widths: dict[str, float]) -> None:
        self._font, self._widths = font, widths

    def __missing__(self, codepoint: int) -> str:
        character = chr(codepoint)
        made, width = SHAPED, 0.0
        if stands_alone(character):
            glyph = glyph_of(SANS, character) or BOX
            made, width = self._font.code(glyph, character), self._font.advance(glyph)
        self[codepoint], self._widths[character] = made, width
        return made


class Face:
    """The main font at one weight: `glyphs` translates a text into codes, `widths` has each character's width."""

    def __init__(self, fonts: Fonts, weight: int) -> None:
        self.weight = weight
        self.font = fonts.get(SANS, weight)
        self.widths: dict[str, float] = {}
        self.glyphs = Glyphs(self.font, self.widths)

    def plain(self, text: str) -> str | None:
        """The codes of a text that needs no shaping; None where it does."""
        codes = text.translate(self.glyphs)
        return None if SHAPED in codes else codes

    def width(self, text: str) -> float:
        """Of a text that was translated before, in thousandths of the type size."""
        return sum(map(self.widths.__getitem__, text))


class Typesetter:
    """Sets text at one size of type, in points. Its fonts belong to one document."""

    def __init__(self, fonts: Fonts, size: float) -> None:
        self.fonts, self.size = fonts, size
        self.regular, self.bold = Face(fonts, REGULAR), Face(fonts, BOLD)
        self.select = f"/{self.regular.font.name} {size:g} Tf"
        self._select_bold = f"/{self.bold.font.name} {size:g} Tf"
        self._kept: dict[tuple[str, float, bool], tuple[Line, ...]] = {}
        self._words: dict[tuple[str, Typeface | None, int, int], tuple[Cluster, ...]] = {}

    def line(self, text: str, *, bold: bool = False) -> Line:
        """The text on one line, however long; line ends within it become spaces."""
        return self.lines(PARAGRAPHS.sub(" ", text), float("inf"), bold=bold)[0]

    def lines(self, text: str, room: float, *, bold: bool = False) -> tuple[Line, ...]:
        """The text in lines of at most `room` points, and a new one at every line end; at least one."""
        key = (text, room, bold)
        found = self._kept.get(key)
        if found is None:
            limit = room / self.size * EM
            face = self.bold if bold else self.regular
            found = tuple(line for part in PARAGRAPHS.split(text) for line in self._paragraph(part, limit, face))
            if len(self._kept) >= LINES_KEPT:
                self._kept.clear()
            if len(text) <= KEPT_LENGTH:
                self._kept[key] = found
        return found

    def measure(self, text: str, *, bold: bool = False) -> float:
        """The width of the widest of its own lines, in points."""
        return max(line.width for line in self.lines(text, float("inf"), bold=bold))

    def cut(self, text: str, room: float, *, bold: bool = False) -> Line:
        """The text on one line of at most `room` points; what does not fit is left out behind an ellipsis."""
        whole = self.line(text, bold=bold)
        if whole.width <= room:
            return whole
        low, high = 0, len(text)
        while low < high:
            middle = (low + high + 1) // 2
            fits = self.line(text[:middle].rstrip() + "…", bold=bold).width <= room
            low, high = (middle, high) if fits else (low, middle - 1)
        return self.line(text[:low].rstrip() + "…", bold=bold)

    def _paragraph(self, text: str, limit: float, face: Face) -> Iterator[Line]:
        if not text:
            yield EMPTY
            return
        if face.plain(text) is not None:
            ends = list(accumulate((face.widths[c] for c in text), initial=0.0))
            for start, end in _cuts(ends, _breaks(text), limit):
                codes = text[start:end].translate(face.glyphs)
                yield Line(self._with(face, f"<{codes}> Tj"), (ends[end] - ends[start]) * self.size / EM)
            return
        clusters, starts = self._clusters(text, face)
        ends = list(accumulate((cluster.advance for cluster in clusters), initial=0.0))
        places = {start: number for number, start in enumerate([*starts, len(text)])}
        breaks = [(places[end], places[after]) for end, after in _breaks(text) if end in places and after in places]
        leftwards = bool(base_level(text))
        for start, end in _cuts(ends, breaks, limit):
            yield self._shaped(clusters[start:end], leftwards, face)

    def _with(self, face: Face, operators: str) -> str:
        return f"{self._select_bold} {operators} {self.select}" if face is self.bold else operators

    def _shaped(self, clusters: list[Cluster], leftwards: bool, face: Face) -> Line:
        """Draw a line of clusters in visual order."""
        order = reordered([cluster.level for cluster in clusters])
        visual = [clusters[place] for place in order]
        pieces = []
        for used, run in groupby(visual, lambda cluster: cluster.font):
            pieces += [f"/{used.name} {self.size:g} Tf", *self._show(run)]
        pieces.append(self.select)
        operators = " ".join(pieces)
        width = sum(cluster.advance for cluster in clusters) * self.size / EM
        missing = "".join(cluster.text for cluster in clusters if cluster.missing)
        return Line(operators, width, leftwards, missing)

    def _show(self, clusters: Iterable[Cluster]) -> Iterator[str]:
        """TJ arrays: codes, and between them how far the pen moves back (in thousandths)."""
        array = Array()
        for cluster in clusters:
            moved = 0.0
            for code, own, dx, dy in cluster.glyphs:
                array.back(-dx)
                if dy:
                    yield f"{array.taken()} {dy * self.size / EM:.2f} Ts [<{code}>] TJ 0 Ts"
                else:
                    array.codes += code
                moved += dx + own
            array.back(moved - cluster.advance)
        yield array.taken()

    def _clusters(self, text: str, face: Face) -> tuple[list[Cluster], list[int]]:
        """The paragraph shaped, cluster by cluster in the order of its characters, and where each begins."""
        clusters: list[Cluster] = []
        starts: list[int] = []
        for start, end, typeface, level in _runs(text):
            key = (text[start:end], typeface, level, face.weight)
            found = self._words.get(key)
            if found is None:
                if len(self._words) >= WORDS_KEPT:
                    self._words.clear()
                found = self._words[key] = tuple(_shape(text[start:end], typeface, level, self.fonts, face.weight))
            clusters += found
            starts += [start + cluster.start for cluster in found]
        return clusters, starts


def _runs(text: str) -> Iterator[tuple[int, int, Typeface | None, int]]:
    """(start, end, typeface, level) of stretches that are shaped as one; without a typeface: characters nobody has."""
    cjk = east_asian(text)
    script, used = "", None
    keys: list[tuple[Typeface | None, int, str]] = []  # a word at a time, since words repeat
    for character, level in zip(text, levels(text), strict=True):
        if character == "\t":
            keys.append((SANS, level, character))
            continue
        follows = character == " " or (not character.isprintable() and character > "\xa0") or _is_mark(character)
        if not (follows and used is not None and glyph_of(used, character) is not None):
            found = typeface_of(character, cjk)
            if not (found is None and _ignorable(character)):
                used = found
        script = script_of(character) or script
        keys.append((used, level, " " if character == " " else script))
    place = 0
    for (typeface, level, _), run in groupby(keys):
        length = len(list(run))
        yield place, place + length, typeface, level
        place += length


def _is_mark(character: str) -> bool:
    return unicodedata.category(character)[0] == "M"


def _ignorable(character: str) -> bool:
    """Joiners, direction marks and variation selectors are there to be obeyed, not seen."""
    return unicodedata.category(character) == "Cf" or "\ufe00" <= character <= "\ufe0f"


def _shape(run: str, typeface: Typeface | None, level: int, fonts: Fonts, weight: int) -> Iterator[Cluster]:
    """The clusters of a run, in the order of its characters."""
    if typeface is None or run[0] == "\t":
        yield from _unshaped(run, level, fonts.get(SANS, weight))
        return
    used = fonts.get(typeface, weight)
    buffer = hb.Buffer()
    buffer.add_str(run)
    buffer.guess_segment_properties()
    buffer.direction = "rtl" if level % 2 else "ltr"
    hb.shape(font(typeface, used.weight), buffer)
    drawn_glyphs = list(zip(buffer.glyph_infos, buffer.glyph_positions, strict=True))
    grouped = [(place, list(found)) for place, found in groupby(drawn_glyphs, lambda pair: pair[0].cluster)]
    grouped.sort(key=lambda pair: pair[0])
    ends = [place for place, _ in grouped[1:]] + [len(run)]
    for (place, found), after in zip(grouped, ends, strict=True):
        spoken = run[place:after]
        parts = _shared(spoken, [at.x_advance for _, at in found], leftwards=bool(level % 2))
        glyphs = [
            (used.code(info.codepoint, part), used.advance(info.codepoint), float(at.x_offset), float(at.y_offset))
            for (info, at), part in zip(found, parts, strict=True)
        ]
        advance = float(sum(at.x_advance for _, at in found))
        yield Cluster(place, spoken, used, level, _placed(glyphs, found), advance)


def _unshaped(run: str, level: int, used: Font) -> Iterator[Cluster]:
    """Tabs, controls and what nobody has a glyph for; all of it still reads as itself."""
    space = glyph_of(SANS, " ") or BOX
    for place, character in enumerate(run):
        missing = character != "\t" and not _ignorable(character)
        glyph = BOX if missing else space
        own = used.advance(glyph)
        advance = own if missing else own * TAB_SPACES if character == "\t" else 0.0
        yield Cluster(place, character, used, level, [(used.code(glyph, character), own, 0.0, 0.0)], advance, missing)


def _placed(glyphs: list[Any], found: Sequence[Any]) -> list[tuple[str, float, float, float]]:
    """Offsets counted from where the pen stands: PDF moves it by the glyph's own width, HarfBuzz by its advance."""
    made, pen, wanted = [], 0.0, 0.0
    for (code, own, dx, dy), (_, at) in zip(glyphs, found, strict=True):
        made.append((code, own, wanted + dx - pen, dy))
        pen = wanted + dx + own
        wanted += at.x_advance
    return made


def _shared(text: str, advances: Sequence[float], *, leftwards: bool) -> list[str]:
    """Which part of a cluster's text each of its glyphs stands for; together they are the text.

    Where they are not one to one (a ligature, a letter whose dots are glyphs of their own), the widest has it all.
    """
    if len(text) == len(advances):
        return list(reversed(text)) if leftwards else list(text)
    bearer = max(range(len(advances)), key=advances.__getitem__)
    return [text if place == bearer else "" for place in range(len(advances))]


def _breaks(text: str) -> list[tuple[int, int]]:
    """(where a line may end, where the next then begins)."""
    return [
        (found.start(), found.end()) if found[0].isspace() or not found[0] else (found.end(), found.end())
        for found in BREAKS.finditer(text)
    ]


def _cuts(ends: Sequence[float], breaks: Sequence[tuple[int, int]], limit: float) -> Iterator[tuple[int, int]]:
    """Lines as (start, end) of pieces whose right ends are `ends`; a word longer than a line is cut anywhere."""
    start, last = 0, len(ends) - 1
    stops = [end for end, _ in breaks]
    while start < last:
        furthest = bisect_right(ends, ends[start] + limit + 0.001) - 1
        if furthest >= last:
            yield start, last
            return
        place = bisect_right(stops, furthest) - 1
        if place >= 0 and stops[place] > start:
            yield start, stops[place]
            start = breaks[place][1]
        else:
            end = max(furthest, start + 1)
            yield start, end
            start = end
