"""The bell: how much somebody was told and has not read, at the top of every page. It counts anew with every click."""

from __future__ import annotations

import streamlit as st

from core.desk import Desk
from core.notifying import notices
from pages import routes
from pages.texts import _, n_

MANY = 99  # more are of no use to anybody


def show(desk: Desk) -> None:
    unread = notices.unread(desk)
    with st.container(key="bell", width="content"):
        st.page_link(
            routes.NOTICES,
            label=(f"{unread}" if unread <= MANY else f"{MANY}+") if unread else _("Notices"),
            icon=":material/notifications_unread:" if unread else ":material/notifications:",
            help=n_("{n} new notice", "{n} new notices", unread) if unread else _("Nothing new"),
        )
