"""Group & summarise: one row for each group, with the figures people ask for."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core.engine.spec import DateUnit
from core.engine.values import DATED, NUMBERS, Column
from pages.components import fields
from pages.draft import KeyRow, MeasureRow

FIGURES = {
    "count": "number of rows",
    "count_distinct": "number of different",
    "sum": "sum of",
    "average": "average of",
    "min": "lowest",
    "max": "highest",
}
UNITS = {
    "": "each value",
    DateUnit.DAY.value: "by day",
    DateUnit.WEEK.value: "by week",
    DateUnit.MONTH.value: "by month",
    DateUnit.QUARTER.value: "by quarter",
    DateUnit.YEAR.value: "by year",
}


def show(keys: list[KeyRow], measures: list[MeasureRow], columns: Sequence[Column], *, key: str) -> None:
    """Edit both lists in place: what to group by, and which figures to give."""
    by_id = {c.id: c for c in columns}
    for place, row in enumerate(keys):
        with fields.line(f"{key}_{row.id}"):
            fields.word("One row for each" if place == 0 else "and each")
            free = [i for i in by_id if i == row.column or i not in {k.column for k in keys}]
            row.column = fields.select(
                "Group by", free, row.column, {i: c.name for i, c in by_id.items()}, f"{key}_{row.id}"
            )
            if by_id[row.column].kind in DATED:
                unit = fields.select("Dates", list(UNITS), (row.unit or ""), UNITS, f"{key}_{row.id}_unit")
                row.unit = DateUnit(unit) if unit else None
            else:
                row.unit = None
            fields.icon_button(
                "Remove", ":material/close:", f"{key}_{row.id}_remove", on_click=keys.remove, args=(row,)
            )
    free = [i for i in by_id if i not in {k.column for k in keys}]
    st.button(
        "Add a group",
        key=f"{key}_add_key",
        icon=":material/add:",
        type="tertiary",
        disabled=not free,
        on_click=lambda: keys.append(KeyRow(column=free[0])),
    )
    for place, figure in enumerate(measures):
        with fields.line(f"{key}_{figure.id}"):
            fields.word("with the" if place == 0 else "and the")
            figure.function = fields.select("Figure", list(FIGURES), figure.function, FIGURES, f"{key}_{figure.id}")  # type: ignore[assignment]
            if figure.function == "count":
                figure.column = None
            else:
                usable = [i for i, c in by_id.items() if figure.function not in ("sum", "average") or c.kind in NUMBERS]
                if usable:
                    now = figure.column if figure.column in usable else usable[0]
                    names = {i: by_id[i].name for i in usable}
                    figure.column = fields.select("Of", usable, now, names, f"{key}_{figure.id}_of")
                else:
                    st.caption("There is no column of numbers.")
            fields.icon_button(
                "Remove", ":material/close:", f"{key}_{figure.id}_remove", on_click=measures.remove, args=(figure,)
            )
    st.button(
        "Add a figure",
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
