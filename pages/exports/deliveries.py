"""Who got the files of an export, when, and how the rest stands: each destination a line with what can be done about it."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core import deliveries, destinations, exports, personal
from core import delivery as methods
from core.access import roles
from core.deliveries import Delivery
from core.desk import Desk
from core.destinations import Destination
from core.errors import DeskError
from core.workspaces import Clock
from pages.components import layout, personal_hint, words
from pages.session import checked
from pages.texts import N_, _, n_

LOOK_EVERY = 1.0  # seconds between two looks while something is on its way
SLOWLY = 10.0  # while something waits for its time
MOVING = ("queued", "sending")
BADGES = {
    "held": (N_("Waits for a yes"), ":material/front_hand:", "orange"),
    "waiting": (N_("Waits"), ":material/schedule:", "blue"),
    "queued": (N_("On its way"), ":material/progress_activity:", "blue"),
    "sending": (N_("On its way"), ":material/progress_activity:", "blue"),
    "retrying": (N_("Tried again later"), ":material/replay:", "orange"),
    "sent": (N_("Sent"), ":material/check_circle:", "green"),
    "failed": (N_("Not sent"), ":material/error:", "red"),
    "not_sent": (N_("Kept back"), ":material/block:", "gray"),
    "stopped": (N_("Stopped"), ":material/block:", "gray"),
}
NOW, AGAIN, STOP = "now", "again", "stop"
# what can be done in each state, the likelier first: (what, label, icon)
ACTIONS = {
    "held": ((NOW, N_("Send now"), ":material/send:"), (STOP, N_("Do not send"), ":material/close:")),
    "waiting": ((STOP, N_("Undo"), ":material/undo:"), (NOW, N_("Send now"), ":material/send:")),
    "queued": ((STOP, N_("Undo"), ":material/undo:"),),
    "sending": ((STOP, N_("Stop"), ":material/close:"),),
    "retrying": ((NOW, N_("Try now"), ":material/replay:"), (STOP, N_("Give up"), ":material/close:")),
    "sent": ((AGAIN, N_("Send again"), ":material/replay:"),),
    "failed": ((AGAIN, N_("Send again"), ":material/replay:"),),
    "not_sent": ((AGAIN, N_("Send anyway"), ":material/send:"),),
    "stopped": ((AGAIN, N_("Send now"), ":material/send:"),),
}


def show(desk: Desk, job_id: str, clock: Clock, *, there: bool = True) -> None:
    """The card; nothing where nothing was to be sent and there is nowhere to send. `there`: its files can be sent still."""
    found = deliveries.list(desk, job_id)
    places = destinations.list(desk) if there else []
    if not found and not places:
        return
    moving = any(one.state in MOVING for one in found)
    later = any(one.state in ("waiting", "retrying") for one in found)

    @st.fragment(run_every=LOOK_EVERY if moving else SLOWLY if later else None, key=f"deliveries_{job_id}")
    @checked
    def look() -> None:
        with layout.telling():
            now = deliveries.list(desk, job_id)
            if moving and not any(one.state in MOVING for one in now):
                st.rerun()
            with layout.card("deliveries", _("Deliveries"), ":material/outbox:"):
                for one in now:
                    _line(desk, one, clock, there)
                if places:
                    _further(desk, job_id, places)

    look()


def _line(desk: Desk, one: Delivery, clock: Clock, there: bool) -> None:
    label, icon, colour = BADGES[one.state]
    with st.container(key=f"delivery_{one.id}", gap="xsmall"):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            with st.container(gap=None, width="stretch", key=f"delivery_words_{one.id}"):
                st.markdown(f"{_icon(one)} **{layout.plain(one.name)}**")
                st.caption(layout.plain(" · ".join(part for part in (one.place, _when(one, clock)) if part)))
            st.badge(_(label), icon=icon, color=colour)  # type: ignore[arg-type]
            _buttons(desk, one, there)
        if one.why:
            st.caption(layout.plain(one.why))
        if one.fraction is not None:
            st.progress(one.fraction)
        if one.error is not None and one.state in ("failed", "retrying"):
            st.markdown(f":orange[:material/error:] {layout.lines(one.error)}")


def _icon(one: Delivery) -> str:
    return methods.get(one.method).icon if one.method in methods.NAMES else ":material/outbox:"


def _when(one: Delivery, clock: Clock) -> str:
    at = words.moment(one.at, clock) if one.at else ""
    match one.state:
        case "sent":
            again = sum(bool(file.get("resumed_at")) for file in one.arrivals)
            sent = _("sent {when}").format(when=at)
            return _("{sent}, gone on where it had stopped").format(sent=sent) if again else sent
        case "waiting":
            return _("goes {when}").format(when=at)
        case "retrying":
            return n_("tried {n} time, next {when}", "tried {n} times, next {when}", one.tries, when=at)
        case "failed":
            return n_("given up {when} after {n} try", "given up {when} after {n} tries", one.tries, when=at)
    return ""


def _buttons(desk: Desk, one: Delivery, there: bool) -> None:
    refused = roles.blocked(desk, "exports.deliver")
    unseen = "" if one.destination_id else _("Its destination is gone, or not shared with you.")
    act = {NOW: deliveries.send_now, AGAIN: deliveries.send_again, STOP: deliveries.undo}
    for what, label, icon in ACTIONS[one.state]:
        if what != STOP and not there:
            continue
        blocked = refused or ("" if what == STOP else unseen)
        if layout.button(_(label), f"{what}_{one.id}", blocked=blocked, icon=icon, type="tertiary"):
            try:
                act[what](desk, one.id)
            except DeskError as problem:
                st.toast(layout.lines(problem), icon=":material/error:")
            st.rerun()


def _further(desk: Desk, job_id: str, places: Sequence[Destination]) -> None:
    """One more destination, now."""
    known = {one.id: one.name for one in places}
    refused = roles.blocked(desk, "exports.deliver")
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key="row_send_to"):
        chosen = st.selectbox(
            _("Send to"),
            list(known),
            index=None,
            format_func=lambda one: known.get(one, ""),
            placeholder=_("Send it to …"),
            label_visibility="collapsed",
            key=f"send_to_{job_id}",
            disabled=bool(refused),
            width=260,
        )
        blocked = refused or ("" if chosen else _("Choose a destination first."))
        if layout.button(_("Send"), f"send_{job_id}", blocked=blocked, icon=":material/send:") and chosen:
            with layout.telling():
                deliveries.send(desk, job_id, chosen)
                st.session_state.pop(f"send_to_{job_id}", None)
                st.rerun()
    if chosen:
        found = personal.of_export(desk, exports.get(desk, job_id))
        personal_hint.show(desk, found, key=f"send_{job_id}", job=job_id)
