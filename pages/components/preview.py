"""The preview: one page of the real query as a table, every value as it is written, nothing rounded and nothing cut.

Streamlit's own data frame draws numbers through JavaScript, sorts only the page in sight and cannot be read aloud; this
is a real table with its own small script (`preview.html`, `.css`, `.js`).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import streamlit as st

_HERE = Path(__file__).parent
_table = st.components.v2.component(
    "export_desk_preview",
    html=(_HERE / "preview.html").read_text(encoding="utf-8"),
    css=(_HERE / "preview.css").read_text(encoding="utf-8"),
    js=(_HERE / "preview.js").read_text(encoding="utf-8"),
)
COLUMNS = 200  # drawn at once: a wider page would be slow, and nobody scrolls further in a preview
LONGEST = 500  # characters of one value that are sent to the page


def show(table: pa.Table, words: Sequence[str], right: Sequence[bool], *, first: int, key: str, stamp: str) -> None:
    """Draw `table`. `words` name each column's type, `right` says which are numbers, `first` is the first row's number.

    `stamp` changes with the question: the table then scrolls back to its top.
    """
    shown = range(min(table.num_columns, COLUMNS))
    columns = [{"label": table.schema.field(i).name, "words": words[i], "right": right[i]} for i in shown]
    texts = [[text(v) for v in table.column(i).to_pylist()] for i in shown]
    rows = [list(values) for values in zip(*texts, strict=True)] if texts else []
    _table(key=key, data={"columns": columns, "rows": rows, "first": first, "stamp": stamp})


def text(value: Any) -> str | None:
    """A value in the words of the file: dates without a time, decimals with the digits they have, None for empty."""
    if value is None:
        return None
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str):
        return value if len(value) <= LONGEST else value[:LONGEST] + "…"
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, datetime):
        return value.isoformat(sep=" ")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, float):
        return repr(value) if abs(value) < 1e16 and value == value and value % 1 else format(value, ".17g")
    return str(value)
