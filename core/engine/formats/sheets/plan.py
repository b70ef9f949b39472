"""Which rows go to which sheet: everything about a workbook that is decided before its first byte is written."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from core.engine.cutting import Cut
from core.engine.formats.base import MOST_TABLES, Context, Part, Section
from core.engine.formats.sheets.looks import Look, looks
from core.engine.formats.sheets.options import SheetOptions
from core.engine.formats.sheets.survey import notes, part_totals, survey
from core.engine.formats.sheets.titles import Titles, utf16_units
from core.engine.formats.sheets.values import Facts, Reach
from core.engine.receipt import Note
from core.engine.rendering import OutColumn, Rows
from core.engine.text import shown
from core.engine.values import TEXTS
from core.errors import AGAIN, LimitReached, Trouble

ABOUT = "About this export"


@dataclass(frozen=True)
class PlannedSheet:
    title: str
    rows: int


@dataclass(frozen=True)
class PlannedPart:
    """The sheets one part takes: one, and more where it is longer than a sheet. Its totals stand beneath the last."""

    sheets: tuple[PlannedSheet, ...]
    totals: tuple[str | None, ...]  # the sum of each column; None where it has none

    @property
    def has_totals(self) -> bool:
        return any(sheet.rows for sheet in self.sheets)


@dataclass(frozen=True)
class PlannedSection:
    rows: Rows
    facts: tuple[Facts, ...]
    looks: tuple[Look, ...]
    parts: tuple[PlannedPart, ...]
    options: SheetOptions

    @property
    def columns(self) -> tuple[OutColumn, ...]:
        return self.rows.columns

    @property
    def sheets(self) -> list[PlannedSheet]:
        return [sheet for part in self.parts for sheet in part.sheets]

    @property
    def text_bytes(self) -> int:
        """UTF-8 bytes of all its texts."""
        return sum(fact.bytes for fact in self.facts)

    def shown(self, column: OutColumn) -> str | None:
        """The SQL of what a column shows as text; None where cells hold the value itself."""
        real = self.options.real_values and column.kind not in TEXTS
        return None if real else shown(column, self.rows.zone)

    @contextmanager
    def stream(self, row: str) -> Iterator[Cut]:
        """All rows, rendered by the SQL expression `row`, to be taken sheet by sheet. Raises Trouble if they changed."""
        cut = Cut(self.rows.render(row))
        try:
            yield cut
            if cut.taken != self.rows.count or cut.more():
                raise Trouble(f"The query no longer gives the {self.rows.count:,} rows counted.", AGAIN)
        finally:
            cut.close()


@dataclass(frozen=True)
class Plan:
    sections: tuple[PlannedSection, ...]
    notes: tuple[Note, ...]
    about: tuple[tuple[str, str], ...]  # the lines of the sheet about the export

    @property
    def rows(self) -> int:
        return sum(section.rows.count for section in self.sections)


def plan(sections: Sequence[Section], options: SheetOptions, context: Context, reach: Reach) -> Plan:
    """Survey every section and give each part its sheets. Raises LimitReached for what a workbook cannot hold."""
    room = reach.sheet_rows - options.header - options.totals
    for section in sections:
        _check_shape(section, options, reach, room)
    counts = [[sheet_counts(part.rows, room) for part in section.parts] for section in sections]
    _check_sheets(sum(len(sheets) for section in counts for sheets in section))
    titles = Titles(ABOUT if options.about else "")
    planned: list[PlannedSection] = []
    known: list[Note] = []
    alone = len(sections) == 1 and len(sections[0].parts) == 1
    for section, rows_of in zip(sections, counts, strict=True):
        rows = section.rows
        facts = survey(rows, reach, totals=options.totals)
        sums = part_totals(rows, facts, [part.rows for part in section.parts])
        parts = []
        for part, rows_of_sheets, totals in zip(section.parts, rows_of, sums, strict=True):
            wanted = options.sheet_name if alone and options.sheet_name else part.title
            sheets = tuple(PlannedSheet(titles.take(wanted), count) for count in rows_of_sheets)
            parts.append(PlannedPart(sheets, totals))
        dressed = looks(rows.columns, facts, options, rows.zone, reach)
        planned.append(PlannedSection(rows, facts, dressed, tuple(parts), options))
        found = notes(rows.columns, facts, rows.zone, reach, real_values=options.real_values)
        known += found if len(sections) == 1 else [_of(section.parts, note) for note in found]
    about = (*context.about, *(("Please note", note.message) for note in known))
    return Plan(tuple(planned), tuple(known), about)


def sheet_counts(rows: int, room: int) -> list[int]:
    """Rows of each sheet; an empty part has one empty sheet."""
    full, rest = divmod(rows, room)
    return [room] * full + ([rest] if rest or not full else [])


def _of(parts: Sequence[Part], note: Note) -> Note:
    """A note that says whose column it speaks of, where several tables are in the file."""
    whose = parts[0].title if len(parts) == 1 else f"{parts[0].title} – {parts[-1].title}"
    return note.model_copy(update={"message": f"{whose}: {note.message}"})


def _check_sheets(count: int) -> None:
    if count > MOST_TABLES:
        raise LimitReached(
            f"This export would have {count:,} sheets; a workbook holds at most {MOST_TABLES:,} here.",
            "Write a file for each part instead of a sheet, or split into fewer parts.",
        )


def _check_shape(section: Section, options: SheetOptions, reach: Reach, room: int) -> None:
    rows = section.rows
    if len(rows.columns) > reach.sheet_columns:
        raise LimitReached(
            f"This export has {len(rows.columns):,} columns; {reach.named} sheet holds at most {reach.sheet_columns:,}.",
            "Take fewer columns, or choose CSV, JSON or Parquet.",
        )
    longest = max(part.rows for part in section.parts)
    if longest > room and not options.continue_sheets:
        which = "This export" if len(section.parts) == 1 else "A part of this export"
        raise LimitReached(
            f"{which} has {longest:,} rows; one {reach.program} sheet holds {room:,}.",
            "Turn on “Continue on further sheets”, filter the rows, or choose CSV.",
            field="continue_sheets",
        )
    if reach.text_units is None:
        return
    for number, column in enumerate(rows.columns, 1):
        if utf16_units(column.label) + len(rows.zone) + 3 > reach.text_units:
            raise LimitReached(
                f"The header of column {number} is longer than the {reach.text_units:,} characters of "
                f"{reach.named} cell.",
                "Give the column a shorter header, or choose CSV, JSON or Parquet.",
                field=column.label[:100],
            )
