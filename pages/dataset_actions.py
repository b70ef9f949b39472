"""What can be done with a dataset, once for the list and once for its own page: the menu and its dialogs."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core import choices, datasets, usage
from core.desk import Desk
from pages.components import actions, add_data, dialogs, layout, used_by
from pages.components.actions import Action
from pages.session import checked

RENAME, REPLACE, BIN = "Rename", "Replace file", "Delete"
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


@st.dialog("Rename", icon=":material/text_fields:", on_dismiss=dialogs.forget)
@checked
def _rename(desk: Desk, dataset_id: str) -> None:
    with st.form("rename_dataset", border=False):
        name = st.text_input("Name", value=datasets.get(desk, dataset_id).name, max_chars=120)
        if st.form_submit_button("Save", type="primary"):
            with layout.telling():
                datasets.rename(desk, dataset_id, name)
                dialogs.close("Saved.")


@st.dialog("Replace the file", width="large", icon=":material/swap_horiz:", on_dismiss=dialogs.forget)
@checked
def _replace(desk: Desk, dataset_id: str) -> None:
    dataset = datasets.get(desk, dataset_id)
    st.caption(
        f"The new file becomes the next version of “{layout.plain(dataset.name)}”. "
        "Exports that are running keep the version they began with; earlier versions stay."
    )
    used_by.show(
        usage.of_dataset(desk, dataset_id), "Templates use the new file from then on, if it has their columns."
    )
    if add_data.show(desk, f"replace_{dataset_id}", replace=dataset_id):
        dialogs.close(f"**{layout.plain(dataset.name)}** has a new version.")


@st.dialog("Delete this dataset?", icon=":material/delete:", on_dismiss=dialogs.forget)
@checked
def _bin(desk: Desk, dataset_id: str) -> None:
    dataset = datasets.get(desk, dataset_id)
    st.markdown(
        f"**{layout.plain(dataset.name)}** can be restored under Recently deleted for {choices.retention(desk).bin_days} days. "
        "Files that were made from it stay in My exports."
    )
    used_by.show(
        usage.of_dataset(desk, dataset_id),
        "Templates cannot run on it until it is restored; exports on their way finish with what they pinned.",
    )
    with layout.row("confirm_bin", align="right"):
        if st.button("Keep it", key="keep_dataset"):
            dialogs.close()
        if st.button("Delete", key="bin_dataset", type="primary"):
            with layout.telling():
                datasets.move_to_bin(desk, dataset_id)
                st.query_params.pop("dataset", None)
                dialogs.close(f"**{layout.plain(dataset.name)}** is under Recently deleted.", ":material/delete:")
