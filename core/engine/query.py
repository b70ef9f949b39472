"""The query of an export: one source in, bound SQL out; and what a screen asks of it before a run.

The preview, the counts and the run are the same parts put together, so they cannot disagree.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import duckdb
import pyarrow as pa

from core.engine.conditions import Binder
from core.engine.cuts import KEY, ROW, Parting, by_key, parting
from core.engine.grouping import Figure, figures, result_column, sorting
from core.engine.protection import WAYS
from core.engine.receipt import Step
from core.engine.rendering import OutColumn
from core.engine.session import explained, quoted
from core.engine.shaping import (
    ROW_NUMBER,
    Scope,
    chosen_columns,
    condition,
    main_date,
    ordered,
    out_column,
    parts,
    plain_name,
    scan,
    sort_keys,
    time_bounds,
    time_column,
    top_items,
    value_of,
)
from core.engine.spec import ColumnRef, Condition, Group, Resolved, Source, Split
from core.engine.table import Table
from core.engine.text import plain, wall
from core.engine.values import Kind
from core.errors import BadSpec


@dataclass(frozen=True)
class Query:
    """Bound SQL whose columns are o1 … oN. `unordered` gives the same rows in any order, with the same params.

    Where rows are parted by a key, they come in the order of `by`, and `keys` gives each row's key alone.
    """

    sql: str
    params: list[object]
    columns: tuple[OutColumn, ...]
    unordered: str
    by: Parting | None = None
    keys: str = ""


@dataclass(frozen=True)
class Counts:
    """Rows of the source, rows left after each step, rows of the result."""

    source_rows: int
    steps: tuple[Step, ...]
    rows: int


def build(source: Source, table: Table, resolved: Resolved, split: Split | None = None) -> Query:
    """The query of one source. Raises BadSpec for the first thing that does not fit (`check` lists them all).

    With a split by values or dates the rows come part by part, in their own order within each.
    """
    binder = Binder()
    where = _where(source, table, resolved, binder)
    if source.summary:
        found = figures(source.summary, table, resolved)
        core, order = _grouped(found, table, where), sorting(source, found)
        columns = tuple(f.column for f in found)
    else:
        columns, core, order = _plain(source, table, resolved, where)
    limit = f" limit {source.limit}" if source.limit else ""
    sql = core + (f" order by {order}" if order else "") + limit
    query = Query(sql, binder.values, columns, sql if limit else core)
    return _parted(query, source, table, resolved, split, where) if split and is_parted(split, source, table) else query


def is_parted(split: Split | None, source: Source, table: Table) -> bool:
    """Whether the split parts this source's rows by their values: one without a date may be let off (Split.undated)."""
    if split is None or not by_key(split):
        return False
    dated = not source.summary and main_date(table) is not None
    return split.column is not None or split.undated == "refuse" or dated


def _parted(query: Query, source: Source, table: Table, resolved: Resolved, split: Split, where: str) -> Query:
    """The same rows, part by part."""
    by = part_by(source, table, resolved, split)
    names = ", ".join(column.key for column in query.columns)
    if source.summary or source.distinct:
        sorted_rows = f"select *, {by.sql} as {KEY}, row_number() over () as {ROW} from ({query.sql})"
        keys = f"select {by.sql} as {KEY} from ({query.unordered})"
        return replace(query, sql=_in_parts(names, sorted_rows), by=by, keys=keys)
    picked = chosen_columns(source, table)
    chosen = ", ".join(f"{value_of(c, how, resolved)} as o{n}" for n, (c, how) in enumerate(picked, 1))
    order = [ordered(plain_name(c), c.kind, descending=k.descending) for c, k in sort_keys(source, table)]
    within = ", ".join([*order, ROW_NUMBER])
    rows = f"select {chosen}, {by.sql} as {KEY} from {scan(table, numbered=True)}{where}"
    if not source.limit:
        sql = f"select {names} from ({rows} order by {KEY} nulls last, {within})"
        return replace(query, sql=sql, by=by, keys=f"select {by.sql} as {KEY} from {scan(table)}{where}")
    first = f"{rows} order by {within} limit {source.limit}"
    numbered_rows = f"select *, row_number() over () as {ROW} from ({first})"
    return replace(query, sql=_in_parts(names, numbered_rows), by=by, keys=f"select {KEY} from ({first})")


def _in_parts(names: str, rows: str) -> str:
    return f"select {names} from ({rows}) order by {KEY} nulls last, {ROW}"


