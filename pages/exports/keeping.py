"""Until when the files of an export are there, and keeping them: once for its page and for its line in a list."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core.access import roles
from core.desk import Desk
from core.keeping import retention
from core.workspaces import Clock
from pages.components import explain, layout, words
from pages.exports import actions
from pages.texts import _


def show(desk: Desk, job: Any, clock: Clock) -> None:
    """Below the files of a finished export, or in their place once they are gone."""
    if job.expired_at:
        _gone(desk, job, clock)
        return
    if job.expires_at is None and not job.kept:
        return
    blocked = roles.blocked(desk, "exports.keep", job)
    with layout.row("keeping"):
        if job.kept:
            st.caption(_(":material/keep: Kept until somebody lets it go or deletes it."), help=explain.of("retention"))
            label, icon = _("Let it go"), ":material/keep_off:"
        else:
            said = _("There until {when}, then it goes by itself.").format(when=words.moment(job.expires_at, clock))
            st.caption(layout.plain(said), help=explain.of("retention"))
            label, icon = _("Keep"), ":material/keep:"
        if layout.button(label, "keep_files", blocked=blocked, type="tertiary", icon=icon):
            with layout.telling():
                retention.keep(desk, job.id, not job.kept)
                st.rerun()


def _gone(desk: Desk, job: Any, clock: Clock) -> None:
    when = words.moment(job.expires_at or job.expired_at, clock)
    st.info(
        layout.plain(_("Its file was kept until {when} and is gone. The receipt below stays.").format(when=when)),
        icon=":material/auto_delete:",
    )
    if layout.button(
        _("Run again"),
        "run_again",
        blocked=roles.blocked(desk, "exports.run"),
        type="primary",
        icon=":material/replay:",
    ):
        actions.act(desk, job.id, actions.AGAIN)
