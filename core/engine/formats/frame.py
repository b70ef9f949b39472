"""What stands above and below the rows of an own layout: title, moment, count, and figures asked of the rows beforehand."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Protocol
from xml.sax.saxutils import escape

from core.engine.display import DATE_FORMATS
from core.engine.formats import looks
from core.engine.formats.base import Context
from core.engine.formats.choices import LINE_ENDS
from core.engine.formats.looks import Look
from core.engine.formats.placeholders import Fact, fact, pieces
from core.engine.moments import zone_of
from core.engine.rendering import OutColumn, Rows
from core.engine.session import explained, quoted
from core.engine.values import NUMBERS, Kind
from core.errors import BadSpec, LimitReached

XML_SIGNS = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&apos;", "\n": "&#10;", "\r": "&#13;"}
BARE = NUMBERS | {Kind.YES_NO}  # never quoted


class Ways(Protocol):
    """What of the options is needed here."""

    @property
    def quoting(self) -> str: ...
    @property
    def null_text(self) -> str: ...
    @property
    def line_ends(self) -> str: ...


QUOTING: dict[str, Callable[[str], str]] = {
    "none": str,
    "csv": lambda text: '"' + text.replace('"', '""') + '"',
    "json": lambda text: json.dumps(text, ensure_ascii=False),
    "xml": lambda text: escape(text, {sign: name for sign, name in XML_SIGNS.items() if sign not in "&<>"}),
}


def with_ends(text: str, options: Ways) -> str:
    """A text with the line ends asked for, without one at its very end: every text gets that anyway."""
    plain = text.replace("\r\n", "\n").replace("\r", "\n").removesuffix("\n")
    return plain.replace("\n", LINE_ENDS[options.line_ends])


def breaks_count(options: Ways) -> bool:
    """Whether a line break within a text would stand in the file as one."""
    return options.quoting in ("none", "csv")


def around(text: str, columns: tuple[OutColumn, ...], options: Ways, context: Context) -> bytes:
    """A header or a footer as it stands in the file; nothing where it is empty."""
    if not text:
        return b""
    parts = [
        piece if isinstance(piece, str) else _told(fact(piece, columns), options, context)
        for piece in pieces(with_ends(text, options))
    ]
    return ("".join(parts) + LINE_ENDS[options.line_ends]).encode()


def _told(one: Fact, options: Ways, context: Context) -> str:
    """Title, moment and count as text."""
    look, bare = one.look, False
    if one.what == "title":
        text = " ".join(context.title.splitlines())
    elif one.what in ("date", "time"):
        moment = context.now.astimezone(zone_of(context.zone))
        usual = "%Y-%m-%d" if one.what == "date" else "%H:%M:%S"
        text = moment.strftime(look.date or (DATE_FORMATS[look.date_key].strftime if look.date_key else usual))
    else:
        if context.rows is None:
            raise BadSpec(
                "How many rows a file gets is not known before it is written here, so its header cannot say it.",
                "Put {rows} into the footer, or choose another split.",
                field="options.header",
            )
        places = look.number.places if look.number else 0
        text, bare = f"{context.rows:{',' if look.number and look.number.thousands else ''}}", True
        text += "." + "0" * places if places else ""
        text = text.translate(str.maketrans(".,", ",.")) if look.mark == "," else text
        text = text.replace(".", "") if look.mark == "" else text
    return _placed(text, one, options, bare=bare)


def figures(rows: Rows, facts: Sequence[Fact], options: Ways) -> list[str]:
    """What header and footer sum up, as text: one scan for all of them."""
    asked, shown, columns = [], [], []
    for number, one in enumerate(facts, 1):
        column = _figure_column(one, f"a{number}")
        columns.append(column)
        asked.append(f"{_aggregate(one)} as {column.key}")
        shown.append(f"case when {column.key} is not null then {looks.value(column, one.look, rows.zone)} end")
    query = f"select {', '.join(shown)} from (select {', '.join(asked)} from ({rows.unordered or rows.sql}) q) f"
    with explained():
        [found] = rows.connection.execute(query, rows.params or None).fetchall()
    return [
        looks.fitted_null(options.null_text, column, one.look)
        if text is None
        else _placed(text, one, options, bare=column.kind in BARE)
        for text, one, column in zip(found, facts, columns, strict=True)
    ]


def _aggregate(one: Fact) -> str:
    """SQL of a figure: sums in decimals, so that no digit is lost; nothing sums up to 0."""
    assert one.column is not None
    name = quoted(one.column.key)
    if one.what != "sum":
        return f"{one.what}({name})"
    if one.column.kind is Kind.FLOAT:
        return f"coalesce(sum({name}), 0)"
    return f"coalesce(sum({name}), 0)::decimal(38, {one.column.scale or 0})"


def _figure_column(one: Fact, key: str) -> OutColumn:
    assert one.column is not None
    if one.what == "count":
        return OutColumn(key, one.column.label, Kind.WHOLE)
    return replace(one.column, key=key, precision=38 if one.what == "sum" else one.column.precision)


def _placed(text: str, one: Fact, options: Ways, *, bare: bool) -> str:
    """As wide as asked, and quoted. Raises LimitReached where it is too long and may not be cut."""
    text = " ".join(text.splitlines()) if breaks_count(options) else text
    number = bare or (one.column is not None and one.column.kind in NUMBERS)
    if not (one.look.cut and not number):
        refuse_longer(text, one.what, one.look)
    placed = looks.fitted_text(text, one.look, number=number)
    return placed if number or bare else QUOTING[options.quoting](placed)


def refuse_longer(text: str, what: str, look: Look) -> None:
    if look.width is not None and len(text) > look.width:
        raise LimitReached(
            f"“{text}” ({{{what}}}) needs {len(text):,} characters; its width is {look.width:,}.",
            "Widen it. Nothing was written.",
            field="options",
        )
