"""One row as an OpenDocument table row: the SQL expression DuckDB evaluates, and its Python twin for headers.

Rules: OpenDocument 1.3 part 3 (ISO/IEC 26300), 9.1.4 (cells), 19.385-19.392 (their values), 6.1.3 (white space: runs of spaces,
and those at either end of a paragraph, must be elements). Tabs are the one exception: LibreOffice 7 and calamine leave out
`<text:tab/>` in cells and keep the character, so the character is written, and counted, for by the letter of 6.1.3 a reader
may show a space.

A cell says its value; what it looks like is the style of its column, so cells of numbers and dates carry no text of their own:
every reader computes it from the value.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import isfinite
from xml.sax.saxutils import escape as escape_markup

from core.engine.formats.markup import FORBIDDEN, FORBIDDEN_SIGN
from core.engine.formats.sheets import rows
from core.engine.formats.sheets.looks import Look
from core.engine.formats.sheets.rows import RowMarkup
from core.engine.formats.sheets.values import Facts, Reach, as_text, instead, naive
from core.engine.rendering import OutColumn
from core.engine.session import literal, quoted
from core.engine.values import Kind

# Before it LibreOffice counts by the Julian calendar, and would show another day than was meant.
LIBREOFFICE = Reach("LibreOffice", "a", first_date="1582-10-15", controls=False)

EMPTY = "<table:table-cell/>"
TEXT_START, TEXT_END = '<table:table-cell office:value-type="string"><text:p>', "</text:p></table:table-cell>"
PARAGRAPH, SPACE, TAB = "</text:p><text:p>", "<text:s/>", "\t"
BETWEEN = "\x7f"  # stands between the texts of a row when they are looked at together
# Characters that are elements or nothing in OpenDocument, and tabs for the spaces beside them; beside markup they make a row
# worth a second look.
SPACED = rf"[\x00-\x1F\x{{FFFE}}\x{{FFFF}}]|  |(^|{BETWEEN}) | ($|{BETWEEN})"
ODD = r"[&<>]|" + SPACED
# In this order. Our own tags hold none of the first column, so it is done for a whole row at once.
REPLACED = (
    ("\r\n", "\n"),
    ("\r", "\n"),
    ("\n", PARAGRAPH),
    ("  ", SPACE + SPACE),
    ("<text:p> ", "<text:p>" + SPACE),
    (" </text:p>", SPACE + "</text:p>"),
    (SPACE + " ", SPACE + SPACE),
    (TAB + " ", TAB + SPACE),
    (" " + TAB, SPACE + TAB),
)


def spaced(sql: str) -> str:
    """A row whose texts are free of markup, their lines and spaces made elements; `sql` stands in it once."""
    safe = f"regexp_replace(r, {literal(FORBIDDEN)}, chr(65533), 'g')"
    for old, new in REPLACED:
        safe = f"replace({safe}, {literal(old)}, {literal(new)})"
    return f"list_transform([{sql}], lambda r: {safe})[1]"


def escape_text(text: str) -> str:
    """The Python twin: what stands between the tags of a cell's paragraphs, for headers and our own lines."""
    made = f"<text:p>{escape_markup(text)}</text:p>"
    made = FORBIDDEN_SIGN.sub("\ufffd", made)
    for old, new in REPLACED:
        made = made.replace(old, new)
    return made


MARKUP = RowMarkup("<table:table-row>", "</table:table-row>", odd=ODD, rare=SPACED, mended=spaced, between=BETWEEN)


def text_cell(text: str, style: str) -> str:
    """One text cell of a row we write ourselves."""
    return f'<table:table-cell table:style-name="{style}" office:value-type="string">{escape_text(text)}</table:table-cell>'


def computed_cell(formula: str, value: str, style: str) -> str:
    """A formula (OpenFormula) and the value it had when the file was made; #NUM! where that is no number."""
    start = f'<table:table-cell table:style-name="{style}" table:formula="{escape_markup(formula)}"'
    if not isfinite(float(value)):
        return f'{start} office:value-type="string"><text:p>#NUM!</text:p></table:table-cell>'
    return f'{start} office:value-type="float" office:value="{value}"/>'


def empty_cell(style: str) -> str:
    return f'<table:table-cell table:style-name="{style}"/>'


def _real(column: OutColumn, look: Look, zone: str) -> list[str]:
    """The pieces of a cell that holds the true value."""
    value = naive(column, zone)
    if column.kind is Kind.YES_NO:
        return _typed("boolean", "boolean-value", f"{value}::varchar")
    if column.kind is Kind.DATE:
        return _typed("date", "date-value", f"{value}::varchar")
    if column.kind in (Kind.TIMESTAMP, Kind.TIMESTAMP_TZ):
        return _typed("date", "date-value", f"replace({value}::varchar, ' ', 'T')")
    if column.kind is Kind.TIME:
        clock = f"({value}::varchar)"  # 13:45:30.5 becomes PT13H45M30.5S
        return _typed("time", "time-value", f"'PT' || {clock}[1:2] || 'H' || {clock}[4:5] || 'M' || {clock}[7:] || 'S'")
    kind = "percentage" if look.number_format.endswith("%") else "float"
    return _typed(kind, "value", f"{quoted(column.key)}::varchar")


def _typed(kind: str, attribute: str, value: str) -> list[str]:
    return [literal(f'<table:table-cell office:value-type="{kind}" office:{attribute}="'), value, literal('"/>')]


def _cell(column: OutColumn, facts: Facts, look: Look, zone: str, value: str | None) -> list[str]:
    """The arguments of concat() that make one cell; `value` is the SQL of its text, None for a real number or date."""
    if value is not None:
        pieces = [literal(TEXT_START), value, literal(TEXT_END)]
    else:
        pieces = _real(column, look, zone)
        if test := instead(column, facts, zone, LIBREOFFICE):
            text = [literal(TEXT_START), as_text(column, zone), literal(TEXT_END)]
            pieces = [f"case when {test} then {' || '.join(text)} else {' || '.join(pieces)} end"]
    return pieces if facts.full else [f"coalesce({' || '.join(pieces)}, {literal(EMPTY)})"]


def row(
    columns: Sequence[OutColumn],
    facts: Sequence[Facts],
    looks: Sequence[Look],
    zone: str,
    shown: Callable[[OutColumn], str | None],
) -> str:
    """The SQL expression of one row. `shown` gives the SQL of what a column shows as text, None for real values."""

    def cell(place: int, value: str | None) -> list[str]:
        return _cell(columns[place], facts[place], looks[place], zone, value)

    return rows.row(columns, cell, shown, MARKUP)
