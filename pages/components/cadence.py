"""When something runs, chosen in a row of fields that reads as a sentence: “every week on Mon, Thu at 08:00 (Asia/Jakarta)”."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import time
from typing import Any

import streamlit as st

from pages.components import explain, fields, layout, zones
from pages.texts import N_, _

KINDS = {
    "minutes": N_("every few minutes"),
    "hour": N_("every hour"),
    "day": N_("every day"),
    "weekday": N_("every weekday"),
    "week": N_("every week"),
    "month": N_("every month"),
    "quarter": N_("every quarter"),
}
DAYS = (N_("Monday"), N_("Tuesday"), N_("Wednesday"), N_("Thursday"), N_("Friday"), N_("Saturday"), N_("Sunday"))
SHORT = (N_("Mon"), N_("Tue"), N_("Wed"), N_("Thu"), N_("Fri"), N_("Sat"), N_("Sun"))
NTH = {1: N_("the first"), 2: N_("the second"), 3: N_("the third"), 4: N_("the fourth"), -1: N_("the last")}
MONTHS = {1: N_("first month"), 2: N_("second month"), 3: N_("third month")}
LAST = -1  # the last day of a month, and the last of its Mondays
EIGHT = time(8)


def show(now: Mapping[str, Any], zone: str, *, key: str) -> tuple[dict[str, Any], str]:
    """The chosen cadence as JSON (core.scheduling.cadence), not checked yet, and the zone its clocks are in.

    `now` is what it was; what was typed since is kept under `key`.
    """
    with layout.row(key):
        fields.word(_("It runs"))
        every = _choice(_("How often"), list(KINDS), str(now.get("every", "week")), _words(KINDS), _key(key, "every"))
        made = {"every": every} | FIELDS[every](now if now.get("every") == every else {}, key)
        if every == "minutes":
            return made, zone
        if every != "hour":
            fields.word(_("at"))
            made["at"] = _time(now, key)
        fields.word(_("on the clocks of"), help=explain.of("zone"))
        chosen = zones.choose(_("Time zone"), zone, _key(key, "zone"), hidden=True, width=260)
    return made, chosen


def _choice(label: str, options: Sequence[str], now: str, words: Mapping[str, str], key: str) -> str:
    fields.seeded(key, now)
    return st.selectbox(
        label, options, key=key, format_func=lambda o: words.get(o, o), label_visibility="collapsed", width=175
    )


def _key(key: str, name: str) -> str:
    return f"{key}_{name}"


def _time(now: Mapping[str, Any], key: str) -> str:
    was = time.fromisoformat(str(now["at"])) if "at" in now else EIGHT
    name = fields.seeded(_key(key, "at"), was)
    chosen = st.time_input(_("Time"), key=name, step=300, label_visibility="collapsed", width=110)
    return (chosen or was).strftime("%H:%M")


def _minutes(now: Mapping[str, Any], key: str) -> dict[str, Any]:
    name = fields.seeded(_key(key, "minutes"), int(now.get("minutes", 15)))
    fields.word(_("every"))
    n = st.number_input(_("Minutes"), 1, 1440, key=name, label_visibility="collapsed", width=110)
    fields.word(_("minutes"))
    return {"minutes": int(n)}


def _hour(now: Mapping[str, Any], key: str) -> dict[str, Any]:
    name = fields.seeded(_key(key, "minute"), int(now.get("minute", 0)))
    fields.word(_("at minute"))
    return {"minute": int(st.number_input(_("Minute"), 0, 59, key=name, label_visibility="collapsed", width=110))}


def _nothing(now: Mapping[str, Any], key: str) -> dict[str, Any]:
    return {}


def _week(now: Mapping[str, Any], key: str) -> dict[str, Any]:
    fields.word(_("on"))
    name = fields.seeded(_key(key, "days"), list(now.get("on", [0])))
    chosen = st.pills(
        _("Days"), range(7), selection_mode="multi", key=name, format_func=lambda n: _(SHORT[n]),
        label_visibility="collapsed", wrap=True,
    )  # fmt: skip
    return {"on": sorted(chosen)}


def _month(now: Mapping[str, Any], key: str) -> dict[str, Any]:
    fields.word(_("on"))
    return {"on": _day_of(now.get("on") or {"day": 1}, key)}


def _quarter(now: Mapping[str, Any], key: str) -> dict[str, Any]:
    fields.word(_("in its"))
    name = _key(key, "month")
    words = {str(n): _(text) for n, text in MONTHS.items()}
    month = _choice(_("Month of the quarter"), list(words), str(now.get("month", 1)), words, name)
    return {"month": int(month)} | _month(now, key)


def _day_of(now: Mapping[str, Any], key: str) -> dict[str, Any]:
    """A day by its number, or one of the weekdays of a month: "the first", "Monday"."""
    which = {f"day {n}": _("day {n}").format(n=n) for n in range(1, 32)} | {f"day {LAST}": _("the last day")}
    which |= {f"nth {n}": _(text) for n, text in NTH.items()}
    was = f"day {now['day']}" if "day" in now else f"nth {now['nth']}"
    chosen = _choice(_("Day of the month"), list(which), was, which, _key(key, "which"))
    kind, _sep, n = chosen.partition(" ")
    if kind == "day":
        return {"day": int(n)}
    words = {str(i): _(name) for i, name in enumerate(DAYS)}
    weekday = _choice(_("Weekday"), list(words), str(now.get("weekday", 0)), words, _key(key, "weekday"))
    return {"nth": int(n), "weekday": int(weekday)}


def _words(kinds: Mapping[str, str]) -> dict[str, str]:
    return {name: _(text) for name, text in kinds.items()}


FIELDS: dict[str, Callable[[Mapping[str, Any], str], dict[str, Any]]] = {
    "minutes": _minutes,
    "hour": _hour,
    "day": _nothing,
    "weekday": _nothing,
    "week": _week,
    "month": _month,
    "quarter": _quarter,
}
