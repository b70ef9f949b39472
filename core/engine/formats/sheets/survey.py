"""One look at all rows before the first is written: what must be refused, what needs care, how wide the columns are.

Aggregates only, in one scan (a tenth of a second for a million rows): maxima and counts. What they show keeps the row
expression short, since a column without NULLs or long numbers needs no test for them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import accumulate
from typing import Any

from core.engine.display import NUMBER_FORMATS
from core.engine.formats.markup import FORBIDDEN
from core.engine.formats.sheets.values import Facts, Reach, is_long, is_unreachable
from core.engine.receipt import Note
from core.engine.rendering import OutColumn, Rows
from core.engine.session import explained, literal, quoted
from core.engine.values import NUMBERS, TEXTS, Kind
from core.errors import LimitReached

COLUMNS_AT_ONCE = 300  # binding aggregates takes more than linear time
SUM_SCALE = 12  # digits after the point with which a sum of 15-digit numbers still fits DECIMAL(38)
CLOCKS = frozenset({Kind.TIMESTAMP, Kind.TIMESTAMP_TZ, Kind.TIME})


def survey(rows: Rows, reach: Reach, *, totals: bool) -> tuple[Facts, ...]:
    """The facts of every column, in order. Raises LimitReached, naming row and column, for text no cell can hold."""
    facts: list[Facts] = []
    for first in range(0, len(rows.columns), COLUMNS_AT_ONCE):
        facts += _some(rows, rows.columns[first : first + COLUMNS_AT_ONCE], reach, totals)
    return tuple(facts)


def _some(rows: Rows, columns: Sequence[OutColumn], reach: Reach, totals: bool) -> Iterator[Facts]:
    wanted = [_aggregates(column, rows.zone, reach, totals) for column in columns]
    every = ", ".join(sql for aggregates in wanted for sql in aggregates.values())
    found = iter(_all_rows(rows, f"select count(*), {every} from ({rows.unordered or rows.sql}) q")[0])
    count = next(found)
    for column, aggregates in zip(columns, wanted, strict=True):
        values: dict[str, Any] = {name: next(found) for name in aggregates}
        if reach.text_units and (values.get("biggest") or 0) > reach.text_units:
            _refuse_long_text(rows, column, reach)
        yield Facts(rows=count, **{name: value for name, value in values.items() if value is not None})


def _aggregates(column: OutColumn, zone: str, reach: Reach, totals: bool) -> dict[str, str]:
    """Field of `Facts` → SQL aggregate."""
    name = quoted(column.key)
    wanted = {"filled": f"count({name})"}
    if column.kind in TEXTS:
        wanted |= {
            "biggest": f"max(strlen({name}))",
            "longest": f"max(length({name}))",
            "bytes": f"sum(strlen({name}))::bigint",
        }
        if not reach.controls:
            wanted["controls"] = f"count_if(regexp_matches({name}, {literal(FORBIDDEN)}))"
            wanted["tabs"] = f"count_if(contains({name}, chr(9)))"
            wanted["returns"] = f"count_if(contains({name}, chr(13)))"
    elif column.kind in NUMBERS:
        real = _real(column)
        if column.kind is Kind.FLOAT:
            wanted["not_finite"] = f"count_if(not isfinite({name}))"
        elif long := is_long(column):
            wanted["long_numbers"] = f"count_if({long})"
        wanted["lowest"] = f"min({real})::double"
        wanted["highest"] = f"max({real})::double"
        number = NUMBER_FORMATS.get(column.format or "")
        if totals and not (number and number.percent):  # a sum of percentages says nothing
            wanted["total"] = _sum(column)
    elif column.kind is not Kind.YES_NO:
        beyond = is_unreachable(column, zone, reach)
        wanted["unreachable"] = f"count_if({beyond})"
        if column.kind is not Kind.TIME:
            wanted["not_finite"] = f"count_if(not isfinite({name}))"
            wanted["unreachable"] = f"count_if(({beyond}) and isfinite({name}))"
    if column.kind in CLOCKS:
        within = f"not ({is_unreachable(column, zone, reach)})"
        # the order matters: most times are whole, and the test for the edges is the dearer one
        wanted["fractions"] = f"count_if(epoch_us({name}) % 1000000 <> 0 and {within})"
        wanted["finer"] = f"count_if(epoch_us({name}) % 1000 <> 0 and {within})"
    return wanted


def _real(column: OutColumn) -> str:
    """The number as far as its cell holds one; NULL else."""
    name = quoted(column.key)
    if column.kind is Kind.FLOAT:
        return f"case when isfinite({name}) then {name} end"
    long = is_long(column)
    return f"case when not {long} then {name} end" if long else name


def _sum(column: OutColumn) -> str:
    exact = column.kind is not Kind.DECIMAL or (column.scale is not None and column.scale <= SUM_SCALE)
    return f"sum({_real(column)}{'' if exact else '::double'})::varchar"


def part_totals(rows: Rows, facts: Sequence[Facts], parts: Sequence[int]) -> list[tuple[str | None, ...]]:
    """The sum of each column within each run of so many rows, in order; None for columns that have no total.

    One query for all parts: rows are numbered in their order, and each number finds the part that begins before it.
    """
    if len(parts) == 1:
        return [tuple(fact.total if fact.summed else None for fact in facts)]
    summed = [column for column, fact in zip(rows.columns, facts, strict=True) if fact.summed]
    sums: dict[str, dict[int, str]] = {column.key: {} for column in summed}
    begins = accumulate(parts, initial=0)
    filled = ", ".join(
        f"({part}, {begin})" for part, (begin, count) in enumerate(zip(begins, parts, strict=False)) if count
    )
    for first in range(0, len(summed) if filled else 0, COLUMNS_AT_ONCE):
        some = summed[first : first + COLUMNS_AT_ONCE]
        numbered = f"select {', '.join(quoted(c.key) for c in some)}, row_number() over () as row from ({rows.sql}) q"
        found = _all_rows(
            rows,
            f"select part, {', '.join(map(_sum, some))} from ({numbered}) n "
            f"asof join (values {filled}) p(part, start) on n.row > p.start group by part",
        )
        for part, *values in found:
            for column, value in zip(some, values, strict=True):
                if value is not None:
                    sums[column.key][part] = value
    return [
        tuple(
            sums[column.key].get(part, "0") if fact.summed else None
            for column, fact in zip(rows.columns, facts, strict=True)
        )
        for part in range(len(parts))
    ]


def _all_rows(rows: Rows, query: str) -> list[tuple[Any, ...]]:
    with explained():
        return rows.connection.execute(query, rows.params or None).fetchall()  # to its end: the next query waits for it


def _refuse_long_text(rows: Rows, column: OutColumn, reach: Reach) -> None:
    """Raise if a text really is too long: bytes were cheap to measure, the limit counts UTF-16 units."""
    limit = reach.text_units
    name = quoted(column.key)
    beyond_bmp = f"length(regexp_replace({name}, '[^\\x{{10000}}-\\x{{10FFFF}}]', '', 'g'))"
    units = f"case when strlen({name}) > {limit} then length({name}) + {beyond_bmp} else 0 end"
    numbered = f"select row_number() over () as number, {units} as units from ({rows.sql}) q"
    found = _all_rows(rows, f"select number, units from ({numbered}) n where units > {limit} order by number limit 1")
    if found:
        [(row, units)] = found
        raise LimitReached(
            f"Row {row:,} of “{column.label}” holds a text of {units:,} characters; {reach.named} cell holds at most "
            f"{limit:,}.",
            "Leave that column or row out, or choose CSV, JSON or Parquet, which have no such limit.",
            field=column.label,
            row=row,
        )


def notes(
    columns: Sequence[OutColumn], facts: Sequence[Facts], zone: str, reach: Reach, *, real_values: bool = True
) -> tuple[Note, ...]:
    """What a reader of the workbook should know, one note for each thing and column."""
    return tuple(
        Note(code=code, message=message, count=count, column=column.label)
        for column, fact in zip(columns, facts, strict=True)
        for code, count, message in _observations(column, fact, zone, reach)
        if count and (real_values or column.kind in TEXTS)
    )


def _observations(column: OutColumn, fact: Facts, zone: str, reach: Reach) -> Iterator[tuple[str, int, str]]:
    """(code, how many, sentence); those that count nothing are left out by the caller."""

    def said(count: int, one: str, what: str) -> str:
        return f"{count:,} {one}{'' if count == 1 else 's'} in “{column.label}” {what}"

    what = f"with more than 15 digits stored as text: {reach.program} would change them."
    yield "long_number_as_text", fact.long_numbers, said(fact.long_numbers, "number", what)
    what = "infinite or not a number, stored as text."
    yield "not_finite", fact.not_finite, said(fact.not_finite, "value", what)
    first = date.fromisoformat(reach.first_date)
    one = "date"
    what = f"before {first.day} {first:%B %Y} or after 9999 stored as text: {reach.program} cannot count them."
    if column.kind is Kind.TIME:
        one, what = "time", f"at 24:00 stored as text: {reach.program} would show 00:00."
    yield "early_date_as_text", fact.unreachable, said(fact.unreachable, one, what)
    if reach.milliseconds:
        what = f"cut to milliseconds, the finest {reach.program} keeps."
        yield "lost_microseconds", fact.finer, said(fact.finer, "time", what)
    what = "with control characters, each written as \ufffd: the file cannot hold them."
    yield "control_characters", fact.controls, said(fact.controls, "text", what)
    what = "with carriage returns, written as plain line breaks."
    yield "carriage_returns", fact.returns, said(fact.returns, "text", what)
    what = "with tabs: some programs show a space instead."
    yield "tabs", fact.tabs, said(fact.tabs, "text", what)
    if fact.total is not None and fact.as_text:
        what = "stored as text, so the column has no total: it would leave them out."
        yield "no_total", fact.as_text, said(fact.as_text, "number", what)
    if column.kind is Kind.TIMESTAMP_TZ:
        yield "zone", fact.filled, said(fact.filled, "time", f"shown as local time of {zone}.")