def part_by(source: Source, table: Table, resolved: Resolved, split: Split) -> Parting:
    """What a split by values or dates parts this source's rows by. Raises BadSpec."""
    if source.summary:
        if split.column is None:
            raise _no_split_column(table)
        result = result_column(split.column, figures(source.summary, table, resolved), "split by").column
        return parting(result, result.key, split, resolved.zone)
    column = table.column(split.column) if split.column else main_date(table)
    if column is None:
        raise _no_split_column(table)
    if any(one.id == column.id and how and how.format in WAYS for one, how in chosen_columns(source, table)):
        raise BadSpec(
            f"Rows cannot be split by “{column.name}” while that column is masked or a pseudonym: the names of the files "
            "would say what it hides.",
            "Split by another column, or show it as it is.",
            field="packaging.split",
        )
    zone = resolved.zone if column.kind is Kind.TIMESTAMP_TZ else None
    out = OutColumn(column.id, column.name, column.kind, column.precision, column.scale, column.trim, zone)
    if not source.distinct:
        return parting(out, plain_name(column), split, resolved.zone)
    for number, (shown, _) in enumerate(chosen_columns(source, table), 1):
        if shown.id == column.id:
            return parting(out, f"o{number}", split, resolved.zone)
    raise BadSpec(
        f"Rows cannot be split by “{column.name}” when duplicates are removed without looking at it.",
        f"Add “{column.name}” to the columns, or split by one of them.",
        field="packaging.split",
    )


def _no_split_column(table: Table) -> BadSpec:
    return BadSpec(
        f"The split does not say which column of “{table.name}” it looks at.",
        "Choose a column.",
        field="packaging.split",
    )


def _where(source: Source, table: Table, resolved: Resolved, binder: Binder) -> str:
    kept = [part.sql(binder) for part in parts(source, Scope(table, resolved))]
    return f" where {' and '.join(kept)}" if kept else ""


def _grouped(found: list[Figure], table: Table, where: str) -> str:
    chosen = ", ".join(f"{f.sql} as {f.column.key}" for f in found)
    keys = ", ".join(str(i) for i, f in enumerate(found, 1) if f.is_key)
    return f"select {chosen} from {scan(table)}{where}" + (f" group by {keys}" if keys else "")


def _plain(source: Source, table: Table, resolved: Resolved, where: str) -> tuple[tuple[OutColumn, ...], str, str]:
    picked = chosen_columns(source, table)
    columns = tuple(out_column(i, column, how, resolved.zone) for i, (column, how) in enumerate(picked, 1))
    chosen = ", ".join(
        f"{value_of(column, how, resolved)} as {out.key}" for (column, how), out in zip(picked, columns, strict=True)
    )
    keys = sort_keys(source, table)
    if source.distinct:
        shown = {column.id: out.key for (column, _), out in zip(picked, columns, strict=True)}
        order = [ordered(shown[column.id], column.kind, descending=key.descending) for column, key in keys]
        names = ", ".join(out.key for out in columns)
        first = f"select {chosen}, min({ROW_NUMBER}) as first_row from {scan(table, numbered=True)}{where}"
        grouped = f"select {names} from ({first} group by {', '.join(str(i) for i in range(1, len(columns) + 1))})"
        return columns, grouped, ", ".join([*order, "first_row"])
    order = [ordered(plain_name(column), column.kind, descending=key.descending) for column, key in keys]
    core = f"select {chosen} from {scan(table, numbered=bool(order))}{where}"
    return columns, core, ", ".join([*order, ROW_NUMBER]) if order else ""


def count(con: duckdb.DuckDBPyConnection, source: Source, table: Table, resolved: Resolved) -> Counts:
    """Rows after each step, all filters in one scan; no scan at all where the file's footer knows. Raises BadSpec."""
    kept = parts(source, Scope(table, resolved))
    steps, rows = [], table.rows
    if kept:
        binder = Binder()
        so_far: list[str] = []
        wanted = []
        for part in kept:
            so_far.append(part.sql(binder))
            wanted.append(f"count(*) filter (where {' and '.join(so_far)})")
        with explained():
            found = con.sql(f"select {', '.join(wanted)} from {scan(table)}", params=binder.values or None).fetchall()
        steps = [Step(label=part.words, rows=n) for part, n in zip(kept, found[0], strict=True)]
        rows = steps[-1].rows
    if source.summary or source.distinct:
        shape = build(_without_figures(source), table, resolved)
        with explained():
            counted = con.sql(f"select count(*) from ({shape.unordered})", params=shape.params or None).fetchall()
        rows = counted[0][0]
        steps.append(Step(label=_shape_words(source, table, resolved), rows=rows))
    if source.limit and source.limit < rows:
        rows = source.limit
        steps.append(Step(label=f"taking the first {rows:,}", rows=rows))
    return Counts(table.rows, tuple(steps), rows)


