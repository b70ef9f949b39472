"""The parts of a source, each turned into SQL: conditions, time range, columns, sort. `query.py` puts them together."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime

from core.engine.conditions import Binder, Cell
from core.engine.display import display_formats
from core.engine.filters import condition_sql, operator_called
from core.engine.moments import RELATIVE, moment_words, resolve_relative, span_words
from core.engine.protection import WAYS, protected
from core.engine.rendering import OutColumn
from core.engine.session import literal, quoted
from core.engine.spec import ColumnRef, Condition, Group, OutputColumn, Resolved, SortKey, Source, TimeRange
from core.engine.table import Table
from core.engine.values import DATED, Column, Kind
from core.errors import BadSpec

ROW_NUMBER = "file_row_number"  # DuckDB's own column of a Parquet file: the row order people know


@dataclass(frozen=True)
class Part:
    """One step that keeps some rows: its words, and its SQL once a binder is at hand."""

    words: str
    sql: Callable[[Binder], str]


@dataclass(frozen=True)
class Scope:
    """What conditions are read against."""

    table: Table
    resolved: Resolved

    def cell(self, ref: ColumnRef, binder: Binder) -> Cell:
        return Cell(self.table.column(ref), binder, self.resolved.zone, self.resolved.now)


def scan(table: Table, *, numbered: bool = False) -> str:
    """The table as a source of SQL; `numbered` adds the row's number."""
    return f"read_parquet({literal(str(table.path))}{', file_row_number = true' if numbered else ''})"


def condition(scope: Scope, binder: Binder, item: Condition | Group) -> str:
    """A condition or a group of them as SQL that is true or false for every row."""
    if isinstance(item, Condition):
        return condition_sql(scope.cell(item.column, binder), item.operator, item.values)
    if not item.items:
        return "true"
    joined = " and " if item.match == "all" else " or "
    return "(" + joined.join(condition(scope, binder, inner) for inner in item.items) + ")"


def condition_words(scope: Scope, item: Condition | Group, *, nested: bool = False) -> str:
    """The same in English: "country is Indonesia", "(country is Malaysia or amount is higher than 5)"."""
    if isinstance(item, Condition):
        return operator_called(item.operator).sentence(scope.cell(item.column, Binder()), item.values)
    inner = [condition_words(scope, i, nested=True) for i in item.items if not is_empty(i)]
    words = (" and " if item.match == "all" else " or ").join(inner)
    return f"({words})" if nested and len(inner) > 1 else words


def is_empty(item: Condition | Group) -> bool:
    return isinstance(item, Group) and all(is_empty(inner) for inner in item.items)


def top_items(filters: Group) -> Iterator[Condition | Group]:
    """What counts as one filter each: the items of an "all" group, or an "any" group as a whole."""
    if filters.match == "any" and len(filters.items) > 1:
        if not is_empty(filters):
            yield filters
        return
    yield from (item for item in filters.items if not is_empty(item))


def parts(source: Source, scope: Scope) -> list[Part]:
    """Every step that keeps some rows, in order: each filter, then the time range. Raises BadSpec."""
    found = []
    for item in top_items(source.filters):
        condition(scope, Binder(), item)  # what is wrong shows here, not in the middle of a query
        found.append(Part(condition_words(scope, item), lambda b, item=item: condition(scope, b, item)))  # type: ignore[misc]
    if source.time_range:
        found.append(time_part(source.time_range, scope))
    return found


def main_date(table: Table) -> Column | None:
    """The dataset's main date column, if it has one."""
    return next((column for column in table.columns if column.id == table.date_column), None)


def time_column(span: TimeRange, table: Table) -> Column:
    """The column a time range looks at. Raises BadSpec if there is none or it holds no dates."""
    if span.column is None:
        if column := main_date(table):
            return column
        raise BadSpec(
            f"“{table.name}” has no main date column, so a time range has nothing to look at.",
            "Choose the date column on the dataset's page, or in the time range itself.",
            field="time_range",
        )
    column = table.column(span.column)
    if column.kind not in DATED:
        raise BadSpec(
            f"The time range looks at “{column.name}”, which holds {column.words}, not dates.",
            "Choose a column of dates.",
            field="time_range",
        )
    return column


def time_part(span: TimeRange, scope: Scope) -> Part:
    column = time_column(span, scope.table)
    start, end, words = time_bounds(span, scope.resolved)

    def sql(binder: Binder) -> str:
        cell = Cell(column, binder, scope.resolved.zone, scope.resolved.now)
        sides = [cell.from_start(start)] if start is not None else []
        sides += [cell.to_end(end)] if end is not None else []
        return f"coalesce({' and '.join(sides)}, false)"

    return Part(f"{column.name} is {words}", sql)


Moment = date | datetime


