"""The value picker: choose values of a column from a searchable list with counts, or type one that is not there yet.

A small component of our own (`value_picker.html`, `.css`, `.js`): the list is searched in the dataset itself, so a column
of a million different names works like one of ten.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import streamlit as st

from pages.texts import N_, _

_HERE = Path(__file__).parent
_picker = st.components.v2.component(
    "export_desk_values",
    html=(_HERE / "value_picker.html").read_text(encoding="utf-8"),
    css=(_HERE / "value_picker.css").read_text(encoding="utf-8"),
    js=(_HERE / "value_picker.js").read_text(encoding="utf-8"),
)
TEXTS = {
    "search": N_("Search"),
    "find": N_("Search the values"),
    "clear": N_("Clear"),
    "looking": N_("Looking at the column…"),
    "nothing": N_("Nothing like that in this column."),
    "use": N_("Use “{value}”"),
    "chosen": N_("{n} chosen"),
    "most": N_("the {n} most frequent, search for others"),
    "values": N_("{n} values"),
}
LISTED = 200  # values sent to the page; a longer list is searched, not scrolled


def show(
    values: Sequence[Any],
    choices: Callable[[str, int], Sequence[tuple[Any, int]]],
    *,
    key: str,
    label: str,
    words: Callable[[Any], str] = str,
    many: bool = True,
    free: bool = True,
) -> list[Any]:
    """The chosen values (JSON scalars), in the order they were chosen.

    `choices(search, limit)` gives (value, rows) pairs, most frequent first. `free` allows a value that is not in the list.
    `key` carries what the values belong to (row and column): under another key the picker starts from `values`.
    """
    name = f"{key}_values"
    before = st.session_state.get(name) or {}
    search = before.get("search")  # None until the list was opened once: nothing is asked of the data before
    listed: list[tuple[Any, int]] = []
    if search is not None:
        listed = [(_scalar(value), count) for value, count in choices(str(search), LISTED + 1) if value is not None]
    result = _picker(
        key=name,
        data={
            "values": list(values),
            "choices": None if search is None else listed[:LISTED],
            "words": {str(v): words(v) for v in [*(v for v, _count in listed), *values]},
            "search": search,
            "more": len(listed) > LISTED,
            "label": label,
            "placeholder": _("Choose values") if many else _("Choose a value"),
            "texts": {name: _(text) for name, text in TEXTS.items()},
            "many": many,
            "free": free,
            "stamp": name,
        },
        on_picked_change=lambda: None,
        on_search_change=lambda: None,
    )
    picked = result.picked
    return list(values) if not picked or picked["stamp"] != name else list(picked["values"])


def _scalar(value: Any) -> Any:
    return value if isinstance(value, str | int | float | bool) else str(value)
