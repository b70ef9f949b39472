"""Whether finished files are sent, and whether somebody may still stop them: the conditions of a delivery."""

from __future__ import annotations

import streamlit as st

from core.engine.spec import Delivering
from pages.components import fields
from pages.texts import N_, _

WHEN = {
    "always": N_("Always"),
    "rows": N_("Only if there are rows"),
    "no_rows": N_("Only if there are none"),
    "changed": N_("Only if the rows changed since last time"),
}
HOLD = {"no": N_("At once"), "undo": N_("After a while"), "ask": N_("To me first")}
USUAL_PERCENT = 25.0


def show(now: Delivering, *, key: str, compared: bool = True) -> Delivering:
    """`now` with the conditions as they are chosen. `compared`: it has a last time, else it is said that it has none."""
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
    if not compared and (ask or when == "changed"):
        said = _("It is compared with last time once this is a template or a schedule; a single export is always sent.")
        st.caption(f":material/info: {said}")
    return now.model_copy(update=changes)
