"""A toast when an export finishes, wherever the person is. It asks the store only while something is on its way."""

from __future__ import annotations

import streamlit as st

from core import exports
from core.desk import Desk
from pages.components import layout, words

EVERY = 1.0  # seconds between two looks
_WATCHED = "watched_exports"


def watch(desk: Desk) -> None:
    """Look once; go on looking while an export of this workspace is queued or running."""
    active = _active(desk)
    st.session_state.setdefault(_WATCHED, set())

    @st.fragment(run_every=EVERY if active or st.session_state[_WATCHED] else None, key="notices")
    def look() -> None:
        now = _active(desk)
        finished = st.session_state[_WATCHED] - now
        st.session_state[_WATCHED] = now
        for job_id in sorted(finished):
            _tell(desk, job_id)
        if finished and not now:
            st.rerun()  # the page shows what came of it, and the looking stops

    look()


def _active(desk: Desk) -> set[str]:
    jobs, _ = exports.list(desk, states=("queued", "running"), size=100)
    return {job.id for job in jobs}


def _tell(desk: Desk, job_id: str) -> None:
    job = exports.get(desk, job_id)
    if job.state == "succeeded":
        st.toast(
            f"**{layout.plain(job.name)}** is ready: {words.count(job.rows or 0, 'row')}.",
            icon=":material/check_circle:",
        )
    elif job.state == "failed":
        st.toast(f"**{layout.plain(job.name)}** did not work. My exports says why.", icon=":material/error:")
