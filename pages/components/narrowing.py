"""What every list can be narrowed to: one project, one's own, what others shared. Part of the page's address."""

from __future__ import annotations

import streamlit as st

from core import projects
from core.access import sign_in
from core.desk import Desk
from core.things import Within
from pages.components import fields
from pages.texts import N_, _

WHOSE = {"mine": N_("Mine"), "others": N_("From others")}


def show(desk: Desk) -> Within:
    """Beside the search; what nobody here needs is not shown: projects while there are none, others where nobody signs in."""
    known = {p.name: p.id for p in projects.list(desk)}  # names are unique, and an address that says them can be read
    project = whose = None
    if known:
        project = st.selectbox(
            _("Project"), list(known), key="project", bind="query-params", index=None, placeholder=_("All projects"),
            label_visibility="collapsed", width=170,
        )  # fmt: skip
    if sign_in.required(desk):
        fields.addressed("whose", WHOSE.values())
        whose = st.pills(
            _("Whose"),
            list(WHOSE.values()),
            key="whose",
            bind="query-params",
            label_visibility="collapsed",
            format_func=_,
        )
    return Within(
        project_id=known.get(project) if project else None,
        whose="mine" if whose == WHOSE["mine"] else "others" if whose else None,
    )
