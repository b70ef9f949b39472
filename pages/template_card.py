"""What a template's card says and does, under Templates and where it is pinned at home."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core import roles, templates
from core.desk import Desk
from core.engine.formats import FORMATS
from core.engine.spec import ExportSpec
from core.workspaces import Clock
from pages import routes
from pages.components import layout, words


def facts(template: Any, clock: Clock) -> str:
    """Its format, and when it ran last."""
    wanted = ExportSpec.model_validate(template.spec).output.format
    ran = f"ran {words.moment(template.last_run_at, clock)}" if template.last_run_at else "not run yet"
    return f"{FORMATS[wanted].label if wanted in FORMATS else wanted} · {ran}"


def run_button(desk: Desk, template: Any) -> None:
    """One press, and the file is on its way."""
    blocked = roles.blocked(desk, "exports.run")
    if layout.button("Run", f"run_{template.id}", blocked=blocked, icon=":material/play_arrow:"):
        with layout.telling():
            job = templates.run(desk, template.id)
            st.toast(f"**{layout.plain(job.name)}** is on its way.", icon=":material/play_arrow:")
            routes.to_exports()


def pin_button(desk: Desk, template: Any, pinned: bool) -> None:
    """Keep it at hand at home, or no longer."""
    label = "Unpin" if pinned else "Pin to home"
    icon = ":material/keep_off:" if pinned else ":material/keep:"
    blocked = roles.blocked(desk, "templates.pin")
    if layout.button(label, f"pin_{template.id}", blocked=blocked, type="tertiary", icon=icon):
        templates.pin(desk, template.id, not pinned)
        st.rerun()
