"""XML 1.0: a root element, an element a row, the values as child elements or as attributes.

Values are written as XML Schema says (W3C XSD 1.1 part 2: `true`, `INF`, `2026-10-31T08:05:00`). Text is escaped so that every
parser gives back what was there: carriage returns, which parsers would turn into newlines, are written as `&#13;`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Annotated, Any, ClassVar, Literal
from xml.etree.ElementTree import Element, ParseError
from xml.parsers.expat import ExpatError, ParserCreate
from xml.sax.saxutils import quoteattr

from defusedxml.ElementTree import fromstring
from pydantic import AfterValidator, Field

from core.engine.formats.base import Context, Options, RowFormat
from core.engine.formats.cells import Cells, counted
from core.engine.formats.choices import MORE, DateFormatKey
from core.engine.formats.markup import FORBIDDEN
from core.engine.formats.naming import different, renaming
from core.engine.formats.reading import Ends, Marked
from core.engine.receipt import Note
from core.engine.rendering import OutColumn
from core.engine.session import literal, quoted
from core.engine.text import finite_or, programs_date, shown
from core.engine.values import DATED, TEXTS, Kind
from core.errors import BadSpec

INSTANCE = "http://www.w3.org/2001/XMLSchema-instance"  # where xsi:nil comes from
RESERVED = ("http://www.w3.org/XML/1998/namespace", "http://www.w3.org/2000/xmlns/")  # Namespaces in XML 1.0, section 3
MENDED = rf"{FORBIDDEN}|\r"
ODD = "odd"  # of a row: its texts hold markup, or characters to be mended


@cache
def _legal(name: str) -> bool:
    """Whether the strictest of the common parsers takes it for a name: expat follows XML 1.0's fourth edition."""
    try:
        ParserCreate().Parse(f"<{name}/>", True)
    except ExpatError:
        return False
    return ":" not in name and re.search(r"[\s/>]", name) is None  # a colon would be a namespace's


def _a_name(value: str) -> str:
    if not _legal(value) or value.lower().startswith("xml"):
        raise ValueError("an element name has letters, digits, - _ and . and begins with a letter")
    return value


def _a_namespace(value: str) -> str:
    if re.search(r"[\s<>\"{}|\\^`\x00-\x1f]", value) or value in RESERVED:
        raise ValueError("a namespace is a web address or another URI, such as urn:example:orders")
    return value


class XmlOptions(Options):
    """What the receiver's schema says."""

    values: Literal["elements", "attributes"] = Field(
        "elements",
        title="Values as",
        description="An element for every value, or all of them in the row's own tag.",
        json_schema_extra={"choices": {"elements": "elements of their own", "attributes": "attributes of the row"}},
    )
    root: Annotated[str, AfterValidator(_a_name)] = Field(
        "rows", max_length=100, title="Root element", description="The name of the element round everything."
    )
    row: Annotated[str, AfterValidator(_a_name)] = Field(
        "row", max_length=100, title="Row element", description="The name of the element of each row."
    )
    namespace: Annotated[str, AfterValidator(_a_namespace)] = Field(
        "",
        max_length=500,
        title="Namespace",
        description="The address that names the receiver's schema; most have none.",
        json_schema_extra={"placeholder": "urn:example:orders"},
    )
    pretty: bool = Field(False, title="Readable layout", description="Each value on a line of its own, indented.")
    missing: Literal["omit", "empty", "nil"] = Field(
        "omit",
        title="Empty values",
        description="How a missing value is written. As an empty element it reads the same as an empty text.",
        json_schema_extra=MORE
        | {"choices": {"omit": "left out", "empty": "an empty element", "nil": 'an empty element with xsi:nil="true"'}},
    )
    date_format: DateFormatKey = Field(
        "iso",
        description="How dates look where a column has no display format of its own; XML Schema expects the first.",
        json_schema_extra=MORE,
    )


