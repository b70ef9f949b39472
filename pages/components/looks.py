"""How data looks on the screen: a file's name, what was understood of it, its first rows, the rows that could not be read."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext
from typing import Any

import pandas as pd
import streamlit as st

from core.engine.ingest.options import Inspection, Understood
from core.engine.values import NUMBERS, Column
from pages.components import explain, layout, words
from pages.components.corrections import DELIMITERS, ENCODINGS
from pages.texts import N_, _, n_

SEPARATED = {
    ",": N_("separated by commas"),
    ";": N_("separated by semicolons"),
    "\t": N_("separated by tabs"),
    "|": N_("separated by vertical bars"),
    " ": N_("separated by spaces"),
}
DATE_ORDER = {"dmy": N_("day first in dates"), "mdy": N_("month first in dates"), "ymd": N_("year first in dates")}


def file_name(name: str, about: str = "") -> None:
    st.markdown(f":material/description: **{layout.plain(name)}** :gray[{layout.plain(about)}]", width="content")


def tabs(names: Sequence[str]) -> Sequence[Any]:
    """One tab a sheet; nothing around a single one."""
    return st.tabs([layout.plain(n) for n in names]) if len(names) > 1 else [nullcontext() for _name in names]


def understood(part: Inspection) -> None:
    """One grey line: "3,000 rows · 12 columns · separated by semicolons · Unicode (UTF-8) · names in line 1"."""
    rows = "" if part.row_estimate is None else words.rows(part.row_estimate)
    if part.row_estimate is not None and not part.complete:
        rows = n_("about {n} row", "about {n} rows", part.row_estimate)
    facts = [rows, words.columns(len(part.columns)), *facts_of(part.understood)]
    terms = [
        t for t, found in (("delimiter", part.understood.delimiter), ("encoding", part.understood.encoding)) if found
    ]
    st.caption(" · ".join(layout.plain(f) for f in facts if f), help=explain.of(*terms) or None)
    for note in part.understood.notes:
        st.caption(f":material/info: {layout.plain(note)}")


def facts_of(u: Understood) -> list[str]:
    """What the reader found out, in the order a person would check it."""
    facts = []
    if u.sheet:
        facts.append(_("sheet {name}").format(name=u.sheet))
    if u.delimiter:
        known = _(DELIMITERS.get(u.delimiter, u.delimiter))
        facts.append(
            _(SEPARATED[u.delimiter] if u.delimiter in SEPARATED else N_("separated by {sign}")).format(sign=known)
        )
    if u.encoding:
        facts.append(_(ENCODINGS.get(u.encoding, u.encoding)))
    if u.header_row:
        facts.append(_("names in line {line}").format(line=u.header_row))
    elif u.header_row == 0:
        facts.append(_("no line of names"))
    if u.decimal:
        facts.append(_("decimal comma") if u.decimal == "," else _("decimal point"))
    if u.date_order:
        facts.append(_(DATE_ORDER[u.date_order]))
    return facts


def preview(part: Inspection) -> None:
    """The first rows as they stand in the file; under each name, what the column was read as."""
    table(part.columns, part.rows, key=f"preview_{part.name}")


def table(columns: Sequence[Column], rows: Sequence[Sequence[str | None]], *, key: str, height: int = 320) -> None:
    frame = pd.DataFrame([list(r) for r in rows], columns=[c.id for c in columns], dtype="object")
    config = {
        c.id: st.column_config.TextColumn(
            f"{c.name}  · {_(c.words)}", help=c.why or None, alignment="right" if c.kind in NUMBERS else "left"
        )
        for c in columns
    }
    short = min(height, 36 * (len(rows) + 1) + 2)
    st.dataframe(
        frame, column_config=config, hide_index=True, height=short, key=key, alt=_("The first rows of the table")
    )


def problems(part: Inspection) -> None:
    """Rows that could not be read: line number, reason, and the line as it stands in the file."""
    if part.problems:
        title = n_("{n} row could not be read as it is", "{n} rows could not be read as they are", len(part.problems))
        with st.expander(title, icon=":material/warning:"):
            problem_table([p.model_dump() for p in part.problems])


def problem_table(rows: Sequence[dict[str, Any]]) -> None:
    frame = pd.DataFrame(rows, columns=["line", "reason", "text"])
    config = {
        "line": st.column_config.NumberColumn(_("Line"), width="small", format="localized"),
        "reason": st.column_config.TextColumn(_("Why"), width="medium"),
        "text": st.column_config.TextColumn(_("As it stands in the file"), width="large"),
    }
    st.dataframe(frame, column_config=config, hide_index=True, alt=_("Rows that could not be read"))
