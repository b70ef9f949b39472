"""A template on data it was not made for: which of its columns is which there, said before anything runs.

Names decide first: the same, then the same but for case, accents, blanks and signs. Then what people confirmed before
(storage.column_matches), then likeness, then whoever sits there. Likeness only proposes: nothing runs on a guess nobody saw.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from core import datasets, previews
from core.desk import Desk
from core.engine.matching.pairing import folded, likeness_of, nearest
from core.engine.spec import ColumnRef, ExportSpec
from core.engine.table import Table
from core.engine.values import Column
from core.errors import BadInput, BadSpec
from core.templating.spec_columns import Wanted, moved, wanted

SIMILAR = 0.78  # from this likeness on two names may mean the same
How = Literal["same", "alike", "remembered", "similar", "by_hand"]
Known = Mapping[str, Sequence[str]]  # a wanted name, folded → the names it was found under, folded, the last first
ByHand = Mapping[tuple[int, str], str | None]  # (source from 0, wanted) → name or id of a column; None: none of them
NOTHING_KNOWN: Known = {}
NOTHING_SAID: ByHand = {}


@dataclass(frozen=True)
class Matched:
    """A column a template uses, and the one of the data that takes its place (None: there is none yet)."""

    source: int  # of the spec, from 0
    wanted: str
    used: tuple[str, ...]  # for what, such as "filter"
    column: Column | None
    how: How | None
    nearest: tuple[str, ...] = ()  # names in the data, the nearest first, where there is none


@dataclass(frozen=True)
class Report:
    """What a spec would do on other data. `spec` is that spec on it, None while columns are missing.

    `problems` is what else keeps it from running, such as a date filter on a column of text.
    """

    data: tuple[str, ...]  # what each source's dataset is called
    columns: tuple[Matched, ...]
    there: tuple[tuple[Column, ...], ...]  # the columns of each source's dataset, to choose from
    spec: ExportSpec | None
    problems: tuple[BadSpec, ...] = ()

    @property
    def missing(self) -> tuple[Matched, ...]:
        return tuple(one for one in self.columns if one.column is None)

    @property
    def guessed(self) -> tuple[Matched, ...]:
        """Found by likeness alone: somebody has to look at them."""
        return tuple(one for one in self.columns if one.how == "similar")

    @property
    def ready(self) -> bool:
        return self.spec is not None and not self.problems

    def as_shown(self) -> dict[tuple[int, str], str | None]:
        """The pairs as they stand, to be given back as `by_hand` once somebody saw them."""
        return {(one.source, one.wanted): one.column.id for one in self.columns if one.column is not None}


def match(
    desk: Desk,
    spec: ExportSpec,
    data: Sequence[str | None],
    by_hand: ByHand = NOTHING_SAID,
    known: Known = NOTHING_KNOWN,
) -> Report:
    """How a spec fits other data. `data`: for each source of it an id or slug, None (or nothing) as the spec says.

    Raises NotFound for data that is not there, BadInput for choices about columns the spec does not use, BadSpec for columns
    chosen that are not there.
    """
    if len(data) > len(spec.sources):
        raise BadInput(f"This template has {len(spec.sources)} datasets, not {len(data)}.", field="datasets")
    chosen = [*data, *[None] * (len(spec.sources) - len(data))]
    found = [datasets.get(desk, new or source.dataset) for new, source in zip(chosen, spec.sources, strict=True)]
    tables = [datasets.table(desk, one) for one in found]
    _check(spec, tables, by_hand)
    places = [_pair(n, wanted(spec, n), table, by_hand, known) for n, table in enumerate(tables)]
    columns = tuple(one for place in places for one in place)
    titles = tuple(one.name for one in found)
    there = tuple(table.columns for table in tables)
    if any(one.column is None for one in columns):
        return Report(titles, columns, there, None)
    pairs = [{one.wanted: one.column for one in place if one.column} for place in places]
    fitted = moved(spec, [one.slug for one in found], pairs)
    return Report(titles, columns, there, fitted)


def problems(desk: Desk, report: Report) -> Report:
    """The report with what else keeps its spec from running: asked of the data, so only where somebody looks at it."""
    return report if report.spec is None else replace(report, problems=tuple(previews.problems(desk, report.spec)))


def required(report: Report) -> ExportSpec:
    """The spec on its new data. Raises BadSpec where a column is missing, or was only guessed."""
    unsure = {one.source: one.wanted for one in reversed(report.columns) if one.column is None or one.how == "similar"}
    if not unsure and report.spec is not None:
        return report.spec
    source = min(unsure)
    lacking = [one for one in report.columns if one.source == source and (one.column is None or one.how == "similar")]
    names = ", ".join(f"“{one.wanted}”" for one in lacking)
    raise BadSpec(
        f"“{report.data[source]}” has no column{'s' if len(lacking) > 1 else ''} {names}.",
        "Say which of its columns they are with “Run on a new file”, choose data that has them, "
        "or open the template in the builder and change it.",
        field=lacking[0].wanted,
        missing=[one.wanted for one in lacking],
        nearest={one.wanted: [one.column.name] if one.column else [*one.nearest] for one in lacking},
    )


def sources_of(spec: ExportSpec, name: str) -> list[int]:
    """The sources (from 0) that use a column of that name."""
    return [n for n in range(len(spec.sources)) if name in {one.name for one in wanted(spec, n)}]


def confirmed(report: Report) -> list[tuple[str, str]]:
    """(wanted, found), folded: what somebody said by hand and is worth remembering."""
    pairs = [(key(one.wanted), key(one.column.name)) for one in report.columns if one.column and one.how == "by_hand"]
    return [(one, other) for one, other in pairs if one != other]


def by_name(ref: ColumnRef, table: Table) -> Column | None:
    """By the rule of every spec (Table.column); else the only one whose name is the same but for case, accents and signs."""
    try:
        return table.column(ref)
    except BadSpec:
        alike = [column for column in table.columns if key(column.name) == key(ref.name)]
        return alike[0] if len(alike) == 1 else None


def key(name: str) -> str:
    """A name as it is remembered; one of signs alone stays what it is."""
    return folded(name) or name.casefold()


def _pair(source: int, columns: Sequence[Wanted], table: Table, by_hand: ByHand, known: Known) -> list[Matched]:
    """One to one but for what is said by hand: the surest pairs are taken first."""
    found: dict[str, tuple[Column, How]] = {}
    refused: set[str] = set()
    for one in columns:
        said = by_hand.get((source, one.name), "")
        if said is None:
            refused.add(one.name)
        elif said:
            column = _column(table, said)
            found[one.name] = (column, _surely(one, column, table) or "by_hand")
    left = [one for one in columns if one.name not in found and one.name not in refused]
    for one in left:
        if there := _named(one, table):
            found[one.name] = (there, "same" if there.name == one.name else "alike")
    free = _free(table, found)
    for one in left:
        if one.name not in found:
            by_name = {key(column.name): column for column in reversed(free)}
            names = [name for name in known.get(key(one.name), ()) if name in by_name]
            if names:
                found[one.name] = (by_name[names[0]], "remembered")
                free = _free(table, found)
    _by_likeness([one for one in left if one.name not in found], free, found)
    names_left = [column.name for column in _free(table, found)]
    return [
        Matched(source, one.name, one.used, *found[one.name])
        if one.name in found
        else Matched(source, one.name, one.used, None, None, tuple(nearest(one.name, names_left)))
        for one in columns
    ]


def _surely(one: Wanted, column: Column, table: Table) -> How | None:
    """How it would have been found without a hand, where that is by its name."""
    there = _named(one, table)
    return None if there is None or there.id != column.id else "same" if column.name == one.name else "alike"


def _named(one: Wanted, table: Table) -> Column | None:
    return by_name(one.ref, table)


def _by_likeness(left: Sequence[Wanted], free: Sequence[Column], found: dict[str, tuple[Column, How]]) -> None:
    scored = [
        (likeness_of(one.name, column.name), one, column) for one in left for column in free if _can_be(one, column)
    ]
    taken: set[str] = set()
    for likeness, one, column in sorted(scored, key=lambda each: -each[0]):
        if likeness >= SIMILAR and one.name not in found and column.id not in taken:
            found[one.name] = (column, "similar")
            taken.add(column.id)


def _can_be(one: Wanted, column: Column) -> bool:
    """Whether what the template does with it makes sense with such values."""
    return column.kind in one.kinds


def _free(table: Table, found: Mapping[str, tuple[Column, How]]) -> list[Column]:
    taken = {column.id for column, _ in found.values()}
    return [column for column in table.columns if column.id not in taken]


def _column(table: Table, said: str) -> Column:
    """What somebody chose, by id or name. Raises BadSpec naming what there is."""
    by_id = [column for column in table.columns if column.id == said]
    by_name = [column for column in table.columns if column.name == said]
    return by_name[0] if len(by_name) == 1 else by_id[0] if by_id else table.column(ColumnRef(name=said))


def _check(spec: ExportSpec, tables: Sequence[Table], by_hand: ByHand) -> None:
    """Raises BadInput for a choice about a column the template does not use."""
    used = {(n, one.name) for n in range(len(tables)) for one in wanted(spec, n)}
    for source, name in by_hand:
        if (source, name) not in used:
            known = ", ".join(f"“{each}”" for place, each in sorted(used) if place == source) or "none"
            raise BadInput(f"The template uses no column “{name}”.", f"Columns it uses: {known}.", field="columns")
