"""Fixed width: every value begins at the same place of its line, as banks, payroll offices and older programs ask for.

A width counts characters (Unicode code points); in an encoding of one byte a character that is bytes as well. Widths that are
left out come from the data: the longest value, or the header if that is longer.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, replace
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BeforeValidator, Field

from core.engine.display import NUMBER_FORMATS, NumberFormat
from core.engine.formats import fitting, looks
from core.engine.formats.base import Context, Options, RowFormat
from core.engine.formats.cells import Cells, counted
from core.engine.formats.choices import LINE_ENDS, MORE, DateFormatKey, Encoding, LineEnd, NullText
from core.engine.formats.looks import Look
from core.engine.formats.reading import Ends, Lines
from core.engine.receipt import Note
from core.engine.rendering import OutColumn, Rendered, Rows
from core.engine.session import characters, quoted
from core.engine.values import NUMBERS, TEXTS, Kind
from core.errors import BadSpec


def _as_text(given: Any) -> Any:
    """A list of widths, as a program may give them, means the same as its text."""
    return ", ".join(str(width or "") for width in given) if isinstance(given, (list, tuple)) else given


class FixedOptions(Options):
    """What a description of such a file says: widths, sides, what fills up."""

    widths: Annotated[str, BeforeValidator(_as_text)] = Field(
        "",
        title="Widths",
        description=(
            "In characters; left empty, as wide as the data needs. <8 puts the value to the left, >8 to the right, "
            "08 fills up with zeros, *>8 with stars; 8+2 leaves a gap of two blanks."
        ),
        json_schema_extra={
            "field": "each column",
            "each": "from the data",
            "placeholder": "10, 30, 8",
            "takes": "one for each column, such as `10, 30, 8`",
        },
    )
    header: bool = Field(False, title="Header row", description="The first line holds the column names.")
    numbers: Literal["right", "left"] = Field(
        "right",
        title="Numbers stand",
        description="Within their width; a column's own width may say otherwise.",
        json_schema_extra={"choices": {"right": "to the right", "left": "to the left"}},
    )
    fill_numbers: Literal["space", "zero"] = Field(
        "space",
        title="Numbers are filled up with",
        description="Zeros stand after the minus. A missing number is never filled with zeros.",
        json_schema_extra={"choices": {"space": "blanks", "zero": "zeros"}},
    )
    decimals: Literal["point", "comma", "implied"] = Field(
        "point",
        title="Decimals",
        description="“Implied” leaves the sign out: 12.34 becomes 1234, and the receiver knows where it stood.",
        json_schema_extra={"choices": {"point": "12.34", "comma": "12,34", "implied": "1234 (implied)"}},
    )
    date_format: DateFormatKey = "iso"
    too_long: Literal["refuse", "cut"] = Field(
        "refuse",
        title="Longer texts",
        description="Refused, the export names the row before it writes; cut, the receipt counts them. Numbers are never cut.",
        json_schema_extra={"choices": {"refuse": "are refused", "cut": "lose their end"}},
    )
    line_breaks: Literal["refuse", "space"] = Field(
        "refuse",
        title="Line breaks within texts",
        description="A line break would begin a new row.",
        json_schema_extra={"choices": {"refuse": "are refused", "space": "become a blank"}},
    )
    texts: Literal["left", "right"] = Field(
        "left",
        title="Texts stand",
        description="Texts, dates and yes/no, within their width.",
        json_schema_extra=MORE | {"choices": {"left": "to the left", "right": "to the right"}},
    )
    fill_texts: Literal["space", "zero"] = Field(
        "space",
        title="Texts are filled up with",
        description="Blanks, unless the receiver says otherwise.",
        json_schema_extra=MORE | {"choices": {"space": "blanks", "zero": "zeros"}},
    )
    null_text: NullText = Field("", description="What stands for a missing value, filled up with blanks.")
    line_ends: LineEnd = Field("crlf", description="Most receivers of such files expect those of Windows.")
    encoding: Encoding = "utf-8"


class FixedWidth(RowFormat):
    name: ClassVar[str] = "fixed"
    label: ClassVar[str] = "Fixed width"
    about: ClassVar[str] = "Every value at its place in the line: for banks and older programs."
    extension: ClassVar[str] = "txt"
    media_type: ClassVar[str] = "text/plain"
    Options: ClassVar[type[Options]] = FixedOptions

    def check(self, columns: tuple[OutColumn, ...], options: FixedOptions) -> None:
        found = fields(columns, options)
        for field in found:
            field.look.check(field)
            if options.decimals == "implied" and field.kind is Kind.FLOAT and field.format not in NUMBER_FORMATS:
                raise BadSpec(
                    f"“{field.label}” has no fixed number of decimals, so none can be implied.",
                    "Give that column a display format with a number of decimals.",
                    field="options.decimals",
                )
            width = field.look.width
            if options.header and width is not None and len(field.label) > width and options.too_long == "refuse":
                raise BadSpec(
                    f"The header “{field.label}” has {len(field.label)} characters; its width is {width}.",
                    "Give the column a shorter header, widen it, or leave the header row out.",
                    field="options.widths",
                )
        fitting.check_null(found, options.null_text)

    def encoding(self, options: FixedOptions) -> str:
        return str(options.encoding)

    def prologue(self, columns: tuple[OutColumn, ...], options: FixedOptions, context: Context) -> bytes:
        if not options.header:
            return b""
        cells = [_header(field) for field in fields(columns, options)]
        return ("".join(cells) + LINE_ENDS[options.line_ends]).encode()

    def cells(self, columns: tuple[OutColumn, ...], options: FixedOptions, zone: str) -> Cells:
        return Cells(fields(columns, options), lambda column: _cell(column, options, zone))

    def row(self, cells: Cells, columns: tuple[OutColumn, ...], options: FixedOptions) -> str:
        values = ", ".join(cells.sql[column.key] for column in columns)
        return f"concat({values}, {characters(LINE_ENDS[options.line_ends])})"

    def tallies(self, columns: tuple[OutColumn, ...], options: FixedOptions, zone: str) -> dict[str, str]:
        texts = [field for field in fields(columns, options) if field.kind in TEXTS]
        asked = {}
        if cut := [field for field in texts if field.may_cut and field.look.width is not None]:
            asked["cut"] = counted(cut, lambda column: _too_long(column, options, zone))
        if texts and options.line_breaks == "space":
            asked["line_break"] = counted(texts, lambda column: fitting.broken(quoted(column.key)))
        return asked

    def notes(self, columns: tuple[OutColumn, ...], options: Any, tallies: Mapping[str, int]) -> tuple[Note, ...]:
        return fitting.notes(tallies)

    def ends(self, columns: tuple[OutColumn, ...], options: Any) -> Ends:
        return Lines()

    def parse(self, text: str, columns: tuple[OutColumn, ...], options: FixedOptions) -> int:
        end = LINE_ENDS[options.line_ends]
        if text and not text.endswith(end):
            raise ValueError("a line does not end as it should")
        lines = text.split(end)[:-1]
        lengths = {len(line) for line in lines}
        if len(lengths) > 1:
            raise ValueError("its lines are not of one length")
        found = fields(columns, options)
        wanted = sum((field.look.width or 0) + field.gap for field in found)
        if lines and all(field.look.width for field in found) and lengths != {wanted}:
            raise ValueError("its lines are not as long as the widths say")
        return len(lines)

    def render(self, rows: Rows, options: FixedOptions) -> Iterator[Rendered]:
        found = fields(rows.columns, options)
        if options.line_breaks == "refuse":
            fitting.refuse_breaks(rows, found, lambda column: quoted(column.key))
        fitting.refuse_longer(rows, found, lambda column: _text(column, options, rows.zone))
        return super().render(rows, options)

    def settled(self, rows: Rows, options: FixedOptions) -> FixedOptions:
        """The same options with every width filled in: the longest value's, the header's, the empty value's."""
        found = fields(rows.columns, options)
        open_fields = [field for field in found if field.look.width is None]
        if not open_fields:
            return options
        lengths = fitting.longest(rows, open_fields, lambda column: _text(column, options, rows.zone))
        least = max(1, len(options.null_text))
        widths = {}
        for field, length in zip(open_fields, lengths, strict=True):
            widths[field.key] = str(max(length, least, len(field.label) if options.header else 0))
        given = _entries(options.widths) or [""] * len(found)
        filled = [
            f"{_parted(entry)[0] or widths[field.key]}+{field.gap}" for field, entry in zip(found, given, strict=True)
        ]
        return options.model_copy(update={"widths": ", ".join(filled)})


