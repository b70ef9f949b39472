"""What the content of an ODS says: cells repeated into the millions are refused, error cells calamine blanks are found.

OpenDocument 1.3 part 3, 19.675 and 19.679: a cell or a row may say it stands for N equal ones, so 1 KB can mean 10⁹ cells.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from xml.parsers import expat

from core.engine.ingest import workbook_guard
from core.engine.ingest.sheet_xml import SheetFacts

MAX_REPEATED = 20_000_000  # filled cells the repeats of all sheets may stand for
REPEATED_CELL = re.compile(rb'<[\w-]+:(?:covered-)?table-cell\b([^>]*number-columns-repeated="(\d{3,})"[^>]*)>')
REPEATED_ROW = re.compile(
    rb'<[\w-]+:table-row\b[^>]*number-rows-repeated="(\d{3,})"[^>]*>(.*?)</[\w-]+:table-row>', re.DOTALL
)
ROW_END = b"table-row>"


def read(blocks: Iterable[bytes], name: str) -> dict[str, SheetFacts]:
    """Go once over content.xml: every table by name, with its error cells. Raises BadFile for hostile repeats."""
    errors = Errors()
    repeated = 0
    held = b""
    for block in blocks:
        errors.feed(block)
        data = held + block
        cut = data.rfind(ROW_END) + len(ROW_END) if ROW_END in data else 0
        repeated += _repeated(data[:cut])
        held = data[cut:]
        if repeated > MAX_REPEATED:
            break
    if repeated + _repeated(held) > MAX_REPEATED:
        raise workbook_guard.refused(name, "a few of its cells are repeated many millions of times.")
    return errors.found


def _repeated(data: bytes) -> int:
    """How many filled cells the repeats in this piece stand for."""
    if b"-repeated=" not in data:
        return 0
    cells = sum(int(m[2]) for m in REPEATED_CELL.finditer(data) if b"value-type" in m[1])
    for row in REPEATED_ROW.finditer(data):
        filled = row[2].count(b"value-type")
        wide = sum(int(m[2]) for m in REPEATED_CELL.finditer(row[2]) if b"value-type" in m[1])
        cells += int(row[1]) * (filled + wide)
    return cells


class Errors:
    """Follows tables, rows and cells through the XML, to know where the error cells stand."""

    def __init__(self) -> None:
        self.found: dict[str, SheetFacts] = {}
        self.facts = SheetFacts()
        self.row = self.column = 0
        self.rows = self.columns = 1  # how many the current row and cell stand for
        self.error = self.inside = False
        self.text = ""
        self.parser = expat.ParserCreate()
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end

    def feed(self, block: bytes) -> None:
        try:
            self.parser.Parse(block, False)
        except expat.ExpatError:  # calamine will say what is wrong with it
            self.parser = expat.ParserCreate()

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        local = tag.rpartition(":")[2]
        if local == "table":
            self.facts = SheetFacts()
            self.row = 0
            self.found[_get(attributes, "name", "")] = self.facts
        elif local == "table-row":
            self.column, self.rows = 0, int(_get(attributes, "number-rows-repeated", "1"))
        elif local in ("table-cell", "covered-table-cell"):
            self.columns = int(_get(attributes, "number-columns-repeated", "1"))
            self.error = "error" in attributes.values() and any(
                v == "error" and k.endswith("value-type") for k, v in attributes.items()
            )
            self.text = ""
        elif local == "p" and self.error:
            self.parser.CharacterDataHandler = self._text

    def _text(self, text: str) -> None:
        self.text += text

    def _end(self, tag: str) -> None:
        local = tag.rpartition(":")[2]
        if local == "p":
            self.parser.CharacterDataHandler = None
        elif local in ("table-cell", "covered-table-cell"):
            if self.error:
                for n in range(min(self.columns, 1_000)):
                    self.facts.errors[self.row, self.column + n] = self.text or "#ERROR!"
            self.column += self.columns
            self.error = False
        elif local == "table-row":
            self.row += self.rows


def _get(attributes: dict[str, str], name: str, default: str) -> str:
    return next((v for k, v in attributes.items() if k.rpartition(":")[2] == name), default)
