"""One export in a list, on My exports and at home: its name and facts, its state, and what can be done with it now."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from core import exports
from core.access import roles
from core.desk import Desk
from core.engine.formats import FORMATS
from core.engine.receipt import Receipt
from core.errors import from_dict
from core.workspaces import Clock
from pages import routes
from pages.components import layout, progress, whose, words
from pages.exports import actions, downloads
from pages.texts import N_, _, n_

ACTIVE = ("queued", "running")
BADGES = {
    "queued": (N_("Waiting"), ":material/hourglass_empty:", "gray"),
    "running": (N_("Running"), ":material/progress_activity:", "blue"),
    "succeeded": (N_("Ready"), ":material/check_circle:", "green"),
    "failed": (N_("Failed"), ":material/error:", "red"),
    "cancelled": (N_("Cancelled"), ":material/block:", "gray"),
}

GONE = (N_("No longer there"), ":material/auto_delete:", "gray")  # its time is over


def show(desk: Desk, job: Any, clock: Clock, names: Mapping[str, str]) -> None:
    """One export: its name and facts, whose it is (`names`: whose.names), its state, and what can be done with it now."""
    with st.container(border=True, key=f"item_{job.id}", gap="xsmall"):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            with st.container(gap=None, width="stretch", key=f"words_{job.id}"):
                st.markdown(f"**{layout.plain(job.name)}**")
                st.caption(layout.plain(" · ".join(facts(job, clock))))
            whose.badge(desk, job, names)
            word, icon, colour = GONE if job.expired_at else BADGES[job.state]
            st.badge(_(word), icon=icon, color=colour)  # type: ignore[arg-type]
            if job.state == "succeeded" and not job.expired_at:
                _offer(desk, job, Receipt.model_validate(job.result))
            elif job.state in ACTIVE:
                already = _("It is being cancelled.") if job.cancel_requested else ""
                if layout.button(
                    _("Cancel"), f"cancel_{job.id}", blocked=already or roles.blocked(desk, "exports.stop", job)
                ):
                    exports.cancel(desk, job.id)
                    st.rerun()
            elif job.state != "succeeded" and layout.button(
                _("Try again"),
                f"retry_{job.id}",
                blocked=roles.blocked(desk, "exports.stop", job),
                icon=":material/replay:",
            ):
                with layout.telling():
                    exports.retry(desk, job.id)
                    st.rerun()
            if st.button(_("Details"), key=f"details_{job.id}", type="tertiary"):
                routes.to_exports(job.id)
            if job.state not in ACTIVE:
                actions.menu(desk, job)
        if job.state in ACTIVE:
            progress.show(job, exports.queue_place(desk, job) if job.state == "queued" else None)
        elif job.state == "failed" and job.error:
            error = from_dict(job.error)
            st.markdown(f":red[:material/error: {layout.plain(error.message)}] {layout.plain(error.next_step)}")


def _offer(desk: Desk, job: Any, receipt: Receipt) -> None:
    """The file, or where its several files are listed."""
    if not downloads.several(receipt):
        downloads.show(desk, job.id, receipt)
    elif st.button(words.files(len(receipt.files)), key=f"files_{job.id}", icon=":material/stacks:"):
        routes.to_exports(job.id)


def facts(job: Any, clock: Clock) -> list[str]:
    shown = [_(FORMATS[job.format].label) if job.format in FORMATS else str(job.format)]
    if job.state == "succeeded":
        shown += [
            words.rows(job.rows or 0),
            words.size(job.bytes),
            *_inside(Receipt.model_validate(job.result)),
        ]
    return [*shown, words.moment(job.finished_at or job.created_at, clock)]


def _inside(receipt: Receipt) -> list[str]:
    """What a list item says of a zip, and of a file that asks for a password."""
    inside = sum(f.member_count for f in receipt.files)
    said = [n_("{n} file in a zip", "{n} files in a zip", inside)] if inside else []
    return said + ([_("opens with its password")] if any(f.locked for f in receipt.files) else [])
