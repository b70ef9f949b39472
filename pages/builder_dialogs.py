"""What the builder asks in a dialog: which data instead, and under what name to keep a template."""

from __future__ import annotations

from typing import NoReturn

import streamlit as st

from core import datasets, templates
from core.desk import Desk
from core.engine.table import Table
from pages import builder_source
from pages.components import dialogs, layout, words
from pages.draft import ExportDraft

CHANGE, TEMPLATE = "builder_change", "builder_template"


def open_change(draft: ExportDraft) -> NoReturn:
    dialogs.open(CHANGE, draft.id)


def open_template(draft: ExportDraft) -> NoReturn:
    dialogs.open(TEMPLATE, draft.id)


def show(desk: Desk, draft: ExportDraft, table: Table) -> None:
    """Where the page ends: draw the dialog that is open, if one is."""
    if dialogs.subject(CHANGE) == draft.id:
        _change(desk, draft, table)
    elif dialogs.subject(TEMPLATE) == draft.id:
        _template(desk, draft, table)


@st.dialog("Change the data", icon=":material/swap_horiz:", on_dismiss=dialogs.forget)
def _change(desk: Desk, draft: ExportDraft, table: Table) -> None:
    others = {d.id: d for d in datasets.list(desk) if d.id != draft.dataset}
    if others:
        chosen = st.selectbox(
            "Use other data for this export",
            list(others),
            format_func=lambda i: f"{others[i].name} ({words.count(others[i].rows, 'row')})",
            key="builder_other_data",
        )
        st.caption("Filters, columns and sorting stay where the other data has the same columns.")
        if st.button("Use this", key="builder_other_use", type="primary", width="stretch") and chosen:
            with layout.telling():
                builder_source.swap(desk, draft, table, chosen)
                dialogs.close()
    else:
        st.caption("There is no other data yet.")
    if st.button("Add or choose data from the start", key="builder_other_new", icon=":material/add:", width="stretch"):
        builder_source.leave()
        dialogs.close()


@st.dialog("Save as template", icon=":material/bookmark_add:", on_dismiss=dialogs.forget)
def _template(desk: Desk, draft: ExportDraft, table: Table) -> None:
    st.caption(
        "A template keeps everything chosen here. Run it again any time, also on new data with the same columns."
    )
    with st.form("builder_template_form", border=False):
        name = st.text_input("Name", value=draft.name or table.name, max_chars=120)
        about = st.text_input("Description", placeholder="What it is for, who asks for it", max_chars=500)
        if st.form_submit_button("Save template", type="primary", width="stretch"):
            with layout.telling():
                saved = templates.save(desk, name or "", about or "", draft.to_spec(table))
                dialogs.close(f"Saved as template **{layout.plain(saved.name)}**.", ":material/bookmark_added:")
