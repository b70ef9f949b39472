"""Group and summarise: which columns a summary gives, of which kind, and the SQL of each."""

from __future__ import annotations

from dataclasses import dataclass

from core.engine.rendering import OutColumn
from core.engine.session import quoted
from core.engine.shaping import ordered, sort_words
from core.engine.spec import ColumnRef, DateUnit, GroupBy, Measure, Resolved, Source, Summary
from core.engine.table import Table
from core.engine.text import wall
from core.engine.values import DATED, NUMBERS, Column, Kind
from core.errors import BadSpec

MEASURE_WORDS = {
    "count": "number of rows",
    "count_distinct": "number of different {0}",
    "sum": "sum of {0}",
    "average": "average of {0}",
    "min": "lowest {0}",
    "max": "highest {0}",
}
DATED_WORDS = {"min": "earliest {0}", "max": "latest {0}"}


@dataclass(frozen=True)
class Figure:
    """One column of a summary: a key or a measure."""

    column: OutColumn
    sql: str
    words: str
    is_key: bool


def figures(summary: Summary, table: Table, resolved: Resolved) -> list[Figure]:
    """The columns of the result: keys, then measures. Raises BadSpec."""
    if not summary.group_by and not summary.measures:
        raise BadSpec("The summary has neither groups nor figures.", "Add one of them.", field="summary")
    found = [_key(i, key, table, resolved) for i, key in enumerate(summary.group_by, 1)]
    found += [_measure(i, m, table, resolved) for i, m in enumerate(summary.measures, len(found) + 1)]
    return found


def _key(number: int, key: GroupBy, table: Table, resolved: Resolved) -> Figure:
    column = table.column(key.column)
    name, out = quoted(column.id), f"o{number}"
    zone = resolved.zone if column.kind is Kind.TIMESTAMP_TZ else None
    if key.unit is None:
        made = OutColumn(
            out, key.label or usual_label(key, column), column.kind, column.precision, column.scale, column.trim, zone
        )
        return Figure(made, name, column.name, is_key=True)
    if column.kind not in DATED:
        raise BadSpec(
            f"“{column.name}” holds {column.words}, so it cannot be grouped by {key.unit}.",
            "Group it without a unit, or choose a column of dates.",
            field=column.name,
        )
    moment = wall(name, resolved.zone) if zone else name
    label = key.label or usual_label(key, column)
    words = f"{column.name} by {key.unit}"
    if key.unit is DateUnit.YEAR:
        return Figure(OutColumn(out, label, Kind.WHOLE), f"case when isfinite({name}) then year({moment})::bigint end",
                      words, is_key=True)  # fmt: skip
    if key.unit is DateUnit.QUARTER:
        sql = f"case when isfinite({name}) then concat(year({moment}), '-Q', quarter({moment})) end"
        return Figure(OutColumn(out, label, Kind.TEXT), sql, words, is_key=True)
    shown = "month" if key.unit is DateUnit.MONTH else None
    sql = f"case when isfinite({name}) then date_trunc('{key.unit.value}', {moment})::date end"
    return Figure(OutColumn(out, label, Kind.DATE, format=shown), sql, words, is_key=True)


def _measure(number: int, measure: Measure, table: Table, resolved: Resolved) -> Figure:
    key, function = f"o{number}", measure.function
    if function == "count" and measure.column is None:
        return Figure(OutColumn(key, measure.label or "Rows", Kind.WHOLE), "count(*)", "number of rows", is_key=False)
    if measure.column is None:
        raise BadSpec(f"The figure “{function}” needs a column.", "Choose the column it is taken of.", field="summary")
    column = table.column(measure.column)
    words = _words(measure, column)
    label = measure.label or usual_label(measure, column)
    sql, made = _aggregate(function, column, key, label, resolved)
    return Figure(made, sql, words, is_key=False)


def usual_label(part: GroupBy | Measure, column: Column) -> str:
    """What a group or a figure of this column is called in the file where the spec gives it no name."""
    if isinstance(part, GroupBy):
        return f"{column.name} ({part.unit})" if part.unit else column.name
    words = _words(part, column)
    return words[0].upper() + words[1:]


def _words(measure: Measure, column: Column) -> str:
    if measure.function == "count":
        return f"filled {column.name}"
    dated = DATED_WORDS.get(measure.function) if column.kind in DATED else None
    return (dated or MEASURE_WORDS[measure.function]).format(column.name)


def _aggregate(function: str, column: Column, key: str, label: str, resolved: Resolved) -> tuple[str, OutColumn]:
    name = quoted(column.id)
    if function == "count":
        return f"count({name})", OutColumn(key, label, Kind.WHOLE)
    if function == "count_distinct":
        return f"count(distinct {name})", OutColumn(key, label, Kind.WHOLE)
    if function in ("min", "max"):
        if column.kind in (Kind.NESTED, Kind.YES_NO):
            raise _unfit(function, column, "Choose a column of numbers, dates or text.")
        zone = resolved.zone if column.kind is Kind.TIMESTAMP_TZ else None
        made = OutColumn(key, label, column.kind, column.precision, column.scale, column.trim, zone)
        return f"{function}({name})", made
    if column.kind not in NUMBERS:
        raise _unfit(function, column, "Choose a column of numbers, or count the rows.")
    if function == "average":
        # one thread's order of adding must not show: decimals add exactly, floats with compensation
        return f"avg({name})" if column.kind is not Kind.FLOAT else f"favg({name})", OutColumn(key, label, Kind.FLOAT)
    if column.kind is Kind.FLOAT:
        return f"fsum({name})", OutColumn(key, label, Kind.FLOAT)
    scale = column.scale or 0
    made = OutColumn(key, label, column.kind, 38, scale, column.trim)
    return f"sum({name})::decimal(38, {scale})", made


def _unfit(function: str, column: Column, way_out: str) -> BadSpec:
    words = {"average": "An average", "sum": "A sum", "min": "The lowest", "max": "The highest"}[function]
    return BadSpec(f"{words} of “{column.name}” makes no sense: it holds {column.words}.", way_out, field=column.name)


def result_column(ref: ColumnRef, found: list[Figure], purpose: str = "sort by") -> Figure:
    """The column of a summary a sort key or a split means, by its label. Raises BadSpec naming the labels there are."""
    exact = [f for f in found if f.column.label == ref.name]
    loose = [f for f in found if f.column.label.casefold() == ref.name.casefold()]
    for figure in exact + loose:
        return figure
    known = ", ".join(f.column.label for f in found)
    raise BadSpec(f"The summary has no column “{ref.name}” to {purpose}.", f"Its columns are: {known}.", field=ref.name)


def sorting(source: Source, found: list[Figure]) -> str:
    """The order of the groups: the person's, then the keys', so that two runs give the same file."""
    keys = []
    for key in source.sort:
        column = result_column(key.column, found).column
        keys.append(ordered(column.key, column.kind, descending=key.descending))
    keys += [f"{f.column.key} asc nulls last" for f in found if f.is_key]
    return ", ".join(keys)


def sorting_words(source: Source, found: list[Figure]) -> list[str]:
    chosen = [(result_column(key.column, found).column, key) for key in source.sort]
    return [sort_words(column.label, column.kind, descending=key.descending) for column, key in chosen]
