"""The SQL expression of one row of a sheet: its texts are looked at once, together, and few rows pay for more than that."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from core.engine.formats.markup import without_markup
from core.engine.rendering import OutColumn
from core.engine.session import literal
from core.engine.values import TEXTS

Cell = Callable[[int, str | None], list[str]]  # a column's place, the SQL of its text or None → arguments of concat()


@dataclass(frozen=True)
class RowMarkup:
    """What stands round the cells of a row, and which of its texts need care. Patterns are RE2's."""

    start: str
    end: str
    odd: str  # found in the texts of a row that is worth a second look: markup, or what is `rare`
    rare: str  # what has to be mended beside markup
    mended: Callable[[str], str]  # SQL of a row whose texts are free of markup → the same with what is rare mended
    between: str = ""  # stands between the texts when they are looked at together


def row(columns: Sequence[OutColumn], cell: Cell, shown: Callable[[OutColumn], str | None], markup: RowMarkup) -> str:
    """The row as SQL text. `shown` gives the SQL of what a column shows as text, None where its cells hold real values."""
    cells: list[str] = []
    careful: list[str] = []
    looked_at: list[str] = []
    for place, column in enumerate(columns):
        text = shown(column)
        cells += cell(place, text)
        if text is not None and column.kind in TEXTS:
            looked_at.append(text)
            text = without_markup(text)
        careful += cell(place, text)
    simple, marked = (f"concat('{markup.start}', {', '.join(some)}, '{markup.end}')" for some in (cells, careful))
    if not looked_at:
        return simple
    joined = ", ".join(looked_at)
    together = f"concat_ws({literal(markup.between)}, {joined})" if markup.between else f"concat({joined})"
    rare = (
        f"case when regexp_matches({together}, {literal(markup.rare)}) then {markup.mended(marked)} else {marked} end"
    )
    return f"case when regexp_matches({together}, {literal(markup.odd)}) then {rare} else {simple} end"
