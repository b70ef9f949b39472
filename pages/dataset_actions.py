"""What can be done with a dataset, once for the list and once for its own page: the menu and its dialogs."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core import choices, datasets
from core.desk import Desk
from pages.components import add_data, dialogs, layout
from pages.session import checked

RENAME, REPLACE, BIN = "Rename", "Replace file", "Move to bin"
ICONS = {RENAME: ":material/text_fields:", REPLACE: ":material/swap_horiz:", BIN: ":material/delete:"}


def menu(dataset: Any) -> None:
    """The ⋯ of one dataset."""
    chosen = st.menu_button(
        "More", list(ICONS), key=f"more_{dataset.id}", type="tertiary", format_func=lambda a: f"{ICONS[a]} {a}"
    )
    if chosen:
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
    if add_data.show(desk, f"replace_{dataset_id}", replace=dataset_id):
        dialogs.close(f"**{layout.plain(dataset.name)}** has a new version.")


@st.dialog("Move to the bin?", icon=":material/delete:", on_dismiss=dialogs.forget)
@checked
def _bin(desk: Desk, dataset_id: str) -> None:
    dataset = datasets.get(desk, dataset_id)
    st.markdown(
        f"**{layout.plain(dataset.name)}** can be restored for {choices.retention(desk).bin_days} days. "
        "Files that were made from it stay in My exports."
    )
    with layout.row("confirm_bin", align="right"):
        if st.button("Keep it", key="keep_dataset"):
            dialogs.close()
        if st.button("Move to bin", key="bin_dataset", type="primary"):
            with layout.telling():
                datasets.move_to_bin(desk, dataset_id)
                st.query_params.pop("dataset", None)
                dialogs.close(f"**{layout.plain(dataset.name)}** is in the bin.", ":material/delete:")
