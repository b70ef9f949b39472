"""Filters and columns kept to be used again, alone, in any export of any data that has such columns.

Filters are kept as an engine.spec.Group, columns as {"columns": [engine.spec.OutputColumn …]}; both know columns by name.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from core import audit, naming, storable
from core.access import roles
from core.desk import Desk
from core.engine.filters import OPERATORS
from core.engine.sentence import joined
from core.engine.spec import ColumnRef, Condition, Group, OutputColumn, Value
from core.engine.table import Table
from core.engine.values import Column
from core.errors import BadInput, NotFound
from core.keeping import binning
from core.templating.changes import condition_words
from core.templating.matching import by_name
from core.templating.spec_columns import nameless, on_value
from storage import saved_sets as rows
from storage.scope import EVERYTHING, Within
from storage.tables import SavedSet, SetKind

__all__ = ["SavedSet", "SetKind"]

SAID = 5  # filters or columns named in a sentence
MAX_PARTS = 2_000  # conditions or columns of one set


class Columns(Value):
    """The columns of a file, in order, with their names and looks."""

    columns: tuple[OutputColumn, ...] = ()


Content = Group | Columns


@dataclass(frozen=True)
class Fitted:
    """A set on a table. `left_out`: what the table has no column for, or one of another kind, in words."""

    content: Content
    left_out: tuple[str, ...]

    @property
    def empty(self) -> bool:
        return not (self.content.items if isinstance(self.content, Group) else self.content.columns)


def save(desk: Desk, kind: SetKind, name: str, content: Content) -> SavedSet:
    """Keep filters or columns under a name, for oneself. Raises Forbidden, and BadInput where there is nothing in it."""
    roles.require(desk, "sets.change")
    name, kept = _named(name), _checked(kind, content)
    with desk.store.writing() as session:
        made = rows.add(session, desk.workspace_id, desk.account_id, kind=kind, name=name, content=kept)
        audit.note(desk, session, "sets.saved", made)
    return made


def list(desk: Desk, kind: SetKind | None = None, *, within: Within = EVERYTHING) -> Sequence[SavedSet]:
    """One's own and the shared ones, by name; `kind` None: of both. Raises Forbidden."""
    roles.require(desk, "sets.see")
    with desk.store.reading() as session:
        return rows.list(session, desk.scope, kind, within=within)


def get(desk: Desk, set_id: str) -> SavedSet:
    """Raises NotFound, also for another workspace's and for one in the bin."""
    roles.require(desk, "sets.see")
    with desk.store.reading() as session:
        return _there(rows.get(session, desk.scope, set_id))


def update(desk: Desk, set_id: str, *, name: str | None = None, content: Content | None = None) -> SavedSet:
    """Another name or content; None leaves it as it is. Raises NotFound, Forbidden, BadInput."""
    found = get(desk, set_id)
    roles.require(desk, "sets.change", found)
    named = None if name is None else _named(name)
    kept = None if content is None else _checked(found.kind, content)
    with desk.store.writing() as session:
        there = _there(rows.get(session, desk.scope, set_id))
        audit.note(desk, session, "sets.changed", there)
        return rows.change(session, there, name=named, content=kept)


def delete(desk: Desk, set_id: str) -> None:
    """Into the bin; exports and templates that used it keep what they took of it. Raises NotFound, Forbidden."""
    binning.put(desk, "set", set_id)


def restore(desk: Desk, set_id: str) -> SavedSet:
    """Back from the bin. Raises NotFound for one that is not there."""
    return binning.take_out(desk, SavedSet, set_id)


def content(found: SavedSet) -> Content:
    """What is in it."""
    return (Group if found.kind == SetKind.FILTERS else Columns).model_validate(found.content)


def sentence(found: SavedSet) -> str:
    """What is in it, in words: "country is Peru and 2 more", "3 columns: id, name, city"."""
    inside = content(found)
    if isinstance(inside, Columns):
        names = [one.label or one.column.name for one in inside.columns]
        return f"{len(names)} column{'s' if len(names) != 1 else ''}: {joined(_first(names))}"
    said = joined(
        _first([condition_words(one) for one in conditions(inside)]), "and" if inside.match == "all" else "or"
    )
    return said[:1].upper() + said[1:]


def fitted(found: SavedSet, table: Table) -> Fitted:
    """The set with the columns of a table, found by name."""
    left_out: dict[str, None] = {}
    inside = content(found)
    if isinstance(inside, Group):
        return Fitted(_fit_group(inside, table, left_out), tuple(left_out))
    kept = []
    for one in inside.columns:
        column = by_name(one.column, table)
        if column is None:
            left_out[f"“{one.column.name}”"] = None
        else:
            kept.append(on_value(one, partial(_always, column)))
    return Fitted(Columns(columns=tuple(kept)), tuple(left_out))


def conditions(group: Group) -> Sequence[Condition]:
    """Every condition, at any depth, in reading order."""
    found: Sequence[Condition] = []
    for item in group.items:
        found = [*found, *(conditions(item) if isinstance(item, Group) else [item])]
    return found


def _always(column: Column, ref: ColumnRef) -> Column:
    return column


def _fit_group(group: Group, table: Table, left_out: dict[str, None]) -> Group:
    items: Sequence[Condition | Group] = []
    for item in group.items:
        if isinstance(item, Group):
            inner = _fit_group(item, table, left_out)
            items = [*items, inner] if inner.items else items
            continue
        column, operator = by_name(item.column, table), OPERATORS.get(item.operator)
        if column is None or operator is None or column.kind not in operator.kinds:
            left_out[f"“{condition_words(item)}”"] = None
        else:
            ref = ColumnRef(name=column.name, id=column.id)
            items = [*items, item.model_copy(update={"column": ref})]
    return Group(match=group.match, items=tuple(items))


def _checked(kind: SetKind, content: Content) -> dict[str, Any]:
    """As it is kept: without the ids of the dataset it was made on. Raises BadInput."""
    if isinstance(content, Group) != (kind == SetKind.FILTERS):
        raise BadInput(f"That is no set of {kind}.", "Filters are a group of conditions, columns a list of them.")
    count = len(conditions(content)) if isinstance(content, Group) else len(content.columns)
    if not count:
        raise BadInput(f"There are no {kind} to save.", f"Choose some {kind} first.", field="content")
    if count > MAX_PARTS:
        raise BadInput(f"A set holds at most {MAX_PARTS:,} {kind}.", "Save fewer of them.", field="content")
    kept = nameless(content.model_dump(mode="json"))
    storable.check(kept, "content")
    return dict(kept)


def _first(said: Sequence[str]) -> Any:
    return [*said] if len(said) <= SAID else [*said[:SAID], f"{len(said) - SAID} more"]


def _named(name: str) -> str:
    storable.check(name, "name")
    return naming.checked(name)


def _there(found: SavedSet | None) -> SavedSet:
    if found is None:
        raise NotFound("These filters or columns are not there.", "They may have been deleted, or are not shared.")
    return found
