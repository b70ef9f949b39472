"""One schedule and one run of it, as lists show them."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from core.access import roles
from core.desk import Desk
from core.engine.moments import zone_of
from core.errors import from_dict
from core.scheduling import schedules
from core.scheduling.schedules import Listed, Occurrence, Schedule
from core.workspaces import Clock
from pages import belonging, routes
from pages.components import actions, dialogs, layout, whose, words
from pages.components.actions import Action
from pages.texts import N_, _

EDIT, TEMPLATE, BELONGING, DELETE = N_("Change"), N_("Its template"), N_("Sharing and project"), N_("Delete")
OFFERED = {
    EDIT: Action(":material/edit:", "schedules.change"),
    TEMPLATE: Action(":material/bookmark:", "templates.see"),
    BELONGING: Action(":material/group:", "schedules.share"),
    DELETE: Action(":material/delete:", "schedules.delete"),
}
STATES: dict[str, tuple[str, str]] = {  # OccurrenceState → how it is said, its icon
    "waiting": (N_("waits for the run before it"), ":material/hourglass_empty:"),
    "refreshing": (N_("its data is being fetched"), ":material/sync:"),
    "started": (N_("on its way"), ":material/progress_activity:"),
    "delivering": (N_("made its file, which is yet to arrive"), ":material/send:"),
    "succeeded": (N_("worked"), ":material/check_circle:"),
    "undelivered": (N_("made its file, but did not deliver it"), ":material/error:"),
    "failed": (N_("did not work"), ":material/error:"),
    "cancelled": (N_("was cancelled"), ":material/block:"),
    "missed": (N_("was missed"), ":material/event_busy:"),
    "skipped": (N_("was left out"), ":material/skip_next:"),
}

FAILED = ("failed", "undelivered")


def show(desk: Desk, listed: Listed, clock: Clock, names: Mapping[str, str]) -> None:
    """Its sentence, when it runs next, what came of the last time, and what can be done with it."""
    one = listed.schedule
    with st.container(border=True, key=f"item_{one.id}"):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            with st.container(gap=None, width="stretch", key=f"words_{one.id}"):
                with layout.row(f"name_{one.id}"):
                    if st.button(
                        f"**{layout.plain(one.name)}**",
                        key=f"open_{one.id}",
                        type="tertiary",
                        icon=":material/schedule:",
                    ):
                        routes.to_schedules(one.id)
                    state_badge(one)
                    whose.badge(desk, one, names)
                st.markdown(layout.plain(listed.sentence))
                st.caption(layout.plain(" · ".join(facts(listed, clock))))
            buttons(desk, one)
        if listed.last is not None and listed.last.state in FAILED and listed.last.error:
            st.caption(f":material/error: {layout.lines(from_dict(listed.last.error))}")


def state_badge(one: Schedule) -> None:
    """Nothing on one that goes on and works."""
    if one.paused_at is not None:
        color = "red" if one.paused_why else "gray"
        st.badge(_("Paused"), icon=":material/pause:", color=color)  # type: ignore[arg-type]
    elif one.next_at is None:
        st.badge(_("Over"), icon=":material/event_available:", color="gray")
    elif one.failures:
        st.badge(_("Failing"), icon=":material/error:", color="red")


def facts(listed: Listed, clock: Clock) -> list[str]:
    """ "next Mon 12 Oct 2026, 08:00", "last: worked, today 08:00" """
    one, last = listed.schedule, listed.last
    said = []
    if one.next_at is not None:
        said.append(_("next {when}").format(when=words.run(one.next_at.astimezone(zone_of(one.zone)))))
    elif one.paused_why:
        said.append(one.paused_why)
    if last is None:
        said.append(_("has not run yet"))
    else:
        state = _(STATES[last.state][0])
        said.append(_("last time {result}, {when}").format(result=state, when=words.moment(last.at, clock)))
    return said


def buttons(desk: Desk, one: Schedule) -> None:
    """Run now, pause or go on, and the rest behind ⋯."""
    blocked = roles.blocked(desk, "schedules.run", one)
    if layout.button(_("Run now"), f"run_{one.id}", blocked=blocked, icon=":material/play_arrow:"):
        with layout.telling():
            schedules.run_now(desk, one.id)
            st.toast(_("**{name}** is on its way.").format(name=layout.plain(one.name)), icon=":material/play_arrow:")
            st.rerun()
    resting = one.paused_at is not None
    label, icon = (_("Go on"), ":material/resume:") if resting else (_("Pause"), ":material/pause:")
    if layout.button(label, f"pause_{one.id}", blocked=blocked, type="tertiary", icon=icon):
        with layout.telling():
            (schedules.resume if resting else schedules.pause)(desk, one.id)
            st.rerun()
    offered = {a: OFFERED[a] for a in OFFERED if a != BELONGING or belonging.possible(desk, one)}
    chosen = actions.menu(desk, offered, one, key=f"more_{one.id}")
    if chosen == TEMPLATE:
        routes.to_builder(template=one.template_id)
    elif chosen:
        dialogs.open(f"schedule {chosen}", one.id)


def run(desk: Desk, one: Occurrence, clock: Clock, names: Mapping[str, str]) -> None:
    """One line of a history: when, what came of it, why, and the way to its export."""
    words_of, icon = STATES[one.state]
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"row_run_{one.id}"):
        with st.container(gap=None, width="stretch", key=f"words_run_{one.id}"):
            when = words.moment(one.at, clock)
            st.markdown(f"{icon} **{layout.plain(when)}** {layout.plain(_(words_of))}")
            said = [_asked(one.asked_by, names)] if one.asked_by else []
            if one.data_at:
                said.append(_("data of {when}").format(when=words.moment(one.data_at, clock)))
            if said:
                st.caption(layout.plain(" · ".join(said)))
            if one.error:
                st.caption(layout.lines(from_dict(one.error)))
            if one.warning:
                st.caption(layout.plain(one.warning))
        if (
            one.job_id
            and one.state not in ("waiting", "refreshing")
            and st.button(_("Look at it"), key=f"job_{one.id}", type="tertiary", icon=":material/arrow_forward:")
        ):
            routes.to_exports(one.job_id)


def _asked(account_id: str, names: Mapping[str, str]) -> str:
    """Who pressed Run now; on a desk for one person there is nobody to name."""
    name = names.get(account_id)
    return _("asked for by {name}").format(name=name) if name else _("asked for by hand")