def fields(columns: tuple[OutColumn, ...], options: FixedOptions) -> tuple[fitting.Field, ...]:
    """Every column with its width, side and filling. Raises BadSpec where the widths are not one a column."""
    entries = _entries(options.widths) or [""] * len(columns)
    if len(entries) != len(columns):
        raise BadSpec(
            f"There are {len(entries)} widths for {len(columns)} columns.",
            "Give one for each column, in order; leave one empty (10,,8) to take it from the data.",
            field="options.widths",
        )
    return tuple(_field(column, entry, options) for column, entry in zip(columns, entries, strict=True))


def _entries(widths: str) -> list[str]:
    """One a column; empty where the width is left to the data; none at all where nothing is given."""
    return [entry.strip() for entry in widths.replace(";", ",").split(",")] if widths.strip() else []


def _field(column: OutColumn, entry: str, options: FixedOptions) -> fitting.Field:
    width, gap = _parted(entry)
    return fitting.Field(**asdict(column), look=_look(column, width, options), gap=gap)


def _parted(entry: str) -> tuple[str, int]:
    """A width and the gap behind it: "8+2" → ("8", 2)."""
    found = re.fullmatch(r"(.*)\+(\d{1,4})", entry)
    return (found[1], int(found[2])) if found else (entry, 0)


