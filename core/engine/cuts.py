"""Where one table becomes several parts: what rows are parted by, and how many rows each part has.

Rows are read once, ordered by the part they belong to, and the parts are counted beforehand; writers then cut one stream by
counts. A query for every part would read the table as often as there are parts.
"""

from __future__ import annotations

from dataclasses import dataclass

import duckdb

from core.engine.formats.base import MOST_TABLES, Part
from core.engine.rendering import OutColumn
from core.engine.session import explained
from core.engine.spec import Split
from core.engine.text import plain, wall
from core.engine.values import DATED, TEXTS, Kind
from core.errors import BadSpec, LimitReached

EMPTY = "(empty)"  # the part of rows without a value
KEY, ROW = "part_key", "part_row"  # columns of a parted query beside o1 … oN
SPAN_LABELS = {
    "day": "%Y-%m-%d",
    "week": "%G-W%V",
    "month": "%Y-%m",
    "year": "%Y",
}  # ISO 8601; a quarter has no strftime


@dataclass(frozen=True)
class Most:
    """How many parts of one kind an export may have, and how the refusal of more calls them."""

    parts: int
    what: str  # "files to download one by one"
    instead: str = ""  # what to do about it, where there is more than splitting coarser


FILES = Most(20_000, "files")  # in one zip: more are of use to nobody, and every reader of zips slows down
LOOSE = Most(100, "files to download one by one", "Put them into a zip")
SHEETS = Most(MOST_TABLES, "sheets or sections in one file", "Make a file each")


@dataclass(frozen=True)
class Parting:
    """What rows are parted by: `sql` gives each row's key, `label` its words from a column called `part_key`."""

    sql: str
    label: str
    name: str  # of the column


def by_key(split: Split | None) -> bool:
    """Whether parts are kinds of rows (values, months), not just so many rows or bytes."""
    return split is not None and split.by not in ("rows", "size")


def parting(column: OutColumn, sql: str, split: Split, zone: str) -> Parting:
    """How `split` parts rows by a column whose SQL is `sql`. Raises BadSpec where it holds no dates and must."""
    if split.by == "value":
        key = f"case when trim({sql}) <> '' then {sql} end" if column.kind in TEXTS else sql
        shown = OutColumn(KEY, "", column.kind, column.precision, column.scale, column.trim, column.zone)
        words = f"case when {KEY} then 'yes' else 'no' end" if column.kind is Kind.YES_NO else plain(shown, zone)
        return Parting(key, words, column.label)
    if column.kind not in DATED:
        raise BadSpec(
            f"“{column.label}” holds no dates, so it cannot be split by {split.by}.",
            "Choose a column of dates, or split by its values.",
            field="packaging.split",
        )
    moment = wall(sql, zone) if column.kind is Kind.TIMESTAMP_TZ else sql
    key = f"case when isfinite({sql}) then date_trunc('{split.by}', {moment})::date end"
    if split.by == "quarter":
        return Parting(key, f"concat(year({KEY}), '-Q', quarter({KEY}))", column.label)
    return Parting(key, f"strftime({KEY}, '{SPAN_LABELS[split.by]}')", column.label)


def numbered(rows: int, each: int) -> tuple[Part, ...]:
    """Parts of `each` rows, the last with what is left; an empty table is one empty part."""
    full, rest = divmod(rows, each)
    counts = [each] * full + ([rest] if rest or not full else [])
    width = len(str(len(counts)))
    return tuple(Part(f"{number:0{width}}", count) for number, count in enumerate(counts, 1))


def counted(con: duckdb.DuckDBPyConnection, keys: str, params: list[object], by: Parting, most: Most) -> list[Part]:
    """The parts of a query whose only column is `part_key`, in the order of the keys, rows without one last.

    Raises LimitReached, saying how many there would be, where there are more than `most`.
    """
    label = f"coalesce(case when {KEY} is null then '{EMPTY}' else {by.label} end, '{EMPTY}')"
    sql = (
        f"select {label}, rows from (select {KEY}, count(*) as rows from ({keys}) group by 1 "
        f"order by 1 nulls last limit {most.parts + 1})"
    )
    with explained():
        found = con.sql(sql, params=params or None).fetchall()
        if len(found) > most.parts:
            total = con.sql(f"select count(distinct {KEY}) from ({keys})", params=params or None).fetchall()[0][0]
            raise too_many(total, most, by.name)
    return [Part(str(words), rows) for words, rows in found]


def too_many(parts: int | None, most: Most, name: str = "") -> LimitReached:
    """The refusal of more parts than anybody can use; `parts` is None where they are not counted to the end."""
    would = f"There would be {f'more than {most.parts:,}' if parts is None else f'{parts:,}'}"
    of = f"“{name}” has {parts:,} different values, so there would be as many" if name else would
    coarser = "choose something coarser to split by, such as months."
    return LimitReached(
        f"{of} parts; at most {most.parts:,} {most.what} can be made.",
        f"{most.instead}, or {coarser}" if most.instead else coarser.capitalize(),
        field="packaging.split",
    )
