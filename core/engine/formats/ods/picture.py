"""A small finished spreadsheet as LibreOffice would show it, read from the real file: its cells, its styles, its widths.

A number or a date carries no text of its own (see `cells`): its text is made of the value and the data style of its cell or,
where the cell says none, of its column.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import cast
from xml.etree.ElementTree import Element

from core.engine.formats.ods.document import NAMESPACES
from core.engine.formats.ods.dress import ALIGN
from core.engine.formats.ods.number_styles import code_of
from core.engine.formats.sheets.picture import Align, CellPicture, SheetPicture, Value, shown, usual_side
from core.engine.formats.sheets.reading import parsed

OFFICE, TABLE, TEXT, STYLE, FO = (f"{{{NAMESPACES[prefix]}}}" for prefix in ("office", "table", "text", "style", "fo"))
INCH = 96  # pixels
GENERAL = 15  # characters a number without a format is shown in
SIDES: dict[str, Align] = {said: cast(Align, side) for side, said in ALIGN.items()}


@dataclass(frozen=True)
class _Style:
    code: str = "General"
    align: Align | None = None
    bold: bool = False
    fill: str = ""
    color: str = ""
    wrap: bool = False


def sheets(path: Path, rows: int = 20) -> list[SheetPicture]:
    """The first `rows` rows of every table of a spreadsheet of ours. The file is read whole: it should be small."""
    with zipfile.ZipFile(path) as package:
        content = parsed(package.read("content.xml"), "content.xml")
    named = content.find(f"{OFFICE}automatic-styles")
    styles = {} if named is None else {cast(str, style.get(f"{STYLE}name")): style for style in named}
    looks = {name: _look(style, styles) for name, style in styles.items()}
    return [_sheet(table, styles, looks, rows) for table in content.iter(f"{TABLE}table")]


def _sheet(table: Element, styles: dict[str, Element], looks: dict[str, _Style], rows: int) -> SheetPicture:
    columns = list(table.iter(f"{TABLE}table-column"))
    widths = tuple(_width(styles[cast(str, column.get(f"{TABLE}style-name"))]) for column in columns)
    usual = [looks[cast(str, column.get(f"{TABLE}default-cell-style-name"))] for column in columns]
    drawn = tuple(
        tuple(_cells(row, usual, looks)) for row in islice(table.iter(f"{TABLE}table-row"), rows)
    )  # fmt: skip
    return SheetPicture(cast(str, table.get(f"{TABLE}name")), widths, drawn)


def _cells(row: Element, usual: list[_Style], looks: dict[str, _Style]) -> Iterator[CellPicture]:
    for cell, beneath in zip(row, usual, strict=True):
        look = looks.get(cell.get(f"{TABLE}style-name", ""), beneath)
        value = _value(cell)
        text = shown(value, look.code, GENERAL)
        yield CellPicture(text, look.align or usual_side(value), look.bold, look.fill, look.color, look.wrap)


def _value(cell: Element) -> Value:
    """What the cell holds; a time of day and a moment to the microsecond."""
    kind = cell.get(f"{OFFICE}value-type")
    if kind is None:
        return None
    if kind == "string":
        return "\n".join(_paragraph(part) for part in cell)
    if kind == "boolean":
        return cell.get(f"{OFFICE}boolean-value") == "true"
    if kind == "date":
        said = cell.get(f"{OFFICE}date-value", "")
        return datetime.fromisoformat(said) if "T" in said else date.fromisoformat(said)
    if kind == "time":
        said = cell.get(f"{OFFICE}time-value", "")  # PT13H45M30.5S
        return time.fromisoformat(f"{said[2:4]}:{said[5:7]}:{said[8:-1]}")
    return Decimal(cell.get(f"{OFFICE}value", "0"))


def _paragraph(part: Element) -> str:
    """Its text: spaces that are elements stand where they are."""
    pieces = [part.text or ""]
    for child in part:
        pieces += [" " if child.tag == f"{TEXT}s" else "", child.tail or ""]
    return "".join(pieces)


def _look(style: Element, styles: dict[str, Element]) -> _Style:
    data = styles.get(style.get(f"{STYLE}data-style-name", ""))
    cell, paragraph, text = (
        _properties(style, name) for name in ("table-cell-properties", "paragraph-properties", "text-properties")
    )
    return _Style(
        "General" if data is None else code_of(data),
        SIDES.get(paragraph.get(f"{FO}text-align", "")),
        text.get(f"{FO}font-weight") == "bold",
        cell.get(f"{FO}background-color", ""),
        text.get(f"{FO}color", ""),
        cell.get(f"{FO}wrap-option") == "wrap",
    )


def _properties(style: Element, name: str) -> dict[str, str]:
    found = style.find(f"{STYLE}{name}")
    return {} if found is None else found.attrib


def _width(style: Element) -> int:
    return round(float(_properties(style, "table-column-properties")[f"{STYLE}column-width"].removesuffix("in")) * INCH)
