"""What has to be known on every screen: the queue is stuck, the disk is nearly full, mail is missing."""

from __future__ import annotations

import streamlit as st

from core import status
from core.desk import Desk
from core.status import Check, Level
from pages.components import layout
from pages.texts import _

DISMISSIBLE = ("mail",)  # what stops nobody's work
_DISMISSED = "banner_dismissed"


def show(desk: Desk) -> None:
    """Above every page. What was dismissed stays away until the browser comes anew."""
    dismissed: set[str] = st.session_state.setdefault(_DISMISSED, set())
    for check in status.banner(desk):
        if check.key not in dismissed:
            _one(check, dismissed, told=desk.administrator)


def _one(check: Check, dismissed: set[str], *, told: bool) -> None:
    """`told`: what to do is for whoever can do it."""
    colour = "red" if check.level == Level.BAD else "orange"
    icon = ":material/error:" if check.level == Level.BAD else ":material/warning:"
    words = [check.said, check.next_step if told else _("Whoever runs this desk can mend it.")]
    with st.container(key=f"banner_{check.key}", horizontal=True, vertical_alignment="center", gap="small"):
        with st.container(width="stretch", key=f"words_banner_{check.key}"):
            st.markdown(f":{colour}[{icon} **{layout.plain(check.title)}.**] {layout.plain(' '.join(words))}")
        if check.key in DISMISSIBLE and st.button(_("Not now"), key=f"dismiss_{check.key}", type="tertiary"):
            dismissed.add(check.key)
            st.rerun()
