"""Saved filters and saved columns in the builder: a dialog for each, to use one or to keep what is on screen."""

from __future__ import annotations

import streamlit as st

from core import sharing
from core.access import roles, sign_in
from core.desk import Desk
from core.engine.table import Table
from core.templating import saved_sets
from core.templating.saved_sets import Columns, Content, Fitted, SetKind
from pages.builder import source as builder_source
from pages.builder.draft import ExportDraft, SourceDraft, Tables
from pages.builder.draft_fit import Fit
from pages.components import dialogs, layout
from pages.session import checked
from pages.texts import N_, _

FILTERS, COLUMNS = "builder_saved_filters", "builder_saved_columns"
ICON = ":material/bookmarks:"


def button(draft: ExportDraft, kind: SetKind, key: str) -> None:
    """The quiet way to them, in the head of the card."""
    label = _("Saved filters") if kind == SetKind.FILTERS else _("Saved columns")
    if st.button(label, key=f"{key}_saved_{kind}", type="tertiary", icon=ICON):
        dialogs.open(FILTERS if kind == SetKind.FILTERS else COLUMNS, draft.id)


def show(desk: Desk, draft: ExportDraft, tables: Tables) -> None:
    """Where the page ends: draw the dialog if it is open for this draft."""
    if dialogs.subject(FILTERS) == draft.id:
        _filters(desk, draft, tables)
    elif dialogs.subject(COLUMNS) == draft.id:
        _columns(desk, draft, tables)


@dialogs.dialog(N_("Saved filters"), icon=ICON)
@checked
def _filters(desk: Desk, draft: ExportDraft, tables: Tables) -> None:
    source = draft.source.to_source(tables[draft.source.dataset])
    _use(desk, draft, tables, SetKind.FILTERS, _("They are added to the filters that are there."))
    _keep(desk, SetKind.FILTERS, source.filters, bool(source.filters.items), _("Choose a filter first."))


@dialogs.dialog(N_("Saved columns"), icon=ICON)
@checked
def _columns(desk: Desk, draft: ExportDraft, tables: Tables) -> None:
    table = tables[draft.source.dataset]
    source = draft.source.to_source(table)
    _use(
        desk, draft, tables, SetKind.COLUMNS, _("Their order, names and looks take the place of those that are there.")
    )
    content = Columns.model_validate({"columns": source.columns or [{"column": c.name} for c in table.columns]})
    _keep(desk, SetKind.COLUMNS, content, True, "")


def _use(desk: Desk, draft: ExportDraft, tables: Tables, kind: SetKind, about: str) -> None:
    there = {one.id: one for one in saved_sets.list(desk, kind)}
    if not there:
        st.caption(_("Nothing is saved yet. Keep what is on screen, and use it in any other export."))
        return
    chosen = st.selectbox(
        _("Use"),
        [*there],
        index=None,
        format_func=lambda i: there[i].name,
        placeholder=_("Choose one"),
        key=f"use_{kind}",
    )
    if chosen:
        st.caption(layout.plain(saved_sets.sentence(there[chosen])))
        with layout.telling():
            fitted = saved_sets.fitted(there[chosen], tables[draft.source.dataset])
            if fitted.left_out:
                said = _("This data has no fitting column for {names}: left out.")
                st.warning(layout.plain(said.format(names=", ".join(fitted.left_out))), icon=":material/info:")
            st.caption(about)
            blocked = _("Nothing of it fits this data.") if fitted.empty else ""
            if layout.button(_("Use it"), f"use_{kind}_now", blocked=blocked, type="primary", width="stretch"):
                take_over(draft.source, fitted, tables[draft.source.dataset])
                dialogs.forget()
                builder_source.renew(desk, draft, tables)
                st.rerun()


def take_over(source: SourceDraft, fitted: Fitted, table: Table) -> None:
    """Filters join those that are there; columns take their place."""
    fit = Fit(table)
    if isinstance(fitted.content, Columns):
        source.columns = fit.columns(fitted.content.columns)
        return
    group = fit.group(fitted.content)
    finished = [item for item in source.filters.items if not hasattr(item, "finished") or item.finished]
    if not finished:
        source.filters.match, source.filters.items = group.match, group.items
    elif source.filters.match == "all" == group.match or (
        source.filters.match == group.match and len(group.items) == 1
    ):
        source.filters.items += group.items
    elif source.filters.match == "all":
        source.filters.items.append(group)
    else:
        before = source.filters.model_copy(deep=True)
        source.filters = type(before)(match="all", items=[before, group])


def _keep(desk: Desk, kind: SetKind, content: Content, possible: bool, why: str) -> None:
    with st.expander(_("Save what is on screen"), icon=":material/bookmark_add:", type="compact", key=f"keep_{kind}"):
        blocked = roles.blocked(desk, "sets.change") or ("" if possible else why)
        if blocked:
            st.caption(layout.said(blocked))
            return
        with st.form(f"keep_{kind}_form", border=False):
            name = st.text_input(_("Name"), max_chars=120, placeholder=_("Such as “Active in Peru” or “For the bank”"))
            shared = sign_in.required(desk) and st.checkbox(
                _("Share with everybody in {name}").format(name=desk.workspace().name)
            )
            if st.form_submit_button(_("Save"), width="stretch"):
                with layout.telling():
                    saved = saved_sets.save(desk, kind, name or "", content)
                    if shared:
                        sharing.share(desk, "set", saved.id)
                    dialogs.close(_("Saved as **{name}**.").format(name=layout.plain(saved.name)), ICON)
