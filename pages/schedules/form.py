"""The form of a schedule: a sentence of what runs and when, its next five runs as they come out, and the rest on request."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import streamlit as st

from core import datasets, destinations, feeds, personal
from core.desk import Desk
from core.engine.moments import zone_of
from core.engine.spec import Delivering, ExportSpec
from core.errors import DeskError
from core.scheduling import agenda, schedules
from core.scheduling.schedules import Plan, Schedule
from core.templating import templates
from pages.components import cadence, explain, fields, layout, personal_hint, sending, words
from pages.texts import N_, _

PREFIX = "schedule_form_"  # of every key here, so that a form begins as the schedule is
OVERLAP = {"skip": N_("leave this run out"), "queue": N_("wait for it to end")}
REFRESH = {
    "no": N_("use the data that is there"),
    "warn": N_("fetch it again first; if that fails, use what is there and say so"),
    "refuse": N_("fetch it again first; if that fails, make no file"),
}
GRACE = {15: N_("15 minutes"), 60: N_("1 hour"), 6 * 60: N_("6 hours"), 24 * 60: N_("1 day"), 7 * 24 * 60: N_("1 week")}
NEVER = 0  # pause after so many failures


def forget() -> None:
    """The next form begins anew."""
    for key in [k for k in st.session_state if str(k).startswith(PREFIX)]:
        del st.session_state[key]


@dataclass(frozen=True)
class Runs:
    """What a schedule runs: a template, or an export that becomes one. `spec`: None where it is gone."""

    name: str
    spec: ExportSpec | None
    template_id: str | None = None
    job_id: str | None = None

    @property
    def delivering(self) -> Delivering:
        """As it is delivered by itself."""
        return self.spec.delivering if self.spec else Delivering()


def show(desk: Desk, one: Schedule | None, runs: Runs) -> Plan | None:
    """A new schedule (None), or one to change. What is chosen, while it can be; its next runs stand below it."""
    known = schedules.plan(one).model_dump(mode="json") if one else {}
    zone = one.zone if one else desk.workspace().zone
    said, chosen_zone = cadence.show(known.get("cadence") or {"every": "week", "on": [0]}, zone, key=f"{PREFIX}when")
    made: dict[str, Any] = {"cadence": said, "zone": chosen_zone}
    ahead = st.container()  # what is chosen below counts too
    with st.expander(_("Name, start and end"), icon=":material/event:"):
        made |= _frame(one, chosen_zone, runs.name)
    if there := {d.id: d.name for d in destinations.list(desk)}:
        with st.expander(_("Delivery"), icon=":material/send:"):
            made["delivering"] = _delivering(known.get("delivering"), runs, there)
            if runs.spec and (made["delivering"] or runs.delivering.destinations):
                found = personal.of_spec(desk, runs.spec)
                personal_hint.show(desk, found, key=f"{PREFIX}hint", template=runs.template_id, job=runs.job_id)
    elif one:
        made["delivering"] = known.get("delivering")
    with st.expander(_("When something is in the way"), icon=":material/shield:"):
        made |= _in_the_way(desk, one)
    try:
        plan = schedules.checked(made)
        with ahead:
            _next(desk, plan)
    except DeskError as problem:
        blocked = _("Choose at least one day.") if said["every"] == "week" and not said["on"] else problem.message
        ahead.caption(f":material/info: {layout.said(blocked)}")
        return None
    return plan


def _frame(one: Schedule | None, zone: str, template_name: str) -> dict[str, Any]:
    name = st.text_input(
        _("Name"), key=fields.seeded(f"{PREFIX}name", one.name if one else ""), max_chars=templates.MAX_NAME,
        placeholder=template_name or _("After its template"), autocomplete="off",
    )  # fmt: skip
    with layout.row(f"{PREFIX}frame"):
        first = st.date_input(
            _("First day"), key=fields.seeded(f"{PREFIX}first", _day(one.starts_at if one else None, zone)), width=190,
            format="YYYY-MM-DD",
        )  # fmt: skip
        last = st.date_input(
            _("Last day"), key=fields.seeded(f"{PREFIX}last", _day(one.ends_at if one else None, zone)), width=190,
            format="YYYY-MM-DD",
        )  # fmt: skip
    keep = st.number_input(
        _("Keep its files for so many days"), 1, 36_500, value=None, placeholder=_("as the template says"),
        key=fields.seeded(f"{PREFIX}keep", one.keep_days if one else None), width=260,
    )  # fmt: skip
    return {
        "name": (name or "").strip(),
        "starts_at": _moment(first, time(), zone),
        "ends_at": _moment(last, time(23, 59, 59), zone),
        "keep_days": keep,
    }


def _delivering(known: Mapping[str, Any] | None, runs: Runs, there: Mapping[str, str]) -> dict[str, Any] | None:
    """Nothing chosen: as the template says. Other destinations begin with the conditions the template has for its own."""
    was = Delivering.model_validate(known or runs.delivering.model_dump() | {"destinations": ()})
    options = [*there, *(one for one in was.destinations if one not in there)]
    chosen = st.multiselect(
        _("Send its files to"), options, key=fields.seeded(f"{PREFIX}to", list(was.destinations)),
        format_func=lambda one: there.get(one, _("a destination that is gone")),
        placeholder=_("As the template says"),
    )  # fmt: skip
    if not chosen:
        return None
    wanted = sending.show(was, key=f"{PREFIX}send_{runs.template_id or runs.job_id}")
    return wanted.model_dump(mode="json") | {"destinations": chosen}


def _in_the_way(desk: Desk, one: Schedule | None) -> dict[str, Any]:
    overlap = st.selectbox(
        _("If the run before it still goes on"), list(OVERLAP), format_func=lambda o: _(OVERLAP[o]),
        key=fields.seeded(f"{PREFIX}overlap", one.overlap if one else "skip"),
    )  # fmt: skip
    was = one.grace_minutes if one else 60
    grace = st.selectbox(
        _("If the desk was off, still run for"), sorted({*GRACE, was}),
        key=fields.seeded(f"{PREFIX}grace", was),
        format_func=lambda n: _(GRACE[n]) if n in GRACE else words.seconds(n * 60),
    )  # fmt: skip
    pause = st.number_input(
        _("Pause it after so many failures in a row (0: never)"), NEVER, 100, width=260,
        key=fields.seeded(f"{PREFIX}pause", one.pause_after if one else 5),
    )  # fmt: skip
    said: dict[str, Any] = {"overlap": overlap, "grace_minutes": grace, "pause_after": int(pause)}
    refresh = one.refresh if one else "no"
    if refresh != "no" or feeds.of(desk, [d.id for d in datasets.list(desk)]):
        refresh = st.selectbox(
            _("Its data"), list(REFRESH), format_func=lambda r: _(REFRESH[r]),
            key=fields.seeded(f"{PREFIX}refresh", refresh),
        )  # fmt: skip
    return said | {"refresh": refresh}


def _next(desk: Desk, plan: Plan) -> None:
    """The next five runs of what is chosen, on the clocks there. Raises BadSpec for a zone that is not known."""
    coming = agenda.next_five(plan, plan.zone)
    if not coming:
        st.caption(":material/info: " + _("It would never run: its last day is before its first run."))
        return
    with st.container(key=f"soft_{PREFIX}next", gap=None):
        st.markdown(_("**The next runs**"))
        for at in coming:
            st.text(words.run(at))
    if plan.zone != (home := desk.workspace().zone) and plan.cadence.every != "minutes":
        said = _("Days such as “yesterday” are those of the workspace ({zone}).").format(zone=home)
        st.caption(layout.plain(said), help=explain.of("workspace"))


def _day(at: datetime | None, zone: str) -> date | None:
    return at.astimezone(zone_of(zone)).date() if at else None


def _moment(day: Any, at: time, zone: str) -> datetime | None:
    return datetime.combine(day, at, ZoneInfo(zone)).astimezone(UTC) if isinstance(day, date) else None