class Xml(RowFormat):
    name: ClassVar[str] = "xml"
    label: ClassVar[str] = "XML"
    about: ClassVar[str] = "Elements or attributes with the names a receiver asks for."
    extension: ClassVar[str] = "xml"
    media_type: ClassVar[str] = "application/xml"
    Options: ClassVar[type[Options]] = XmlOptions
    values: ClassVar[Mapping[str, str]] = {
        "column names": "letters, digits, `-`, `_` and `.` only, and different from one another; the receipt says which changed",
        "text": "escaped; a character that XML forbids becomes `�` (U+FFFD), counted",
        "numbers": "all digits; `NaN`, `INF` and `-INF`",
        "yes/no": "`true`, `false`",
        "dates": "`2026-10-31`, `2026-10-31T08:05:00`, `2026-10-31T08:05:00+07:00`; infinite ones as words, counted",
        "missing values": "left out, or as you choose",
        "empty text": "an empty element",
        "lists and objects": "JSON text",
    }

    def check(self, columns: tuple[OutColumn, ...], options: XmlOptions) -> None:
        if options.values == "attributes" and options.missing == "nil":
            raise BadSpec(
                "Missing values cannot be marked with xsi:nil where values are attributes: only elements have it.",
                "Leave missing values out, or choose values as elements.",
                field="missing",
            )

    def prologue(self, columns: tuple[OutColumn, ...], options: XmlOptions, context: Context) -> bytes:
        return f'<?xml version="1.0" encoding="UTF-8"?>\n{_root(options)}\n'.encode()

    def cells(self, columns: tuple[OutColumn, ...], options: XmlOptions, zone: str) -> Cells:
        """Each cell's SQL text; NULL where the value is missing."""
        found = Cells(columns, lambda column: _content(column, options, zone))
        if texts := [quoted(column.key) for column in columns if column.kind in TEXTS]:
            pattern = f"[{''.join(_references(options.values))}]|{MENDED}"
            found.prepared[ODD] = f"regexp_matches(concat({', '.join(texts)}), {literal(pattern)})"
        return found

    def row(self, cells: Cells, columns: tuple[OutColumn, ...], options: XmlOptions) -> str:
        """The row's texts are looked at once, together: only a row with something odd in it pays for escaping."""
        write = _attributes if options.values == "attributes" else _elements
        careful = write(cells.sql, columns, options)
        if ODD not in cells.prepared:
            return careful
        plain = {c.key: quoted(c.key) for c in columns if cells.sql[c.key] == _escaped(quoted(c.key), options.values)}
        # our own tags hold nothing to be mended: it is done for the row as a whole
        mend = f"regexp_replace(replace(r, chr(13), '&#13;'), {literal(FORBIDDEN)}, chr(65533), 'g')"
        rare = f"case when regexp_matches(r, {literal(MENDED)}) then {mend} else r end"
        simple = write(cells.sql | plain, columns, options)
        return f"case when {ODD} then list_transform([{careful}], lambda r: {rare})[1] else {simple} end"

    def epilogue(self, columns: tuple[OutColumn, ...], options: XmlOptions, context: Context) -> bytes:
        return f"</{options.root}>\n".encode()

    def tallies(self, columns: tuple[OutColumn, ...], options: Any, zone: str) -> dict[str, str]:
        found = {}
        if texts := [column for column in columns if column.kind in TEXTS]:
            bad = counted(texts, lambda column: f"regexp_matches({quoted(column.key)}, {literal(FORBIDDEN)})")
            found["forbidden"] = f"case when {ODD} then {bad} else 0 end"
        if dated := [column for column in columns if column.kind in DATED]:
            found["endless"] = counted(dated, lambda column: f"not isfinite({quoted(column.key)})")
        return found

    def notes(self, columns: tuple[OutColumn, ...], options: Any, tallies: Mapping[str, int]) -> tuple[Note, ...]:
        found = list(
            renaming(columns, names(columns, options), "XML names are made of letters, digits, - _ and . only")
        )
        if count := tallies.get("forbidden", 0):
            cells = "1 text holds" if count == 1 else f"{count:,} texts hold"
            message = f"{cells} control characters that XML cannot hold: each became the sign � (U+FFFD)."
            found.append(Note(code="forbidden_characters", message=message, count=count))
        if count := tallies.get("endless", 0):
            dates = "1 date is" if count == 1 else f"{count:,} dates are"
            message = f"{dates} infinite, for which XML Schema has no value: written as words."
            found.append(Note(code="not_finite", message=message, count=count))
        return tuple(found)

    def ends(self, columns: tuple[OutColumn, ...], options: XmlOptions) -> Ends:
        return Marked(b"/>\n" if options.values == "attributes" else f"</{options.row}>\n".encode())

    def parse(self, text: str, columns: tuple[OutColumn, ...], options: XmlOptions) -> int:
        space = f"{{{options.namespace}}}" if options.namespace else ""
        wanted = names(columns, options)
        try:
            root: Element = fromstring(f"{_root(options)}{text}</{options.root}>")
        except ParseError as trouble:
            raise ValueError(str(trouble)) from trouble
        for row in root:
            found = list(row.attrib) if options.values == "attributes" else [c.tag.removeprefix(space) for c in row]
            rest = iter(wanted)
            if row.tag != space + options.row or not all(name in rest for name in found):
                raise ValueError("a row does not have the columns of the others")
        return len(root)


