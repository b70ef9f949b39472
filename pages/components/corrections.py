"""What was understood of a file, each answer beside its question, and each to be corrected.

The first choice of every list is what was found; only what the person chooses otherwise becomes an ImportOption.
"""

from __future__ import annotations

from typing import Any

import streamlit as st

from core.engine.ingest.options import ImportOptions, Understood
from core.engine.values import PLAIN_WORDS, Column, Kind

DELIMITERS = {",": "Comma  ,", ";": "Semicolon  ;", "\t": "Tab", "|": "Vertical bar  |", " ": "Space", ":": "Colon  :"}
ENCODINGS = {
    "utf-8": "Unicode (UTF-8)",
    "utf-16": "Unicode (UTF-16)",
    "cp1252": "Western (Windows-1252)",
    "iso8859-15": "Western (Latin-9)",
    "cp1250": "Central European (Windows-1250)",
    "cp1251": "Cyrillic (Windows-1251)",
    "cp1254": "Turkish (Windows-1254)",
    "cp1258": "Vietnamese (Windows-1258)",
    "mac_roman": "Western (old Mac)",
    "gb18030": "Chinese (GB 18030)",
    "big5": "Chinese, traditional (Big5)",
    "shift_jis": "Japanese (Shift JIS)",
    "euc_kr": "Korean (EUC-KR)",
}
DECIMALS = {".": "Point  1,234.56", ",": "Comma  1.234,56"}
DATE_ORDERS = {"dmy": "Day first  31/12/26", "mdy": "Month first  12/31/26", "ymd": "Year first  2026-12-31"}
SHORT_ROWS = {"pad": "Fill the missing cells as empty", "set_aside": "Set those rows aside"}
KINDS = [k for k in Kind if k is not Kind.NESTED]


def show(key: str, understood: Understood, options: ImportOptions, columns: tuple[Column, ...]) -> dict[str, Any]:
    """The corrections as ImportOptions fields; a field that is None is left to be found again."""
    chosen: dict[str, Any] = {}
    grid = st.grid("auto", min_column_width=230)
    with grid:
        if understood.delimiter is not None:
            chosen["delimiter"] = _choice("Columns are separated by", key, "delimiter", DELIMITERS, understood, options)
        if understood.encoding is not None:
            chosen["encoding"] = _choice("Text encoding", key, "encoding", ENCODINGS, understood, options)
        if understood.header_row is not None:
            chosen["header_row"] = _header_row(key, understood, options)
        chosen["decimal"] = _choice("Decimal sign", key, "decimal", DECIMALS, understood, options)
        chosen["date_order"] = _choice("Order in dates", key, "date_order", DATE_ORDERS, understood, options)
        if understood.short_rows is not None:
            chosen["short_rows"] = _choice(
                "Rows with too few cells", key, "short_rows", SHORT_ROWS, understood, options
            )
        if understood.json_path is not None:
            chosen["json_path"] = _json_path(key, understood, options)
        chosen["null_words"] = _null_words(key, options)
    chosen["kinds"] = _kinds(key, options, columns)
    return {name: value for name, value in chosen.items() if value != getattr(options, name)}


def _choice(
    label: str, key: str, name: str, known: dict[str, str], understood: Understood, options: ImportOptions
) -> str | None:
    found, corrected = getattr(understood, name), getattr(options, name)
    offered = ["", *(v for v in known if v != found or corrected)]
    if corrected and corrected not in offered:
        offered.append(corrected)

    def words(value: str) -> str:
        if value:
            return known.get(value, value)
        if corrected:
            return "Find it for me"
        return f"{known.get(found, found)} (found)" if found else "Not needed here"

    picked = st.selectbox(
        label,
        offered,
        index=offered.index(corrected or ""),
        format_func=words,
        key=f"{key}_{name}_{found}_{corrected}",  # another answer is another question: nothing stale is shown
        filter_mode=None,
    )
    return picked or None


def _header_row(key: str, understood: Understood, options: ImportOptions) -> int | None:
    shown = options.header_row if options.header_row is not None else understood.header_row
    row = st.number_input(
        "Names are in line",
        min_value=0,
        max_value=1000,
        value=shown,
        step=1,
        key=f"{key}_header_row_{shown}",
        help="The line that holds the column names. 0: the file has none, and the columns are called Column 1, Column 2 …",
    )
    return options.header_row if row == shown or row is None else int(row)


def _json_path(key: str, understood: Understood, options: ImportOptions) -> str | None:
    shown = options.json_path if options.json_path is not None else understood.json_path
    path = st.text_input("Records are under", value=shown, placeholder="data.items", key=f"{key}_json_path_{shown}")
    return options.json_path if path == shown else path


def _null_words(key: str, options: ImportOptions) -> tuple[str, ...]:
    """Texts that stand for an empty cell, separated by commas as a person would write them."""
    text = st.text_input(
        "These words mean empty",
        value=", ".join(options.null_words),
        placeholder="N/A, NULL, -",
        key=f"{key}_null_words",
    )
    return tuple(dict.fromkeys(w.strip() for w in (text or "").split(",") if w.strip()))


def _kinds(key: str, options: ImportOptions, columns: tuple[Column, ...]) -> dict[str, Kind]:
    """One column at a time: which, and what its values should be read as."""
    kinds: dict[str, Kind] = dict(options.kinds)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name = st.selectbox(
            "Read a column as something else", [c.name for c in columns], index=None, key=f"{key}_kind_of"
        )
        column = next((c for c in columns if c.name == name), None)
        if column is None:
            return kinds
        kind = st.selectbox(
            "as", KINDS, index=KINDS.index(column.kind) if column.kind in KINDS else 0,
            format_func=PLAIN_WORDS.__getitem__, key=f"{key}_kind_{column.id}_{column.kind}",
        )  # fmt: skip
    if kind != column.kind:
        kinds[column.name] = kind
    return kinds
