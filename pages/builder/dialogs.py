"""What the builder asks in a dialog: which data as well or instead; and the dialogs of templates and saved sets."""

from __future__ import annotations

from typing import NoReturn

import streamlit as st

from core import datasets
from core.desk import Desk
from pages.builder import sets, source, template
from pages.builder.draft import ExportDraft, Tables
from pages.components import add_data, dialogs, layout, words
from pages.session import checked
from pages.texts import N_, _

ADD, CHANGE = "builder_add", "builder_change"


def open_add(draft: ExportDraft) -> NoReturn:
    dialogs.open(ADD, draft.id)


def open_change(draft: ExportDraft) -> NoReturn:
    dialogs.open(CHANGE, draft.id)


def open_template(draft: ExportDraft) -> NoReturn:
    template.open_dialog(draft)


def show(desk: Desk, draft: ExportDraft, tables: Tables) -> None:
    """Where the page ends: draw the dialog that is open, if one is."""
    if dialogs.subject(ADD) == draft.id:
        _add(desk, draft)
    elif dialogs.subject(CHANGE) == draft.id:
        _change(desk, draft)
    template.show(desk, draft, tables)
    sets.show(desk, draft, tables)


@dialogs.dialog(N_("Add another dataset"), icon=":material/add:", width="medium")
@checked
def _add(desk: Desk, draft: ExportDraft) -> None:
    there = {d.id: d for d in datasets.list(desk)}
    used = {s.dataset for s in draft.sources}
    offered = sorted(there, key=lambda i: i in used)  # those that are not in it yet first
    chosen = st.selectbox(
        _("It becomes a sheet or a file of its own"),
        offered,
        format_func=lambda i: f"{there[i].name} ({words.rows(there[i].rows)})",
        key=f"builder_add_data_{len(draft.sources)}",
    )
    if st.button(_("Add it"), key="builder_add_use", type="primary", width="stretch") and chosen:
        with layout.telling():
            source.add(desk, draft, chosen)
            dialogs.close()
    with st.expander(_("Bring new data"), icon=":material/upload:", type="compact", key="builder_add_new"):
        for added in add_data.show(desk, "builder_add"):
            source.add(desk, draft, added)
            dialogs.close()


@dialogs.dialog(N_("Change the data"), icon=":material/swap_horiz:")
@checked
def _change(desk: Desk, draft: ExportDraft) -> None:
    others = {d.id: d for d in datasets.list(desk) if d.id != draft.source.dataset}
    if others:
        chosen = st.selectbox(
            _("Use other data for this export"),
            list(others),
            format_func=lambda i: f"{others[i].name} ({words.rows(others[i].rows)})",
            key="builder_other_data",
        )
        st.caption(_("Filters, columns and sorting stay where the other data has the same columns."))
        if st.button(_("Use this"), key="builder_other_use", type="primary", width="stretch") and chosen:
            with layout.telling():
                source.swap(desk, draft, chosen)
                dialogs.close()
    else:
        st.caption(_("There is no other data yet."))
    if st.button(
        _("Add or choose data from the start"), key="builder_other_new", icon=":material/add:", width="stretch"
    ):
        source.leave()
        dialogs.close()
