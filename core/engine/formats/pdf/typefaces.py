"""The typefaces a PDF is set in: which one has a character, and how wide its glyphs are.

Noto Sans for Latin, Vietnamese, Cyrillic, Greek and Devanagari; its sisters for Arabic, Thai, Chinese, Japanese and Korean;
Assistant for Hebrew. All come as packages under the SIL Open Font License. Their files are mapped, not read: opening all of
them takes less than a millisecond.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import uharfbuzz as hb

EM = 1000.0  # everything is measured in thousandths of the type size, as in PDF
REGULAR, BOLD = 400, 600  # semibold is bold enough beside regular
BOX = 0  # the glyph of a character no typeface has (.notdef): in Noto Sans a box


@dataclass(frozen=True, eq=False)  # there is one of each: compared as itself, which is quicker
class Typeface:
    """A font file of a package, or one of those in a collection. Variable ones have weights, the others one for all."""

    name: str  # its PostScript name without the weight
    package: str
    file: str
    index: int = 0  # within a collection
    axes: tuple[tuple[str, float], ...] = ()  # pinned beside the weight
    variable: bool = True


WIDTH = (("wdth", 100.0),)
SANS = Typeface("NotoSans", "fontpkg_noto_sans", "files/NotoSans[wdth,wght].ttf", axes=WIDTH)
ARABIC = Typeface("NotoSansArabic", "fontpkg_noto_sans_arabic", "files/NotoSansArabic[wdth,wght].ttf", axes=WIDTH)
HEBREW = Typeface("Assistant", "fontpkg_assistant", "files/Assistant[wght].ttf")
THAI = Typeface("NotoSansThai", "fontpkg_noto_sans_thai", "files/NotoSansThai[wdth,wght].ttf", axes=WIDTH)


def _cjk(region: str, index: int) -> Typeface:
    return Typeface(f"NotoSansCJK{region}", "noto_cjk_sans_otc", "NotoSansCJK-Regular.ttc", index, variable=False)


JAPANESE, KOREAN, CHINESE = _cjk("jp", 0), _cjk("kr", 1), _cjk("sc", 2)


@cache
def face(typeface: Typeface) -> Any:
    return hb.Face(hb.Blob.from_file_path(str(files(typeface.package) / typeface.file)), typeface.index)


@cache
def font(typeface: Typeface, weight: int) -> Any:
    """The typeface at a weight, for shaping; lengths come in thousandths of the type size."""
    made = hb.Font(face(typeface))
    made.scale = (int(EM), int(EM))
    if typeface.variable:
        made.set_variations({**dict(typeface.axes), "wght": weight})
    return made


def glyph_of(typeface: Typeface, character: str) -> int | None:
    found: int | None = font(typeface, REGULAR).get_nominal_glyph(ord(character))
    return found


def advance(typeface: Typeface, weight: int, glyph: int) -> float:
    """How far the pen moves, in thousandths of the type size."""
    return float(font(typeface, weight).get_glyph_h_advance(glyph))


@cache
def _is_kana(character: str) -> bool:
    return "\u3040" <= character <= "\u30ff" or "\u31f0" <= character <= "\u31ff" or "\uff66" <= character <= "\uff9f"


@cache
def _is_hangul(character: str) -> bool:
    return "\uac00" <= character <= "\ud7af" or "\u1100" <= character <= "\u11ff" or "\u3130" <= character <= "\u318f"


def east_asian(text: str) -> Typeface:
    """One character is drawn differently in China, Japan and Korea: kana or hangul in the text tell which is meant."""
    if any(map(_is_kana, text)):
        return JAPANESE
    return KOREAN if any(map(_is_hangul, text)) else CHINESE


@cache
def typeface_of(character: str, cjk: Typeface) -> Typeface | None:
    """The first typeface that has the character; None where none has."""
    for typeface in (SANS, ARABIC, HEBREW, THAI, cjk):
        if glyph_of(typeface, character) is not None:
            return typeface
    return None


@cache
def script_of(character: str) -> str:
    """The script of a letter ("LATIN", "DEVANAGARI"); "" for what every script uses (digits, punctuation, marks)."""
    if not character.isalpha():
        return ""
    return unicodedata.name(character, "").partition(" ")[0]


@cache
def stands_alone(character: str) -> bool:
    """Whether its glyph never depends on its neighbours: left to right, no mark, no joining, in the main typeface."""
    category = unicodedata.category(character)
    return (
        category[0] not in "MC"
        and category not in ("Zl", "Zp")
        and unicodedata.bidirectional(character) not in ("R", "AL", "AN")
        and script_of(character) != "DEVANAGARI"
        and glyph_of(SANS, character) is not None
    )
