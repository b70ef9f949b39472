"""What can be done with a dataset, once for the list and once for its own page: the menu and its dialogs."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core import choices, datasets, usage
from core.desk import Desk
from pages.components import actions, add_data, deleting, dialogs, layout, used_by
from pages.components.actions import Action
from pages.session import checked
from pages.texts import N_, _, n_

RENAME, REPLACE, BIN = N_("Rename"), N_("Replace file"), N_("Delete")
OFFERED = {
    RENAME: Action(":material/text_fields:", "data.change"),
    REPLACE: Action(":material/swap_horiz:", "data.change"),
    BIN: Action(":material/delete:", "data.delete"),
}


def menu(desk: Desk, dataset: Any) -> None:
    """The ⋯ of one dataset."""
    if chosen := actions.menu(desk, OFFERED, dataset, key=f"more_{dataset.id}"):
        dialogs.open(f"dataset {chosen}", dataset.id)


def show_dialogs(desk: Desk) -> None:
    """Where the page ends: draw the dialog that is open, if one is."""
    for action, dialog in ((RENAME, _rename), (REPLACE, _replace), (BIN, _bin)):
        if subject := dialogs.subject(f"dataset {action}"):
            dialog(desk, subject)


@dialogs.dialog(N_("Rename"), icon=":material/text_fields:")
@checked
def _rename(desk: Desk, dataset_id: str) -> None:
    with st.form("rename_dataset", border=False):
        name = st.text_input(_("Name"), value=datasets.get(desk, dataset_id).name, max_chars=120)
        if st.form_submit_button(_("Save"), type="primary"):
            with layout.telling():
                datasets.rename(desk, dataset_id, name)
                dialogs.close(_("Saved."))


@dialogs.dialog(N_("Replace the file"), width="large", icon=":material/swap_horiz:")
@checked
def _replace(desk: Desk, dataset_id: str) -> None:
    dataset = datasets.get(desk, dataset_id)
    st.caption(
        _(
            "The new file becomes the next version of “{name}”. Exports that are running keep the version they began "
            "with; earlier versions stay."
        ).format(name=layout.plain(dataset.name))
    )
    used_by.show(
        usage.of_dataset(desk, dataset_id), _("Templates use the new file from then on, if it has their columns.")
    )
    if add_data.show(desk, f"replace_{dataset_id}", replace=dataset_id):
        dialogs.close(_("**{name}** has a new version.").format(name=layout.plain(dataset.name)))


@dialogs.dialog(N_("Delete this dataset?"), icon=":material/delete:")
@checked
def _bin(desk: Desk, dataset_id: str) -> None:
    dataset = datasets.get(desk, dataset_id)
    st.markdown(
        n_(
            "**{name}** can be restored under Recently deleted for {n} day. "
            "Files that were made from it stay in My exports.",
            "**{name}** can be restored under Recently deleted for {n} days. "
            "Files that were made from it stay in My exports.",
            choices.retention(desk).bin_days,
            name=layout.plain(dataset.name),
        )
    )
    used_by.show(
        usage.of_dataset(desk, dataset_id),
        _("Templates cannot run on it until it is restored; exports on their way finish with what they pinned."),
    )

    def gone() -> None:
        datasets.move_to_bin(desk, dataset_id)
        st.query_params.pop("dataset", None)

    deleting.buttons("dataset", dataset.name, gone)
