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
from pages.components import fields, layout
from pages.texts import N_, _, n_

WHEN = {
    "always": N_("Always"),
    "rows": N_("Only if there are rows"),
    "no_rows": N_("Only if there are none"),
    "changed": N_("Only if the rows changed since last time"),
}
HOLD = {"no": N_("At once"), "undo": N_("After a while"), "ask": N_("To me first")}
USUAL_PERCENT = 25.0


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
        changes: dict[str, object] = {"destinations": tuple(picked)}
        if picked:
            for one in picked:
                icon = methods.get(known[one].method).icon
                st.caption(f"{icon} {layout.plain(destinations.place(known[one]))}")
            changes |= _conditions(draft, key)
        draft.delivering = draft.delivering.model_copy(update=changes)


def _conditions(draft: ExportDraft, key: str) -> dict[str, object]:
    now = draft.delivering
    when = st.selectbox(
        _("Send it"), list(WHEN), key=fields.seeded(f"{key}_when", now.when), format_func=lambda one: _(WHEN[one])
    )
    hold = st.pills(
        _("It goes"),
        list(HOLD),
        key=fields.seeded(f"{key}_hold", now.hold),
        format_func=lambda one: _(HOLD[one]),
        required=True,
    )
    changes: dict[str, object] = {"when": when, "hold": hold}
    if hold == "undo":
        changes["undo_minutes"] = st.number_input(
            _("Minutes in which it can be undone"), 1, 24 * 60, key=fields.seeded(f"{key}_undo", now.undo_minutes)
        )
    elif hold == "ask":
        st.caption(_("You are told when it is ready, and it waits for your yes."))
    ask = st.checkbox(
        _("Ask me first if the number of rows moved a lot"),
        key=fields.seeded(f"{key}_ask", now.ask_above_percent is not None),
    )
    changes["ask_above_percent"] = None
    if ask:
        changes["ask_above_percent"] = st.number_input(
            _("By more than (%)"),
            min_value=0.1,
            max_value=10_000.0,
            step=5.0,
            key=fields.seeded(f"{key}_percent", now.ask_above_percent or USUAL_PERCENT),
        )
    return changes


def _label(names: list[str]) -> str:
    if not names:
        return _("Deliver to …")
    if len(names) == 1:
        return _("Deliver to {name}").format(name=layout.plain(names[0]))
    return n_("Deliver to {n} place", "Deliver to {n} places", len(names))
