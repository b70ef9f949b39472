"""Group & summarise: one row for each group, with the figures people ask for."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core.engine.spec import DateUnit
from core.engine.values import DATED, NUMBERS, Column
from pages.builder.draft import KeyRow, MeasureRow
from pages.components import fields
from pages.texts import N_, _

FIGURES = {
    "count": N_("number of rows"),
    "count_distinct": N_("number of different"),
    "sum": N_("sum of"),
    "average": N_("average of"),
    "min": N_("lowest"),
    "max": N_("highest"),
}
UNITS = {
    "": N_("each value"),
    DateUnit.DAY.value: N_("by day"),
    DateUnit.WEEK.value: N_("by week"),
    DateUnit.MONTH.value: N_("by month"),
    DateUnit.QUARTER.value: N_("by quarter"),
    DateUnit.YEAR.value: N_("by year"),
}


def show(keys: list[KeyRow], measures: list[MeasureRow], columns: Sequence[Column], *, key: str) -> None:
    """Edit both lists in place: what to group by, and which figures to give."""
    by_id = {c.id: c for c in columns}
    units, figures = {k: _(v) for k, v in UNITS.items()}, {k: _(v) for k, v in FIGURES.items()}
    with fields.rows(f"{key}_keys"):
        for place, row in enumerate(keys):
            with fields.line(f"{key}_{row.id}"):
                fields.word(_("One row for each") if place == 0 else _("and each"))
                free = [i for i in by_id if i == row.column or i not in {k.column for k in keys}]
                row.column = fields.select(
                    _("Group by"), free, row.column, {i: c.name for i, c in by_id.items()}, f"{key}_{row.id}"
                )
                if by_id[row.column].kind in DATED:
                    unit = fields.select(_("Dates"), list(UNITS), (row.unit or ""), units, f"{key}_{row.id}_unit")
                    row.unit = DateUnit(unit) if unit else None
                else:
                    row.unit = None
                fields.icon_button(
                    _("Remove"), ":material/close:", f"{key}_{row.id}_remove", on_click=keys.remove, args=(row,)
                )
    free = [i for i in by_id if i not in {k.column for k in keys}]
    st.button(
        _("Add a group"),
        key=f"{key}_add_key",
        icon=":material/add:",
        type="tertiary",
        disabled=not free,
        on_click=lambda: keys.append(KeyRow(column=free[0])),
    )
    with fields.rows(f"{key}_figures"):
        for place, figure in enumerate(measures):
            with fields.line(f"{key}_{figure.id}"):
                fields.word(_("with the") if place == 0 else _("and the"))
                figure.function = fields.select(
                    _("Figure"), list(FIGURES), figure.function, figures, f"{key}_{figure.id}"
                )  # type: ignore[assignment]
                if figure.function == "count":
                    figure.column = None
                else:
                    usable = [
                        i for i, c in by_id.items() if figure.function not in ("sum", "average") or c.kind in NUMBERS
                    ]
                    if usable:
                        now = figure.column if figure.column in usable else usable[0]
                        names = {i: by_id[i].name for i in usable}
                        figure.column = fields.select(_("Of"), usable, now, names, f"{key}_{figure.id}_of")
                    else:
                        st.caption(_("There is no column of numbers."))
                fields.icon_button(
                    _("Remove"),
                    ":material/close:",
                    f"{key}_{figure.id}_remove",
                    on_click=measures.remove,
                    args=(figure,),
                )
    st.button(
        _("Add a figure"),
        key=f"{key}_add_figure",
        icon=":material/add:",
        type="tertiary",
        on_click=lambda: measures.append(_next_figure(measures, columns)),
    )


def _next_figure(measures: Sequence[MeasureRow], columns: Sequence[Column]) -> MeasureRow:
    """Number of rows first, then the sum of the first number column without one."""
    if not any(m.function == "count" for m in measures):
        return MeasureRow()
    taken = {m.column for m in measures if m.function == "sum"}
    number = next((c.id for c in columns if c.kind in NUMBERS and c.id not in taken), None)
    return MeasureRow(function="sum", column=number) if number else MeasureRow(function="count_distinct", column="c1")
