"""One schedule: when it runs next, what it would make on any day, and what came of every run."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import streamlit as st

from core.desk import Desk
from core.engine.moments import today_in, zone_of
from core.scheduling import agenda, schedules
from core.workspaces import Clock
from pages import belonging
from pages.components import layout, whose, words
from pages.schedules import item as schedule_item
from pages.session import checked
from pages.texts import _, n_

SIZE = 20  # runs a page
EVERY = 2.0  # seconds between two looks while a run is on its way, or about to be
SOON = timedelta(minutes=2)
UNFINISHED = ("waiting", "refreshing", "started", "delivering")


def show(desk: Desk, schedule_id: str, clock: Clock) -> None:
    if st.button(_("Schedules"), key="back_to_schedules", type="tertiary", icon=":material/arrow_back:"):
        st.query_params.pop("schedule", None)
        st.rerun()
    with layout.telling():
        listed = schedules.look(desk, schedule_id)
        one = listed.schedule
        with layout.header(one.name, listed.sentence):
            schedule_item.buttons(desk, one)
        belonging.show(desk, "schedule", one)
        if one.paused_at is not None:
            why = layout.said(one.paused_why) or _("Somebody paused it.")
            st.warning(why + " " + _("It runs again from when you press Go on."), icon=":material/pause:")
        ahead, dry = st.columns([1, 1.4])
        with ahead:
            _ahead(desk, listed)
        with dry:
            _dry_run(desk, schedule_id, one.zone)
        _history(desk, one, clock)


def _ahead(desk: Desk, listed: schedules.Listed) -> None:
    one = listed.schedule
    with layout.card("ahead", _("The next runs"), ":material/event:", height="stretch"):
        with st.container(gap="xxsmall", key="ahead_runs"):
            for at in agenda.next_of(one):
                st.text(words.run(at))
        if one.next_at is None:
            st.caption(_("None: it is paused.") if one.paused_at else _("None: it is over."))
        st.caption(
            _("It runs the template {name}.").format(name=f"**{layout.plain(listed.template)}**")
            if listed.template
            else _("Its template is deleted, or not shared with you.")
        )


def _dry_run(desk: Desk, schedule_id: str, zone: str) -> None:
    """What a day would bring, before it comes or after it has gone."""
    with layout.card("dry_run", _("What would it make?"), ":material/science:", height="stretch"):
        day = st.date_input(
            _("On the day"), value=today_in(datetime.now(UTC), zone), key=f"dry_{schedule_id}", format="YYYY-MM-DD",
            width=190,
        )  # fmt: skip
        with layout.telling():
            found = agenda.dry_run(desk, schedule_id, day)
            at = words.run(found.at.astimezone(zone_of(zone)))
            if not found.due:
                st.caption(
                    layout.plain(
                        _("It does not run on that day; this is what it would make at {when}.").format(when=at)
                    )
                )
            else:
                st.caption(layout.plain(_("At {when}, on the data as it is now:").format(when=at)))
            st.text(found.sentence)
            made = n_(
                "**{name}** with {n} row", "**{name}** with {n} rows", found.rows, name=layout.plain(found.file_name)
            )
            st.markdown(f":material/draft: {made}")


def _history(desk: Desk, one: schedules.Schedule, clock: Clock) -> None:
    page = int(st.session_state.get("runs_page", 1))
    before, _total = schedules.history(desk, one.id, size=1)
    on_its_way = any(run.state in UNFINISHED for run in before)
    soon = one.next_at is not None and one.next_at - datetime.now(UTC) < SOON

    @st.fragment(run_every=EVERY if on_its_way or soon else None)
    @checked
    def listing() -> None:
        found, total = schedules.history(desk, one.id, page=page, size=SIZE)
        if page == 1 and _states(found[:1]) != _states(before):
            st.rerun()  # the runs ahead are others now
        with layout.card("history", _("What came of it"), ":material/history:"):
            if not found:
                st.caption(_("It has not run yet."))
            names = whose.names(desk)
            for run in found:
                schedule_item.run(desk, run, clock, names)
            if total > SIZE:
                st.pagination(-(-total // SIZE), key="runs_page")

    listing()


def _states(runs: Sequence[schedules.Occurrence]) -> list[tuple[str, str]]:
    return [(run.id, run.state) for run in runs]
