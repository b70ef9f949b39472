"""What a dataset's columns hold, summed up once at ingest: empty, distinct, least, greatest, most frequent, histogram."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
from pydantic import BaseModel, ConfigDict

from core.engine.session import literal, quoted
from core.engine.values import DATED, NUMBERS, Column, Kind

TOP = 10
BUCKETS = 20
EXACT_ROWS = 2_000_000  # above it distinct counts are estimates and frequent values come from a sample
WIDE = 300  # columns; a table with more …
DETAILED = 100  # … gives frequent values and histograms of its first only: each asks the wide file again
SHOWN = 200  # characters of a long text kept in a profile


class Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Frequent(Part):
    value: str
    count: int


class Bucket(Part):
    """Values from `start` up to, but not including, `end`; the last bucket includes its end."""

    start: str
    end: str
    count: int


class ColumnProfile(Part):
    """One column in figures. Values are written as text: ISO dates, plain numbers."""

    id: str
    name: str
    rows: int
    empty: int
    distinct: int
    approximate: bool = False  # `distinct` is an estimate (within about 2 %) and `top` comes from a sample
    min: str | None = None
    max: str | None = None
    top: tuple[Frequent, ...] = ()
    histogram: tuple[Bucket, ...] = ()


def profile(
    con: duckdb.DuckDBPyConnection, path: Path, columns: Sequence[Column], rows: int
) -> tuple[ColumnProfile, ...]:
    """Sum up every column of a dataset's Parquet file: one scan for the figures, one small query a column for the rest."""
    if not columns:
        return ()
    source = f"read_parquet({literal(str(path))})"
    approximate = rows > EXACT_ROWS
    figures = []
    for c in columns:
        name = quoted(c.id)
        ordered = name if c.kind is not Kind.FLOAT else f"case when isfinite({name}) then {name} end"
        figures += [f"count({name})", f"approx_count_distinct({name})", f"min({ordered})", f"max({ordered})"]
    shown = [f if n % 4 < 2 else f"left({f}::varchar, {SHOWN})" for n, f in enumerate(figures)]
    found: list[object] = []
    for start in range(0, len(shown), 800):  # very wide tables in several scans, each of bounded width
        scan = f"select {', '.join(shown[start : start + 800])} from {source}"
        found += con.execute(scan).fetchall()[0]  # to its end: an unfinished result blocks the connection
    made = []
    for n, c in enumerate(columns):
        filled, estimate, least, greatest = found[4 * n : 4 * n + 4]
        distinct = int(str(estimate))
        top: tuple[Frequent, ...] = ()
        histogram: tuple[Bucket, ...] = ()
        detailed = n < DETAILED or len(columns) <= WIDE
        if detailed and filled:
            distinct, top = _frequent(con, source, c, rows, approximate, distinct)
            histogram = _histogram(con, source, c)
        made.append(
            ColumnProfile(
                id=c.id,
                name=c.name,
                rows=rows,
                empty=rows - int(str(filled)),
                distinct=min(distinct, int(str(filled))),
                approximate=approximate or not detailed,
                min=None if least is None else str(least),
                max=None if greatest is None else str(greatest),
                top=top,
                histogram=histogram,
            )
        )
    return tuple(made)


def _frequent(
    con: duckdb.DuckDBPyConnection, source: str, column: Column, rows: int, approximate: bool, estimate: int
) -> tuple[int, tuple[Frequent, ...]]:
    name = quoted(column.id)
    if approximate:
        part = min(100.0, 100.0 * EXACT_ROWS / max(rows, 1) / 2)
        source += f" using sample {part:.4f} percent (system, 7)" if part < 100 else ""
    counted = f"select {name} as v, count(*) as n from {source} where {name} is not null group by 1"
    listed = con.execute(
        f"with counted as ({counted}) select left(v::varchar, {SHOWN}), n, count(*) over () from counted "
        f"order by n desc, v limit {TOP}"
    ).fetchall()
    distinct = estimate if approximate else (listed[0][2] if listed else 0)
    return distinct, tuple(Frequent(value=value, count=n) for value, n, _ in listed)


def _histogram(con: duckdb.DuckDBPyConnection, source: str, column: Column) -> tuple[Bucket, ...]:
    """At most 20 equal steps between least and greatest, for numbers and dates."""
    name = quoted(column.id)
    if column.kind in NUMBERS:
        value = f"{name}::double"
    elif column.kind in DATED:
        value = f"epoch({name}::timestamp)"
    else:
        return ()
    finite = f"from {source} where {name} is not null and isfinite({value})"
    low, high, filled = con.execute(f"select min({value}), max({value}), count(*) {finite}").fetchall()[0]
    if low is None or not filled:
        return ()
    if low == high:
        return (Bucket(start=_edge(column, low), end=_edge(column, high), count=filled),)
    whole = column.kind is Kind.WHOLE or column.kind is Kind.DATE
    unit = 86_400.0 if column.kind is Kind.DATE else 1.0
    span = (high - low) / unit
    buckets = min(BUCKETS, int(span) + 1) if whole else BUCKETS
    step = (high - low) / buckets
    if whole:  # whole steps, so that no bucket covers more numbers or days than its neighbours
        step = -(-(int(span) + 1) // buckets) * unit
        buckets = int(-(-(int(span) + 1) // (step / unit)))
    counts = dict(
        con.execute(
            f"select least({buckets - 1}, greatest(0, floor(({value} - $1) / $2)))::integer as b, count(*) {finite} group by 1",
            [low, step],
        ).fetchall()
    )
    return tuple(
        Bucket(start=_edge(column, low + n * step), end=_edge(column, low + (n + 1) * step), count=counts.get(n, 0))
        for n in range(buckets)
    )


def _edge(column: Column, value: float) -> str:
    if column.kind in DATED:
        try:
            moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=value)
        except OverflowError:
            return str(value)
        return moment.date().isoformat() if column.kind is Kind.DATE else moment.strftime("%Y-%m-%d %H:%M:%S")
    if column.kind is Kind.WHOLE:
        return str(int(value))
    return f"{value:.6g}"