def names(columns: tuple[OutColumn, ...], options: XmlOptions) -> list[str]:
    """The headers as XML names, different from one another and, as elements, from the row's own."""
    taken = [options.row] if options.values == "elements" else []  # so that the row's end tag ends rows alone
    return different([_named(column.label) for column in columns], "{}_{}", taken=taken)


def _named(label: str) -> str:
    """A header as an XML name: `Unit price (€)` is Unit_price, `2024` is _2024."""
    name = "".join(sign if _legal(f"_{sign}") else " " for sign in label)
    name = "_".join(name.split()) or "column"
    return f"_{name}" if not _legal(name) or name.lower().startswith("xml") else name  # names in xml… are reserved


def _root(options: XmlOptions) -> str:
    """The root's start tag."""
    space = f" xmlns={quoteattr(options.namespace)}" if options.namespace else ""
    nil = f' xmlns:xsi="{INSTANCE}"' if options.missing == "nil" else ""
    return f"<{options.root}{space}{nil}>"


def _elements(cells: Mapping[str, str], columns: tuple[OutColumn, ...], options: XmlOptions) -> str:
    before, after, begin, end = ("    ", "\n", "  ", "  ") if options.pretty else ("", "", "", "")
    pieces = [literal(f"{begin}<{options.row}>{after}")]
    for column, name in zip(columns, names(columns, options), strict=True):
        none = {"omit": "", "empty": f"{before}<{name}/>{after}", "nil": f'{before}<{name} xsi:nil="true"/>{after}'}
        pieces += _unless_missing(cells, column, f"{before}<{name}>", f"</{name}>{after}", none[options.missing])
    return f"concat({', '.join(pieces)}, {literal(f'{end}</{options.row}>')}, chr(10))"


def _attributes(cells: Mapping[str, str], columns: tuple[OutColumn, ...], options: XmlOptions) -> str:
    pieces = [literal(f"{'  ' if options.pretty else ''}<{options.row}")]
    for column, name in zip(columns, names(columns, options), strict=True):
        none = f' {name}=""' if options.missing == "empty" else ""
        pieces += _unless_missing(cells, column, f' {name}="', '"', none)
    return f"concat({', '.join(pieces)}, '/>', chr(10))"


def _unless_missing(
    cells: Mapping[str, str], column: OutColumn, before: str, after: str, none: str
) -> tuple[str, str, str]:
    """Arguments of concat, which skips NULL: the value between `before` and `after`, or `none`."""
    missing = f"case when {quoted(column.key)} is null then"
    return (
        f"{missing} {literal(none)} else {literal(before)} end",
        cells[column.key],
        f"{missing} '' else {literal(after)} end",
    )


def _content(column: OutColumn, options: XmlOptions, zone: str) -> str:
    """A value as XML text."""
    name = quoted(column.key)
    if column.kind in TEXTS:
        return _escaped(name, options.values)
    if column.kind is Kind.FLOAT and not column.format:
        return finite_or(name, "NaN", "INF")
    if column.kind in DATED:
        return programs_date(column, zone, options.date_format)
    return shown(column, zone, date_format=options.date_format)


def _references(values: str) -> dict[str, str]:
    """The signs that are written as references, `&` first; in attributes parsers make blanks of tabs and newlines (3.3.3)."""
    signs = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
    return signs | {'"': "&quot;", "\t": "&#9;", "\n": "&#10;"} if values == "attributes" else signs


def _escaped(sql: str, values: str) -> str:
    for sign, reference in _references(values).items():
        sql = f"replace({sql}, {literal(sign)}, {literal(reference)})"
    return sql


FORMAT = Xml()
