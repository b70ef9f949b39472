"""What one spec has that another has not, in sentences for people: "It keeps the column “city” as well."."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from core.engine import formats
from core.engine.filters import OPERATORS, RELATIVE
from core.engine.sentence import joined
from core.engine.spec import Condition, ExportSpec, Group, OutputColumn, Source, TimeRange
from core.templating.spec_columns import nameless

NAMED = 3  # columns or filters named one by one; of more, how many
SHOWN = 60  # characters of a value


def changes(before: ExportSpec, after: ExportSpec) -> tuple[str, ...]:
    """Sentences, the most telling first; empty where both say the same. Columns are the same by their names."""
    old, new = (ExportSpec.model_validate(nameless(one.model_dump(mode="json"))) for one in (before, after))
    return tuple(_of(old, new))


def _of(before: ExportSpec, after: ExportSpec) -> Iterator[str]:
    if before.name != after.name:
        yield f"The export is called “{after.name}”." if after.name else "The export is called like its data."
    olds, news = [*before.sources], [*after.sources]
    for number, new in enumerate(news):
        if number < len(olds):
            lead = f"“{new.name or new.dataset}”: " if len(news) > 1 else ""
            yield from (lead + said for said in _of_source(olds[number], new))
    if len(news) > len(olds):
        yield f"It also holds {_names([one.dataset for one in news[len(olds) :]])}."
    elif len(olds) > len(news):
        yield f"It no longer holds {_names([one.dataset for one in olds[len(news) :]])}."
    yield from _of_output(before, after)


def _of_source(before: Source, after: Source) -> Iterator[str]:
    if before.dataset != after.dataset:
        yield f"Its data is “{after.dataset}” instead of “{before.dataset}”."
    if before.name != after.name:
        yield (
            f"Its sheet or file is called “{after.name}”."
            if after.name
            else "Its sheet or file is called like its data."
        )
    yield from _of_filters(before.filters, after.filters)
    if before.time_range != after.time_range:
        yield _time(after.time_range)
    yield from _of_columns(before.columns, after.columns)
    if before.sort != after.sort:
        yield "The order of the rows is another one." if after.sort else "The rows are no longer sorted."
    if before.summary != after.summary:
        if after.summary is None:
            yield "Rows are no longer grouped."
        else:
            yield "Rows are grouped." if before.summary is None else "The groups or figures are others."
    if before.distinct != after.distinct:
        yield "Repeated rows are left out." if after.distinct else "Repeated rows are kept."
    if before.limit != after.limit:
        yield f"At most {after.limit:,} rows are kept." if after.limit else "The number of rows is no longer limited."


def _of_filters(before: Group, after: Group) -> Iterator[str]:
    if before == after:
        return
    old, new = [*_conditions(before)], [*_conditions(after)]
    came = [one for one in new if one not in old]
    went = [one for one in old if one not in new]
    if came:
        yield f"New filter: {joined(_first([condition_words(one) for one in came]))}."
    if went:
        yield f"Without the filter: {joined(_first([condition_words(one) for one in went]))}."
    if not came and not went:
        yield "The filters are combined otherwise."


def _conditions(group: Group) -> Iterator[Condition]:
    for item in group.items:
        if isinstance(item, Group):
            yield from _conditions(item)
        else:
            yield item


def condition_words(one: Condition) -> str:
    """A filter in words without asking its data, so a relative date stays relative: "country is Peru, Laos or 3 more"."""
    operator = OPERATORS.get(one.operator)
    shown = [RELATIVE[str(v)].words if operator and operator.takes == "relative" and str(v) in RELATIVE else str(v)
             for v in one.values]  # fmt: skip
    every = joined(_first(shown), "or")
    words = f"{one.operator} {every}"
    if operator is not None and operator.arity in ("many", len(shown)):
        words = operator.words.removesuffix(" ({days})").format(*shown, all=every)
    text = f"{one.column.name} {words}".strip()
    return text if len(text) <= SHOWN else f"{text[: SHOWN - 1]}…"


def _time(span: TimeRange | None) -> str:
    if span is None:
        return "The time range is gone."
    if span.relative:
        words = RELATIVE[span.relative].words if span.relative in RELATIVE else span.relative
        return f"The time range is {words}."
    return f"The time range is {span.start or '…'} to {span.end or '…'}."


def _of_columns(before: Sequence[OutputColumn], after: Sequence[OutputColumn]) -> Iterator[str]:
    if before == after:
        return
    if not before or not after:
        yield "Only chosen columns are kept." if after else "All columns are kept."
        return
    old, new = ({one.column.name: one for one in columns} for columns in (before, after))
    if came := [name for name in new if name not in old]:
        yield f"More columns: {_names(came)}."
    if went := [name for name in old if name not in new]:
        yield f"Fewer columns: {_names(went)}."
    both = [name for name in new if name in old]
    for name in both:
        if old[name].label != new[name].label:
            yield f"The column “{name}” is headed “{new[name].label or name}”."
        if old[name].format != new[name].format:
            yield f"The column “{name}” is shown otherwise."
    if both != [name for name in old if name in new]:
        yield "The columns stand in another order."


def _of_output(before: ExportSpec, after: ExportSpec) -> Iterator[str]:
    if before.output.format != after.output.format:
        yield f"The file is {_label(after)} instead of {_label(before)}."
    elif before.output.options != after.output.options:
        names = sorted(
            name
            for name in {*before.output.options, *after.output.options}
            if _option(before, name) != _option(after, name)
        )
        if names:
            yield f"{_label(after)} settings are others: {joined(_first([_plain(name) for name in names]))}."
    if before.output.file_name != after.output.file_name:
        yield f"Its file is called “{after.output.file_name}”."
    if before.output.layout != after.output.layout:
        yield "Several tables are put together otherwise."
    old, new = before.packaging, after.packaging
    if old.split != new.split:
        yield "The file is no longer split." if new.split is None else "The file is split otherwise."
    if old.compression != new.compression:
        yield f"It is packed otherwise: {new.compression}."
    if (old.password, old.lock) != (new.password, new.lock):
        yield "It is no longer locked." if new.password is None else "It is locked with another password or otherwise."
    if before.delivering != after.delivering:
        yield "Where it is delivered, or when, is another."
    if (before.keep_hours, before.limits) != (after.keep_hours, after.limits):
        yield "How long its files are kept, or its limits, are others."


def _option(spec: ExportSpec, name: str) -> Any:
    return spec.output.options.get(name)


def _label(spec: ExportSpec) -> str:
    known = formats.FORMATS.get(spec.output.format)
    return known.label if known else spec.output.format


def _plain(name: str) -> str:
    return name.replace("_", " ")


def _names(names: Sequence[str]) -> str:
    return joined(_first([f"“{name}”" for name in names]))


def _first(said: list[str]) -> list[str]:
    return said if len(said) <= NAMED else [*said[:NAMED], f"{len(said) - NAMED} more"]
