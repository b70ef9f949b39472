"""Templates in the builder: keep what is on screen as a new one, or what was changed as the next version of its own."""

from __future__ import annotations

from typing import NoReturn

import streamlit as st

from core.access import roles
from core.desk import Desk
from core.engine.planning import titled
from core.errors import NotFound
from core.templating import templates, versions
from core.templating.templates import Template
from pages.builder.draft import ExportDraft, Tables
from pages.components import dialogs, layout
from pages.session import checked
from pages.templates import form as template_form
from pages.texts import N_, _

TEMPLATE = "builder_template"
SAID = 3  # changes listed


def open_dialog(draft: ExportDraft) -> NoReturn:
    dialogs.open(TEMPLATE, draft.id)


def button(desk: Desk, draft: ExportDraft, key: str) -> None:
    """The quiet way to a template before anything ran; once a file is there, it stands beside “Run again”."""
    if draft.job is not None:
        return
    blocked = roles.blocked(desk, "templates.save")
    if layout.button(
        _("Save as template"), f"{key}_keep", blocked=blocked, type="tertiary", icon=":material/bookmark_add:"
    ):
        open_dialog(draft)


def bar(desk: Desk, draft: ExportDraft, tables: Tables, key: str) -> None:
    """Which template this came from, and the way back into it."""
    template = _origin(desk, draft)
    if template is None:
        return
    changed = versions.unsaved(desk, template, draft.to_spec(tables))
    unfinished = draft.unfinished(tables)
    blocked = roles.blocked(desk, "templates.change", template)
    if not blocked:
        blocked = unfinished[0].message if unfinished else "" if changed else _("Nothing was changed yet.")
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"soft_{key}_origin"):
        with st.container(gap=None, width="stretch", key=f"words_{key}_origin"):
            said = _(":material/bookmark: Template **{name}** :gray[version {number}]")
            st.markdown(said.format(name=layout.plain(template.name), number=template.version))
            if changed:
                more = f" (+{len(changed) - SAID})" if len(changed) > SAID else ""
                st.caption(layout.plain(" ".join(changed[:SAID]) + more))
        label = _("Save as version {number}").format(number=template.version + 1)
        if layout.button(label, f"{key}_save_version", blocked=blocked, icon=":material/bookmark_added:"):
            with layout.telling():
                saved = templates.update(desk, template.id, spec=draft.to_spec(tables))
                told = _("**{name}** is version {number} now.")
                st.toast(
                    told.format(name=layout.plain(saved.name), number=saved.version), icon=":material/bookmark_added:"
                )
                st.rerun()


def show(desk: Desk, draft: ExportDraft, tables: Tables) -> None:
    """Where the page ends: draw the dialog if it is open for this draft."""
    if dialogs.subject(TEMPLATE) == draft.id:
        _dialog(desk, draft, tables)


@dialogs.dialog(N_("Save as template"), icon=":material/bookmark_add:")
@checked
def _dialog(desk: Desk, draft: ExportDraft, tables: Tables) -> None:
    st.caption(
        _("A template keeps everything chosen here. Run it again any time, also on new data with other column names.")
    )
    spec = draft.to_spec(tables)
    with st.form("builder_template_form", border=False):
        name = draft.name or titled([tables[s.dataset].name for s in draft.sources])
        answers = template_form.fields(desk, name=name, key=f"keep_{draft.id}", spec=spec)
        if st.form_submit_button(_("Save template"), type="primary", width="stretch"):
            with layout.telling():
                saved = template_form.save(desk, answers, spec)
                draft.template = saved.id
                dialogs.close(
                    _("Saved as template **{name}**.").format(name=layout.plain(saved.name)),
                    ":material/bookmark_added:",
                )


def _origin(desk: Desk, draft: ExportDraft) -> Template | None:
    if draft.template is None:
        return None
    try:
        return templates.get(desk, draft.template)
    except NotFound:
        return None  # deleted, or not shared any more: what is on screen stays
