"""Sort by several: each row one column and a direction, the first row first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from core.engine.values import DATED, NUMBERS, Kind
from pages.builder.draft import SortRow
from pages.components import fields
from pages.texts import _


def show(
    rows: list[SortRow], choices: Sequence[str], kinds: Mapping[str, Kind], names: Mapping[str, str], *, key: str
) -> list[SortRow]:
    """The rows, changed as the person chose. `choices` are what can be sorted by; `kinds` and `names` describe them."""
    rows[:] = [r for r in rows if r.column in choices]
    with fields.rows(key):
        for place, row in enumerate(rows):
            with fields.line(f"{key}_{row.id}"):
                fields.word(_("By") if place == 0 else _("then by"))
                free = [c for c in choices if c == row.column or c not in {r.column for r in rows}]
                row.column = fields.select(_("Sort by"), free, row.column, names, f"{key}_{row.id}_column")
                kind = kinds.get(row.column, Kind.TEXT)
                down = fields.select(
                    _("Direction"),
                    ["up", "down"],
                    "down" if row.descending else "up",
                    _ways(kind),
                    f"{key}_{row.id}_way",
                )
                row.descending = down == "down"
                fields.icon_button(
                    _("Sort by this first"),
                    ":material/arrow_upward:",
                    f"{key}_{row.id}_first",
                    disabled=place == 0,
                    on_click=_first,
                    args=(rows, row),
                )
                fields.icon_button(
                    _("Remove"), ":material/close:", f"{key}_{row.id}_remove", on_click=rows.remove, args=(row,)
                )
    free = [c for c in choices if c not in {r.column for r in rows}]
    st.button(
        _("Add sort") if not rows else _("Then sort by"),
        key=f"{key}_add",
        icon=":material/add:",
        type="tertiary",
        disabled=not free,
        on_click=_add,
        args=(rows, free),
    )
    return rows


def _ways(kind: Kind) -> dict[str, str]:
    if kind in NUMBERS:
        return {"up": _("smallest first"), "down": _("largest first")}
    if kind in DATED or kind is Kind.TIME:
        return {"up": _("earliest first"), "down": _("latest first")}
    if kind is Kind.YES_NO:
        return {"up": _("no first"), "down": _("yes first")}
    return {"up": _("A to Z"), "down": _("Z to A")}


def _add(rows: list[SortRow], free: Sequence[str]) -> None:
    rows.append(SortRow(column=free[0]))


def _first(rows: list[SortRow], row: SortRow) -> None:
    rows.remove(row)
    rows.insert(0, row)
