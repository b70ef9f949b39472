"""What the database is asked: the widest values of each column, totals, and the rows as texts in the order they are drawn.

No value is looked at in Python to find a width: the few that are longest are fetched and measured. Sums are exact: decimals are
added as decimals, floats by Kahan; a column whose sum would leave something out has none, and a note says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from core.engine.display import NUMBER_FORMATS
from core.engine.formats.base import Part, Section
from core.engine.formats.cells import Cells
from core.engine.formats.pdf.options import PdfOptions
from core.engine.receipt import Note
from core.engine.rendering import OutColumn, Rows
from core.engine.session import explained, quoted
from core.engine.text import shown
from core.engine.values import NUMBERS, Kind
from core.errors import BadSpec

WIDEST = 6  # values of each column that are measured
MEASURED = 300  # characters of each, at most: longer texts wrap anyway
SUMMED_DIGITS = 26  # digits of a decimal of which 10^12 can be added within DECIMAL(38)
COLUMNS_AT_ONCE = 300  # binding aggregates takes more than linear time


@dataclass(frozen=True)
class Survey:
    """What is known of a section before it is drawn. `columns` are those of the table: without the one it is grouped by."""

    columns: tuple[OutColumn, ...]
    widest: tuple[tuple[str, ...], ...]  # of each column: its longest values
    group: OutColumn | None
    summed: tuple[int, ...]  # places of the columns that are added up
    totals: tuple[tuple[str, ...], ...]  # of each part: its sums, as they are shown
    notes: tuple[Note, ...]


def grouping(columns: Sequence[OutColumn], options: PdfOptions) -> OutColumn | None:
    """The column to group by. Raises BadSpec where there is none of that name, or two."""
    wanted = options.group_by.strip()
    if not wanted:
        return None
    found = [c for c in columns if c.label == wanted] or [c for c in columns if c.label.casefold() == wanted.casefold()]
    if len(found) == 1:
        return found[0]
    if found:
        raise BadSpec(
            f"{len(found)} columns are called “{wanted}”: the PDF cannot be grouped by one of them.",
            "Give them different headers.",
            field="group_by",
        )
    known = ", ".join(c.label for c in columns[:20])
    raise BadSpec(
        f"There is no column “{wanted}” to group the PDF by.", f"Columns there are: {known}.", field="group_by"
    )


def survey(section: Section, options: PdfOptions) -> Survey:
    rows = section.rows
    group = grouping(rows.columns, options)
    columns = tuple(c for c in rows.columns if c is not group) or rows.columns
    widest: list[tuple[str, ...]] = []
    for first in range(0, len(columns), COLUMNS_AT_ONCE):
        widest += _widest(rows, columns[first : first + COLUMNS_AT_ONCE], options)
    if not options.totals and not (group and options.subtotals):
        return Survey(columns, tuple(widest), group, (), (), ())
    summed, notes = _summed(rows, columns)
    totals = _totals(section, [columns[place] for place in summed], options) if options.totals and summed else ()
    return Survey(columns, tuple(widest), group, summed, totals, notes)


def text_of(column: OutColumn, options: PdfOptions, zone: str) -> str:
    """SQL of what the column shows; NULL where there is nothing."""
    return shown(column, zone, date_format=options.date_format, decimal_comma=options.decimal_comma)


def _widest(rows: Rows, columns: Sequence[OutColumn], options: PdfOptions) -> list[tuple[str, ...]]:
    # a guess at a text's width: letters of three bytes (ideographs) are twice as wide as those of one
    width = "(length({0}) * 5 + strlen({0}) * 4)"
    picks = []
    for column in columns:
        text = text_of(column, options, rows.zone)
        picks.append(f"arg_max(left({text}, {MEASURED}), {width.format(text)}, {WIDEST})")
    found = _one(rows, f"select {', '.join(picks)} from ({rows.unordered or rows.sql}) q")
    return [tuple(value for value in values or () if value is not None) for values in found]


def _addable(column: OutColumn) -> str:
    """SQL of the value as far as it can be added without losing anything; NULL where it cannot."""
    name = quoted(column.key)
    if column.kind is Kind.FLOAT:
        return f"case when isfinite({name}) then {name} end"
    if column.kind is Kind.WHOLE and not column.precision:
        return name
    if (column.precision or 38) <= SUMMED_DIGITS:
        return name
    return f"try_cast({name} as decimal({SUMMED_DIGITS}, {min(column.scale or 0, SUMMED_DIGITS)}))"


def _summed(rows: Rows, columns: tuple[OutColumn, ...]) -> tuple[tuple[int, ...], tuple[Note, ...]]:
    """Places of the number columns all of whose values can be added, and a note for each of the others."""
    places = []
    for place, column in enumerate(columns):
        number = NUMBER_FORMATS.get(column.format or "")
        if column.kind in NUMBERS and not (number and number.percent):  # a sum of percentages says nothing
            places.append(place)
    if not places:
        return (), ()
    tests = [f"count({quoted(columns[p].key)}) - count({_addable(columns[p])})" for p in places]
    left_out = _one(rows, f"select {', '.join(tests)} from ({rows.unordered or rows.sql}) q")
    notes = tuple(
        Note(
            code="no_total",
            message=f"“{columns[place].label}” has no total: {count:,} of its values cannot be added (too many digits, or "
            "no number).",
            count=count,
            column=columns[place].label,
        )
        for place, count in zip(places, left_out, strict=True)
        if count
    )
    return tuple(place for place, count in zip(places, left_out, strict=True) if not count), notes


def _sum(column: OutColumn) -> str:
    return f"{'fsum' if column.kind is Kind.FLOAT else 'sum'}({_addable(column)})"


def _shown_sum(column: OutColumn, key: str, options: PdfOptions, zone: str) -> str:
    """SQL of a sum as its column shows numbers."""
    wide = None if column.kind is Kind.FLOAT else 38
    return f"coalesce({text_of(replace(column, key=key, precision=wide), options, zone)}, '')"


def _totals(section: Section, columns: Sequence[OutColumn], options: PdfOptions) -> tuple[tuple[str, ...], ...]:
    rows = section.rows
    sums = ", ".join(f"{_sum(column)} as s{n}" for n, column in enumerate(columns))
    looks = ", ".join(_shown_sum(column, f"s{n}", options, rows.zone) for n, column in enumerate(columns))
    if len(section.parts) == 1:
        source, part = f"(select {sums} from ({rows.unordered or rows.sql}) q)", "0"
    else:
        source, part = f"(select part, {sums} from ({_parted(rows.sql, section.parts)}) group by part)", "part"
    with explained():
        found = rows.connection.execute(f"select {part}, {looks} from {source}", rows.params or None).fetchall()
    by_part = {place: tuple(values) for place, *values in found}
    return tuple(by_part.get(place, ("",) * len(columns)) for place in range(len(section.parts)))


def _parted(sql: str, parts: Sequence[Part]) -> str:
    """The rows with their number (rn) and the place of the part they belong to (part)."""
    starts, place = [], 1
    for part in parts:
        starts.append(place)
        place += part.rows
    kept = [n for n, part in enumerate(parts) if part.rows] or [0]
    firsts = f"select unnest({[starts[n] for n in kept]}) as first_row, unnest({kept}) as part"
    numbered = f"select *, row_number() over () as rn from ({sql})"
    return f"select n.*, p.part from ({numbered}) n asof join ({firsts}) p on n.rn >= p.first_row"


def drawn(section: Section, known: Survey, options: PdfOptions) -> Rows:
    """The rows to draw: a text for every column; where they are grouped, further columns.

    These are: the group's heading, the row's place in its group (from 1), the group's rows, and on its last row its sums.
    """
    rows, group = section.rows, known.group
    cells = Cells(known.columns, lambda column: text_of(column, options, rows.zone))
    texts = [f"{cells.sql[column.key]} as x{n}" for n, column in enumerate(known.columns)]
    prepared = "".join(f", {sql} as {name}" for name, sql in cells.prepared.items())
    if group is None:
        sql = f"select {', '.join(texts)} from (select *{prepared} from ({rows.sql}) q) r"
        return replace(rows, sql=sql)
    key = quoted(group.key)
    sums = [known.columns[place] for place in known.summed] if options.subtotals else []
    looks = [
        f"case when place = members then {_shown_sum(column, f's{n}', options, rows.zone)} end"
        for n, column in enumerate(sums)
    ]
    windows = "".join(f", {_sum(column)} over g as s{n}" for n, column in enumerate(sums))
    heading = f"case when place = 1 then coalesce({text_of(group, options, rows.zone)}, '') end"
    numbered = (
        f"select *{prepared}, min(rn) over g as opens, count(*) over g as members, "
        f"row_number() over (partition by part, {key} order by rn) as place{windows} "
        f"from ({_parted(rows.sql, section.parts)}) q window g as (partition by part, {key})"
    )
    chosen = ", ".join([*texts, heading, "place", "members", *looks])
    return replace(rows, sql=f"select {chosen} from ({numbered}) r order by part, opens, rn")


def _one(rows: Rows, query: str) -> tuple[Any, ...]:
    with explained():
        return tuple(rows.connection.execute(query, rows.params or None).fetchall()[0])
