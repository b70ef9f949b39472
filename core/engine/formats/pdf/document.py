"""A ReportLab canvas whose pages are in the file as soon as they are shown, so that a long document needs no more memory.

ReportLab keeps every page until the end. Here the document writes objects as they are finished and remembers only where each
one begins; what is known last (fonts, outline, how many pages there are) is written last, and referred to from the start.
The same content and moment give the same bytes.
"""

from __future__ import annotations

import hashlib
import io
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

from reportlab.lib.utils import ImageReader
from reportlab.pdfbase import pdfdoc
from reportlab.pdfgen.canvas import Canvas

from core.engine.formats.pdf.fonts import DEFLATED, Fonts

VERSION = (1, 7)
PAGES = "Pages"  # the form that says how many pages there are, drawn on every page
FORM_WIDTH, FORM_HEIGHT = 120, 20  # points, room for " of 1,234,567"


class StreamedFile(pdfdoc.PDFFile):  # type: ignore[misc]  # ReportLab has no types
    """Counts offsets as ReportLab's does, and holds nothing."""

    def __init__(self, out: BinaryIO) -> None:
        super().__init__(VERSION)
        out.write(b"".join(self.strings))
        self.strings.clear()
        self.write = out.write


class Moment:
    """What ReportLab wants to know of a point in time."""

    def __init__(self, now: datetime) -> None:
        offset = int((now.utcoffset() or now - now).total_seconds())
        self.t = now.timestamp()
        self.YMDhms = now.timetuple()[:6]
        self.dhh, self.dmm = offset // 3600, offset % 3600 // 60


class StreamedDocument(pdfdoc.PDFDocument):  # type: ignore[misc]
    """Writes each page, and in the end everything else. `contents` are the SHA-256 of its page contents, in order."""

    def __init__(self, out: BinaryIO, now: datetime, language: str) -> None:
        super().__init__(compression=1, invariant=1, pdfVersion=VERSION, lang=language)
        self.defaultStreamFilters = DEFLATED
        self._timeStamp = Moment(now)
        self._out = StreamedFile(out)
        self.contents = hashlib.sha256()
        self.pages = 0

    def addPage(self, page: Any) -> None:
        content = page.stream.encode("ascii")
        self.contents.update(content)
        self.updateSignature(content)
        stream = self.Reference(pdfdoc.PDFStream(content=content))
        self._write(stream.name)
        page.Contents, page.stream = stream, None
        reference = self.Reference(page, self.thisPageName())
        self.Pages.addPage(reference)
        self._write(reference.name)
        self.pageCounter += 1
        self.pages += 1
        self.inObject = None

    def format(self) -> bytes:
        """Write what is not in the file yet, the table of offsets and the trailer; nothing is left to return."""
        catalog, info = self.Reference(self.Catalog), self.Reference(self.info)
        names: list[str] = []
        while name := self.numberToId.get(len(names) + 1):  # formatting an object may bring in others
            if name not in self.idToOffset:
                self._write(name)
            names.append(name)
        table = pdfdoc.PDFCrossReferenceTable()
        table.addsection(0, names)
        start = self._out.add(table.format(self))
        trailer = pdfdoc.PDFTrailer(startxref=start, Size=len(names) + 1, Root=catalog, Info=info, ID=self.ID())
        self._out.add(trailer.format(self))
        return b""

    def _write(self, name: str) -> None:
        thing = pdfdoc.PDFIndirectObject(name, self.idToObject[name])
        self.idToOffset[name] = self._out.add(thing.format(self))
        self.idToObject[name] = None  # nobody asks for it again: others refer to it by number


class StreamedCanvas(Canvas):  # type: ignore[misc]
    """ReportLab's canvas over a `StreamedDocument`, without the standard font that it selects on every page."""

    def __init__(self, out: BinaryIO, page: tuple[float, float], now: datetime, language: str) -> None:
        super().__init__(out, pagesize=page, pageCompression=0, invariant=1)
        self._doc = self.document = StreamedDocument(out, now, language)
        self._total = pdfdoc.PDFFormXObject(0, -FORM_HEIGHT / 2, FORM_WIDTH, FORM_HEIGHT)
        self.document.addForm(PAGES, self._total)
        self.setViewerPreference("DisplayDocTitle", "true")

    def _make_preamble(self) -> None:
        self._preamble = ""

    def draw(self, operators: str) -> None:
        """Add finished operators to the page."""
        self._code.append(operators)

    def logo(self, image: bytes, x: float, top: float, width: float, height: float) -> float:
        """Draw a picture in a box whose right upper corner is given, as large as fits; its width in points."""
        reader = ImageReader(io.BytesIO(image))
        across, down = reader.getSize()
        scale = min(width / across, height / down)
        self.drawImage(reader, x - across * scale, top - down * scale, across * scale, down * scale, mask="auto")
        return float(across * scale)

    def finish(self, total: str, fonts: Fonts) -> None:
        """Say how many pages there are (`total`: operators), then write the rest of the file."""
        self._total.setStreamList([total])
        self.document.delayedFonts = list(fonts)
        self.save()


def digest(path: Path) -> str:
    """The SHA-256 of a whole file, 64 hex digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
