"""My exports: everything that was asked for, what is on its way, and the files that came of it."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core import exports
from core.engine.formats import FORMATS
from core.engine.receipt import Receipt
from core.errors import from_dict
from pages import downloads, export_actions, export_detail, routes
from pages.components import layout, progress, words
from pages.session import checked
from pages.session import desk as current_desk

SIZE = 20  # exports a page
EVERY = 0.7  # seconds between two looks while something is on its way
ACTIVE = ("queued", "running")
STATES = {"Ready": ("succeeded",), "On its way": ACTIVE, "Failed": ("failed", "cancelled")}
BADGES = {
    "queued": ("Waiting", ":material/hourglass_empty:", "gray"),
    "running": ("Running", ":material/progress_activity:", "blue"),
    "succeeded": ("Ready", ":material/check_circle:", "green"),
    "failed": ("Failed", ":material/error:", "red"),
    "cancelled": ("Cancelled", ":material/block:", "gray"),
}

desk = current_desk()
zone = desk.workspace().zone


def story() -> None:
    if job_id := st.query_params.get("job"):
        export_detail.show(desk, job_id, zone)
        return
    layout.header("My exports", "Every file you asked for. Download it again, run it again, or see how it was made.")
    if not exports.list(desk, size=1)[1]:
        with layout.empty(
            "exports", "Nothing exported yet", "Choose some data, keep what matters, and its file lands here."
        ):
            if st.button("New export", key="first_export", type="primary", icon=":material/add_circle:"):
                routes.to_builder()
        return
    search, states, formats = filters()
    on_its_way = exports.list(desk, states=ACTIVE, size=1)[1]

    @st.fragment(run_every=EVERY if on_its_way else None)
    @checked
    def listing() -> None:
        page = st.session_state.get("exports_page", 1)
        jobs, total = exports.list(desk, search=search, states=states, formats=formats, page=page, size=SIZE)
        for job in jobs:
            item(job)
        if not total:
            st.caption("No export matches. Try another word, or clear the filters.")
        if total > SIZE:
            st.pagination(-(-total // SIZE), key="exports_page")

    listing()


def filters() -> tuple[str, tuple[str, ...], tuple[str, ...]]:
    """Search, state and format; they are part of the page's address, so a filtered list can be sent to a colleague."""
    with st.container(horizontal=True, vertical_alignment="center", key="row_filters"):
        search = st.text_input(
            "Search", key="q", bind="query-params", placeholder="Search by name", label_visibility="collapsed",
            icon=":material/search:", type="search", live=True, width=300,
        )  # fmt: skip
        state = st.pills("State", list(STATES), key="state", bind="query-params", label_visibility="collapsed")
        kind = st.selectbox(
            "Format", list(FORMATS), key="format", bind="query-params", index=None, placeholder="Any format",
            label_visibility="collapsed", format_func=lambda f: FORMATS[f].label, width=170,
        )  # fmt: skip
    return search or "", STATES.get(state or "", ()), (kind,) if kind else ()


def item(job: Any) -> None:
    """One export: its name and facts, its state, and what can be done with it now."""
    with st.container(border=True, key=f"item_{job.id}", gap="xsmall"):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            with st.container(gap=None, width="stretch", key=f"words_{job.id}"):
                st.markdown(f"**{layout.plain(job.name)}**")
                st.caption(layout.plain(" · ".join(facts(job))))
            word, icon, colour = BADGES[job.state]
            st.badge(word, icon=icon, color=colour)  # type: ignore[arg-type]
            if job.state == "succeeded":
                _offer(job, Receipt.model_validate(job.result))
            elif job.state in ACTIVE:
                if layout.button(
                    "Cancel", f"cancel_{job.id}", blocked="It is being cancelled." if job.cancel_requested else ""
                ):
                    exports.cancel(desk, job.id)
                    st.rerun()
            elif st.button("Try again", key=f"retry_{job.id}", icon=":material/replay:"):
                with layout.telling():
                    exports.retry(desk, job.id)
                    st.rerun()
            if st.button("Details", key=f"details_{job.id}", type="tertiary"):
                routes.to_exports(job.id)
            if job.state not in ACTIVE:
                export_actions.menu(desk, job)
        if job.state in ACTIVE:
            progress.show(job, exports.queue_place(desk, job) if job.state == "queued" else None)
        elif job.state == "failed" and job.error:
            error = from_dict(job.error)
            st.markdown(f":red[:material/error: {layout.plain(error.message)}] {layout.plain(error.next_step)}")


def _offer(job: Any, receipt: Receipt) -> None:
    """The file, or where its several files are listed."""
    if not downloads.several(receipt):
        downloads.show(desk, job.id, receipt)
    elif st.button(words.count(len(receipt.files), "file"), key=f"files_{job.id}", icon=":material/stacks:"):
        routes.to_exports(job.id)


def facts(job: Any) -> list[str]:
    shown = [FORMATS[job.format].label if job.format in FORMATS else str(job.format)]
    if job.state == "succeeded":
        shown += [
            words.count(job.rows or 0, "row"),
            words.size(job.bytes),
            *_inside(Receipt.model_validate(job.result)),
        ]
    return [*shown, words.moment(job.finished_at or job.created_at, zone)]


def _inside(receipt: Receipt) -> list[str]:
    """What a list item says of a zip, and of a file that asks for a password."""
    inside = sum(f.member_count for f in receipt.files)
    said = [f"{words.count(inside, 'file')} in a zip"] if inside else []
    return said + (["opens with its password"] if any(f.locked for f in receipt.files) else [])


story()
export_actions.show_dialogs(desk)