def time_bounds(span: TimeRange, resolved: Resolved) -> tuple[Moment | None, Moment | None, str]:
    """First and last moment (either may be open), and the words: "in last month (1-31 Oct 2026)". Raises BadSpec."""
    if span.relative:
        if span.start is not None or span.end is not None:
            raise BadSpec("The time range gives both a word and dates.", "Keep one of the two.", field="time_range")
        first, last = resolve_relative(span.relative, resolved.now, resolved.zone)
        return first, last, f"in {RELATIVE[span.relative].words} ({span_words(first, last)})"
    start, end = span.start, span.end
    if start is None and end is None:
        raise BadSpec(
            "The time range has neither a beginning nor an end.", "Give one, or remove it.", field="time_range"
        )
    if start is not None and end is not None:
        if start.isoformat()[:10] > end.isoformat()[:10] or _both_later(start, end):
            raise BadSpec(
                f"The time range begins ({moment_words(start)}) after it ends ({moment_words(end)}).",
                "Put the earlier date first.",
                field="time_range",
            )
        if not isinstance(start, datetime) and not isinstance(end, datetime):
            return start, end, f"in {span_words(start, end)}"
        return start, end, f"between {moment_words(start)} and {moment_words(end)}"
    if start is not None:
        return start, None, f"on or after {moment_words(start)}"
    return None, end, f"on or before {moment_words(end)}"  # type: ignore[arg-type]


def _both_later(start: Moment, end: Moment) -> bool:
    comparable = isinstance(start, datetime) and isinstance(end, datetime)
    return comparable and (start.tzinfo is None) == (end.tzinfo is None) and start > end  # type: ignore[union-attr]


def chosen_columns(source: Source, table: Table) -> list[tuple[Column, OutputColumn | None]]:
    """The dataset's columns the file shows, with how; all of them where none were chosen. Raises BadSpec."""
    if not source.columns:
        return [(column, None) for column in table.columns]
    return [(table.column(wanted.column), wanted) for wanted in source.columns]


def out_column(number: int, column: Column, wanted: OutputColumn | None, zone: str) -> OutColumn:
    """Raises BadSpec for a display format that does not go with the column's kind."""
    key = wanted.format if wanted else None
    if key in WAYS:
        return OutColumn(key=f"o{number}", label=(wanted.label if wanted else None) or column.name, kind=Kind.TEXT)
    if key and key not in {f.key for f in display_formats(column.kind)}:
        known = ", ".join(f.key for f in display_formats(column.kind))
        raise BadSpec(
            f"“{key}” is no way to show “{column.name}”, which holds {column.words}.",
            f"Ways there are: {known}." if known else "Leave its display format out.",
            field=column.name,
        )
    return OutColumn(
        key=f"o{number}",
        label=(wanted.label if wanted and wanted.label else None) or column.name,
        kind=column.kind,
        precision=column.precision,
        scale=column.scale,
        trim=column.trim,
        zone=zone if column.kind is Kind.TIMESTAMP_TZ else None,
        format=key,
    )


def value_of(column: Column, wanted: OutputColumn | None, resolved: Resolved) -> str:
    """The SQL of what the file shows of a dataset's column."""
    if wanted is None or wanted.format not in WAYS:
        return plain_name(column)
    return protected(column, wanted.format, resolved.pseudonyms, resolved.zone)


def ordered(sql: str, kind: Kind, *, descending: bool) -> str:
    """One sort key. Text sorts as people expect: without regard to case and accents; empty cells come last."""
    way = "desc" if descending else "asc"
    if kind is Kind.TEXT:
        return f"strip_accents(lower({sql})) {way} nulls last"
    return f"{sql} {way} nulls last"


def sort_keys(source: Source, table: Table) -> list[tuple[Column, SortKey]]:
    """The dataset's columns the rows are sorted by. Raises BadSpec."""
    keys = [(table.column(key.column), key) for key in source.sort]
    if source.distinct:
        shown = {column.id for column, _ in chosen_columns(source, table)}
        for column, _ in keys:
            if column.id not in shown:
                raise BadSpec(
                    f"Rows cannot be sorted by “{column.name}” when duplicates are removed without looking at it.",
                    f"Add “{column.name}” to the columns, or sort by one of them.",
                    field=column.name,
                )
    return keys


def sort_words(name: str, kind: Kind, *, descending: bool) -> str:
    if kind in DATED or kind is Kind.TIME:
        return f"{name} ({'latest' if descending else 'earliest'} first)"
    if kind in (Kind.WHOLE, Kind.DECIMAL, Kind.FLOAT):
        return f"{name} ({'highest' if descending else 'lowest'} first)"
    return f"{name} ({'Z to A' if descending else 'A to Z'})"


def plain_name(column: Column) -> str:
    return quoted(column.id)
