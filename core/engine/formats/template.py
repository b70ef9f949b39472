"""Own layout: the person writes how a row looks, and what stands above and below all rows.

A row's text becomes one SQL expression; what a header or a footer sums up is asked of the rows before the first is written
and put into its text, so that everything after works on plain words.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any, ClassVar, Literal

from pydantic import Field

from core.engine.formats import fitting, looks
from core.engine.formats.base import Context, Options, RowFormat
from core.engine.formats.cells import Cells
from core.engine.formats.choices import LINE_ENDS, Encoding, LineEnd, NullText
from core.engine.formats.frame import (
    BARE,
    XML_SIGNS,
    around,
    breaks_count,
    figures,
    refuse_longer,
    with_ends,
)
from core.engine.formats.markup import FORBIDDEN
from core.engine.formats.placeholders import FIGURES, ROW_KEY, Slot, fact, field, pieces, written
from core.engine.formats.reading import Ends, Lines
from core.engine.receipt import Note
from core.engine.rendering import OutColumn, Rendered, Rows
from core.engine.session import characters, literal, quoted
from core.engine.values import TEXTS, Kind
from core.errors import BadSpec

LONGEST = 20_000  # characters of a header, a row or a footer


class TemplateOptions(Options):
    """The three texts, and how values are put into them."""

    header: str = Field(
        "",
        max_length=LONGEST,
        title="Above the rows",
        description="{title} {date} {time} {rows}, and figures such as {sum:Amount} or {max:Day:dmy_slash}. May stay empty.",
        json_schema_extra={"lines": 2, "placeholder": "H;{date:yyyymmdd};{rows:06}"},
    )
    row: str = Field(
        "",
        max_length=LONGEST,
        title="A row",
        description=(
            "{Column}, or with a look: {Amount:0.00} {Amount:>12} {Name:<30 upper cut} {Id:08} {Day:dmy_slash}; {row} is its "
            "number, {{ and }} are braces. Empty: every column, a semicolon between."
        ),
        json_schema_extra={"lines": 3, "placeholder": "D;{Id:08};{Name:<30};{Amount:0.00}"},
    )
    footer: str = Field(
        "",
        max_length=LONGEST,
        title="Below the rows",
        description="The same as above the rows.",
        json_schema_extra={"lines": 2, "placeholder": "T;{rows:06};{sum:Amount:0.00}"},
    )
    quoting: Literal["none", "csv", "json", "xml"] = Field(
        "none",
        title="Texts and dates",
        description="How signs within them are kept apart from your own; numbers stay bare.",
        json_schema_extra={
            "choices": {
                "none": "as they are",
                "csv": 'in quotes, "" for a quote within',
                "json": "as JSON strings, with quotes",
                "xml": "escaped for XML (&lt; for <)",
            }
        },
    )
    line_breaks: Literal["refuse", "space"] = Field(
        "refuse",
        title="Line breaks within texts",
        description="JSON and XML keep them in their own way; elsewhere one would begin a new line.",
        json_schema_extra={"choices": {"refuse": "are refused", "space": "become a blank"}},
    )
    null_text: NullText = Field("", description="What stands for a missing value, without quotes.")
    line_ends: LineEnd = Field("lf", description="After every line of all three texts.")
    encoding: Encoding = "utf-8"


class OwnLayout(RowFormat):
    name: ClassVar[str] = "template"
    label: ClassVar[str] = "Own layout"
    about: ClassVar[str] = "You write how a row looks: for the file nobody else has."
    extension: ClassVar[str] = "txt"
    media_type: ClassVar[str] = "text/plain"
    Options: ClassVar[type[Options]] = TemplateOptions

    def check(self, columns: tuple[OutColumn, ...], options: TemplateOptions) -> None:
        found = _fields(columns, options)
        if not found:
            raise BadSpec(
                "The row names no column, so every row would look alike.",
                f"Put one in, such as {{{columns[0].label}}}.",
                field="options.row",
            )
        fitting.check_null(found, options.null_text)
        for text in (options.header, options.footer):
            for slot in _slots(text):
                fact(slot, columns)

    def encoding(self, options: TemplateOptions) -> str:
        return str(options.encoding)

    def cuttable(self, options: TemplateOptions) -> bool:
        """What sums up or counts the rows of its file needs to know them before they are written."""
        inside = [_word(slot) for text in (options.header, options.footer) for slot in _slots(text)]
        numbered = any(_word(slot) in ("row",) for slot in _slots(options.row))
        counted = any(_word(slot) in ("rows", "count") for slot in _slots(options.header))
        return not (numbered or counted or any(word in FIGURES for word in inside))

    def prologue(self, columns: tuple[OutColumn, ...], options: TemplateOptions, context: Context) -> bytes:
        return around(options.header, columns, options, context)

    def epilogue(self, columns: tuple[OutColumn, ...], options: TemplateOptions, context: Context) -> bytes:
        return around(options.footer, columns, options, context)

    def cells(self, columns: tuple[OutColumn, ...], options: TemplateOptions, zone: str) -> Cells:
        found = _fields(columns, options)
        single = {one.key: one for one in reversed(found)}
        made = Cells(tuple(single.values()), lambda column: _cell(column, options, zone))
        for number, one in enumerate(found):
            again = one is not single[one.key]
            made.sql[_place(number)] = _cell(one, options, zone) if again else made.sql[one.key]
        if ROW_KEY in single:
            made.prepared[ROW_KEY] = "row_number() over ()"
        return made

    def row(self, cells: Cells, columns: tuple[OutColumn, ...], options: TemplateOptions) -> str:
        parts, number = [], 0
        for piece in _row_pieces(columns, options):
            if isinstance(piece, str):
                parts.append(literal(piece))
            else:
                parts.append(cells.sql[_place(number)])
                number += 1
        return f"concat({', '.join(parts)}, {characters(LINE_ENDS[options.line_ends])})"

    def tallies(self, columns: tuple[OutColumn, ...], options: TemplateOptions, zone: str) -> dict[str, str]:
        found = [one for one in _fields(columns, options) if one.kind in TEXTS]
        cut = [f"length({_text(f, options, zone)}) > {f.look.width}" for f in found if f.may_cut and f.look.width]
        asked = {"cut": cut}
        if breaks_count(options) and options.line_breaks == "space":
            asked["line_break"] = [fitting.broken(quoted(one.key)) for one in found]
        if options.quoting == "xml":
            asked["no_xml"] = [f"regexp_matches({quoted(one.key)}, {literal(FORBIDDEN)})" for one in found]
        return {
            name: f"list_sum([{', '.join(f'coalesce(({test})::integer, 0)' for test in tests)}])::bigint"
            for name, tests in asked.items()
            if tests
        }

    def notes(self, columns: tuple[OutColumn, ...], options: Any, tallies: Mapping[str, int]) -> tuple[Note, ...]:
        return fitting.notes(tallies)

    def ends(self, columns: tuple[OutColumn, ...], options: TemplateOptions) -> Ends:
        return Lines(_lines(columns, options))

    def parse(self, text: str, columns: tuple[OutColumn, ...], options: TemplateOptions) -> int:
        end, height = LINE_ENDS[options.line_ends], _lines(columns, options)
        if text and not text.endswith(end):
            raise ValueError("a row does not end as it should")
        lines = text.split(end)[:-1]
        if len(lines) % height:
            raise ValueError("a row is not whole")
        own = [piece if isinstance(piece, str) else None for piece in _row_pieces(columns, options)]
        for first in range(0, len(lines), height):
            _follow(end.join(lines[first : first + height]), own)
        return len(lines) // height

    def render(self, rows: Rows, options: TemplateOptions) -> Iterator[Rendered]:
        found = [one for one in _fields(rows.columns, options) if one.key != ROW_KEY]
        if breaks_count(options) and options.line_breaks == "refuse":
            fitting.refuse_breaks(rows, found, lambda column: quoted(column.key))
        fitting.refuse_longer(rows, found, lambda column: _text(column, options, rows.zone))
        for one in _fields(rows.columns, options):
            if one.key == ROW_KEY:
                refuse_longer(str(rows.count), "row", one.look)
        return super().render(rows, options)

    def settled(self, rows: Rows, options: TemplateOptions) -> TemplateOptions:
        """The same options, the figures of header and footer put into their text."""
        texts = {name: list(pieces(getattr(options, name))) for name in ("header", "footer")}
        facts = {slot: fact(slot, rows.columns) for found in texts.values() for slot in found if isinstance(slot, Slot)}
        asked = {slot: one for slot, one in facts.items() if one.column is not None}
        if not asked:
            return options
        told = dict(zip(asked, figures(rows, list(asked.values()), options), strict=True))
        known = {name: [told.get(p, p) if isinstance(p, Slot) else p for p in found] for name, found in texts.items()}
        return options.model_copy(update={name: written(found) for name, found in known.items()})


def _row_pieces(columns: tuple[OutColumn, ...], options: TemplateOptions) -> list[str | fitting.Field]:
    """The row's own text, its line ends as asked, and its fields."""
    if not options.row:
        found: list[str | fitting.Field] = []
        for column in columns:
            found += [";"] if found else []
            found.append(fitting.Field(**asdict(column)))
        return found
    return [p if isinstance(p, str) else field(p, columns) for p in pieces(with_ends(options.row, options))]


