"""Hand out a download link: choose how long it works, copy it."""

from __future__ import annotations

import streamlit as st

from core import links
from core.desk import Desk
from pages.components import dialogs
from pages.components.clipboard import copy_button
from pages.session import checked
from pages.texts import N_, _

EXPIRIES = {1: N_("1 hour"), 24: N_("1 day"), 24 * 7: N_("1 week"), 24 * 30: N_("30 days")}  # hours


@dialogs.dialog(N_("Copy a download link"), icon=":material/link:")
@checked
def show(desk: Desk, job_id: str, n: int = 0) -> None:
    """Anyone who has the link can download the file until it expires; nothing else of the desk opens with it."""
    st.caption(_("Anyone with this link can download the file until it expires, without signing in."))
    hours = st.segmented_control(
        _("It works for"),
        list(EXPIRIES),
        default=24,
        required=True,
        format_func=lambda hours: _(EXPIRIES[hours]),
        key=f"link_hours_{job_id}",
    )
    cached = f"link_{job_id}_{n}_{hours}"
    if cached not in st.session_state:  # one link a choice, not one a rerun
        st.session_state[cached] = links.make(desk, job_id, n, hours=hours)
    copy_button(st.session_state[cached], key=f"copy_{job_id}_{hours}")
