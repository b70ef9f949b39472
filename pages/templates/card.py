"""What a template's card says and does, under Templates and where it is pinned at home."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

import streamlit as st

from core.access import roles
from core.desk import Desk
from core.engine.formats import FORMATS
from core.engine.spec import ExportSpec
from core.templating import estimates, templates
from core.templating.estimates import Estimate
from core.workspaces import Clock
from pages import routes
from pages.components import layout, words
from pages.texts import _

KEPT = 300  # estimates of a session


def facts(template: Any, clock: Clock, names: Mapping[str, str] | None = None) -> str:
    """Its format, and when it ran last; `names` (account id → name), where there are others: by whom."""
    wanted = ExportSpec.model_validate(template.spec).output.format
    ran = _("not run yet")
    if template.last_run_at:
        ran = _("ran {when}").format(when=words.moment(template.last_run_at, clock))
        if by := (names or {}).get(template.last_run_by or ""):
            ran = _("{ran} by {name}").format(ran=ran, name=by)
    return f"{_(FORMATS[wanted].label) if wanted in FORMATS else wanted} · {ran}"


def estimate(desk: Desk, template: Any, *, until: float) -> str:
    """ "about 1,200 rows, 84 KB", "" where it cannot be told. Asks the data once a version of it: draw the card first.

    `until` (time.monotonic): from then on only what is known already is told; the next look asks on.
    """
    known: dict[str, Estimate | None] = st.session_state.setdefault("template_estimates", {})
    stamp = estimates.stamp(desk, template)
    if not stamp:
        return ""
    if stamp not in known:
        if time.monotonic() > until:
            return ""
        known[stamp] = estimates.of(desk, template)
        while len(known) > KEPT:
            known.pop(next(iter(known)))
    found = known[stamp]
    if found is None:
        return ""
    said = f"{words.rows(found.rows)}, {words.size(found.bytes)}"
    return _("about {size}").format(size=said) if found.guessed else said


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