def _fields(columns: tuple[OutColumn, ...], options: TemplateOptions) -> list[fitting.Field]:
    return [piece for piece in _row_pieces(columns, options) if isinstance(piece, fitting.Field)]


def _place(number: int) -> str:
    return f"field {number}"


def _slots(text: str) -> Iterator[Slot]:
    return (piece for piece in pieces(text) if isinstance(piece, Slot))


def _word(slot: Slot) -> str:
    return slot.inside.partition(":")[0].strip().casefold()


def _lines(columns: tuple[OutColumn, ...], options: TemplateOptions) -> int:
    own = (piece for piece in _row_pieces(columns, options) if isinstance(piece, str))
    return 1 + sum(piece.count("\n") for piece in own)


def _text(column: OutColumn, options: TemplateOptions, zone: str) -> str:
    """SQL of a field's text before it is made to fit and quoted."""
    text = looks.value(column, fitting.look_of(column), zone)
    joined = column.kind in TEXTS and breaks_count(options) and options.line_breaks == "space"
    return looks.one_line(text) if joined else text


def _cell(column: OutColumn, options: TemplateOptions, zone: str) -> str:
    """One field as it stands in the file, never NULL. Quotes come round what was made to fit."""
    look = fitting.look_of(column)
    text = _quoted(looks.fitted(_text(column, options, zone), column, look), column, options)
    return looks.unless_null(column, look, text, options.null_text)


