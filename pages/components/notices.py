"""A toast when an export finishes, wherever the person is. It asks the store only while something is on its way."""

from __future__ import annotations

from datetime import UTC, datetime

import streamlit as st

from core import exports
from core.access import accounts
from core.desk import Desk
from core.notifying import notices
from pages.components import layout
from pages.session import checked
from pages.texts import _, n_

EVERY = 1.0  # seconds between two looks
RECENT = 20  # exports looked at for one that began and ended between two looks
_WATCHED, _SINCE = "watched_exports", "watched_since"


def watch(desk: Desk) -> None:
    """Look once; go on looking while an export of this workspace is queued or running."""
    st.session_state.setdefault(_SINCE, datetime.now(UTC))
    if not _look(desk):
        return
    drawn: list[bool] = []  # empty only while the whole page is being drawn

    @st.fragment(run_every=EVERY)
    @checked
    def again() -> None:
        if not drawn:
            drawn.append(True)
        elif not _look(desk):
            st.rerun()  # the page shows what came of it, and the looking stops

    again()


def _look(desk: Desk) -> bool:
    """Tell of every export that has ended since the last look. True while others are on their way."""
    before: set[str] = st.session_state.get(_WATCHED, set())
    since: datetime = st.session_state[_SINCE]
    st.session_state[_SINCE] = datetime.now(UTC)
    active = {job.id for job in exports.list(desk, states=("queued", "running"), size=100)[0]}
    recent = exports.list(desk, states=("succeeded", "failed"), size=RECENT)[0]
    ended = (before - active) | {job.id for job in recent if job.finished_at and job.finished_at >= since}
    st.session_state[_WATCHED] = active
    for job_id in sorted(ended):
        _tell(desk, job_id)
    return bool(active)


def _tell(desk: Desk, job_id: str) -> None:
    job, wanted = exports.get(desk, job_id), accounts.preferences(desk)
    if job.owner_id != desk.account_id:
        return
    name = layout.plain(job.name)
    if job.state == "succeeded" and wanted.notify_done:
        said = n_("**{name}** is ready: {n} row.", "**{name}** is ready: {n} rows.", job.rows or 0, name=name)
        st.toast(said, icon=":material/check_circle:")
        notices.seen(desk, job)
    elif job.state == "failed" and wanted.notify_failed:
        said = _("**{name}** did not work. My exports says why.").format(name=name)
        st.toast(said, icon=":material/error:")
