"""The preview: one page of the real query as a table, every value as it is written, nothing rounded and nothing cut.

Streamlit's own data frame draws numbers through JavaScript, sorts only the page in sight and cannot be read aloud; this
is a real table with its own small script (`preview.html`, `.css`, `.js`).
"""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from core.engine.values import NUMBERS, PLAIN_WORDS
from core.previews import Shown
from pages.texts import _

_HERE = Path(__file__).parent
_table = st.components.v2.component(
    "export_desk_preview",
    html=(_HERE / "preview.html").read_text(encoding="utf-8"),
    css=(_HERE / "preview.css").read_text(encoding="utf-8"),
    js=(_HERE / "preview.js").read_text(encoding="utf-8"),
)
COLUMNS = 200  # drawn at once: a wider page would be slow, and nobody scrolls further in a preview


def show(page: Shown, *, first: int, key: str, stamp: str) -> None:
    """Draw one page. `first` is the number of its first row; under a new `stamp` the table scrolls back to its top."""
    columns = [
        {"label": label, "words": _(PLAIN_WORDS[column.kind]), "right": column.kind in NUMBERS}
        for label, column in zip(page.labels[:COLUMNS], page.columns, strict=False)
    ]
    rows = [row[: len(columns)] for row in page.rows]
    texts = {"frame": _("Preview of the file"), "empty": _("empty")}
    _table(key=key, data={"columns": columns, "rows": rows, "first": first, "stamp": stamp, "texts": texts})
    if len(page.columns) > COLUMNS:
        said = _("The first {shown} of {columns} columns are shown here; the file has them all.")
        st.caption(said.format(shown=COLUMNS, columns=f"{len(page.columns):,}"))
