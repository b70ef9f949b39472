"""“Deliver to”: where the finished files go by themselves, whether they do, and whether somebody may still stop it."""

from __future__ import annotations

import streamlit as st

from core import delivery as methods
from core import destinations
from core.access import roles
from core.desk import Desk
from pages import routes
from pages.builder import personal
from pages.builder.draft import ExportDraft, Tables
from pages.components import fields, layout, sending
from pages.texts import _, n_


def show(desk: Desk, draft: ExportDraft, tables: Tables, key: str) -> None:
    """Edit the draft's deliveries in place, folded; with them, what of it looks personal."""
    _places(desk, draft, key)
    if draft.delivering.destinations:
        personal.show(desk, draft, tables, key)


def _places(desk: Desk, draft: ExportDraft, key: str) -> None:
    blocked = roles.blocked(desk, "exports.deliver")
    if blocked and not draft.delivering.destinations:
        return
    known = {one.id: one for one in destinations.list(desk)}
    chosen = [one for one in draft.delivering.destinations if one in known]
    told = [one for one in st.session_state.get(f"{key}_destinations", chosen) if one in known]
    with st.expander(
        _label([known[one].name for one in told]), icon=":material/outbox:", key=f"{key}_deliver", expanded=False
    ):
        if not known:
            st.caption(_("Save a place once, and exports go there by themselves."))
            if st.button(_("New destination"), key=f"{key}_no_destination", icon=":material/add:"):
                routes.to_destinations()
            return
        picked = st.multiselect(
            _("Destinations"),
            list(known),
            key=fields.seeded(f"{key}_destinations", chosen),
            format_func=lambda one: known[one].name,
            placeholder=_("I download it myself"),
            disabled=bool(blocked),
        )
        wanted = draft.delivering.model_copy(update={"destinations": tuple(picked)})
        if picked:
            for one in picked:
                icon = methods.get(known[one].method).icon
                st.caption(f"{icon} {layout.plain(destinations.place(known[one]))}")
            wanted = sending.show(wanted, key=key, compared=draft.template is not None)
        draft.delivering = wanted


def _label(names: list[str]) -> str:
    if not names:
        return _("Deliver to …")
    if len(names) == 1:
        return _("Deliver to {name}").format(name=layout.plain(names[0]))
    return n_("Deliver to {n} place", "Deliver to {n} places", len(names))
