"""Between "uploaded" and "in my data": what was understood of each file, with a live preview, and each answer correctable."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import streamlit as st

from core import datasets, uploads
from core.desk import Desk
from core.engine.ingest.options import Inspection
from core.errors import DeskError, from_dict
from pages.components import corrections, layout, looks, progress, words
from pages.data import imports
from pages.data.imports import Import
from pages.session import checked
from pages.texts import _, n_

ACTIVE = ("queued", "running")
EVERY = 0.4  # seconds between two looks while a job is on its way


def show(desk: Desk, upload_ids: list[str], *, replace: str | None = None) -> list[str]:
    """Ids of the datasets that arrived in "my data" since the last run; empty while the person is still looking.

    `replace` is the id of the dataset whose next version the file becomes.
    """
    files = [imports.of(upload_id) for upload_id in upload_ids]
    ready = [(one, found) for one in files if (found := _panel(desk, one))]
    _poll(desk, [j for one in files if (j := one.adding or one.look) and datasets.job(desk, j).state in ACTIVE])
    if ready and _add_button(ready, replace):
        for one, found in ready:
            with layout.telling():
                one.add(desk, replace=replace, **_choices(one, found))
        st.rerun()
    return [dataset_id for one in files for dataset_id in _arrived(desk, one)]


def _panel(desk: Desk, one: Import) -> list[Inspection]:
    """One file's card. Returns what was found in it while it waits to be added."""
    found: list[Inspection] = []
    with layout.telling():
        upload = uploads.get(desk, one.upload_id)
        if not one.look:
            one.understand(desk)
        with layout.card(f"import_{one.upload_id}"):
            with layout.row(f"import_{one.upload_id}", align="distribute"):
                looks.file_name(upload.name, words.size(upload.size))
                if st.button(_("Remove"), key=f"remove_{one.upload_id}", type="tertiary", icon=":material/close:"):
                    remove(desk, one)
            found = _travelling(desk, one) if one.adding else _looked(desk, one)
    return found


def _looked(desk: Desk, one: Import) -> list[Inspection]:
    job = datasets.wait(desk, one.look or "", 1.0)  # most files are understood before the eye has found the place
    if job.state in ACTIVE:
        progress.show(job)
        return []
    found = imports.seen(job.result)
    if job.state != "succeeded":
        layout.error_box(from_dict(job.error or {"message": _("Looking at the file was cancelled.")}))
    for part, tab in zip(found, looks.tabs([f.name for f in found]), strict=True):
        with tab:
            looks.understood(part)
            if len(found) > 1 and part.understood.sheet:
                st.checkbox(_("Add this sheet"), value=True, key=_take_key(one, part))
            looks.preview(part)
            looks.problems(part)
            _correct(desk, one, part)
    return found if job.state == "succeeded" else []


def _correct(desk: Desk, one: Import, part: Inspection) -> None:
    with st.expander(
        _("Not right? Correct how it was read"), icon=":material/tune:", key=f"fix_{one.upload_id}_{part.name}"
    ):
        key = f"fix_{one.upload_id}_{part.name}"
        corrected = corrections.show(key, part.understood, one.options, part.columns)
        if corrected:
            one.understand(desk, **corrected)
            st.rerun()


def _add_button(ready: list[tuple[Import, list[Inspection]]], replace: str | None) -> bool:
    taken = sum(len(found) - len(_left_out(one, found)) for one, found in ready)
    label = _("Replace the file") if replace else n_("Add to my data", "Add {n} tables to my data", taken)
    if len(ready) == 1 and len(ready[0][1]) == 1 and not replace:
        st.text_input(_("Call it"), value=ready[0][1][0].name, key=_name_key(ready[0][0]), max_chars=120)
    blocked = "" if taken else _("Tick at least one sheet to add.")
    return layout.button(label, "add_to_my_data", blocked=blocked, type="primary", icon=":material/check:")


def _choices(one: Import, found: list[Inspection]) -> dict[str, Any]:
    name = st.session_state.get(_name_key(one)) if len(found) == 1 else None
    return {"name": name or None, "leave_out": _left_out(one, found), "sheets": [_sheet(f) for f in found]}


def _left_out(one: Import, found: list[Inspection]) -> set[str]:
    """Names of the sheets the person unticked."""
    return {_sheet(part) for part in found if len(found) > 1 and not st.session_state.get(_take_key(one, part), True)}


def _sheet(part: Inspection) -> str:
    return part.understood.sheet or part.name


def _take_key(one: Import, part: Inspection) -> str:
    return f"take_{one.upload_id}_{part.name}"


def _name_key(one: Import) -> str:
    return f"name_{one.upload_id}"


def _travelling(desk: Desk, one: Import) -> list[Inspection]:
    """While all of the file is read: progress and Cancel; afterwards what it became, or why not."""
    job = datasets.wait(desk, one.adding or "", 0.5)
    if job.state in ACTIVE:
        progress.show(job)
        if st.button(_("Cancel"), key=f"cancel_{one.upload_id}"):
            datasets.cancel(desk, job.id)
            st.rerun()
    elif job.state == "succeeded":
        for dataset in (job.result or {}).get("datasets", []):
            st.success(
                f"{layout.plain(dataset['name'])}: {words.rows(dataset['rows'])}",
                icon=":material/check_circle:",
            )
    else:
        layout.error_box(from_dict(job.error or {"message": _("Reading the file was cancelled.")}))
        if st.button(_("Back to the preview"), key=f"back_{one.upload_id}", icon=":material/undo:"):
            one.adding = None
            st.rerun()
    return []


def _arrived(desk: Desk, one: Import) -> list[str]:
    if not one.adding or one.told:
        return []
    job = datasets.job(desk, one.adding)
    if job.state != "succeeded":
        return []
    one.told = True
    return [str(d["id"]) for d in (job.result or {}).get("datasets", [])]


def remove(desk: Desk, one: Import) -> None:
    """Take the file away again: stop what is on its way, forget the upload."""
    with suppress(DeskError):  # what has ended or expired by itself needs nothing
        for job_id in filter(None, (one.adding, one.look)):
            datasets.cancel(desk, job_id)
        uploads.cancel(desk, one.upload_id)
    imports.forget(one.upload_id)
    st.rerun()


def _poll(desk: Desk, job_ids: list[str]) -> None:
    """Draw the page again as soon as one of these jobs has gone a step."""
    if not job_ids:
        return

    @st.fragment(run_every=EVERY)
    @checked
    def look() -> None:
        now = [(j.state, j.progress) for j in (datasets.job(desk, i) for i in job_ids)]
        before = st.session_state.setdefault("imports_seen", now)
        if now != before:
            st.session_state["imports_seen"] = now
            st.rerun()

    look()
