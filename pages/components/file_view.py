"""The file itself before it is made: its first lines, its first page, its sheets, as whoever opens it will see them.

What is shown was written by the real writer. Text goes in as text and a page of HTML into a frame without scripts, so
nothing of the data can act here.
"""

from __future__ import annotations

import base64
from dataclasses import asdict
from pathlib import Path
from typing import Any

import streamlit as st

from core.file_views import FileView
from pages.components import explain, layout
from pages.texts import N_, _

_HERE = Path(__file__).parent
_view = st.components.v2.component(
    "export_desk_file",
    html=(_HERE / "file_view.html").read_text(encoding="utf-8"),
    css=(_HERE / "file_view.css").read_text(encoding="utf-8"),
    js=(_HERE / "file_view.js").read_text(encoding="utf-8"),
)

TEXTS = {
    "marks": N_("Show invisible characters"),
    "frame": N_("The file itself"),
    "tabs": N_("Sheets"),
    "picture": N_("The first page of {name}"),
}


def show(view: FileView, *, key: str, stamp: str) -> None:
    """Draw it. Under a new `stamp` it scrolls back to its beginning."""
    data: dict[str, Any] = {"kind": view.kind, "name": view.name, "stamp": stamp}
    data["texts"] = {name: _(text) for name, text in TEXTS.items()}
    if view.kind == "picture":
        data["picture"] = base64.b64encode(view.picture).decode("ascii")
    elif view.kind == "sheets":
        data["sheets"] = [asdict(sheet) for sheet in view.sheets]
    else:
        data["text"] = view.text
    _view(key=key, data=data)
    if view.note:
        signs = explain.of("invisible", "byte_order_mark") if view.kind == "text" else None
        st.caption(layout.plain(view.note), help=signs)
