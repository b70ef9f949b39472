"""One export: its files, what was asked, and the receipt that shows nothing was lost on the way."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from core import exports, links
from core.access import roles
from core.desk import Desk
from core.engine.receipt import Receipt, Step
from core.errors import from_dict
from core.notifying import notices
from core.workspaces import Clock
from pages import belonging, routes
from pages.components import explain, file_list, layout, progress, words
from pages.exports import actions, deliveries, downloads, keeping
from pages.exports import format as export_format
from pages.exports import links as export_links
from pages.session import checked
from pages.texts import _, n_

ACTIVE = ("queued", "running")
EVERY = 0.5  # seconds between two looks while it is on its way


def show(desk: Desk, job_id: str, clock: Clock) -> None:
    if st.button(_("My exports"), key="back_to_exports", type="tertiary", icon=":material/arrow_back:"):
        st.query_params.pop("job", None)
        st.rerun()
    with layout.telling():
        job = exports.get(desk, job_id)
        notices.arrived(desk, notices.path_of(job))
        with layout.header(job.name, _("Asked for {when}").format(when=words.moment(job.created_at, clock))):
            if job.state not in ACTIVE:
                actions.menu(desk, job)
        belonging.show(desk, "export", job)
        if job.state in ACTIVE:
            _on_its_way(desk, job_id)
        elif job.state == "succeeded":
            _files(desk, job, clock)
        else:
            _did_not_work(desk, job)


def _on_its_way(desk: Desk, job_id: str) -> None:
    @st.fragment(run_every=EVERY)
    @checked
    def look() -> None:
        job = exports.get(desk, job_id)
        if job.state not in ACTIVE:
            st.rerun()
        with layout.card("progress"):
            progress.show(job, exports.queue_place(desk, job) if job.state == "queued" else None)
            already = _("It is being cancelled.") if job.cancel_requested else ""
            blocked = already or roles.blocked(desk, "exports.stop", job)
            if layout.button(_("Cancel"), f"cancel_{job_id}", blocked=blocked):
                exports.cancel(desk, job_id)

    look()


def _files(desk: Desk, job: Any, clock: Clock) -> None:
    receipt = Receipt.model_validate(job.result)
    with layout.card("files"):
        if job.expired_at:
            st.markdown(_title(receipt))
        else:
            _there(desk, job, receipt)
        export_format.about(desk, job, clock)
        keeping.show(desk, job, clock)
    deliveries.show(desk, job.id, clock, there=not job.expired_at)
    export_links.show(desk, job, clock)
    _receipt(desk, job, receipt)


def _there(desk: Desk, job: Any, receipt: Receipt) -> None:
    """The files, to be had in every way there is."""
    with layout.row("files", align="distribute"):
        with st.container(key="files_name", width="stretch", gap=None):
            st.markdown(_title(receipt))
            st.caption(layout.plain(_about(receipt)))
        with st.container(horizontal=True, width="content", key="files_actions"):
            downloads.show(desk, job.id, receipt, type="primary")
            link, run = roles.blocked(desk, "exports.link", job), roles.blocked(desk, "exports.run")
            if not downloads.several(receipt) and layout.button(
                _("Copy link"), "copy_link", blocked=link, icon=":material/link:"
            ):
                actions.act(desk, job.id, actions.LINK)
            if layout.button(_("Run again"), "run_again", blocked=run, icon=":material/replay:"):
                actions.act(desk, job.id, actions.AGAIN)
            may = roles.blocked(desk, "schedules.change")
            if layout.button(_("Schedule"), "schedule_export", blocked=may, icon=":material/schedule:"):
                actions.act(desk, job.id, actions.SCHEDULE)
            if layout.button(_("Another format"), "another_format", blocked=run, icon=":material/swap_horiz:"):
                actions.act(desk, job.id, export_format.FORMAT)
    if downloads.several(receipt):
        file_list.files(receipt.files, downloads.paths(desk, job.id, receipt))
    elif receipt.files[0].member_count:
        file_list.members(receipt.files[0])


def _title(receipt: Receipt) -> str:
    icon = "folder_zip" if receipt.files[0].member_count else "stacks" if downloads.several(receipt) else "draft"
    lock = " :material/lock:" if any(f.locked for f in receipt.files) else ""
    name = words.files(len(receipt.files)) if downloads.several(receipt) else layout.plain(receipt.files[0].name)
    return f":material/{icon}: **{name}**{lock}"


def _about(receipt: Receipt) -> str:
    said = [words.rows(receipt.rows), words.size(sum(f.bytes for f in receipt.files))]
    if inside := sum(f.member_count for f in receipt.files):
        said.append(n_("{n} file inside", "{n} files inside", inside))
    if any(f.locked for f in receipt.files):
        said.append(_("opens only with its password"))
    return " · ".join(said)


def _receipt(desk: Desk, job: Any, receipt: Receipt) -> None:
    """Rows in, rows after each step, rows read back from the finished file, and its fingerprint."""
    with layout.card("receipt", _("Receipt"), ":material/receipt_long:", help=explain.of("receipt")):
        st.text(receipt.sentence)
        for table in receipt.tables:
            st.markdown(
                f"**{layout.plain(table.name)}**  {_steps(table.source_rows, table.steps)} → **{table.rows:,}**"
            )
        st.markdown(_line(receipt))
        for note in receipt.notes:
            st.caption(f":material/info: {layout.plain(note.message)}")
        with layout.row("hash"):
            if downloads.several(receipt):
                st.caption(_("Each file’s SHA-256 is in the receipt."), help=explain.of("fingerprint"))
            else:
                st.caption(f"SHA-256  `{receipt.files[0].sha256}`", help=explain.of("fingerprint"))
        st.caption(_seconds(receipt))
        st.link_button(
            _("Download the receipt"), downloads.path(desk, job.id, links.RECEIPT), key="download_receipt",
            icon=":material/receipt_long:",
        )  # fmt: skip


def _steps(rows: int, steps: Sequence[Step]) -> str:
    after = [_("**{rows}** after {step}").format(rows=f"{s.rows:,}", step=layout.plain(s.label)) for s in steps]
    return " → ".join([n_("**{n}** row", "**{n}** rows", rows), *after])


def _line(receipt: Receipt) -> str:
    """**240** rows → **80** after country is Indonesia → **80** in the file ✓"""
    count = sum(max(file.member_count, 1) for file in receipt.files)
    read = n_(
        "**{rows}** in the file, counted by reading it again ✓",
        "**{rows}** in {n} files, counted by reading them again ✓",
        count,
        rows=f"{receipt.rows:,}",
    )
    # Of several datasets each has its own steps above; here only what they make together.
    return f"{_steps(receipt.source_rows, () if receipt.tables else receipt.steps)} → {read}"


def _seconds(receipt: Receipt) -> str:
    each = [_("{seconds} s to {phase}").format(seconds=f"{s:.1f}", phase=_(p)) for p, s in receipt.seconds.items()]
    return _("Took {times}").format(times=", ".join(each))


def _did_not_work(desk: Desk, job: Any) -> None:
    if job.error:
        layout.error_box(from_dict(job.error))
    else:
        st.info(_("This export was cancelled before its file was finished."), icon=":material/block:")
    with layout.row("again"):
        blocked = roles.blocked(desk, "exports.stop", job)
        if layout.button(_("Try again"), "retry", blocked=blocked, type="primary", icon=":material/replay:"):
            with layout.telling():
                exports.retry(desk, job.id)
                st.rerun()
        blocked = roles.blocked(desk, "exports.run")
        if layout.button(_("Open in the builder"), "edit", blocked=blocked, icon=":material/edit:"):
            routes.to_builder(job=job.id)