def _quoted(text: str, column: OutColumn, options: TemplateOptions) -> str:
    """SQL: a text that was made to fit, with the quotes round it."""
    bare = column.kind in BARE
    if options.quoting == "json" and column.kind is Kind.FLOAT:
        return f"""case when isfinite({quoted(column.key)}) then {text} else '"' || {text} || '"' end"""
    if options.quoting == "none" or bare:
        return text
    if options.quoting == "csv":
        return f"""('"' || replace({text}, '"', '""') || '"')"""
    if options.quoting == "json":
        if column.kind is Kind.NESTED and not fitting.look_of(column).width:
            return f"translate({text}, chr(10) || chr(13), '  ')"
        return f"to_json({text})::varchar"
    sound = f"regexp_replace({text}, {literal(FORBIDDEN)}, chr(65533), 'g')"
    for sign, name in XML_SIGNS.items():
        sound = f"replace({sound}, {characters(sign)}, '{name}')"
    return sound


def _follow(text: str, own: list[str | None]) -> None:
    """Find the row's own words in a row, in order; None stands for a value. Raises ValueError."""
    at, fixed = 0, True
    for piece in own:
        if piece is None:
            fixed = False
            continue
        found = text.find(piece, at)
        if found < 0 or (fixed and found != at):
            raise ValueError("a row does not look as it should")
        at, fixed = found + len(piece), True
    if fixed and at != len(text) and not text.endswith(own[-1] or ""):
        raise ValueError("a row goes on after its end")


FORMAT = OwnLayout()
