"""What can be done with a finished export, once for the list and once for its own page: the menu and its dialogs."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core import exports, templates
from core.desk import Desk
from core.engine.spec import ExportSpec
from pages import routes
from pages.components import copy_link, dialogs, layout

AGAIN, BUILDER, LINK, TEMPLATE, DELETE = "Run again", "Open in the builder", "Copy link", "Save as template", "Delete"
ICONS = {
    AGAIN: ":material/replay:",
    BUILDER: ":material/edit:",
    LINK: ":material/link:",
    TEMPLATE: ":material/bookmark_add:",
    DELETE: ":material/delete:",
}


def menu(desk: Desk, job: Any) -> None:
    """The ⋯ of one export."""
    offered = [AGAIN, BUILDER, *([LINK] if job.state == "succeeded" else []), TEMPLATE, DELETE]
    chosen = st.menu_button(
        "More", offered, key=f"more_{job.id}", type="tertiary", format_func=lambda a: f"{ICONS[a]} {a}"
    )
    if chosen:
        act(desk, job.id, chosen)


def act(desk: Desk, job_id: str, action: str) -> None:
    match action:
        case "Run again":
            with layout.telling():
                again = exports.run_again(desk, job_id)
                st.toast(f"**{layout.plain(again.name)}** is running again.", icon=ICONS[AGAIN])
                routes.to_exports()
        case "Open in the builder":
            routes.to_builder(job=job_id)
        case _:
            dialogs.open(action, job_id)


def show_dialogs(desk: Desk) -> None:
    """Where the page ends: draw the dialog that is open, if one is."""
    if job_id := dialogs.subject(LINK):
        copy_link.show(desk, job_id)
    elif job_id := dialogs.subject(TEMPLATE):
        _save_as_template(desk, job_id)
    elif job_id := dialogs.subject(DELETE):
        _delete(desk, job_id)


@st.dialog("Save as template", icon=":material/bookmark_add:", on_dismiss=dialogs.forget)
def _save_as_template(desk: Desk, job_id: str) -> None:
    job = exports.get(desk, job_id)
    with st.form("save_as_template", border=False):
        name = st.text_input("Name", value=job.name, max_chars=120)
        about = st.text_input("Description", placeholder="What it is for, who asks for it", max_chars=500)
        if st.form_submit_button("Save template", type="primary"):
            with layout.telling():
                saved = templates.save(desk, name, about, ExportSpec.model_validate(job.payload["spec"]))
                dialogs.close(f"Saved as template **{layout.plain(saved.name)}**.")


@st.dialog("Delete this export?", icon=":material/delete:", on_dismiss=dialogs.forget)
def _delete(desk: Desk, job_id: str) -> None:
    job = exports.get(desk, job_id)
    st.markdown(
        f"**{layout.plain(job.name)}**, its files and its download links will be gone. The data it was made from stays."
    )
    with layout.row("confirm_delete", align="right"):
        if st.button("Keep it", key="keep_export"):
            dialogs.close()
        if st.button("Delete", key="delete_export", type="primary"):
            with layout.telling():
                exports.delete(desk, job_id)
                st.query_params.pop("job", None)
                dialogs.close(f"**{layout.plain(job.name)}** was deleted.", ":material/delete:")
