""" "Read again with other settings": the kept original becomes a new version, read as the person says."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core import datasets
from core.access import roles
from core.desk import Desk
from core.engine.ingest.options import ImportOptions, Understood
from core.engine.values import Column
from core.errors import from_dict
from pages.components import corrections, layout, progress
from pages.session import checked
from pages.texts import _

EVERY = 0.5  # seconds between two looks
ACTIVE = ("queued", "running")


def show(desk: Desk, dataset: Any, version: Any, columns: tuple[Column, ...]) -> None:
    """Under the dataset: closed until it is wanted; while the file is read again, how far that is."""
    job_key = f"rereading_{dataset.id}"
    if job_id := st.session_state.get(job_key):
        _on_its_way(desk, job_id, job_key)
        return
    with st.expander(_("Read again with other settings"), icon=":material/tune:", key=f"reread_{dataset.id}"):
        st.caption(
            _("The file you added is kept as it was. Reading it again makes a new version; the present one stays too.")
        )
        understood = Understood.model_validate(version.understood)
        corrected = corrections.show(f"reread_{version.id}", understood, ImportOptions(), columns)
        blocked = roles.blocked(desk, "data.change", dataset) or ("" if corrected else _("Change a setting first."))
        if layout.button(_("Read again"), "read_again", blocked=blocked, icon=":material/replay:"):
            with layout.telling():
                job = datasets.reread(desk, dataset.id, ImportOptions().model_copy(update=corrected))
                st.session_state[job_key] = job.id
                st.rerun()


def _on_its_way(desk: Desk, job_id: str, job_key: str) -> None:
    @st.fragment(run_every=EVERY)
    @checked
    def look() -> None:
        job = datasets.wait(desk, job_id, 0.3)
        if job.state in ACTIVE:
            progress.show(job)
            return
        st.session_state.pop(job_key, None)
        if job.state == "succeeded":
            st.toast(_("Read again: this is the new version."), icon=":material/check_circle:")
            st.rerun()
        layout.error_box(from_dict(job.error or {"message": _("Reading the file again was cancelled.")}))

    look()
