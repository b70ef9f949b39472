"""Templates: exports that were saved, to be run again, on the same data or on another table with the same columns."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core import choices, datasets, previews, templates
from core.engine.spec import ExportSpec
from core.errors import DeskError
from pages import routes, template_card
from pages.components import dialogs, layout
from pages.session import checked
from pages.session import desk as current_desk

OTHER, BUILDER, RENAME, DELETE = "Run on other data", "Open in the builder", "Rename", "Delete"
ICONS = {
    OTHER: ":material/swap_horiz:",
    BUILDER: ":material/edit:",
    RENAME: ":material/text_fields:",
    DELETE: ":material/delete:",
}

desk = current_desk()
zone = desk.workspace().zone


def story() -> None:
    layout.header("Templates", "Exports you make more than once. One press, and the file is on its way.")
    saved = templates.list(desk)
    if not saved:
        with layout.empty(
            "templates",
            "No templates yet",
            "Make an export once, then choose “Save as template”.",
            ":material/bookmark:",
        ):
            if st.button("New export", key="first_template", type="primary", icon=":material/add_circle:"):
                routes.to_builder()
        return
    with st.grid("auto", min_column_width=330, gap="medium"):
        pinned = {template.id for template in templates.pinned(desk)}
        for template in saved:
            tile(template, pinned)


def tile(template: Any, pinned: set[str]) -> None:
    """One template: what it is for, what it keeps, when it ran last."""
    spec = ExportSpec.model_validate(template.spec)
    with layout.card(f"template_{template.id}", template.name, about=layout.plain(template.description)):
        st.text(sentence(spec), width="stretch")
        st.caption(layout.plain(template_card.facts(template, zone)))
        with layout.row(f"template_{template.id}"):
            template_card.run_button(desk, template)
            template_card.pin_button(desk, template, template.id in pinned)
            chosen = st.menu_button(
                "More", list(ICONS), key=f"more_{template.id}", type="tertiary", format_func=lambda a: f"{ICONS[a]} {a}"
            )
            if chosen == BUILDER:
                routes.to_builder(template=template.id)
            elif chosen:
                dialogs.open(f"template {chosen}", template.id)


def sentence(spec: ExportSpec) -> str:
    """What the template keeps, in English; if its data is gone, that."""
    try:
        return previews.sentence(desk, spec)
    except DeskError as error:
        return error.message


@st.dialog("Run on other data", icon=":material/swap_horiz:", on_dismiss=dialogs.forget)
@checked
def run_on_other_data(template_id: str) -> None:
    template = templates.get(desk, template_id)
    st.caption("Any table that has the columns this template uses; they are matched by their names.")
    there = datasets.list(desk)
    dataset = st.selectbox("Data", there, index=None, format_func=lambda d: d.name, placeholder="Choose a table")
    fits = False
    if dataset:
        with layout.telling():
            templates.spec_for(desk, template_id, dataset.id)
            fits = True
    blocked = "" if fits else "Choose a table first." if not dataset else "This table does not have all the columns."
    if layout.button("Run", "run_on_other", blocked=blocked, type="primary", icon=":material/play_arrow:"):
        with layout.telling():
            templates.run(desk, template_id, dataset=dataset.id if dataset else None)
            dialogs.forget()
            st.toast(f"**{layout.plain(template.name)}** is on its way.", icon=":material/play_arrow:")
            routes.to_exports()


@st.dialog("Rename template", icon=":material/text_fields:", on_dismiss=dialogs.forget)
@checked
def rename(template_id: str) -> None:
    template = templates.get(desk, template_id)
    with st.form("rename_template", border=False):
        name = st.text_input("Name", value=template.name, max_chars=120)
        about = st.text_input("Description", value=template.description, max_chars=500)
        if st.form_submit_button("Save", type="primary"):
            with layout.telling():
                templates.update(desk, template_id, name=name, description=about)
                dialogs.close("Saved.")


@st.dialog("Delete this template?", icon=":material/delete:", on_dismiss=dialogs.forget)
@checked
def delete(template_id: str) -> None:
    template = templates.get(desk, template_id)
    st.markdown(
        f"**{layout.plain(template.name)}** can be restored under Recently deleted for "
        f"{choices.retention(desk).bin_days} days. Files it made stay in My exports."
    )
    with layout.row("confirm_delete", align="right"):
        if st.button("Keep it", key="keep_template"):
            dialogs.close()
        if st.button("Delete", key="delete_template", type="primary"):
            with layout.telling():
                templates.delete(desk, template_id)
                dialogs.close(f"**{layout.plain(template.name)}** was deleted.", ":material/delete:")


story()
for action, dialog in ((OTHER, run_on_other_data), (RENAME, rename), (DELETE, delete)):
    if subject := dialogs.subject(f"template {action}"):
        dialog(subject)
