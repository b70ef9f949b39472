"""The links to an export that were handed out: to whom, until when, who fetched the file; Revoke and a password."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core import links
from core.access import roles
from core.desk import Desk
from core.exports import Job
from core.links import Link, LinkDownload
from core.workspaces import Clock
from pages.components import dialogs, layout, words
from pages.session import checked
from pages.texts import N_, _, n_

PASSWORD, REVOKE = "link_password", "link_revoke"
LISTED = 50  # downloads of a link


def show(desk: Desk, job: Job, clock: Clock) -> None:
    """The card; nothing where no link was handed out."""
    made = [link for link in links.every(desk, job.id) if link.handed_out]
    if not made:
        return
    fetched = links.downloads(desk, job.id)
    blocked = roles.blocked(desk, "exports.link", job)
    with layout.card("links", _("Links"), ":material/link:"):
        for link in made:
            _line(link, fetched.get(link.id, ()), clock, blocked)


def show_dialogs(desk: Desk) -> None:
    if link_id := dialogs.subject(PASSWORD):
        _password(desk, link_id)
    elif link_id := dialogs.subject(REVOKE):
        _revoke(desk, link_id)


def _line(link: Link, fetched: Sequence[LinkDownload], clock: Clock, blocked: str) -> None:
    with st.container(key=f"link_{link.id}", gap="xsmall"):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            with st.container(gap=None, width="stretch", key=f"link_words_{link.id}"):
                whom = _("Sent to {whom}").format(whom=link.sent_to) if link.sent_to else _("Copied by hand")
                lock = " :material/lock:" if link.password_hash else ""
                st.markdown(f"**{layout.plain(whom)}**{lock}")
                st.caption(layout.plain(_facts(link, fetched, clock)))
            if links.works(link):
                change = _("Change password") if link.password_hash else _("Set a password")
                if layout.button(
                    change, f"password_{link.id}", blocked=blocked, type="tertiary", icon=":material/lock:"
                ):
                    dialogs.open(PASSWORD, link.id)
                if layout.button(
                    _("Revoke"), f"revoke_{link.id}", blocked=blocked, type="tertiary", icon=":material/block:"
                ):
                    dialogs.open(REVOKE, link.id)
            else:
                st.badge(_("Revoked") if link.revoked_at else _("Expired"), icon=":material/block:", color="gray")
        if fetched:
            with st.expander(_("Downloads"), type="compact", key=f"link_fetched_{link.id}"):
                for one in fetched[:LISTED]:
                    by = " · ".join(part for part in (one.address, words.program(one.agent)) if part)
                    st.caption(layout.plain(f"{words.moment(one.at, clock)} · {by}"))


def _facts(link: Link, fetched: Sequence[LinkDownload], clock: Clock) -> str:
    ends = link.revoked_at or link.expires_at
    until = (
        _("revoked {when}") if link.revoked_at else _("works until {when}") if links.works(link) else _("until {when}")
    )
    times = n_("{n} download", "{n} downloads", len(fetched)) if fetched else _("not fetched yet")
    return f"{until.format(when=words.moment(ends, clock))} · {times}"


@dialogs.dialog(N_("Password of a link"), icon=":material/lock:")
@checked
def _password(desk: Desk, link_id: str) -> None:
    st.caption(_("Whoever opens the link is asked for it before the download. Tell it to them in another way."))
    typed = st.text_input(
        _("Password"), type="password", key=f"link_password_{link_id}", autocomplete="new-password", max_chars=128
    )
    with layout.row("link_password", align="right"):
        if st.button(_("Without a password"), key="link_password_none"):
            _set(desk, link_id, "", _("The link asks for no password."))
        blocked = "" if typed else _("Type a password first.")
        if layout.button(_("Save"), "link_password_save", blocked=blocked, type="primary"):
            _set(desk, link_id, typed or "", _("The link asks for that password from now on."))


def _set(desk: Desk, link_id: str, password: str, said: str) -> None:
    with layout.telling():
        links.set_password(desk, link_id, password)
        st.session_state.pop(f"link_password_{link_id}", None)
        dialogs.close(said, ":material/lock:")


@dialogs.dialog(N_("Revoke this link?"), icon=":material/block:")
@checked
def _revoke(desk: Desk, link_id: str) -> None:
    st.markdown(_("It stops working at once, for everybody who has it. This cannot be undone."))
    with layout.row("confirm_revoke_link", align="right"):
        if st.button(_("Keep it"), key="keep_link"):
            dialogs.close()
        if st.button(_("Revoke"), key="revoke_link", type="primary"):
            with layout.telling():
                links.revoke(desk, link_id)
                dialogs.close(_("The link was revoked."), ":material/block:")
