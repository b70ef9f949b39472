"""Reading a finished PDF again with another library: every page's content, every row marked in it, the fonts they use.

A locked file that was unlocked has the same content in other bytes; so the content is compared, not the file.
"""

from __future__ import annotations

import hashlib
from typing import BinaryIO

import pikepdf
from pikepdf.models import PdfParsingError

from core.engine.formats.base import Written
from core.engine.formats.pdf.pages import ROW
from core.engine.formats.reading import damaged

MARK = f"{ROW}\n".encode()


def verify(content: BinaryIO, written: Written) -> int:
    """The rows counted on all pages. Raises Trouble where it is not what was written."""
    try:
        with pikepdf.open(content) as document:
            return _checked(document, written)
    except (pikepdf.PikepdfError, PdfParsingError, AttributeError, KeyError) as trouble:
        raise damaged(f"it is not a whole PDF ({trouble}).") from trouble


def _checked(document: pikepdf.Pdf, written: Written) -> int:
    pages = len(document.pages)
    if pages != written.extra["pages"]:
        raise damaged(f"it has {pages:,} pages where {written.extra['pages']:,} were written.")
    digest, rows = hashlib.sha256(), 0
    for page in document.pages:
        drawn = page.Contents.read_bytes()
        digest.update(drawn)
        rows += drawn.count(MARK)
    if digest.hexdigest() != written.extra["contents"]:
        raise damaged("its pages are not the pages that were written.")
    if rows != written.rows:
        raise damaged(f"it holds {rows:,} rows where {written.rows:,} were written.")
    for end in {0, pages - 1}:
        pikepdf.parse_content_stream(document.pages[end])  # every operator has what it needs, or this raises
    found = {name.removeprefix("/"): _program(font) for name, font in document.pages[0].Resources.Font.items()}
    if found != written.extra["fonts"]:
        raise damaged("its fonts are not the fonts that were written.")
    return rows


def _program(font: pikepdf.Object) -> str:
    """The SHA-256 of the font program a composite font is drawn with."""
    descriptor = font.DescendantFonts[0].FontDescriptor
    program = descriptor["/FontFile2" if "/FontFile2" in descriptor else "/FontFile3"]
    return hashlib.sha256(program.read_bytes()).hexdigest()
