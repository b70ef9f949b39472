"""Hand out a download link: choose how long it works and whether it asks for a password, make it, copy it."""

from __future__ import annotations

import streamlit as st

from core import exports, links, personal
from core.desk import Desk
from pages.components import dialogs, layout, personal_hint
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
    password = st.text_input(
        _("Password (if you like)"),
        type="password",
        key=f"new_link_password_{job_id}",
        autocomplete="new-password",
        max_chars=links.LONGEST_PASSWORD,
        help=_("Whoever opens the link is asked for it before the download. Tell it to them in another way."),
    )
    personal_hint.show(desk, personal.of_export(desk, exports.get(desk, job_id)), key=f"link_{job_id}", job=job_id)
    with layout.telling():
        kept, choice = f"link_made_{job_id}_{n}", (hours, hash(password or ""))
        made, link = st.session_state.get(kept, (None, ""))
        spot = st.empty()  # the button, then the link in its place: none is made that nobody wanted
        if made != choice and spot.button(
            _("Make the link"), key="make_link", type="primary", icon=":material/add_link:"
        ):
            link = links.make(desk, job_id, n, hours=hours, password=password or "")
            st.session_state[kept] = choice, link
            made = choice
        if made == choice:
            with spot.container():
                copy_button(link, key=f"copy_{job_id}_{hours}")
