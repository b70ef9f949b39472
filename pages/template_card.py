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
from pages.texts import _


def facts(template: Any, clock: Clock) -> str:
    """Its format, and when it ran last."""
    wanted = ExportSpec.model_validate(template.spec).output.format
    ran = (
        _("ran {when}").format(when=words.moment(template.last_run_at, clock))
        if template.last_run_at
        else _("not run yet")
    )
    return f"{_(FORMATS[wanted].label) if wanted in FORMATS else wanted} · {ran}"


def run_button(desk: Desk, template: Any) -> None:
    """One press, and the file is on its way."""
    blocked = roles.blocked(desk, "exports.run")
    if layout.button(_("Run"), f"run_{template.id}", blocked=blocked, icon=":material/play_arrow:"):
        with layout.telling():
            job = templates.run(desk, template.id)
            st.toast(_("**{name}** is on its way.").format(name=layout.plain(job.name)), icon=":material/play_arrow:")
            routes.to_exports()


def pin_button(desk: Desk, template: Any, pinned: bool) -> None:
    """Keep it at hand at home, or no longer."""
    label = _("Unpin") if pinned else _("Pin to home")
    icon = ":material/keep_off:" if pinned else ":material/keep:"
    blocked = roles.blocked(desk, "templates.pin")
    if layout.button(label, f"pin_{template.id}", blocked=blocked, type="tertiary", icon=icon):
        templates.pin(desk, template.id, not pinned)
        st.rerun()
