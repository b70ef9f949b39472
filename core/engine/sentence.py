"""A spec in English: "24 columns of participants where country is Indonesia, sorted by paid_at (latest first)"."""

from __future__ import annotations

from collections.abc import Sequence

from core.engine.grouping import figures, sorting_words
from core.engine.protection import WAYS
from core.engine.shaping import (
    Scope,
    chosen_columns,
    condition_words,
    main_date,
    sort_keys,
    sort_words,
    time_part,
    top_items,
)
from core.engine.spec import ExportSpec, Resolved, Source, Split
from core.engine.table import Table


def sentence(spec: ExportSpec, tables: Sequence[Table], resolved: Resolved) -> str:
    """What the export gives, for people; relative dates are followed by the days they mean. Raises BadSpec.

    `tables` are those of the spec's sources, in their order.
    """
    said = [source_sentence(source, table, resolved) for source, table in zip(spec.sources, tables, strict=True)]
    words = "; ".join(said)
    split = spec.packaging.split
    if split is not None:
        words += f", {split_words(split, tables[0])}"
    return words + (", locked with a password" if spec.packaging.password else "")


def split_words(split: Split, table: Table) -> str:
    """ "a part for every month of paid_at"."""
    if split.by == "rows":
        return f"in parts of {split.rows:,} rows"
    if split.by == "size":
        return f"in parts of {split.megabytes:g} MB"
    main = main_date(table)
    name = split.column.name if split.column else main.name if main else "its date"
    if split.undated == "whole" and split.column is None:
        return f"a part for every {split.by} of the main date of each that has one"
    return f"a part for every {name}" if split.by == "value" else f"a part for every {split.by} of {name}"


def source_sentence(source: Source, table: Table, resolved: Resolved) -> str:
    scope = Scope(table, resolved)
    if source.summary:
        found = figures(source.summary, table, resolved)
        measures = joined([f.words for f in found if not f.is_key])
        keys = joined([f.words for f in found if f.is_key])
        subject = f"{measures or 'every group'} of {table.name}"
        subject = subject[0].upper() + subject[1:] + (f", grouped by {keys}" if keys else "")
        sort = sorting_words(source, found)
    else:
        count = len(chosen_columns(source, table))
        every = "All " if count == len(table.columns) and count > 1 else ""
        subject = f"{every}{count:,} column{'s' if count != 1 else ''} of {table.name}"
        sort = [
            sort_words(column.name, column.kind, descending=key.descending) for column, key in sort_keys(source, table)
        ]
    where = [condition_words(scope, item, nested=True) for item in top_items(source.filters)]
    if source.time_range:
        where.append(time_part(source.time_range, scope).words)
    if len(where) == 1 and where[0].startswith("(") and where[0].endswith(")"):
        where = [condition_words(scope, next(iter(top_items(source.filters))))] if not source.time_range else where
    text = subject + (f" where {' and '.join(where)}" if where else "")
    text += _protected_words(source, table)
    if source.distinct and not source.summary:
        text += ", without duplicate rows"
    if sort:
        text += f", sorted by {joined(sort, 'then')}"
    if source.limit:
        text += f", the first {source.limit:,} row{'s' if source.limit != 1 else ''} only"
    return text


def _protected_words(source: Source, table: Table) -> str:
    """ ", email and phone masked"; "" where everything is shown as it is."""
    if source.summary:
        return ""
    said = ""
    for way, words in WAYS.items():
        names = [c.name for c, how in chosen_columns(source, table) if how is not None and how.format == way]
        said += f", {joined(names)} {words}" if names else ""
    return said


def joined(words: list[str], last: str = "and") -> str:
    """ "a, b and c"."""
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} {last} {words[-1]}"
