"""A month of runs: what came of those that were, and what will be."""

from __future__ import annotations

import html
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from urllib.parse import quote

import streamlit as st
from babel.dates import format_date

from core.desk import Desk
from core.engine.moments import month_of, today_in, zone_of
from core.scheduling import agenda
from core.scheduling.agenda import OnDay
from core.things import Within
from core.workspaces import Clock
from pages.components import layout
from pages.texts import _, language, n_

SHOWN = 4  # schedules of one day; more are counted
MONTH = "calendar_month"
WEEK = timedelta(days=7)
TO_DO, DONE, FAILED, NEITHER = "schedule", "check_circle", "error", "remove"  # icons


def show(desk: Desk, clock: Clock, within: Within) -> None:
    """Weeks begin on Monday (ISO 8601); days are those of whoever looks."""
    today = today_in(datetime.now(UTC), clock.zone)
    first = st.session_state.setdefault(MONTH, month_of(today)[0])
    with layout.row("calendar", align="distribute"):
        if st.button(_("Earlier"), key="month_before", icon=":material/chevron_left:"):
            _turn(first, -1)
        st.header(format_date(first, "LLLL y", locale=language()), anchor=False, width="content")
        if st.button(_("Later"), key="month_after", icon=":material/chevron_right:", icon_position="right"):
            _turn(first, 1)
    found = agenda.month(desk, first.year, first.month, clock.zone, within=within)
    if not any(found.values()):
        st.caption(_("Nothing runs in this month."))
    days = [*found]
    monday = days[0] - timedelta(days=days[0].weekday())
    names = [format_date(monday + timedelta(days=n), "EEE", locale=language()) for n in range(7)]
    rows = []
    while monday <= days[-1]:
        week = [monday + timedelta(days=n) for n in range(7)]
        rows.append("<tr>" + "".join(_cell(day, found.get(day), today, clock) for day in week) + "</tr>")
        monday += WEEK
    head = "".join(f'<th scope="col">{html.escape(name)}</th>' for name in names)
    st.html(f'<table class="desk-calendar"><thead><tr>{head}</tr></thead><tbody>{"".join(rows)}</tbody></table>')
    st.caption(_("By the clocks of {zone}.").format(zone=layout.plain(clock.zone)))


def _turn(first: date, months: int) -> None:
    st.session_state[MONTH] = month_of(first, months)[0]
    st.rerun()


def _cell(day: date, runs: Sequence[OnDay] | None, today: date, clock: Clock) -> str:
    """One day, empty outside the month. On a phone only days with something in them are drawn (styles.py)."""
    if runs is None:
        return '<td class="none"></td>'
    kind = " ".join(["busy"] * bool(runs) + ["today"] * (day == today))
    more = len(runs) - SHOWN
    lines = "".join(_line(one, clock) for one in runs[:SHOWN])
    said = n_("and {n} more", "and {n} more", more) if more > 0 else ""
    rest = f"<small>{html.escape(said)}</small>" if said else ""
    name = html.escape(format_date(day, "EEEE", locale=language()))
    return f'<td class="{kind}"><b>{day.day}<i> {name}</i></b>{lines}{rest}</td>'


def _line(one: OnDay, clock: Clock) -> str:
    """When it runs first on that day, how often if more than once, what came of it, and the way to it."""
    at = f"{one.first.astimezone(zone_of(clock.zone)):%H:%M}" if one.first else ""
    count = one.coming + one.done.total()
    icon, said = _outcome(one)
    times = f" ×{count}" if count > 1 else ""
    name = html.escape(one.schedule.name)
    return (
        f'<a class="{icon}" target="_self" href="/schedules?schedule={quote(one.schedule.id)}" '
        f'title="{at} {name}: {html.escape(said)}"><span aria-hidden="true">{icon}</span> {at} {name}{times}</a>'
    )


def _outcome(one: OnDay) -> tuple[str, str]:
    """Its icon, and in words what came of the runs of a day, or that they are still to come."""
    if failed := one.done["failed"] + one.done["missed"]:
        return FAILED, n_("{n} run did not work", "{n} runs did not work", failed)
    if lost := one.done["undelivered"]:
        return FAILED, n_("{n} file was made, but not delivered", "{n} files were made, but not delivered", lost)
    if one.coming:
        return TO_DO, n_("{n} run to come", "{n} runs to come", one.coming)
    if going := one.done["delivering"]:
        return TO_DO, n_("{n} file is yet to arrive", "{n} files are yet to arrive", going)
    if worked := one.done["succeeded"]:
        return DONE, n_("{n} run worked", "{n} runs worked", worked)
    return NEITHER, _("nothing was made")
