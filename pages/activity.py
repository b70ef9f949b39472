"""Activity: who did what, when and from where, and what was refused. Searched, filtered, and taken along as a file."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import streamlit as st

from core import audit, audit_file, workspaces
from core.access import installation, roles, tokens
from core.audit import AuditEntry, Wanted
from core.engine.formats import FORMATS
from pages.components import explain, fields, layout, log, words
from pages.session import desk as current_desk
from pages.texts import N_, _, n_

SIZE = 50  # entries a page
SPANS = {N_("Today"): 1, N_("7 days"): 7, N_("30 days"): 30, N_("All"): None}
LOGS = {N_("This workspace"): False, N_("The installation"): True}
IDS = ("export", "link", "of", "private", "scope", "token", "use")  # details for programs
MOMENTS = ("expires_at", "until")
BESIDE = {
    "after": N_("now {value}"),
    "before": N_("was {value}"),
    "expires_at": N_("until {value}"),
    "fields": N_("changed: {value}"),
    "file": N_("file {value}"),
    "name": N_("now called {value}"),
    "project": N_("project {value}"),
    "role": N_("as {value}"),
    "scopes": N_("may do: {value}"),
    "to": N_("to {value}"),
    "until": N_("until {value}"),
}

desk = current_desk()
clock = workspaces.clock(desk)
zone = clock.zone


def story() -> None:
    layout.header(
        _("Activity"),
        _("Who did what, when and from where. Times are those of {zone}.").format(zone=zone),
        help=explain.of("workspace", "zone"),
    )
    blocked = roles.blocked(desk, "audit.see")
    if blocked and not desk.administrator:
        with layout.empty("activity", _("This is for administrators"), blocked, ":material/lock:"):
            pass
        return
    of_installation = which_log(only_installation=bool(blocked))
    wanted = filters(of_installation)
    page = st.session_state.get("activity_page", 1)
    entries, total = audit.list(
        desk,
        of_installation=of_installation,
        search=wanted.search,
        actions=wanted.actions,
        account_id=wanted.account_id,
        refused=wanted.refused,
        since=wanted.since,
        page=page,
        size=SIZE,
    )
    with layout.row("found", align="distribute"):
        st.caption(n_("{n} entry", "{n} entries", total), width="content")
        take_along(wanted, of_installation, total)
    for day, of_day in by_day(entries):
        with layout.card(f"day_{day}", day):
            log.show([line(entry) for entry in of_day])
    if total > SIZE:
        st.pagination(-(-total // SIZE), key="activity_page")
    if not total:
        st.caption(_("Nothing matches. Try another word, or clear the filters."))


def which_log(*, only_installation: bool) -> bool:
    """Administrators of the installation choose between the workspace's log and that of the whole desk. True: the latter."""
    if installation.blocked(desk, audit.SEE_INSTALLATION):
        return False
    if only_installation:
        return True
    fields.addressed("log", LOGS)
    log = st.segmented_control(
        _("Log"), list(LOGS), format_func=_, default="This workspace", required=True, key="log", bind="query-params",
        label_visibility="collapsed", on_change=another_log,
    )  # fmt: skip
    return LOGS.get(log, False)


def another_log() -> None:
    """Whoever is in one of them need not be in the other."""
    st.session_state["person"] = None
    first_page()


