"""The fonts inside a document: each holds only the glyphs that were used, and says of each what text it stands for.

A text is written in codes of two bytes. TrueType: every pair of glyph and text gets a code of its own, so that what is copied
out of the file is what went in, even where two characters share a glyph. CFF: the code is the glyph's own number (CID).
ISO 32000-1, 9.7 (composite fonts), 9.10.3 (ToUnicode).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from itertools import groupby
from typing import Any

import uharfbuzz as hb
from isal import isal_zlib
from reportlab.pdfbase import pdfdoc

from core.engine.formats.pdf.typefaces import BOLD, EM, Typeface, advance, face, font

SUBSET_TAG = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
SYMBOLIC = 4  # flag of a font descriptor: its glyphs are not those of a standard encoding
UNNEEDED = ("GSUB", "GPOS", "GDEF", "BASE", "VORG", "vhea", "vmtx", "STAT", "name", "gasp")  # tables PDF readers ignore
MAPPED_AT_ONCE = 100  # entries of one block of a ToUnicode map, at most
# Codes of glyphs that add nothing to the text, such as the dots of an Arabic letter. Chrome copies a code without a text as
# the character of that number: these characters are invisible.
SILENT = frozenset({*range(0x2060, 0x2070), *range(0xFE00, 0xFE10)})
LAST_CODE = 0xFFFE
Name = pdfdoc.PDFName


class Deflate:
    """ReportLab's stream filter, by ISA-L: the pages of a long document are most of its bytes."""

    pdfname = "FlateDecode"

    @staticmethod
    def encode(content: bytes | str) -> bytes:
        data = content.encode("latin-1") if isinstance(content, str) else content
        return isal_zlib.compress(data, 2)


DEFLATED = [Deflate]


