"""Status: whether this installation is well, and what to do where it is not. For its administrators."""

from __future__ import annotations

import streamlit as st

from core import status
from core.access import installation
from core.status import Check, Level
from pages.components import explain, layout
from pages.session import checked
from pages.session import desk as current_desk
from pages.texts import N_, _

EVERY = 5.0  # seconds between two looks
BADGES = {
    Level.OK: (N_("Fine"), ":material/check_circle:", "green"),
    Level.WARN: (N_("Look at this"), ":material/warning:", "orange"),
    Level.BAD: (N_("Needs you"), ":material/error:", "red"),
}

desk = current_desk()


def story() -> None:
    layout.header(_("Status"), _("How this installation is doing. It is looked at again every few seconds."))
    if blocked := installation.blocked(desk, _("see how it is doing")):
        with layout.empty("status", _("This is for administrators"), blocked, ":material/lock:"):
            pass
        return

    @st.fragment(run_every=EVERY)
    @checked
    def looking() -> None:
        for check in status.checks(desk):
            item(check)

    looking()
    with layout.card("versions", _("What runs here"), ":material/info:"):
        for name, version in status.versions(desk):
            with st.container(horizontal=True, gap="small", key=f"version_{name}"):
                st.caption(name, width=130)
                st.text(version)


def item(check: Check) -> None:
    """One check: what it found, and what to do."""
    word, icon, colour = BADGES[check.level]
    with (
        st.container(border=True, key=f"item_{check.key}"),
        st.container(horizontal=True, vertical_alignment="center", gap="small"),
    ):
        with st.container(gap=None, width="stretch", key=f"words_{check.key}"):
            terms = explain.named_in(check.title, check.said, check.next_step)
            st.markdown(f"**{layout.plain(check.title)}**", help=terms)
            st.caption(layout.plain(" ".join(part for part in (check.said, check.next_step) if part)))
        st.badge(_(word), icon=icon, color=colour)  # type: ignore[arg-type]


story()
