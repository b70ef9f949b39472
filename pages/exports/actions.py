"""What can be done with a finished export, once for the list and once for its own page: the menu and its dialogs."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core import choices, exports
from core.desk import Desk
from core.engine.spec import ExportSpec
from core.templating import templates
from pages import routes
from pages.components import actions, copy_link, deleting, dialogs, layout
from pages.components.actions import Action
from pages.exports import format as export_format
from pages.exports import links as export_links
from pages.exports.format import FORMAT
from pages.session import checked
from pages.templates import form as template_form
from pages.texts import N_, _, n_

AGAIN, BUILDER, LINK, TEMPLATE, DELETE = (
    N_("Run again"),
    N_("Open in the builder"),
    N_("Copy link"),
    N_("Save as template"),
    N_("Delete"),
)
SCHEDULE = N_("Schedule")
OFFERED = {
    AGAIN: Action(":material/replay:", "exports.run"),
    BUILDER: Action(":material/edit:", "exports.run"),
    LINK: Action(":material/link:", "exports.link"),
    FORMAT: Action(":material/swap_horiz:", "exports.run"),
    TEMPLATE: Action(":material/bookmark_add:", "templates.save"),
    SCHEDULE: Action(":material/schedule:", "schedules.change"),
    DELETE: Action(":material/delete:", "exports.delete"),
}


def menu(desk: Desk, job: Any) -> None:
    """The ⋯ of one export."""
    offered = {
        label: action
        for label, action in OFFERED.items()
        if (label != LINK or not job.expired_at) and (label not in (LINK, FORMAT) or job.state == "succeeded")
    }
    if chosen := actions.menu(desk, offered, job, key=f"more_{job.id}"):
        act(desk, job.id, chosen)


def act(desk: Desk, job_id: str, action: str) -> None:
    match action:
        case "Run again":
            with layout.telling():
                again = exports.run_again(desk, job_id)
                st.toast(
                    _("**{name}** is running again.").format(name=layout.plain(again.name)), icon=OFFERED[AGAIN].icon
                )
                routes.to_exports()
        case "Open in the builder":
            routes.to_builder(job=job_id)
        case "Schedule":
            made_by = exports.get(desk, job_id).template_id
            kept = made_by in {template.id for template in templates.list(desk)}
            routes.to_new_schedule(**({"template": made_by} if kept else {"job": job_id}))
        case _:
            dialogs.open(action, job_id)


def show_dialogs(desk: Desk) -> None:
    """Where the page ends: draw the dialog that is open, if one is."""
    export_links.show_dialogs(desk)
    if job_id := dialogs.subject(LINK):
        copy_link.show(desk, job_id)
    elif job_id := dialogs.subject(FORMAT):
        export_format.ask(desk, job_id)
    elif job_id := dialogs.subject(TEMPLATE):
        _save_as_template(desk, job_id)
    elif job_id := dialogs.subject(DELETE):
        _delete(desk, job_id)


@dialogs.dialog(N_("Save as template"), icon=":material/bookmark_add:")
@checked
def _save_as_template(desk: Desk, job_id: str) -> None:
    job = exports.get(desk, job_id)
    spec = ExportSpec.model_validate(job.payload["spec"])
    with st.form("save_as_template", border=False):
        answers = template_form.fields(desk, name=job.name, key=f"keep_{job_id}", spec=spec)
        if st.form_submit_button(_("Save template"), type="primary"):
            with layout.telling():
                saved = template_form.save(desk, answers, spec)
                dialogs.close(_("Saved as template **{name}**.").format(name=layout.plain(saved.name)))


@dialogs.dialog(N_("Delete this export?"), icon=":material/delete:")
@checked
def _delete(desk: Desk, job_id: str) -> None:
    job = exports.get(desk, job_id)
    st.markdown(
        n_(
            "**{name}** with its files can be restored under Recently deleted for {n} day. "
            "Its download links stop working; the data it was made from stays.",
            "**{name}** with its files can be restored under Recently deleted for {n} days. "
            "Its download links stop working; the data it was made from stays.",
            choices.retention(desk).bin_days,
            name=layout.plain(job.name),
        )
    )

    def gone() -> None:
        exports.delete(desk, job_id)
        st.query_params.pop("job", None)

    deleting.buttons("export", job.name, gone)