class Font:
    """A typeface at a weight in one document. ReportLab asks it for its objects when the document is finished."""

    def __init__(self, name: str, typeface: Typeface, weight: int) -> None:
        self.name, self.typeface, self.weight = name, typeface, weight
        self.is_cff = "CFF " in face(typeface).table_tags
        self._codes: dict[tuple[int, str], int] = {}
        self._last = 0
        self._silent: list[int] = sorted(SILENT, reverse=True)
        self._texts: dict[int, str] = {}  # code → what it stands for
        self._glyphs: dict[int, int] = {}  # code → glyph
        self.sha256 = ""  # of the font program, once it is made

    def code(self, glyph: int, text: str) -> str:
        """Four hexadecimal digits that draw the glyph and read as `text`."""
        known = self._codes.get((glyph, text))
        if known is None:
            known = glyph if self.is_cff else self._next(glyph, silent=not text)
            self._codes[glyph, text] = known
            self._glyphs[known] = glyph
            self._texts.setdefault(known, text)
        return f"{known:04x}"

    def _next(self, glyph: int, *, silent: bool) -> int:
        """A code that is free; where none is left, one that draws the same glyph and reads otherwise."""
        if silent and self._silent:
            return self._silent.pop()
        if self._last >= LAST_CODE:
            return next((code for code, drawn in self._glyphs.items() if drawn == glyph), 0)
        self._last += 1
        while self._last in SILENT:
            self._last += 1
        return self._last

    def addObjects(self, document: Any) -> None:
        glyphs = sorted(set(self._glyphs.values()))
        program, new = self._subset(glyphs)
        tag = hashlib.sha256(repr((self.typeface.name, self.weight, glyphs)).encode()).digest()
        style = "SemiBold" if self.weight == BOLD and self.typeface.variable else "Regular"
        name = "".join(SUBSET_TAG[byte % 26] for byte in tag[:6]) + f"+{self.typeface.name}-{style}"
        extents = font(self.typeface, self.weight).get_font_extents("ltr")
        descriptor = pdfdoc.PDFDictionary(
            {
                "Type": Name("FontDescriptor"),
                "FontName": Name(name),
                "Flags": SYMBOLIC,
                "FontBBox": pdfdoc.PDFArray([-1000, int(extents.descender), 3000, int(extents.ascender)]),
                "ItalicAngle": 0,
                "Ascent": int(extents.ascender),
                "Descent": int(extents.descender),
                "CapHeight": 714,
                "StemV": 80 if self.weight < BOLD else 120,
                "FontFile3" if self.is_cff else "FontFile2": document.Reference(program),
            }
        )
        descendant = {
            "Type": Name("Font"),
            "Subtype": Name("CIDFontType0" if self.is_cff else "CIDFontType2"),
            "BaseFont": Name(name),
            "CIDSystemInfo": pdfdoc.PDFDictionary(
                {
                    "Registry": pdfdoc.PDFString("Adobe"),
                    "Ordering": pdfdoc.PDFString("Identity"),
                    "Supplement": 0,
                }
            ),
            "FontDescriptor": document.Reference(descriptor),
            "DW": 1000,
            "W": pdfdoc.PDFArray(list(self._widths())),
        }
        if not self.is_cff:
            table = bytearray(2 * (max(self._glyphs, default=0) + 1))
            for code, glyph in self._glyphs.items():
                table[2 * code : 2 * code + 2] = new[glyph].to_bytes(2, "big")
            descendant["CIDToGIDMap"] = document.Reference(pdfdoc.PDFStream(content=bytes(table), filters=DEFLATED))
        made = pdfdoc.PDFDictionary(
            {
                "Type": Name("Font"),
                "Subtype": Name("Type0"),
                "BaseFont": Name(name),
                "Encoding": Name("Identity-H"),
                "DescendantFonts": pdfdoc.PDFArray([document.Reference(pdfdoc.PDFDictionary(descendant))]),
                "ToUnicode": document.Reference(pdfdoc.PDFStream(content=self._to_unicode(), filters=DEFLATED)),
            }
        )
        document.idToObject[pdfdoc.BasicFonts].dict[self.name] = document.Reference(made)

    def _subset(self, glyphs: list[int]) -> tuple[Any, dict[int, int]]:
        """The font program of these glyphs alone, and the number each has in it."""
        wanted = hb.SubsetInput()
        wanted.glyph_set.update(glyphs)
        # shaping is done: no rule that could bring in further glyphs is kept
        wanted.flags = hb.SubsetFlags.NO_HINTING | hb.SubsetFlags.NOTDEF_OUTLINE | hb.SubsetFlags.NO_LAYOUT_CLOSURE
        wanted.drop_table_tag_set.update(int.from_bytes(tag.encode(), "big") for tag in UNNEEDED)
        whole = face(self.typeface)
        if self.typeface.variable:
            for tag, value in (*self.typeface.axes, ("wght", self.weight)):
                wanted.pin_axis_location(whole, tag, value)
        plan = hb.SubsetPlan(whole, wanted)
        made = plan.execute()
        if self.is_cff:
            data, key, value = bytes(made.reference_table("CFF ").data), "Subtype", Name("CIDFontType0C")
        else:
            data = bytes(made.blob.data)
            key, value = "Length1", len(data)
        stream = pdfdoc.PDFStream(content=data, filters=DEFLATED)
        stream.dictionary[key] = value
        self.sha256 = hashlib.sha256(data).hexdigest()
        return stream, dict(plan.old_to_new_glyph_mapping)

    def _widths(self) -> Iterator[Any]:
        """Runs of consecutive codes and their widths, as /W wants them."""
        for _, run in groupby(enumerate(sorted(self._glyphs)), lambda pair: pair[1] - pair[0]):
            codes = [code for _, code in run]
            yield codes[0]
            yield pdfdoc.PDFArray([round(self.advance(self._glyphs[code])) for code in codes])

    def advance(self, glyph: int) -> float:
        """The glyph's own width, in thousandths of the type size."""
        return advance(self.typeface, self.weight, glyph)

    def _to_unicode(self) -> bytes:
        entries = [
            f"<{code:04x}> <{text.encode('utf-16-be', 'surrogatepass').hex()}>"
            for code, text in sorted(self._texts.items())
        ]
        blocks = [entries[i : i + MAPPED_AT_ONCE] for i in range(0, len(entries), MAPPED_AT_ONCE)]
        body = "\n".join(f"{len(block)} beginbfchar\n" + "\n".join(block) + "\nendbfchar" for block in blocks)
        return (
            "/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n"
            "/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def\n"
            "/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n"
            f"1 begincodespacerange\n<0000> <ffff>\nendcodespacerange\n{body}\n"
            "endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n"
        ).encode()


class Fonts:
    """The fonts one document uses, made as they are asked for."""

    def __init__(self) -> None:
        self._made: dict[tuple[Typeface, int], Font] = {}

    def get(self, typeface: Typeface, weight: int) -> Font:
        if not typeface.variable:
            weight = min(weight, 400)
        made = self._made.get((typeface, weight))
        if made is None:
            made = self._made[typeface, weight] = Font(f"F{len(self._made) + 1}", typeface, weight)
        return made

    def __iter__(self) -> Iterator[Font]:
        return iter(self._made.values())


__all__ = ["DEFLATED", "EM", "Deflate", "Font", "Fonts"]
