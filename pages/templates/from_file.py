"""A template that comes as a file: read it, choose the data it shall run on, see its columns found, add it."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core.access import roles
from core.desk import Desk
from core.templating import files as template_files
from core.templating.files import MAX_BYTES, TemplateFile
from core.templating.matching import ByHand, Report
from pages.components import dialogs, layout
from pages.session import checked
from pages.templates import run as template_run
from pages.texts import N_, _

DIALOG = "template_from_file"
_FILE = "template_file_at_hand"  # of this session: it is nobody's template yet


def at_hand() -> TemplateFile | None:
    """The file that was read and is not added yet."""
    found: TemplateFile | None = st.session_state.get(_FILE)
    return found


def show_dialog(desk: Desk) -> None:
    """Where the page ends: draw the dialog if it is open."""
    if dialogs.subject(DIALOG):
        _ask(desk)


@dialogs.dialog(N_("Add a template from a file"), icon=":material/upload:")
@checked
def _ask(desk: Desk) -> None:
    st.caption(_("A file that somebody saved with “Save as a file” on this desk or another one."))
    file = st.file_uploader(
        _("The file of a template"), type=["json"], max_upload_size=-(-MAX_BYTES // 1_000_000), key="template_upload"
    )
    if file is not None:
        with layout.telling():
            st.session_state[_FILE] = template_files.read(file.getvalue())
            dialogs.close()


def show(desk: Desk) -> None:
    kept = at_hand()
    if kept is None:
        return
    if st.button(_("Templates"), key="back_to_templates", type="tertiary", icon=":material/arrow_back:"):
        _forget()
        template_run.leave()
    layout.header(_("Add “{name}”").format(name=kept.name), kept.description)
    if left_out := template_files.missing_words(kept):
        st.info(layout.plain(left_out), icon=":material/info:")
    data = template_run.choose(desk, kept.data, "import_data", own=False, begin=template_files.known_data(desk, kept))
    chosen = [one for one in data if one]
    if len(chosen) < len(kept.data):
        return

    def ask(_data: Sequence[str | None], said: ByHand) -> Report:
        return template_files.match(desk, kept, chosen, said)

    with layout.telling():
        matched = template_run.match(desk, ask, chosen)
        if matched is None:
            return
        report, ready = matched
        blocked = roles.blocked(desk, "templates.save") or ready
        if template_run.finish(_("Add the template"), "add_template", blocked, ":material/check:"):
            made = template_files.add(desk, kept, chosen, report.as_shown())
            _forget()
            st.toast(_("**{name}** was added.").format(name=layout.plain(made.name)), icon=":material/bookmark_added:")
            template_run.leave()


def _forget() -> None:
    for name in [_FILE, *(key for key in st.session_state if str(key).startswith("import_data_"))]:
        st.session_state.pop(name, None)
