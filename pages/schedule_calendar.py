"""A month of runs: what came of those that were, and what will be."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

import streamlit as st
from babel.dates import format_date

from core import agenda
from core.agenda import OnDay
from core.desk import Desk
from core.engine.moments import month_of, today_in, zone_of
from core.workspaces import Clock
from pages import routes
from pages.components import layout
from pages.texts import _, language, n_

SHOWN = 3  # schedules of one day; more are counted
MONTH = "calendar_month"


def show(desk: Desk, clock: Clock) -> None:
    """Weeks begin on Monday (ISO 8601); days are those of whoever looks."""
    today = today_in(datetime.now(UTC), clock.zone)
    first = st.session_state.setdefault(MONTH, month_of(today)[0])
    with layout.row("calendar", align="distribute"):
        if st.button(_("Month before"), key="month_before", icon=":material/chevron_left:"):
            _turn(first, -1)
        st.header(format_date(first, "MMMM y", locale=language()), anchor=False, width="content")
        if st.button(_("Month after"), key="month_after", icon=":material/chevron_right:", icon_position="right"):
            _turn(first, 1)
    found = agenda.month(desk, first.year, first.month, clock.zone)
    if not any(found.values()):
        st.caption(_("Nothing runs in this month."))
        return
    days = [*found]
    week = [days[0] - timedelta(days=days[0].weekday()) + timedelta(days=n) for n in range(7)]
    with st.container(key="calendar"):
        with st.container(horizontal=True, gap="xxsmall", key="calendar_head"):
            for day in week:
                st.caption(format_date(day, "EEE", locale=language()), width="stretch")
        monday = week[0]
        while monday <= days[-1]:
            with st.container(horizontal=True, gap="xxsmall", key=f"calendar_{monday}"):
                for n in range(7):
                    day = monday + timedelta(days=n)
                    _day(day, found.get(day), today, clock)
            monday += timedelta(days=7)


def _turn(first: date, months: int) -> None:
    st.session_state[MONTH] = month_of(first, months)[0]
    st.rerun()


def _day(day: date, runs: Sequence[OnDay] | None, today: date, clock: Clock) -> None:
    """One cell; empty outside the month. On a phone only days with something in them are drawn (styles.py)."""
    kind = "none" if runs is None else "today" if day == today else "busy" if runs else "free"
    with st.container(border=runs is not None, gap=None, width="stretch", key=f"day_{kind}_{day}"):
        if runs is None:
            return
        st.caption(f"**{day.day}**" + f" :gray[{format_date(day, 'EEE', locale=language())}]")
        for one in runs[:SHOWN]:
            at = one.first.astimezone(zone_of(clock.zone)) if one.first else None
            count = one.coming + one.done.total()
            label = (
                f"{_icon(one)} {at:%H:%M} {layout.plain(one.schedule.name)}" if at else layout.plain(one.schedule.name)
            )
            said = n_("{n} run", "{n} runs", count) + f" · {layout.plain(one.schedule.name)}"
            if st.button(
                label + (f" ×{count}" if count > 1 else ""),
                key=f"on_{day}_{one.schedule.id}",
                type="tertiary",
                help=said,
            ):
                routes.to_schedules(one.schedule.id)
        if len(runs) > SHOWN:
            st.caption(n_("and {n} more", "and {n} more", len(runs) - SHOWN))


def _icon(one: OnDay) -> str:
    if one.done["failed"] or one.done["missed"]:
        return ":red[:material/error:]"
    if one.coming:
        return ":material/schedule:"
    return ":green[:material/check:]" if one.done["succeeded"] else ":gray[:material/remove:]"
