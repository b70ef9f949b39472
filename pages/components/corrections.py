"""What was understood of a file, each answer beside its question, and each to be corrected.

The first choice of every list is what was found; only what the person chooses otherwise becomes an ImportOption.
"""

from __future__ import annotations

from typing import Any

import streamlit as st

from core.engine.ingest.options import ImportOptions, Understood
from core.engine.values import PLAIN_WORDS, Column, Kind
from pages.components import explain
from pages.texts import N_, _

DELIMITERS = {
    ",": N_("Comma  ,"),
    ";": N_("Semicolon  ;"),
    "\t": N_("Tab"),
    "|": N_("Vertical bar  |"),
    " ": N_("Space"),
    ":": N_("Colon  :"),
}
ENCODINGS = {
    "utf-8": N_("Unicode (UTF-8)"),
    "utf-16": N_("Unicode (UTF-16)"),
    "cp1252": N_("Western (Windows-1252)"),
    "iso8859-15": N_("Western (Latin-9)"),
    "cp1250": N_("Central European (Windows-1250)"),
    "cp1251": N_("Cyrillic (Windows-1251)"),
    "cp1254": N_("Turkish (Windows-1254)"),
    "cp1258": N_("Vietnamese (Windows-1258)"),
    "mac_roman": N_("Western (old Mac)"),
    "gb18030": N_("Chinese (GB 18030)"),
    "big5": N_("Chinese, traditional (Big5)"),
    "shift_jis": N_("Japanese (Shift JIS)"),
    "euc_kr": N_("Korean (EUC-KR)"),
}
DECIMALS = {".": N_("Point  1,234.56"), ",": N_("Comma  1.234,56")}
DATE_ORDERS = {
    "dmy": N_("Day first  31/12/26"),
    "mdy": N_("Month first  12/31/26"),
    "ymd": N_("Year first  2026-12-31"),
}
SHORT_ROWS = {"pad": N_("Fill the missing cells as empty"), "set_aside": N_("Set those rows aside")}
KINDS = [k for k in Kind if k is not Kind.NESTED]


def show(key: str, understood: Understood, options: ImportOptions, columns: tuple[Column, ...]) -> dict[str, Any]:
    """The corrections as ImportOptions fields; a field that is None is left to be found again."""
    chosen: dict[str, Any] = {}
    grid = st.grid("auto", min_column_width=230)
    with grid:
        if understood.delimiter is not None:
            chosen["delimiter"] = _choice(
                _("Columns are separated by"), key, "delimiter", DELIMITERS, understood, options,
                help=explain.of("delimiter"),
            )  # fmt: skip
        if understood.encoding is not None:
            chosen["encoding"] = _choice(
                _("Text encoding"), key, "encoding", ENCODINGS, understood, options, help=explain.of("encoding")
            )
        if understood.header_row is not None:
            chosen["header_row"] = _header_row(key, understood, options)
        chosen["decimal"] = _choice(_("Decimal sign"), key, "decimal", DECIMALS, understood, options)
        chosen["date_order"] = _choice(_("Order in dates"), key, "date_order", DATE_ORDERS, understood, options)
        if understood.short_rows is not None:
            chosen["short_rows"] = _choice(
                _("Rows with too few cells"), key, "short_rows", SHORT_ROWS, understood, options
            )
        if understood.json_path is not None:
            chosen["json_path"] = _json_path(key, understood, options)
        chosen["null_words"] = _null_words(key, options)
    chosen["kinds"] = _kinds(key, options, columns)
    return {name: value for name, value in chosen.items() if value != getattr(options, name)}


def _choice(
    label: str,
    key: str,
    name: str,
    known: dict[str, str],
    understood: Understood,
    options: ImportOptions,
    *,
    help: str | None = None,
) -> str | None:
    found, corrected = getattr(understood, name), getattr(options, name)
    offered = ["", *(v for v in known if v != found or corrected)]
    if corrected and corrected not in offered:
        offered.append(corrected)

    def words(value: str) -> str:
        if value:
            return _(known.get(value, value))
        if corrected:
            return _("Find it for me")
        return _("{answer} (found)").format(answer=_(known.get(found, found))) if found else _("Not needed here")

    picked = st.selectbox(
        label,
        offered,
        index=offered.index(corrected or ""),
        format_func=words,
        key=f"{key}_{name}_{found}_{corrected}",  # another answer is another question: nothing stale is shown
        filter_mode=None,
        help=help,
    )
    return picked or None


def _header_row(key: str, understood: Understood, options: ImportOptions) -> int | None:
    shown = options.header_row if options.header_row is not None else understood.header_row
    row = st.number_input(
        _("Names are in line"),
        min_value=0,
        max_value=1000,
        value=shown,
        step=1,
        key=f"{key}_header_row_{shown}",
        help=_(
            "The line that holds the column names. 0: the file has none, and the columns are called Column 1, Column 2 …"
        ),
    )
    return options.header_row if row == shown or row is None else int(row)


def _json_path(key: str, understood: Understood, options: ImportOptions) -> str | None:
    shown = options.json_path if options.json_path is not None else understood.json_path
    path = st.text_input(
        _("Records are under"), value=shown, placeholder="data.items", key=f"{key}_json_path_{shown}",
        help=explain.of("records"),
    )  # fmt: skip
    return options.json_path if path == shown else path


def _null_words(key: str, options: ImportOptions) -> tuple[str, ...]:
    """Texts that stand for an empty cell, separated by commas as a person would write them."""
    text = st.text_input(
        _("These words mean empty"),
        value=", ".join(options.null_words),
        placeholder=_("N/A, NULL, -"),
        key=f"{key}_null_words",
        help=explain.of("null"),
    )
    return tuple(dict.fromkeys(w.strip() for w in (text or "").split(",") if w.strip()))


def _kinds(key: str, options: ImportOptions, columns: tuple[Column, ...]) -> dict[str, Kind]:
    """One column at a time: which, and what its values should be read as."""
    kinds: dict[str, Kind] = dict(options.kinds)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name = st.selectbox(
            _("Read a column as something else"), [c.name for c in columns], index=None, key=f"{key}_kind_of"
        )
        column = next((c for c in columns if c.name == name), None)
        if column is None:
            return kinds
        kind = st.selectbox(
            _("as"), KINDS, index=KINDS.index(column.kind) if column.kind in KINDS else 0,
            format_func=lambda kind: _(PLAIN_WORDS[kind]), key=f"{key}_kind_{column.id}_{column.kind}",
        )  # fmt: skip
    if kind != column.kind:
        kinds[column.name] = kind
    return kinds