def _look(column: OutColumn, entry: str, options: FixedOptions) -> Look:
    asked = looks.parse_look(entry)
    if asked != Look(width=asked.width, align=asked.align, fill=asked.fill, zero=asked.zero):
        raise BadSpec(
            f"“{entry}” is no width.",
            "Write a number of characters, such as 10, <10, >10 or 010.",
            field="options.widths",
        )
    number = column.kind in NUMBERS
    right = (options.numbers if number else options.texts) == "right"
    zero = (options.fill_numbers if number else options.fill_texts) == "zero"
    if asked.align is None and asked.fill == " " and not asked.zero:
        if zero and right:
            asked = replace(asked, zero=True)
        else:
            asked = replace(asked, align=">" if right else "<", fill="0" if zero else " ")
    return replace(asked, number=_number(column, options), cut=options.too_long == "cut")


def _number(column: OutColumn, options: FixedOptions) -> NumberFormat | None:
    """With implied decimals each number has as many as its column, so that the place of the sign is known."""
    if options.decimals != "implied" or column.kind not in NUMBERS or column.kind is Kind.WHOLE:
        return None
    return replace(
        NUMBER_FORMATS.get(column.format or "") or NumberFormat("", "", "", "", column.scale or 0), thousands=False
    )


def _text(field: OutColumn, options: FixedOptions, zone: str) -> str:
    """SQL of a field's text before it is made to fit."""
    look = fitting.look_of(field)
    look = replace(look, mark="" if options.decimals == "implied" else look.mark)
    comma = options.decimals == "comma"
    text = looks.value(field, look, zone, date_format=options.date_format, decimal_comma=comma)
    return looks.one_line(text) if field.kind in TEXTS and options.line_breaks == "space" else text


def _too_long(field: OutColumn, options: FixedOptions, zone: str) -> str:
    return f"length({_text(field, options, zone)}) > {fitting.look_of(field).width}"


def _cell(field: OutColumn, options: FixedOptions, zone: str) -> str:
    """One cell as wide as it must be, never NULL."""
    look = fitting.look_of(field)
    text = looks.fitted(_text(field, options, zone), field, look)
    text = looks.unless_null(field, look, text, options.null_text)
    gap = field.gap if isinstance(field, fitting.Field) else 0
    return f"concat({text}, '{' ' * gap}')" if gap else text


def _header(field: fitting.Field) -> str:
    label = " ".join(field.label.splitlines())
    width = field.look.width or len(label)
    placed = label[:width].rjust(width) if field.look.right(field) else label[:width].ljust(width)
    return placed + " " * field.gap


FORMAT = FixedWidth()
