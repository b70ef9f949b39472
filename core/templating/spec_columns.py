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

USED = {  # field of a Source → for what its columns are used, in the order they are listed
    "columns": "column",
    "summary": "summary",
    "filters": "filter",
    "time_range": "time",
    "sort": "sorting",
}
SPLIT = "split"
OF_NUMBERS = ("sum", "average")
EVERY = frozenset(Kind)


@dataclass(frozen=True)
class Wanted:
    """A column that a source of a spec uses. Names are unique in a dataset; a reference may know an id alone."""

    name: str
    ref: ColumnRef
    used: tuple[str, ...]  # for what: values of USED, SPLIT
    kinds: frozenset[Kind]  # what is done with it makes sense for these


def wanted(spec: ExportSpec, number: int) -> list[Wanted]:
    """The columns the source of that number (from 0) uses, in the order of the file, then those of filters and the rest."""
    source = spec.sources[number]
    used: dict[str, dict[str, None]] = defaultdict(dict)
    known: dict[str, ColumnRef] = {}
    parts = [(USED[field], getattr(source, field)) for field in USED if field not in _kept(source)]
    for why, part in [*parts, (SPLIT, _split_by(spec))]:
        for ref in refs(part):
            used[_name(ref)][why] = None
            if known.setdefault(_name(ref), ref).id is None:
                known[_name(ref)] = ref
    kinds = _kinds(source)
    return [Wanted(name, known[name], tuple(why), kinds.get(name, EVERY)) for name, why in used.items()]


def moved(spec: ExportSpec, names: Sequence[str], found: Sequence[Mapping[str, Column]]) -> ExportSpec:
    """The spec on other datasets: for each source the dataset's name, and `Wanted.name` → the column in its place."""

    def of(number: int) -> Find:
        return lambda ref: found[number].get(_name(ref))

    sources = [
        on_columns(source, of(number)).model_copy(update={"dataset": dataset})
        for number, (source, dataset) in enumerate(zip(spec.sources, names, strict=True))
    ]
    packaging = spec.packaging
    if packaging.split and (split := _split_by(spec)):
        column = on_value(split, of(0))
        packaging = packaging.model_copy(update={"split": packaging.split.model_copy(update={"column": column})})
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
        return value if column is None else ColumnRef(name=column.name, id=column.id)
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


def nameless(value: Any) -> Any:
    """JSON of a spec, or of a part of one, with every column by its name alone; one that has only an id keeps it."""
    if isinstance(value, list):
        return [nameless(item) for item in value]
    if not isinstance(value, dict):
        return value
    if value.keys() == {"name", "id"}:
        return {"name": value["name"], "id": None if value["name"] else value["id"]}
    return {name: nameless(inner) for name, inner in value.items()}


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


def _name(ref: ColumnRef) -> str:
    return ref.name or ref.id or ""


def _kinds(source: Source) -> dict[str, frozenset[Kind]]:
    """Name of a column → the kinds for which what is done with it makes sense; any, where it is not in it."""
    found: dict[str, frozenset[Kind]] = {_name(ref): DATED for ref in refs(source.time_range)}

    def narrow(column: ColumnRef | None, kinds: frozenset[Kind]) -> None:
        if column is not None:
            found[_name(column)] = found.get(_name(column), EVERY) & kinds

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