def filters(of_installation: bool) -> Wanted:
    """They are part of the page's address, so what was found can be sent to a colleague."""
    people = dict(audit.people(desk, of_installation=of_installation))
    with st.container(horizontal=True, vertical_alignment="center", key="row_filters"):
        search = st.text_input(
            _("Search"), key="q", bind="query-params", placeholder=_("Search names and addresses"), icon=":material/search:",
            label_visibility="collapsed", type="search", live=True, width=270, on_change=first_page,
        )  # fmt: skip
        person = st.selectbox(
            _("Person"), list(people), key="person", bind="query-params", index=None, placeholder=_("Anybody"),
            label_visibility="collapsed", format_func=people.__getitem__, width=170, on_change=first_page,
        )  # fmt: skip
        fields.addressed("kind", audit.GROUPS)
        group = st.selectbox(
            _("Kind of action"), list(audit.GROUPS), format_func=_, key="kind", bind="query-params", index=None, width=190,
            placeholder=_("Any action"), label_visibility="collapsed", on_change=first_page,
        )  # fmt: skip
        fields.addressed("span", SPANS)
        span = st.segmented_control(
            _("Time"), list(SPANS), format_func=_, default="30 days", required=True, key="span", bind="query-params",
            label_visibility="collapsed", on_change=first_page,
        )  # fmt: skip
        refused = st.toggle(_("Refused only"), key="refused", bind="query-params", on_change=first_page)
    return Wanted(
        search=search or "",
        actions=audit.actions_of(group) if group else (),
        account_id=person,
        refused=True if refused else None,
        since=beginning(SPANS[span or "30 days"]),
    )


def first_page() -> None:
    st.session_state["activity_page"] = 1


def beginning(days: int | None) -> datetime | None:
    """The first moment of the day so many days ago, today included, where the person is."""
    if days is None:
        return None
    today = datetime.now(ZoneInfo(zone)).replace(hour=0, minute=0, second=0, microsecond=0)
    return today - timedelta(days=days - 1)


def by_day(entries: Sequence[AuditEntry]) -> list[tuple[str, list[AuditEntry]]]:
    """The entries under the days on which they happened, as the person's calendar has them."""
    days: dict[str, list[AuditEntry]] = {}
    for entry in entries:
        at = entry.at.astimezone(ZoneInfo(zone))
        days.setdefault(words.long_day(at), []).append(entry)
    return list(days.items())


def line(entry: AuditEntry) -> log.Line:
    at, where = entry.at.astimezone(ZoneInfo(zone)), (entry.address, words.program(entry.agent), beside(entry))
    return log.Line(
        time=f"{at:%H:%M}",
        who=entry.actor or _("Somebody not signed in"),
        what=audit.sentence(entry),
        beside=" · ".join(part for part in where if part),
        refused=entry.refused,
    )


def beside(entry: AuditEntry) -> str:
    """What was noted beside, in short: "240 rows · file Team.csv". Ids say nothing to people."""
    said = {name: value for name, value in entry.details.items() if name not in IDS and value not in (None, "", [], {})}
    return " · ".join(in_words(name, value) for name, value in said.items())


def in_words(name: str, value: object) -> str:
    """One thing that was noted: "until 2027-02-19, 11:39", "may do everything"; "date column joined" where nothing is known
    of it."""
    if name == "rows" and isinstance(value, int):
        return words.rows(value)
    if name in MOMENTS:
        value = words.moment(datetime.fromisoformat(str(value)), clock)
    listed = value if isinstance(value, list) else [value]
    if name == "scopes":
        listed = [_(tokens.SCOPES[one]) if one in tokens.SCOPES else _("everything") for one in listed]
    said = _(BESIDE[name]) if name in BESIDE else f"{name.replace('_', ' ')} {{value}}"
    return said.format(value=", ".join(str(one).replace("_", " ") if name == "fields" else str(one) for one in listed))


def take_along(wanted: Wanted, of_installation: bool, total: int) -> None:
    """The entries that match as a file: made at a press, fetched by a second one."""
    link_of = st.session_state.get("activity_file")
    with st.container(horizontal=True, width="content", key="activity_file_row"):
        chosen = st.menu_button(
            _("Download as"), list(audit_file.FORMATS), key="take_along", icon=":material/download:", disabled=not total,
            format_func=lambda f: _(FORMATS[f].label),
        )  # fmt: skip
        if chosen:
            with layout.telling(), st.spinner(_("Making the file…"), show_time=False):
                made = audit_file.make(desk, chosen, wanted, of_installation=of_installation)
                st.session_state["activity_file"] = link_of = ((wanted, of_installation), chosen, made)
        if link_of and link_of[0] == (wanted, of_installation):
            st.link_button(
                _("{format} file is ready").format(format=_(FORMATS[link_of[1]].label)),
                link_of[2],
                key="fetch_activity",
                type="primary",
            )


story()
