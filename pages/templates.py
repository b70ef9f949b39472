"""Templates: exports that were saved, to be run again, on the same data or on another table with the same columns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from core import choices, datasets, previews, roles, sharing, templates, workspaces
from core.engine.spec import ExportSpec
from core.errors import DeskError
from pages import belonging, routes, template_card
from pages.components import actions, dialogs, layout, narrowing, whose
from pages.components.actions import Action
from pages.session import checked
from pages.session import desk as current_desk
from pages.texts import N_, _, n_

OTHER, BUILDER, RENAME, DELETE = N_("Run on other data"), N_("Open in the builder"), N_("Rename"), N_("Delete")
BELONGING = N_("Sharing and project")
OFFERED = {
    OTHER: Action(":material/swap_horiz:", "exports.run"),
    BUILDER: Action(":material/edit:", "exports.run"),
    BELONGING: Action(":material/group:", "templates.change"),
    RENAME: Action(":material/text_fields:", "templates.change"),
    DELETE: Action(":material/delete:", "templates.delete"),
}

desk = current_desk()
clock = workspaces.clock(desk)


def story() -> None:
    layout.header(_("Templates"), _("Exports you make more than once. One press, and the file is on its way."))
    saved = templates.list(desk)
    blocked = roles.blocked(desk, "templates.save")
    if not saved and blocked:
        with layout.empty(
            "templates",
            _("Nothing is shared with you yet"),
            _("Templates that others share show up here."),
            ":material/bookmark:",
        ):
            st.caption(layout.said(blocked), text_alignment="center")
        return
    if not saved:
        with layout.empty(
            "templates",
            _("No templates yet"),
            _("Make an export once, then choose “Save as template”."),
            ":material/bookmark:",
        ):
            if layout.button(
                _("New export"), "first_template", blocked=blocked, type="primary", icon=":material/add_circle:"
            ):
                routes.to_builder()
        return
    with st.container(horizontal=True, vertical_alignment="center", key="row_filters"):
        within = narrowing.show(desk)
    found = templates.list(desk, within=within)
    names = whose.names(desk)
    with st.grid("auto", min_column_width=330, gap="medium"):
        pinned = {template.id for template in templates.pinned(desk)}
        for template in found:
            tile(template, pinned, names)
    if not found:
        st.caption(_("No template matches. Show all projects, or everybody’s."))


def tile(template: Any, pinned: set[str], names: Mapping[str, str]) -> None:
    """One template: what it is for, what it keeps, when it ran last."""
    spec = ExportSpec.model_validate(template.spec)
    with layout.card(f"template_{template.id}", template.name, about=layout.plain(template.description)):
        st.text(sentence(template, spec), width="stretch")
        with layout.row(f"facts_{template.id}"):
            st.caption(layout.plain(template_card.facts(template, clock)), width="content")
            whose.badge(desk, template, names)
        with layout.row(f"template_{template.id}"):
            template_card.run_button(desk, template)
            template_card.pin_button(desk, template, template.id in pinned)
            offered = {a: OFFERED[a] for a in OFFERED if a != BELONGING or belonging.possible(desk, template)}
            chosen = actions.menu(desk, offered, template, key=f"more_{template.id}")
            if chosen == BUILDER:
                routes.to_builder(template=template.id)
            elif chosen == BELONGING:
                dialogs.open(belonging.BOTH, template.id)
            elif chosen:
                dialogs.open(f"template {chosen}", template.id)


def sentence(template: Any, spec: ExportSpec) -> str:
    """What the template keeps, in English; if its data is gone or not shared, that."""
    try:
        with sharing.asking_for_data(desk, template):
            return previews.sentence(desk, spec)
    except DeskError as error:
        return error.message


@dialogs.dialog(N_("Run on other data"), icon=":material/swap_horiz:")
@checked
def run_on_other_data(template_id: str) -> None:
    template = templates.get(desk, template_id)
    st.caption(_("Any table that has the columns this template uses; they are matched by their names."))
    there = datasets.list(desk)
    dataset = st.selectbox(_("Data"), there, index=None, format_func=lambda d: d.name, placeholder=_("Choose a table"))
    fits = False
    if dataset:
        with layout.telling():
            templates.spec_for(desk, template_id, dataset.id)
            fits = True
    blocked = (
        "" if fits else _("Choose a table first.") if not dataset else _("This table does not have all the columns.")
    )
    if layout.button(_("Run"), "run_on_other", blocked=blocked, type="primary", icon=":material/play_arrow:"):
        with layout.telling():
            templates.run(desk, template_id, dataset=dataset.id if dataset else None)
            dialogs.forget()
            st.toast(
                _("**{name}** is on its way.").format(name=layout.plain(template.name)), icon=":material/play_arrow:"
            )
            routes.to_exports()


@dialogs.dialog(N_("Rename template"), icon=":material/text_fields:")
@checked
def rename(template_id: str) -> None:
    template = templates.get(desk, template_id)
    with st.form("rename_template", border=False):
        name = st.text_input(_("Name"), value=template.name, max_chars=120)
        about = st.text_input(_("Description"), value=template.description, max_chars=500)
        if st.form_submit_button(_("Save"), type="primary"):
            with layout.telling():
                templates.update(desk, template_id, name=name, description=about)
                dialogs.close(_("Saved."))


@dialogs.dialog(N_("Delete this template?"), icon=":material/delete:")
@checked
def delete(template_id: str) -> None:
    template = templates.get(desk, template_id)
    st.markdown(
        n_(
            "**{name}** can be restored under Recently deleted for {n} day. Files it made stay in My exports.",
            "**{name}** can be restored under Recently deleted for {n} days. Files it made stay in My exports.",
            choices.retention(desk).bin_days,
            name=layout.plain(template.name),
        )
    )
    with layout.row("confirm_delete", align="right"):
        if st.button(_("Keep it"), key="keep_template"):
            dialogs.close()
        if st.button(_("Delete"), key="delete_template", type="primary"):
            with layout.telling():
                templates.delete(desk, template_id)
                dialogs.close(
                    _("**{name}** was deleted.").format(name=layout.plain(template.name)), ":material/delete:"
                )


story()
for action, dialog in ((OTHER, run_on_other_data), (RENAME, rename), (DELETE, delete)):
    if subject := dialogs.subject(f"template {action}"):
        dialog(subject)
belonging.show_dialogs(desk)
