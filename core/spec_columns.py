"""The columns a spec refers to: which they are and for what, and the same spec with others in their places.

What comes out keeps its names: where a column is called otherwise in other data, the file's header stays the spec's.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.engine.filters import OPERATORS
from core.engine.grouping import usual_label
from core.engine.spec import ColumnRef, Condition, ExportSpec, GroupBy, Measure, OutputColumn, Source, Value
from core.engine.values import DATED, NUMBERS, Column, Kind

USED = {  # field of a Source → for what its columns are used
    "filters": "filter",
    "time_range": "time range",
    "columns": "column",
    "sort": "sorting",
    "summary": "summary",
}
SPLIT = "split"
OF_NUMBERS = ("sum", "average")
EVERY = frozenset(Kind)


@dataclass(frozen=True)
class Wanted:
    """A column that a source of a spec uses. `name` tells it from the others; two of one name differ by their id."""

    name: str
    column: str  # what it is called
    id: str | None
    used: tuple[str, ...]  # for what: values of USED, SPLIT
    kinds: frozenset[Kind]  # what is done with it makes sense for these


def wanted(spec: ExportSpec, number: int) -> list[Wanted]:
    """The columns the source of that number (from 0) uses, in the order of the file, then those of filters and the rest."""
    source = spec.sources[number]
    used: dict[tuple[str, str | None], dict[str, None]] = defaultdict(dict)
    for field in ("columns", "summary", "filters", "time_range", "sort"):
        if field not in _kept(source):
            for ref in refs(getattr(source, field)):
                used[ref.name, ref.id][USED[field]] = None
    if split := _split_by(spec):
        used[split.name, split.id][SPLIT] = None
    merged = _merged(used)
    kinds = _kinds(source)
    return [Wanted(name, ref[0], ref[1], tuple(why), kinds.get(ref[0], EVERY)) for name, (ref, why) in merged.items()]


def moved(spec: ExportSpec, names: Sequence[str], found: Sequence[Mapping[str, Column]]) -> ExportSpec:
    """The spec on other datasets: for each source the dataset's name, and `Wanted.name` → the column in its place."""
    sources = []
    for number, (source, dataset) in enumerate(zip(spec.sources, names, strict=True)):
        by_ref = _by_ref(wanted(spec, number), found[number])
        sources.append(on_columns(source, by_ref).model_copy(update={"dataset": dataset}))
    packaging = spec.packaging
    if split := _split_by(spec):
        ref = _ref(_by_ref(wanted(spec, 0), found[0])(split) or split)
        changed = packaging.split.model_copy(update={"column": ref}) if packaging.split else None
        packaging = packaging.model_copy(update={"split": changed})
    return spec.model_copy(update={"sources": tuple(sources), "packaging": packaging})


Find = Callable[[ColumnRef], Column | None]


def on_columns(source: Source, find: Find) -> Source:
    """The source with every column of its dataset found anew; None keeps the reference as it is."""
    kept = _kept(source)
    return source.model_copy(
        update={name: on_value(getattr(source, name), find) for name in type(source).model_fields if name not in kept}
    )


def on_value(value: Any, find: Find) -> Any:
    """The same of a part of a source, such as its filters."""
    if isinstance(value, ColumnRef):
        column = find(value)
        return value if column is None else _ref(column)
    if isinstance(value, tuple):
        return tuple(on_value(item, find) for item in value)
    if isinstance(value, Value):
        changed = {name: on_value(getattr(value, name), find) for name in type(value).model_fields}
        return value.model_copy(update=changed | _labelled(value, find))
    return value


def refs(value: Any) -> list[ColumnRef]:
    """Every reference to a column in a part of a source, in reading order."""
    if isinstance(value, ColumnRef):
        return [value]
    parts = value if isinstance(value, tuple) else ()
    if isinstance(value, Value):
        parts = tuple(getattr(value, name) for name in type(value).model_fields)
    return [ref for part in parts for ref in refs(part)]


def _labelled(value: Value, find: Find) -> dict[str, str]:
    """The name of a column in the file, where it was the dataset's own and the new data has another."""
    if not isinstance(value, OutputColumn | GroupBy | Measure) or value.label or value.column is None:
        return {}
    column = find(value.column)
    if column is None or column.name == value.column.name or not value.column.name:
        return {}
    before = column.model_copy(update={"name": value.column.name})
    return {"label": before.name if isinstance(value, OutputColumn) else usual_label(value, before)}


def _kept(source: Source) -> set[str]:
    """Fields that mean no columns of the dataset: with a summary, `sort` means the result's labels and `columns` nothing."""
    return {"sort", "columns"} if source.summary else set()


def _split_by(spec: ExportSpec) -> ColumnRef | None:
    """The column an export of one table is split by. Of several, and of a summary, it is no column of one dataset."""
    alone = len(spec.sources) == 1 and spec.sources[0].summary is None
    return spec.packaging.split.column if alone and spec.packaging.split else None


def _merged(
    used: Mapping[tuple[str, str | None], dict[str, None]],
) -> dict[str, tuple[tuple[str, str | None], dict[str, None]]]:
    """By a name of its own each: a reference without an id means the one with it, two ids of one name are two columns."""
    ids: dict[str, list[str]] = defaultdict(list)
    for name, id in used:
        if id is not None:
            ids[name].append(id)
    merged: dict[str, tuple[tuple[str, str | None], dict[str, None]]] = {}
    for (name, id), why in used.items():
        own = id or (ids[name][0] if len(ids[name]) == 1 else None)
        shown = _shown(name, own, ids[name])
        ref, known = merged.get(shown, ((name, own), {}))
        merged[shown] = (ref, known | why)
    return merged


def _by_ref(columns: Sequence[Wanted], found: Mapping[str, Column]) -> Find:
    ids: dict[str, list[str]] = defaultdict(list)
    for one in columns:
        if one.id is not None:
            ids[one.column].append(one.id)

    def find(ref: ColumnRef) -> Column | None:
        own = ref.id or (ids[ref.name][0] if len(ids[ref.name]) == 1 else None)
        return found.get(_shown(ref.name, own, ids[ref.name]))

    return find


def _shown(name: str, id: str | None, ids: Sequence[str]) -> str:
    return f"{name} ({id})" if id and len(ids) > 1 else name


def _kinds(source: Source) -> dict[str, frozenset[Kind]]:
    """Name of a column → the kinds for which what is done with it makes sense; any, where it is not in it."""
    found: dict[str, frozenset[Kind]] = {ref.name: DATED for ref in refs(source.time_range)}

    def narrow(column: ColumnRef | None, kinds: frozenset[Kind]) -> None:
        if column is not None:
            found[column.name] = found.get(column.name, EVERY) & kinds

    for part in _conditions(source.filters):
        if operator := OPERATORS.get(part.operator):
            narrow(part.column, operator.kinds)
    if source.summary:
        for key in source.summary.group_by:
            narrow(key.column, DATED if key.unit else EVERY)
        for measure in source.summary.measures:
            narrow(measure.column, NUMBERS if measure.function in OF_NUMBERS else EVERY)
    return found


def _conditions(value: Any) -> list[Condition]:
    if isinstance(value, Condition):
        return [value]
    return [one for item in getattr(value, "items", ()) for one in _conditions(item)]


def _ref(column: Column | ColumnRef) -> ColumnRef:
    return ColumnRef(name=column.name, id=column.id)
