"""Filter rows that read as a sentence: Where `country` `is any of` `Indonesia, Malaysia` and … with groups of their own.

The rows are edited in place: the draft leads, every widget begins with what it says.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.engine.filters import OPERATORS, RELATIVE, Operator, operators_for
from core.engine.values import DATED, NUMBERS, Column, Kind
from pages.builder.draft import FilterGroup, FilterRow, usual_operator
from pages.components import fields, value_picker
from pages.components.layout import plain
from pages.texts import N_, _

Choices = Callable[
    [str, str, int], Sequence[tuple[Any, int]]
]  # (column id, search, limit) → (value, rows), frequent first
Slots = dict[str, DeltaGenerator]
MATCH = {"all": N_("Match all"), "any": N_("Match any")}
DEEPEST = 2  # “Add group” is offered to this depth; groups that came deeper in a spec are shown and kept


def show(group: FilterGroup, columns: Sequence[Column], *, key: str, choices: Choices) -> Slots:
    """Edit `group` in place. Returns a place beneath each row and group (by id) for what is only known afterwards."""
    slots: Slots = {}
    _group(group, {c.id: c for c in columns}, key, choices, slots, depth=0)
    return slots


def tell(slots: Slots, notes: Mapping[str, str], wrong: Mapping[str, str]) -> None:
    """Print, by row id, what each filter took away and the days it means today, or what is wrong with it."""
    for row, slot in slots.items():
        if wrong.get(row):
            slot.markdown(f":small[:red[{plain(wrong[row])}]]")
        elif notes.get(row):
            slot.caption(plain(notes[row]))


def match(group: FilterGroup, key: str) -> None:
    """Match all / Match any: worth asking only where there are two things to match."""
    if len(group.items) < 2:
        return
    chosen = st.segmented_control(
        _("Which filters must match"),
        list(MATCH),
        key=fields.seeded(f"{key}_{group.id}_match", group.match),
        format_func=lambda m: _(MATCH[m]),
        required=True,
        label_visibility="collapsed",
    )
    group.match = "any" if chosen == "any" else "all"


def _group(
    group: FilterGroup, columns: Mapping[str, Column], key: str, choices: Choices, slots: Slots, *, depth: int
) -> None:
    with fields.rows(f"{key}_{group.id}"):
        for place, item in enumerate(group.items):
            joint = _("Where") if place == 0 else _("or") if group.match == "any" else _("and")
            if isinstance(item, FilterRow):
                slots[item.id] = _row(item, group, joint, columns, key, choices)
                continue
            with st.container(key=f"group_{key}_{item.id}", gap="small"):
                with st.container(horizontal=True, vertical_alignment="center", key=f"grouphead_{key}_{item.id}"):
                    together = _("{joint} any of these") if item.match == "any" else _("{joint} all of these")
                    fields.word(together.format(joint=joint) if item.items else joint)
                    match(item, key)
                    slots[item.id] = st.empty()
                    fields.icon_button(
                        _("Remove this group"),
                        ":material/close:",
                        f"{key}_{item.id}_remove",
                        on_click=group.items.remove,
                        args=(item,),
                    )
                _group(item, columns, key, choices, slots, depth=depth + 1)
    with st.container(horizontal=True, gap="small", key=f"row_{key}_{group.id}_add"):
        st.button(
            _("Add filter"),
            key=f"{key}_{group.id}_add",
            icon=":material/add:",
            type="secondary" if depth == 0 else "tertiary",
            on_click=_add_filter,
            args=(group, columns),
        )
        if depth < DEEPEST and (group.items or depth):
            st.button(
                _("Add group"),
                key=f"{key}_{group.id}_add_group",
                icon=":material/data_array:",
                type="tertiary",
                help=_("Filters of their own, joined by “and” or “or”"),
                on_click=_add_group,
                args=(group, columns),
            )


def _row(
    row: FilterRow, group: FilterGroup, joint: str, columns: Mapping[str, Column], key: str, choices: Choices
) -> DeltaGenerator:
    name = f"{key}_{row.id}"
    with st.container(key=f"filterrow_{name}", horizontal=True, vertical_alignment="top", gap="small"):
        fields.word(joint)
        column = fields.select(
            _("Column"), list(columns), row.column, {i: c.name for i, c in columns.items()}, f"{name}_c"
        )
        if column != row.column:
            row.column, row.operator, row.values = column, usual_operator(columns[column].kind), []
        kind = columns[row.column].kind
        offered = {o.key: _(o.label) for o in operators_for(kind)}
        if row.operator not in offered:
            offered[row.operator] = row.operator
        operator = fields.select(_("Condition"), list(offered), row.operator, offered, f"{name}_o_{row.column}")
        if operator != row.operator:
            row.values = _carried(row, operator)
            row.operator = operator
        with st.container(key=f"filtervalue_{name}", gap="xsmall"):
            _values(row, columns[row.column], OPERATORS.get(row.operator), name, choices)
            slot = st.empty()
        fields.icon_button(
            _("Remove this filter"), ":material/close:", f"{name}_remove", on_click=group.items.remove, args=(row,)
        )
    return slot


def _values(row: FilterRow, column: Column, operator: Operator | None, name: str, choices: Choices) -> None:
    """The fields its operator asks for, with what the row has in them."""
    if operator is None or operator.arity == 0:
        return
    # Under another column or another sort of field the values begin anew.
    key = f"{name}_{row.column}_{_shape(operator, column.kind)}"
    first, second = ([*row.values, None, None])[:2]
    if operator.takes == "relative":
        words = {k: _(r.label.lower()) for k, r in RELATIVE.items()}
        row.values = [
            fields.select(_("Time"), list(words), str(first) if first in words else "last_30_days", words, key)
        ]
    elif operator.takes == "days":
        days = st.number_input(
            _("Days"),
            min_value=1,
            max_value=36_500,
            step=1,
            key=fields.seeded(key, int(first) if str(first).isdigit() else 30),
            label_visibility="collapsed",
        )
        row.values = [days]
    elif operator.arity == "many" or (operator.key in ("is", "is_not", "is_exactly") and column.kind is Kind.TEXT):
        row.values = value_picker.show(
            row.values,
            lambda search, limit: choices(column.id, search, limit),
            key=key,
            label=f"{column.name} {_(operator.label)}",
            many=operator.arity == "many",
        )
    elif column.kind in DATED:
        with _pair(operator, key):
            days_given = [fields.day(_("Date") if operator.arity == 1 else _("From"), _iso(first), f"{key}_1")]
            if operator.arity == 2:
                days_given.append(fields.day(_("To"), _iso(second), f"{key}_2"))
        row.values = _typed(days_given)
    else:
        hint = "0" if column.kind in NUMBERS else "08:30" if column.kind is Kind.TIME else _("Type a text")
        with _pair(operator, key):
            given = [
                fields.text(
                    _("Value") if operator.arity == 1 else _("From"), _text(first), f"{key}_1", placeholder=hint
                )
            ]
            if operator.arity == 2:
                given.append(fields.text(_("To"), _text(second), f"{key}_2", placeholder=hint))
        row.values = _typed([g if column.kind is Kind.TEXT else g.strip() for g in given])


def _pair(operator: Operator, key: str) -> AbstractContextManager[object]:
    """Two fields stand side by side."""
    return st.container(horizontal=True, gap="small", key=f"pair_{key}") if operator.arity == 2 else nullcontext()


def _shape(operator: Operator, kind: Kind) -> str:
    """Operators with the same sort of field share what was typed: from "higher than" to "lower than" the number stays."""
    if operator.takes != "value":
        return operator.takes
    if operator.arity == "many":
        return "many"
    picked = operator.key in ("is", "is_not", "is_exactly") and kind is Kind.TEXT
    return "one" if picked else f"typed_{operator.arity}"


def _carried(row: FilterRow, operator: str) -> list[Any]:
    """The values that still make sense under another operator."""
    before, after = OPERATORS.get(row.operator), OPERATORS.get(operator)
    if before is None or after is None or before.takes != after.takes or after.arity == 0:
        return []
    return row.values if after.arity == "many" else row.values[: after.arity]


def _typed(values: Sequence[str | None]) -> list[Any]:
    """Nothing at all is no value; half of a pair keeps its place."""
    return list(values) if any(values) else []


def _text(value: Any) -> str:
    return "" if value is None else str(value)


def _iso(value: Any) -> str | None:
    text = _text(value)
    return text if len(text) >= 10 and text[4] == "-" else None


def _add_filter(group: FilterGroup, columns: Mapping[str, Column]) -> None:
    taken = {row.column for row in group.rows()}
    column = next((c for c in columns.values() if c.id not in taken), next(iter(columns.values())))
    group.items.append(FilterRow(column=column.id, operator=usual_operator(column.kind)))


def _add_group(group: FilterGroup, columns: Mapping[str, Column]) -> None:
    inner = FilterGroup(match="any" if group.match == "all" else "all")
    _add_filter(inner, columns)
    group.items.append(inner)
