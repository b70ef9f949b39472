"""Notices: what one was told, newest first. Opening one leads to what it is about; then it is read."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core import workspaces
from core.notifying import notices
from core.notifying.notices import Notice, NoticeKind
from pages import routes
from pages.components import layout, words
from pages.session import desk as current_desk
from pages.texts import N_, _, n_

SIZE = 25  # notices a page
LOOKS = {
    NoticeKind.FINISHED: (N_("Ready"), ":material/check_circle:", "green"),
    NoticeKind.FAILED: (N_("Did not work"), ":material/error:", "red"),
    NoticeKind.HELD: (N_("Waits for you"), ":material/front_hand:", "orange"),
    NoticeKind.EXPIRING: (N_("Goes soon"), ":material/hourglass_bottom:", "orange"),
    NoticeKind.ASKED: (N_("Asks you"), ":material/help:", "blue"),
}

desk = current_desk()
clock = workspaces.clock(desk)


def story() -> None:
    unread = notices.unread(desk)
    about = n_("{n} you have not read.", "{n} you have not read.", unread) if unread else _("You have read them all.")
    there, total = notices.list(desk, page=st.session_state.get("notices_page", 1), size=SIZE)
    with layout.header(_("Notices"), about if total else ""):
        if total:
            alone = "" if unread else _("You have read them all.")
            if layout.button(_("Mark all as read"), "read_all", blocked=alone, icon=":material/done_all:"):
                notices.read(desk)
                st.rerun()
            if st.button(_("Choose what you are told"), key="choose_notices", type="tertiary"):
                st.switch_page(routes.ACCOUNT)
    if not total:
        with layout.empty(
            "notices",
            _("Nothing to tell you yet"),
            _("When an export of yours is ready, did not work, waits for you or goes soon, it says so here."),
            ":material/notifications:",
        ):
            if st.button(_("Choose what you are told"), key="choose_notices"):
                st.switch_page(routes.ACCOUNT)
        return
    for notice in there:
        item(notice)
    if total > SIZE:
        st.pagination(-(-total // SIZE), key="notices_page")


def item(notice: Notice) -> None:
    word, icon, colour = LOOKS[notice.kind]
    with (
        st.container(border=True, key=f"item_{notice.id}"),
        st.container(horizontal=True, vertical_alignment="center", gap="small"),
    ):
        with st.container(gap=None, width="stretch", key=f"words_{notice.id}"):
            title = layout.plain(notice.title)
            st.markdown(title if notice.read_at else f"**{title}**")
            st.caption(
                layout.plain(" · ".join(part for part in (words.moment(notice.created_at, clock), notice.text) if part))
            )
        st.badge(_(word), icon=icon, color=colour if notice.read_at is None else "gray")  # type: ignore[arg-type]
        if notice.read_at is None and st.button(
            _("Mark as read"), key=f"read_{notice.id}", type="tertiary", icon=":material/done:"
        ):
            notices.read(desk, [notice.id])
            st.rerun()
        if notice.path and st.button(_("Open"), key=f"open_{notice.id}", icon=":material/arrow_forward:"):
            follow(notice)


def follow(notice: Any) -> None:
    notices.read(desk, [notice.id])
    routes.to_path(notice.path)


story()
