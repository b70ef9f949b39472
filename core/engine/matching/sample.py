"""A sample file as it was understood: the format and options that would write it, and its columns with their values as text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from core.engine.display import DATE_FORMATS, NUMBER_FORMATS

MOST_ROWS = 1_000  # rows of a sample that are looked at


@dataclass
class SampleColumn:
    """One column: its header (empty where there is none) and its values as they stand in the file, empty ones left out.

    `date_key` and `number_key` are set where the file itself says how its values are shown (a workbook's cell formats);
    `quoted` where every value was a text in the file although it may look like a number (JSON).
    """

    name: str
    values: list[str]
    empty: int = 0
    date_key: str | None = None
    number_key: str | None = None
    quoted: bool = False

    def __post_init__(self) -> None:
        assert self.date_key is None or self.date_key in DATE_FORMATS
        assert self.number_key is None or self.number_key in NUMBER_FORMATS


@dataclass
class Sample:
    """`options` are those of the format that were read off the file; what depends on our columns is added later."""

    format: str
    columns: list[SampleColumn]
    options: dict[str, Any] = field(default_factory=dict)
    understood: list[str] = field(default_factory=list)
    differences: list[str] = field(default_factory=list)
    decimal: str | None = None  # the decimal sign all numbers agree on
    fields: list[int] | None = None  # widths, of a fixed width file
    shown: bool = True  # values stand as text in the file: their look is part of what must match


def columns_of(names: Sequence[str], rows: Sequence[Sequence[str]]) -> list[SampleColumn]:
    """Columns of rows of cells; a short row lacks its last cells."""
    found = []
    for place, name in enumerate(names):
        cells = [row[place] if place < len(row) else "" for row in rows[:MOST_ROWS]]
        values = [cell for cell in cells if cell.strip()]
        found.append(SampleColumn(name, values, len(cells) - len(values)))
    return found
