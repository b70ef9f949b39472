"""The column picker: tick, drag or ↑↓, rename in place, find, all or none, and how dates and numbers are written.

A small component of our own (`columns.html`, `.css`, `.js`): Streamlit's data editor cannot reorder rows. It works with a
keyboard (arrow keys on the grip), with a finger, and at the width of a phone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import streamlit as st

from pages.texts import N_, _

_HERE = Path(__file__).parent
_picker = st.components.v2.component(
    "export_desk_columns",
    html=(_HERE / "columns.html").read_text(encoding="utf-8"),
    css=(_HERE / "columns.css").read_text(encoding="utf-8"),
    js=(_HERE / "columns.js").read_text(encoding="utf-8"),
)

TEXTS = {
    "list": N_("Columns of the file"),
    "all": N_("Tick all columns"),
    "reset": N_("Put everything back"),
    "find": N_("Find a column"),
    "sum": N_("{on} of {all} columns"),
    "placed": N_("{name} is now column {place} of {all}"),
    "include": N_("Include {name}"),
    "label": N_("Name in the file"),
    "label_of": N_("Name in the file for {name}"),
    "written": N_("How it is written in the file"),
    "written_of": N_("How {name} is written"),
    "drag": N_("Drag, or use the arrow keys"),
    "move": N_("Move {name}"),
    "up": N_("Move up"),
    "up_of": N_("Move {name} up"),
    "down": N_("Move down"),
    "down_of": N_("Move {name} down"),
    "none": N_("No column has that name."),
    "back": N_("All columns, under their own names, in their own order"),
}


@dataclass(frozen=True)
class PickedColumn:
    """One line of the picker. `formats` names the list of formats it may choose from; `place` is its place in the dataset."""

    id: str
    name: str
    words: str
    on: bool
    label: str | None
    format: str | None
    formats: str
    place: int


def show(
    columns: Sequence[PickedColumn],
    formats: Mapping[str, Sequence[tuple[str, str]]],
    *,
    key: str,
    stamp: str,
) -> list[tuple[str, bool, str | None, str | None]]:
    """All columns in the person's order, as (id, ticked, new name or None, format or None).

    `formats`: list name → (format key, words); an empty key means “as it is”. While `stamp` stays the same the list on
    screen leads; a new stamp makes it take `columns` afresh (another draft, a replaced file).
    """
    given = [(c.id, c.on, c.label, c.format) for c in columns]
    texts = {name: _(text) for name, text in TEXTS.items()}
    result = _picker(
        key=f"{key}_columns",
        data={"columns": [asdict(c) for c in columns], "formats": formats, "stamp": stamp, "texts": texts},
        on_picked_change=lambda: None,
    )
    picked = result.picked
    if not picked or picked["stamp"] != stamp:
        return given
    known = {c.id for c in columns}
    return [(i, bool(on), label or None, fmt or None) for i, on, label, fmt in picked["columns"] if i in known]
