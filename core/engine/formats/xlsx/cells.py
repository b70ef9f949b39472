"""One row as SpreadsheetML: the SQL expression DuckDB evaluates, and its Python twin for headers.

Rules: ECMA-376 part 1, 18.3.1.4 (c), 18.17.4.1 (serial dates of the 1900 system), 22.9.2.19 (ST_Xstring and its `_xHHHH_`);
Excel's limits (15 significant digits, dates from 1900-03-01, milliseconds, 32,767 UTF-16 units of text) as Microsoft
documents them. Cells carry no `r`: readers count them, and the attribute doubles the file. Text is always an inline string,
so it can never be a formula.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from math import isfinite
from xml.sax.saxutils import escape as escape_markup

from core.engine.formats.markup import FORBIDDEN_SIGN
from core.engine.formats.sheets import rows
from core.engine.formats.sheets.rows import RowMarkup
from core.engine.formats.sheets.values import Facts, Reach, as_text, instead, naive
from core.engine.rendering import OutColumn
from core.engine.session import literal, quoted
from core.engine.values import Kind

# Before 1 March 1900 Excel counts a 29 February that never was.
EXCEL = Reach("Excel", "an", first_date="1900-03-01", text_units=32_767, milliseconds=True)
DAY_MS = 86_400_000
EPOCH_SERIAL = 25_569  # 1970-01-01 as an Excel serial number

TEXT_END = "</t></is></c>"
# Characters XML 1.0 cannot hold, carriage returns (XML readers turn them into newlines), and text that looks like Excel's
# own escape; beside markup they make a row worth a second look.
UNSAFE = r"[\x00-\x08\x0B-\x1F\x{FFFE}\x{FFFF}]|_x[0-9A-Fa-f]{4}"
ODD = r"[&<>]|" + UNSAFE
CONTROLS = (*range(9), 11, 12, *range(14, 32), 0xFFFE, 0xFFFF)
# A literal `_x0041_` gets its underscore escaped. The closing underscore may be that of a control character's own escape.
LITERAL_ESCAPE = r"_(x[0-9A-Fa-f]{4}[_\x00-\x08\x0B\x0C\x0E-\x1F\x{FFFE}\x{FFFF}])"


def escaped(sql: str) -> str:
    """A row of XML whose texts are free of markup, made safe whatever else they hold; `sql` stands in it once.

    Nothing of this occurs in our own tags, so it is done for the whole row. Underscores are doubled round the literal
    escapes, so that `_x0041_x0042_`, where one match ends with the underscore the next begins with, is found twice.
    """
    literals = f"regexp_replace(replace(r, '_', '__'), {literal(LITERAL_ESCAPE)}, '_x005F_\\1', 'g')"
    safe = f"replace({literals}, '__', '_')"
    for code in CONTROLS:
        safe = f"replace({safe}, chr({code}), '_x{code:04X}_')"
    safe = f"replace({safe}, chr(13), '&#13;')"
    return f"list_transform([{sql}], lambda r: {safe})[1]"


def escape_text(text: str) -> str:
    """The Python twin of `without_markup` and `escaped`, for headers and our own lines."""
    doubled = re.sub(
        r"_(x[0-9A-Fa-f]{4}[_\x00-\x08\x0B\x0C\x0E-\x1F\ufffe\uffff])", r"_x005F_\1", text.replace("_", "__")
    ).replace("__", "_")
    marked = escape_markup(doubled)
    marked = FORBIDDEN_SIGN.sub(lambda m: f"_x{ord(m[0]):04X}_", marked)
    return marked.replace("\r", "&#13;")


MARKUP = RowMarkup("<row>", "</row>", odd=ODD, rare=UNSAFE, mended=escaped)


def attribute(style: int) -> str:
    return f' s="{style}"' if style else ""


def text_start(style: int) -> str:
    return f'<c{attribute(style)} t="inlineStr"><is><t xml:space="preserve">'


def text_cell(text: str, style: int = 0) -> str:
    """One text cell of a row we write ourselves."""
    return text_start(style) + escape_text(text) + TEXT_END


def computed_cell(formula: str, value: str, style: int) -> str:
    """A formula and the value it had when the file was made; #NUM! where that is no number Excel knows."""
    kind, value = ("", value) if isfinite(float(value)) else (' t="e"', "#NUM!")
    return f"<c{attribute(style)}{kind}><f>{escape_markup(formula)}</f><v>{value}</v></c>"


def empty_cell(style: int) -> str:
    return f"<c{attribute(style)}/>"


def _real(column: OutColumn, zone: str) -> str:
    """SQL of what stands between `<v>` and `</v>`."""
    name = quoted(column.key)
    if column.kind is Kind.YES_NO:
        return f"{name}::tinyint"
    if column.kind is Kind.DATE:
        return f"({name} - date '1899-12-30')"
    if column.kind in (Kind.TIMESTAMP, Kind.TIMESTAMP_TZ):
        # whole milliseconds since day 0, rounded down: 9999-12-31 23:59:59.999999 must not become a day Excel does not know
        passed = f"(epoch_us({naive(column, zone)}) + {EPOCH_SERIAL * DAY_MS * 1000}) // 1000"
        return f"(({passed}) / {DAY_MS}.0::double)"
    if column.kind is Kind.TIME:
        return f"((epoch_us({name}) // 1000) / {DAY_MS}.0::double)"
    return name


def _cell(column: OutColumn, facts: Facts, style: int, zone: str, value: str | None) -> list[str]:
    """The arguments of concat() that make one cell; `value` is the SQL of its text, None for a real number or date."""
    if value is not None:
        start, end = literal(text_start(style)), literal(TEXT_END)
        pieces = [start, value, end]
    else:
        flag = ' t="b"' if column.kind is Kind.YES_NO else ""
        pieces = [literal(f"<c{attribute(style)}{flag}><v>"), _real(column, zone), literal("</v></c>")]
        if test := instead(column, facts, zone, EXCEL):
            text = [literal(text_start(style)), as_text(column, zone), literal(TEXT_END)]
            pieces = [f"case when {test} then {' || '.join(text)} else {' || '.join(pieces)} end"]
    return pieces if facts.full else [f"coalesce({' || '.join(pieces)}, {literal(empty_cell(style))})"]


def row(
    columns: Sequence[OutColumn],
    facts: Sequence[Facts],
    styles: Sequence[int],
    zone: str,
    shown: Callable[[OutColumn], str | None],
) -> str:
    """The SQL expression of one row. `shown` gives the SQL of what a column shows as text, None for real values."""

    def cell(place: int, value: str | None) -> list[str]:
        return _cell(columns[place], facts[place], styles[place], zone, value)

    return rows.row(columns, cell, shown, MARKUP)
