"""My exports: everything that was asked for, what is on its way, and the files that came of it."""

from __future__ import annotations

import streamlit as st

from core import exports, workspaces
from core.access import roles
from core.engine.formats import FORMATS
from core.things import Within
from pages import routes
from pages.components import fields, layout, narrowing, whose
from pages.exports import actions, detail
from pages.exports import item as export_item
from pages.session import checked
from pages.session import desk as current_desk
from pages.texts import N_, _

SIZE = 20  # exports a page
EVERY = 0.7  # seconds between two looks while something is on its way
STATES = {N_("Ready"): ("succeeded",), N_("On its way"): export_item.ACTIVE, N_("Failed"): ("failed", "cancelled")}

desk = current_desk()
clock = workspaces.clock(desk)


def story() -> None:
    if job_id := st.query_params.get("job"):
        detail.show(desk, job_id, clock)
        return
    layout.header(
        _("My exports"), _("Every file you asked for. Download it again, run it again, or see how it was made.")
    )
    if not exports.list(desk, size=1)[1]:
        blocked = roles.blocked(desk, "exports.run")
        if blocked:
            with layout.empty(
                "exports", _("Nothing is shared with you yet"), _("Exports that others share show up here.")
            ):
                st.caption(layout.said(blocked), text_alignment="center")
            return
        with layout.empty(
            "exports", _("Nothing exported yet"), _("Choose some data, keep what matters, and its file lands here.")
        ):
            if layout.button(
                _("New export"), "first_export", blocked=blocked, type="primary", icon=":material/add_circle:"
            ):
                routes.to_builder()
        return
    search, states, formats, within = filters()
    names = whose.names(desk)
    on_its_way = exports.list(desk, states=export_item.ACTIVE, size=1)[1]

    @st.fragment(run_every=EVERY if on_its_way else None)
    @checked
    def listing() -> None:
        page = st.session_state.get("exports_page", 1)
        jobs, total = exports.list(
            desk, within=within, search=search, states=states, formats=formats, page=page, size=SIZE
        )
        for job in jobs:
            export_item.show(desk, job, clock, names)
        if not total:
            st.caption(_("No export matches. Try another word, or clear the filters."))
        if total > SIZE:
            st.pagination(-(-total // SIZE), key="exports_page")

    listing()


def filters() -> tuple[str, tuple[str, ...], tuple[str, ...], Within]:
    """Search, state, format, project, whose: part of the page's address, so a filtered list can be sent to a colleague."""
    with st.container(horizontal=True, vertical_alignment="center", key="row_filters"):
        search = st.text_input(
            _("Search"), key="q", bind="query-params", placeholder=_("Search by name"), label_visibility="collapsed",
            icon=":material/search:", type="search", live=True, width=300,
        )  # fmt: skip
        fields.addressed("state", STATES)
        state = st.pills(
            _("State"), list(STATES), key="state", bind="query-params", label_visibility="collapsed", format_func=_
        )
        kind = st.selectbox(
            _("Format"), list(FORMATS), key="format", bind="query-params", index=None, placeholder=_("Any format"),
            label_visibility="collapsed", format_func=lambda f: _(FORMATS[f].label), width=170,
        )  # fmt: skip
        within = narrowing.show(desk)
    return search or "", STATES.get(state or "", ()), (kind,) if kind else (), within


story()
actions.show_dialogs(desk)
