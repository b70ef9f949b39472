"""Templates: exports that were saved, to be run again on the same data or on a new file; and saved filters and columns.

?run=<id>   a template on a new file        ?add=file   a template that came as a file
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core import previews, sharing, workspaces
from core.access import roles
from core.engine.spec import ExportSpec
from core.errors import DeskError
from core.templating import saved_sets, templates
from pages import belonging, routes
from pages.components import actions, dialogs, fields, layout, narrowing, whose
from pages.components.actions import Action
from pages.session import desk as current_desk
from pages.templates import card, from_file
from pages.templates import dialogs as template_dialogs
from pages.templates import run as template_run
from pages.templates import saved_sets as saved_sets_list
from pages.templates.dialogs import DELETE, DETAILS, FILE, VERSIONS
from pages.texts import N_, _

SIZE = 24  # templates a page
ASKING = 2.0  # seconds for how much each would give
NEW_FILE, EDIT, SCHEDULE, DUPLICATE = N_("Run on a new file"), N_("Edit"), N_("Schedule"), N_("Duplicate")
BELONGING = N_("Sharing and project")
OFFERED = {
    NEW_FILE: Action(":material/upload_file:", "exports.run"),
    EDIT: Action(":material/edit:", "exports.run"),
    SCHEDULE: Action(":material/schedule:", "schedules.change"),
    DETAILS: Action(":material/sell:", "templates.change"),
    VERSIONS: Action(":material/history:"),
    DUPLICATE: Action(":material/content_copy:", "templates.save"),
    BELONGING: Action(":material/group:", "templates.change"),
    FILE: Action(":material/download:"),
    DELETE: Action(":material/delete:", "templates.delete"),
}
KINDS = (N_("Templates"), N_("Filters and columns"))

desk = current_desk()
clock = workspaces.clock(desk)


def story() -> None:
    if template_id := st.query_params.get(template_run.PARAMETER):
        template_run.show(desk, template_id)
        return
    if from_file.at_hand():
        from_file.show(desk)
        return
    saved = templates.list(desk)
    with layout.header(_("Templates"), _("Exports you make more than once. One press, and the file is on its way.")):
        blocked = roles.blocked(desk, "templates.save")
        if layout.button(_("Add from a file"), "add_from_file", blocked=blocked, icon=":material/upload:"):
            dialogs.open(from_file.DIALOG, "file")
    if saved_sets.list(desk):
        fields.addressed("kind", KINDS)
        kind = st.segmented_control(
            _("Kind"), list(KINDS), key="kind", bind="query-params", default=KINDS[0], required=True, format_func=_,
            label_visibility="collapsed",
        )  # fmt: skip
        if kind == KINDS[1]:
            saved_sets_list.show(desk)
            return
    if saved:
        gallery(saved)
    else:
        nothing(blocked)


def nothing(blocked: str) -> None:
    if blocked:
        with layout.empty(
            "templates",
            _("Nothing is shared with you yet"),
            _("Templates that others share show up here."),
            ":material/bookmark:",
        ):
            st.caption(layout.said(blocked), text_alignment="center")
        return
    with layout.empty(
        "templates",
        _("No templates yet"),
        _("Make an export once, then choose “Save as template”."),
        ":material/bookmark:",
    ):
        if st.button(_("New export"), key="first_template", type="primary", icon=":material/add_circle:"):
            routes.to_builder()


def gallery(saved: Sequence[Any]) -> None:
    """Search and tags above, a tile each below. How much each would give is asked once all of them stand there."""
    with st.container(horizontal=True, vertical_alignment="center", key="row_filters"):
        search = st.text_input(
            _("Search"), key="q", bind="query-params", placeholder=_("Name, description or tag"),
            label_visibility="collapsed", icon=":material/search:", type="search", live=True, width=280,
        )  # fmt: skip
        known = sorted({tag for one in saved for tag in one.tags}, key=str.casefold)
        tags = known and st.multiselect(
            _("Tags"), known, key="tag", bind="query-params", placeholder=_("Any tag"), label_visibility="collapsed",
            width=220,
        )  # fmt: skip
        within = narrowing.show(desk)
    found = templates.list(desk, search or "", tags=tags or (), within=within)
    if not found:
        st.caption(_("No template matches. Try another word, or clear the filters."))
        return
    names = whose.names(desk)
    pinned = {template.id for template in templates.pinned(desk)}
    last = -(-len(found) // SIZE)
    page = min(st.session_state.get("templates_page", 1), last)
    shown = found[(page - 1) * SIZE : page * SIZE]
    with st.grid("auto", min_column_width=330, gap="medium"):
        places = [tile(template, pinned, names) for template in shown]
    if last > 1:
        st.pagination(last, key="templates_page")
    until = time.monotonic() + ASKING
    for template, (place, facts) in zip(shown, places, strict=True):
        if size := card.estimate(desk, template, until=until):
            place.caption(layout.plain(f"{facts} · {size}"), width="content")


def tile(template: Any, pinned: set[str], names: Mapping[str, str]) -> tuple[DeltaGenerator, str]:
    """One template: what it is for, what it keeps, when it ran last. Returns the place of its facts, and them."""
    spec = ExportSpec.model_validate(template.spec)
    with layout.card(f"template_{template.id}", template.name, about=layout.plain(template.description)):
        st.text(sentence(template, spec), width="stretch")
        place, facts = st.empty(), card.facts(template, clock, names)
        place.caption(layout.plain(facts), width="content")
        with st.container(horizontal=True, gap="xsmall", key=f"facts_{template.id}"):
            for tag in template.tags:
                layout.badge(tag)
            whose.badge(desk, template, names)
        with layout.row(f"template_{template.id}"):
            card.run_button(desk, template)
            card.pin_button(desk, template, template.id in pinned)
            offered = {a: OFFERED[a] for a in OFFERED if a != BELONGING or belonging.possible(desk, template)}
            if chosen := actions.menu(desk, offered, template, key=f"more_{template.id}"):
                act(template, chosen)
    return place, facts


def act(template: Any, chosen: str) -> None:
    if chosen == EDIT:
        routes.to_builder(template=template.id)
    elif chosen == NEW_FILE:
        template_run.open(template.id)
    elif chosen == SCHEDULE:
        routes.to_new_schedule(template=template.id)
    elif chosen == DUPLICATE:
        with layout.telling():
            copy = templates.duplicate(desk, template.id)
            st.toast(_("**{name}** is yours.").format(name=layout.plain(copy.name)), icon=OFFERED[DUPLICATE].icon)
            st.rerun()
    elif chosen == BELONGING:
        dialogs.open(belonging.BOTH, template.id)
    else:
        dialogs.open(f"template {chosen}", template.id)


def sentence(template: Any, spec: ExportSpec) -> str:
    """What the template keeps, in English; if its data is gone or not shared, that."""
    try:
        with sharing.asking_for_data(desk, template):
            return previews.sentence(desk, spec)
    except DeskError as error:
        return error.message


story()
template_dialogs.show(desk)
from_file.show_dialog(desk)
saved_sets_list.show_dialogs(desk)
belonging.show_dialogs(desk)
