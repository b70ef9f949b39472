"""What is asked about a template in a dialog: its name and tags, its versions, a file of it, whether to delete it."""

from __future__ import annotations

import streamlit as st

from core import choices, usage, workspaces
from core.access import roles
from core.desk import Desk
from core.templating import files as template_files
from core.templating import templates, versions
from core.templating.versions import Version
from pages.components import deleting, dialogs, layout, used_by, words
from pages.session import checked
from pages.templates import form as template_form
from pages.texts import N_, _, n_

DETAILS, VERSIONS, FILE, DELETE = N_("Name and tags"), N_("Version history"), N_("Save as a file"), N_("Delete")
SHOWN = 30  # versions listed
SAID = 5  # changes of a version, listed


def show(desk: Desk) -> None:
    """Where a page of templates ends: draw the dialog that is open, if one is."""
    for action, dialog in ((DETAILS, _details), (VERSIONS, _versions), (FILE, _file), (DELETE, _delete)):
        if subject := dialogs.subject(f"template {action}"):
            dialog(desk, subject)


@dialogs.dialog(DETAILS, icon=":material/sell:")
@checked
def _details(desk: Desk, template_id: str) -> None:
    template = templates.get(desk, template_id)
    with st.form("template_details", border=False):
        answers = template_form.fields(desk, name=template.name, key=f"details_{template_id}", template=template)
        if st.form_submit_button(_("Save"), type="primary"):
            with layout.telling():
                templates.update(
                    desk,
                    template_id,
                    name=answers.name,
                    description=answers.description,
                    tags=answers.tags,
                    keep_days=answers.keep_days,
                )
                dialogs.close(_("Saved."))


@dialogs.dialog(VERSIONS, icon=":material/history:", width="medium")
@checked
def _versions(desk: Desk, template_id: str) -> None:
    template = templates.get(desk, template_id)
    st.markdown(f"**{layout.plain(template.name)}**")
    found = versions.list(desk, template_id)
    blocked = roles.blocked(desk, "templates.change", template)
    for one in found[:SHOWN]:
        with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"soft_version_{one.number}"):
            _version(desk, one)
            if one.current:
                st.badge(_("Current"), color="gray")
            elif layout.button(_("Restore"), f"restore_{one.number}", blocked=blocked, icon=":material/undo:"):
                with layout.telling():
                    now = versions.restore(desk, template_id, one.number)
                    said = _("Version {number} is back, as version {now}.")
                    dialogs.close(said.format(number=one.number, now=now.version), ":material/undo:")
    if len(found) > SHOWN:
        st.caption(n_("… and {n} earlier version", "… and {n} earlier versions", len(found) - SHOWN))


def _version(desk: Desk, one: Version) -> None:
    with st.container(gap=None, width="stretch", key=f"words_version_{one.number}"):
        when = words.moment(one.at, workspaces.clock(desk))
        by = _("{when}, by {name}").format(when=when, name=one.by) if one.by else when
        st.markdown(_("**Version {number}** :gray[{when}]").format(number=one.number, when=layout.plain(by)))
        said = [_("Version {number} brought back.").format(number=one.restored_from)] if one.restored_from else []
        said += one.changed[:SAID]
        if len(one.changed) > SAID:
            said.append(n_("… and {n} more change.", "… and {n} more changes.", len(one.changed) - SAID))
        st.caption(layout.plain(" ".join(said) or _("As it was first saved.")))


@dialogs.dialog(FILE, icon=":material/download:")
@checked
def _file(desk: Desk, template_id: str) -> None:
    kept = template_files.dump(desk, template_id)
    st.markdown(f"**{layout.plain(kept.name)}**")
    st.caption(
        _(
            "A small file to send to a colleague or keep. On another desk it is added under Templates, “Add from a file”. "
            "It holds the names of columns and the values of filters, and none of the data."
        )
    )
    if left_out := template_files.missing_words(kept):
        st.info(layout.plain(left_out), icon=":material/info:")
    st.download_button(
        _("Download"),
        template_files.text(kept),
        file_name=template_files.file_name(kept),
        mime="application/json",
        key="template_file",
        icon=":material/download:",
        type="primary",
        on_click="ignore",
    )


@dialogs.dialog(N_("Delete this template?"), icon=":material/delete:")
@checked
def _delete(desk: Desk, template_id: str) -> None:
    template = templates.get(desk, template_id)
    st.markdown(
        n_(
            "**{name}** can be restored under Recently deleted for {n} day. Files it made stay in My exports.",
            "**{name}** can be restored under Recently deleted for {n} days. Files it made stay in My exports.",
            choices.retention(desk).bin_days,
            name=layout.plain(template.name),
        )
    )
    used_by.schedules(usage.of_template(desk, template_id))
    deleting.buttons("template", template.name, lambda: templates.delete(desk, template_id))
