"""One look at all rows before the first is written: what must be refused, what needs care, how wide the columns are.

Aggregates only, in one scan (a tenth of a second for a million rows): maxima and counts. What they show keeps the row
expression short, since a column without NULLs or long numbers needs no test for them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from core.engine.display import NUMBER_FORMATS
from core.engine.formats.xlsx.cells import CELL_TEXT_UNITS, Facts, is_long, is_unreachable
from core.engine.receipt import Note
from core.engine.rendering import OutColumn, Rows
from core.engine.session import explained, quoted
from core.engine.values import NUMBERS, Kind
from core.errors import LimitReached

COLUMNS_AT_ONCE = 300  # binding aggregates takes more than linear time
SUM_SCALE = 12  # digits after the point with which a sum of 15-digit numbers still fits DECIMAL(38)
TEXTS = frozenset({Kind.TEXT, Kind.NESTED})
CLOCKS = frozenset({Kind.TIMESTAMP, Kind.TIMESTAMP_TZ, Kind.TIME})


def survey(rows: Rows, *, totals: bool) -> tuple[Facts, ...]:
    """The facts of every column, in order. Raises LimitReached, naming row and column, for text no cell can hold."""
    facts: list[Facts] = []
    for first in range(0, len(rows.columns), COLUMNS_AT_ONCE):
        facts += _some(rows, rows.columns[first : first + COLUMNS_AT_ONCE], totals)
    return tuple(facts)


def _some(rows: Rows, columns: Sequence[OutColumn], totals: bool) -> Iterator[Facts]:
    wanted = [_aggregates(column, rows.zone, totals) for column in columns]
    every = ", ".join(sql for aggregates in wanted for sql in aggregates.values())
    found = iter(_one_row(rows, f"select count(*), {every} from ({rows.unordered or rows.sql}) q"))
    count = next(found)
    for column, aggregates in zip(columns, wanted, strict=True):
        values: dict[str, Any] = {name: next(found) for name in aggregates}
        if (values.get("biggest") or 0) > CELL_TEXT_UNITS:
            _refuse_long_text(rows, column)
        yield Facts(rows=count, **{name: value for name, value in values.items() if value is not None})


def _aggregates(column: OutColumn, zone: str, totals: bool) -> dict[str, str]:
    """Field of `Facts` → SQL aggregate."""
    name = quoted(column.key)
    wanted = {"filled": f"count({name})"}
    if column.kind in TEXTS:
        wanted |= {
            "biggest": f"max(strlen({name}))",
            "longest": f"max(length({name}))",
            "bytes": f"sum(strlen({name}))::bigint",
        }
    elif column.kind in NUMBERS:
        real = name
        if column.kind is Kind.FLOAT:
            real = f"case when isfinite({name}) then {name} end"
            wanted["not_finite"] = f"count_if(not isfinite({name}))"
        elif long := is_long(column):
            real = f"case when not {long} then {name} end"
            wanted["long_numbers"] = f"count_if({long})"
        wanted["lowest"] = f"min({real})::double"
        wanted["highest"] = f"max({real})::double"
        number = NUMBER_FORMATS.get(column.format or "")
        if totals and not (number and number.percent):  # a sum of percentages says nothing
            exact = column.kind is not Kind.DECIMAL or (column.scale is not None and column.scale <= SUM_SCALE)
            wanted["total"] = f"sum({real}{'' if exact else '::double'})::varchar"
    elif column.kind is not Kind.YES_NO:
        beyond = is_unreachable(column, zone)
        wanted["unreachable"] = f"count_if({beyond})"
        if column.kind is not Kind.TIME:
            wanted["not_finite"] = f"count_if(not isfinite({name}))"
            wanted["unreachable"] = f"count_if(({beyond}) and isfinite({name}))"
    if column.kind in CLOCKS:
        within = f"not ({is_unreachable(column, zone)})"
        # the order matters: most times are whole, and the test for the edges is the dearer one
        wanted["fractions"] = f"count_if(epoch_us({name}) % 1000000 <> 0 and {within})"
        wanted["lost"] = f"count_if(epoch_us({name}) % 1000 <> 0 and {within})"
    return wanted


def _one_row(rows: Rows, query: str) -> tuple[Any, ...]:
    with explained():
        found = rows.connection.execute(
            query, rows.params or None
        ).fetchall()  # to its end: the next query waits for it
    return found[0] if found else ()


def _refuse_long_text(rows: Rows, column: OutColumn) -> None:
    """Raise if a text really is too long: bytes were cheap to measure, Excel's limit counts UTF-16 units."""
    name = quoted(column.key)
    beyond_bmp = f"length(regexp_replace({name}, '[^\\x{{10000}}-\\x{{10FFFF}}]', '', 'g'))"
    units = f"case when strlen({name}) > {CELL_TEXT_UNITS} then length({name}) + {beyond_bmp} else 0 end"
    numbered = f"select row_number() over () as number, {units} as units from ({rows.sql}) q"
    found = _one_row(
        rows, f"select number, units from ({numbered}) n where units > {CELL_TEXT_UNITS} order by number limit 1"
    )
    if found:
        row, units = found
        raise LimitReached(
            f"Row {row:,} of “{column.label}” holds a text of {units:,} characters; an Excel cell holds at most "
            f"{CELL_TEXT_UNITS:,}.",
            "Leave that column or row out, or choose CSV, JSON or Parquet, which have no such limit.",
            field=column.label,
            row=row,
        )


def notes(columns: Sequence[OutColumn], facts: Sequence[Facts], zone: str) -> tuple[Note, ...]:
    """What a reader of the workbook should know, one note for each thing and column."""
    return tuple(
        Note(code=code, message=message, count=count, column=column.label)
        for column, fact in zip(columns, facts, strict=True)
        for code, count, message in _observations(column, fact, zone)
        if count
    )


def _observations(column: OutColumn, fact: Facts, zone: str) -> Iterator[tuple[str, int, str]]:
    """(code, how many, sentence); those that count nothing are left out by the caller."""

    def said(count: int, one: str, what: str) -> str:
        return f"{count:,} {one}{'' if count == 1 else 's'} in “{column.label}” {what}"

    what = "with more than 15 digits stored as text: Excel would change them."
    yield "long_number_as_text", fact.long_numbers, said(fact.long_numbers, "number", what)
    what = "infinite or not a number, stored as text."
    yield "not_finite", fact.not_finite, said(fact.not_finite, "value", what)
    one, what = "date", "before 1 March 1900 or after 9999 stored as text: Excel cannot count them."
    if column.kind is Kind.TIME:
        one, what = "time", "at 24:00 stored as text: Excel would show 00:00."
    yield "early_date_as_text", fact.unreachable, said(fact.unreachable, one, what)
    what = "cut to milliseconds, the finest Excel keeps."
    yield "lost_microseconds", fact.lost, said(fact.lost, "time", what)
    if fact.total is not None and fact.as_text:
        what = "stored as text, so the column has no total: it would leave them out."
        yield "no_total", fact.as_text, said(fact.as_text, "number", what)
    if column.kind is Kind.TIMESTAMP_TZ:
        yield "zone", fact.filled, said(fact.filled, "time", f"shown as local time of {zone}.")
