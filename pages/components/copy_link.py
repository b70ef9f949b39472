"""Hand out a download link: choose how long it works, copy it."""

from __future__ import annotations

import streamlit as st

from core import links
from core.desk import Desk
from pages.components import dialogs
from pages.components.clipboard import copy_button
from pages.session import checked

EXPIRIES = {1: "1 hour", 24: "1 day", 24 * 7: "1 week", 24 * 30: "30 days"}  # hours


@st.dialog("Copy a download link", icon=":material/link:", on_dismiss=dialogs.forget)
@checked
def show(desk: Desk, job_id: str, n: int = 0) -> None:
    """Anyone who has the link can download the file until it expires; nothing else of the desk opens with it."""
    st.caption("Anyone with this link can download the file until it expires, without signing in.")
    hours = st.segmented_control(
        "It works for",
        list(EXPIRIES),
        default=24,
        required=True,
        format_func=EXPIRIES.__getitem__,
        key=f"link_hours_{job_id}",
    )
    cached = f"link_{job_id}_{n}_{hours}"
    if cached not in st.session_state:  # one link a choice, not one a rerun
        st.session_state[cached] = links.make(desk, job_id, n, hours=hours)
    copy_button(st.session_state[cached], key=f"copy_{job_id}_{hours}")
