"""Destinations: places that files are delivered to. Saved once, tried with a test file, chosen in any export."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from core import deliveries, destinations, workspaces
from core import delivery as methods
from core.access import roles
from core.deliveries import Delivery
from core.destinations import Destination
from core.errors import DeskError, NotFound
from pages import belonging, destination_form
from pages.components import actions, deleting, dialogs, layout, whose, words
from pages.components.actions import Action
from pages.session import checked
from pages.session import desk as current_desk
from pages.texts import N_, _, n_

NEW, CHANGE, DELETE = "new_destination", "change_destination", "delete_destination"
EDIT, BELONGING, REMOVE = N_("Change"), N_("Sharing and project"), N_("Delete")
OFFERED = {
    EDIT: Action(":material/edit:", "destinations.change"),
    BELONGING: Action(":material/group:", "destinations.change"),
    REMOVE: Action(":material/delete:", "destinations.delete"),
}
LOOK_EVERY = 1.0  # seconds between two looks at a test file that is on its way
ON_ITS_WAY = ("queued", "sending")

desk = current_desk()
clock = workspaces.clock(desk)


def story() -> None:
    blocked = roles.blocked(desk, "destinations.change")
    actions_place = layout.header(
        _("Destinations"), _("Where finished files go by themselves. Choose one in any export, under “Deliver to”.")
    )
    found = destinations.list(desk)
    if not found:
        with layout.empty(
            "destinations",
            _("No destinations yet"),
            _("Save a place once: an e-mail list, a server, a cloud folder. Then exports can go there by themselves."),
            ":material/outbox:",
        ):
            new_button(blocked)
            if blocked:
                st.caption(layout.said(blocked), text_alignment="center")
        return
    with actions_place:
        new_button(blocked)
    names = whose.names(desk)
    sent = destinations.received(desk, [one.id for one in found])
    for one in found:
        item(one, sent.get(one.id, 0), names)


def new_button(blocked: str) -> None:
    if layout.button(_("New destination"), NEW, blocked=blocked, type="primary", icon=":material/add:"):
        destination_form.forget()
        dialogs.open(NEW, NEW)


def item(one: Destination, sent: int, names: Mapping[str, str]) -> None:
    """One destination: where it is, whether a test file arrived, what it got."""
    method = methods.get(one.method)
    with st.container(border=True, key=f"item_{one.id}"):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            with st.container(gap=None, width="stretch", key=f"words_{one.id}"):
                st.markdown(f"{method.icon} **{layout.plain(one.name)}**")
                st.caption(layout.plain(f"{_(method.label)} · {destinations.place(one)}"))
                st.caption(layout.plain(facts(one, sent)))
            whose.badge(desk, one, names)
            blocked = roles.blocked(desk, "destinations.change", one)
            if layout.button(_("Send a test file"), f"test_{one.id}", blocked=blocked, icon=":material/send:"):
                with layout.telling():
                    destinations.test(desk, one.id)
                    st.session_state[f"tested_{one.id}"] = True
            chosen = actions.menu(desk, offered(one), one, key=f"more_{one.id}")
            if chosen == EDIT:
                destination_form.forget()
                dialogs.open(CHANGE, one.id)
            elif chosen == BELONGING:
                dialogs.open(BELONGING, one.id)
            elif chosen == REMOVE:
                dialogs.open(DELETE, one.id)
        if st.session_state.get(f"tested_{one.id}"):
            tested(one.id)


def offered(one: Destination) -> Mapping[str, Action]:
    return {a: OFFERED[a] for a in OFFERED if a != BELONGING or belonging.possible(desk, one)}


def facts(one: Destination, sent: int) -> str:
    tried = _("not tested yet")
    if one.tested_at:
        tried = _("a test file arrived {when}").format(when=words.moment(one.tested_at, clock))
    times = n_("{n} delivery", "{n} deliveries", sent)
    return f"{tried} · {times}" if sent else tried


def tested(destination_id: str) -> None:
    """What becomes of the test file, without drawing the rest of the page again and again."""
    try:
        on_its_way = deliveries.of_test(desk, destination_id).state in ON_ITS_WAY
    except NotFound:
        return

    @st.fragment(run_every=LOOK_EVERY if on_its_way else None, key=f"test_result_{destination_id}")
    @checked
    def look() -> None:
        now = deliveries.of_test(desk, destination_id)
        if on_its_way and now.state not in ON_ITS_WAY:
            st.rerun()
        outcome(now)

    look()


def outcome(test: Delivery) -> None:
    if test.state in ON_ITS_WAY:
        st.markdown(_(":material/progress_activity: The test file is on its way …"))
    elif test.error is not None:
        layout.error_box(test.error)
    elif test.arrivals:
        arrived = _("“{file}” arrived: {where}")
        first = test.arrivals[0]
        st.success(
            layout.plain(arrived.format(file=first["name"], where=first["where"])), icon=":material/check_circle:"
        )


@dialogs.dialog(N_("New destination"), icon=":material/outbox:", width="medium", on_dismiss=destination_form.dismissed)
@checked
def new() -> None:
    destination_form.show(desk, None)


@dialogs.dialog(N_("Change destination"), icon=":material/edit:", width="medium", on_dismiss=destination_form.dismissed)
@checked
def change(destination_id: str) -> None:
    with layout.telling():
        destination_form.show(desk, destinations.get(desk, destination_id))


@dialogs.dialog(N_("Sharing and project"), icon=":material/group:")
@checked
def belongs(destination_id: str) -> None:
    with layout.telling():
        one: Any = destinations.get(desk, destination_id)
        st.markdown(f"**{layout.plain(one.name)}**")
        belonging.show(desk, "destination", one)


@dialogs.dialog(N_("Delete this destination?"), icon=":material/delete:")
@checked
def delete(destination_id: str) -> None:
    try:
        one = destinations.get(desk, destination_id)
    except DeskError:
        dialogs.close()
    said = _("Nothing is delivered to **{name}** any more. Exports and templates that name it say so when they run.")
    st.markdown(said.format(name=layout.plain(one.name)))
    deleting.buttons("destination", one.name, lambda: destinations.delete(desk, destination_id))


story()
if dialogs.subject(NEW):
    new()
elif subject := dialogs.subject(CHANGE):
    change(subject)
elif subject := dialogs.subject(BELONGING):
    belongs(subject)
elif subject := dialogs.subject(DELETE):
    delete(subject)
