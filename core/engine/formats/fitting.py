"""One look at all rows before the first is written, for layouts in which every value has its place.

What does not fit is found here and refused with its row and column, so no file is begun that cannot be finished. Aggregates
only, in one scan: the longest text of each column.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as default

from core.engine.formats.looks import WIDEST, Look
from core.engine.receipt import Note
from core.engine.rendering import OutColumn, Rows
from core.engine.session import explained, quoted
from core.engine.values import TEXTS
from core.errors import BadSpec, LimitReached

COLUMNS_AT_ONCE = 100  # binding aggregates takes more than linear time


@dataclass(frozen=True)
class Field(OutColumn):
    """A column and how its values look."""

    look: Look = default(default_factory=Look)
    gap: int = 0  # blanks behind it

    @property
    def may_cut(self) -> bool:
        """Only text may lose its end: a number or a date without it would be another one."""
        return self.look.cut and self.kind in TEXTS


Text = Callable[[OutColumn], str]  # SQL of a field's text before it is made to fit


def look_of(column: OutColumn) -> Look:
    """What its field says; nothing for a column that is none."""
    return column.look if isinstance(column, Field) else Look()


def check_null(fields: Sequence[Field], null_text: str) -> None:
    """Raises BadSpec where what stands for a missing value is wider than a place for it."""
    narrow = [field for field in fields if field.look.width is not None and field.look.width < len(null_text)]
    if narrow:
        raise BadSpec(
            f"“{null_text}” stands for empty values and is wider than “{narrow[0].label}”, which has {narrow[0].look.width}.",
            "Choose something shorter, or widen that column.",
            field="options.null_text",
        )


def longest(rows: Rows, fields: Sequence[Field], text: Text) -> list[int]:
    """Characters of the longest text of every field; 0 where there is none. Raises LimitReached past what a layout holds."""
    found: list[int] = []
    for first in range(0, len(fields), COLUMNS_AT_ONCE):
        some = fields[first : first + COLUMNS_AT_ONCE]
        asked = ", ".join(
            f"coalesce(max(case when {quoted(field.key)} is not null then length({text(field)}) end), 0)"
            for field in some
        )
        found += _first_row(rows, f"select {asked} from ({rows.unordered or rows.sql}) q")
    for field, length in zip(fields, found, strict=True):
        if length > WIDEST and field.look.width is None:
            raise LimitReached(
                f"“{field.label}” holds a text of {length:,} characters; a width is at most {WIDEST:,}.",
                "Give the column a width and let long texts be cut, or leave it out. Nothing was written.",
                field="columns",
            )
    return found


def refuse_longer(rows: Rows, fields: Sequence[Field], text: Text) -> None:
    """Raises LimitReached, naming row and column, where a text is longer than its width and may not be cut."""
    held = [field for field in fields if field.look.width is not None and not field.may_cut]
    for field, length in zip(held, longest(rows, held, text), strict=True):
        width = field.look.width or 0
        if length <= width:
            continue
        row, length = _where(
            rows, f"length({text(field)})", f"{quoted(field.key)} is not null and length({text(field)}) > {width}"
        )
        way = "Widen the column, let long texts be cut, or leave that row out. Nothing was written."
        if field.kind not in TEXTS:
            way = "Widen the column, show its values shorter, or leave that row out. Nothing was written."
        raise LimitReached(
            f"Row {row:,} of “{field.label}” needs {length:,} characters; its width is {width:,}.",
            way,
            field=field.label,
            row=row,
        )


def refuse_breaks(rows: Rows, fields: Sequence[Field], text: Text) -> None:
    """Raises LimitReached, naming row and column, where a text holds a line break: its row would become two."""
    held = [field for field in fields if field.kind in TEXTS]
    for first in range(0, len(held), COLUMNS_AT_ONCE):
        some = held[first : first + COLUMNS_AT_ONCE]
        asked = ", ".join(f"coalesce(bool_or({broken(text(field))}), false)" for field in some)
        found = _first_row(rows, f"select {asked} from ({rows.unordered or rows.sql}) q")
        for field, is_broken in zip(some, found, strict=True):
            if is_broken:
                row, _ = _where(rows, "1", broken(text(field)))
                raise LimitReached(
                    f"Row {row:,} of “{field.label}” holds a line break; here every row has its own line.",
                    "Let “Line breaks within texts” become a blank, or leave that row out. Nothing was written.",
                    field=field.label,
                    row=row,
                )


def broken(text: str) -> str:
    """SQL: whether a text holds a line break."""
    return f"(contains({text}, chr(10)) or contains({text}, chr(13)))"


def _where(rows: Rows, figure: str, test: str) -> tuple[int, int]:
    """The first row (from 1) that passes the test, and the figure there."""
    numbered = f"select row_number() over () as number, {figure} as figure, {test} as found from ({rows.sql}) q"
    row, found = _first_row(rows, f"select number, figure from ({numbered}) n where found order by number limit 1")
    return row, found


def _first_row(rows: Rows, query: str) -> list[int]:
    with explained():
        return list(rows.connection.execute(query, rows.params or None).fetchall()[0])


def notes(tallies: Mapping[str, int]) -> tuple[Note, ...]:
    """What was changed so that it fits, counted: `cut`, `line_break`, `no_xml`."""
    found = []
    if count := tallies.get("cut", 0):
        one, many = "text was longer than its width and lost its", "texts were longer than their width and lost their"
        said = f"{count:,} {one if count == 1 else many} end, as chosen."
        found.append(Note(code="cut_text", message=said, count=count))
    if count := tallies.get("line_break", 0):
        one, many = "text held a line break, which was", "texts held line breaks, which were"
        said = f"{count:,} {one if count == 1 else many} replaced by a blank, as chosen."
        found.append(Note(code="line_break_replaced", message=said, count=count))
    if count := tallies.get("no_xml", 0):
        one, many = "text holds a control character XML", "texts hold control characters XML"
        said = f"{count:,} {one if count == 1 else many} cannot hold: written as �."
        found.append(Note(code="replaced_control", message=said, count=count))
    return tuple(found)