def _without_figures(source: Source) -> Source:
    """The same number of rows, for less work."""
    summary = source.summary
    if summary and summary.group_by:
        summary = summary.model_copy(update={"measures": ()})
    return source.model_copy(update={"sort": (), "limit": None, "summary": summary})


def _shape_words(source: Source, table: Table, resolved: Resolved) -> str:
    if not source.summary:
        return "removing duplicates"
    keys = [f.words for f in figures(source.summary, table, resolved) if f.is_key]
    return f"grouping by {' and '.join(keys)}" if keys else "summing up"


def page(con: duckdb.DuckDBPyConnection, query: Query, offset: int, limit: int) -> pa.Table:
    """Rows `offset` … `offset + limit` of the result, columns o1 … oN, exactly as the run would give them."""
    with explained():
        relation = con.sql(
            f"select * from ({query.sql}) limit {int(limit)} offset {int(offset)}", params=query.params or None
        )
        return relation.to_arrow_table()


def choices(
    con: duckdb.DuckDBPyConnection,
    table: Table,
    column: ColumnRef,
    search: str = "",
    limit: int = 100,
    *,
    zone: str = "UTC",
) -> list[tuple[str, int]]:
    """The values of a column with how many rows each has, most frequent first: what the value picker shows.

    Text that differs only in case is one choice (so filters see it), shown the way it is written most often; dates with
    a time are offered by day. `search` keeps what contains it. Empty cells are no choice.
    """
    found = table.column(column)
    name = quoted(found.id)
    if found.kind is Kind.TIMESTAMP_TZ:
        shown = f"{wall(name, zone)}::date::varchar"
    elif found.kind is Kind.TIMESTAMP:
        shown = f"{name}::date::varchar"
    else:
        out = OutColumn(found.id, found.name, found.kind, found.precision, found.scale, found.trim)
        shown = plain(out, zone)
    same = "lower(value)" if found.kind is Kind.TEXT else "value"
    kept = f"{name} is not null" + (f" and trim({name}) != ''" if found.kind is Kind.TEXT else "")
    binder = Binder()
    if search:
        kept += f" and contains(lower({shown}), lower({binder.bind(search)}))"
    sql = (
        f"select arg_max(value, rows), sum(rows)::bigint as total from "
        f"(select {shown} as value, count(*) as rows from {scan(table)} where {kept} group by 1) "
        f"group by {same} order by total desc, min(value) limit {int(limit)}"
    )
    with explained():
        return [(value, total) for value, total in con.sql(sql, params=binder.values or None).fetchall()]


def check(source: Source, table: Table, resolved: Resolved, split: Split | None = None) -> list[BadSpec]:
    """Everything that keeps this source from running, all at once; empty where it can run."""
    wrong: list[BadSpec] = []

    def attempt(action: Callable[[], object]) -> None:
        try:
            action()
        except BadSpec as trouble:
            if trouble.message not in {w.message for w in wrong}:
                wrong.append(trouble)

    scope = Scope(table, resolved)
    for item in top_items(source.filters):
        for single in _conditions(item):
            attempt(lambda single=single: condition(scope, Binder(), single))  # type: ignore[misc]
    if span := source.time_range:
        attempt(lambda: time_column(span, table))
        attempt(lambda: time_bounds(span, resolved))
    if summary := source.summary:
        attempt(lambda: figures(summary, table, resolved))
        for group in summary.group_by:
            attempt(lambda group=group: figures(summary.model_copy(update={"group_by": (group,)}), table, resolved))  # type: ignore[misc]
        for measure in summary.measures:
            attempt(lambda m=measure: figures(summary.model_copy(update={"measures": (m,)}), table, resolved))  # type: ignore[misc]
        if not wrong:
            for key in source.sort:
                attempt(lambda key=key: result_column(key.column, figures(summary, table, resolved)))  # type: ignore[misc]
            if split is not None and is_parted(split, source, table):
                attempt(lambda: part_by(source, table, resolved, split))
        return wrong
    for number, wanted in enumerate(source.columns, 1):
        attempt(lambda n=number, w=wanted: out_column(n, table.column(w.column), w, resolved.zone))  # type: ignore[misc]
    for key in source.sort:
        attempt(lambda key=key: sort_keys(source.model_copy(update={"sort": (key,)}), table))  # type: ignore[misc]
    if split is not None and is_parted(split, source, table):
        attempt(lambda: part_by(source, table, resolved, split))
    return wrong


def _conditions(item: Condition | Group) -> list[Condition]:
    if isinstance(item, Condition):
        return [item]
    return [single for inner in item.items for single in _conditions(inner)]
