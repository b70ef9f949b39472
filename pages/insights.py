"""Insights: what was exported in a period, when, as what, by whom, how well. Each chart has its figures in a table beneath."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import pandas as pd
import streamlit as st
from babel.dates import format_date

from core import stats
from core.access import roles
from core.engine.formats import FORMATS
from core.stats import Figures, Insights
from pages import routes
from pages.components import fields, layout, words
from pages.session import desk as current_desk
from pages.texts import N_, _, language

PERIODS = {
    "7_days": N_("7 days"),
    "30_days": N_("30 days"),
    "90_days": N_("90 days"),
    "12_months": N_("12 months"),
    "all": N_("All time"),
}
HEIGHT = 240  # of a chart, in px
FAILED, OTHER = "#d6455d", "#9aa3b2"  # beside the accent told apart by light alone, too

desk = current_desk()


def story() -> None:
    with layout.header(_("Insights"), _("What was exported here, of all that you can see.")):
        download = st.container()
    if blocked := roles.blocked(desk, "insights.see"):
        st.caption(layout.said(blocked))
        return
    fields.addressed("period", PERIODS)
    period = st.segmented_control(
        _("Period"), list(PERIODS), format_func=lambda one: _(PERIODS[one]), default="30_days", required=True,
        key="period", bind="query-params", label_visibility="collapsed",
    )  # fmt: skip
    found = stats.insights(desk, period or "30_days")
    if not found.total.exports:
        with layout.empty(
            "insights", _("Nothing was exported in this time"), _("Choose a longer period."), ":material/query_stats:"
        ):
            pass
        return
    with download:
        st.download_button(
            _("Download as CSV"),
            stats.as_csv(found).encode(),
            f"insights-{found.period}.csv",
            "text/csv",
            key="insights_csv",
            icon=":material/download:",
            on_click="ignore",
        )
    figures(found)
    over_time(found)
    left, right = st.columns(2, gap="medium")
    with left:
        ranked("formats", _("By format"), ":material/draft:", [(_label(name), one) for name, one in found.formats])
        ranked("templates", _("Most used templates"), ":material/bookmark:", found.templates)
    with right:
        ranked("people", _("By person"), ":material/group:", found.people)
        slowest(found)


def figures(found: Insights) -> None:
    with layout.card("figures"):
        success = "–" if found.success is None else f"{found.success:.0%}"
        shown = (
            (_("Exports"), f"{found.total.exports:,}", None),
            (_("Worked"), success, _("Of those that ended by themselves: a cancelled one counts neither way.")),
            (_("Rows written"), f"{found.total.rows:,}", None),
            (_("Bytes written"), words.size(found.total.bytes), None),
        )
        for place, (label, value, help) in zip(st.columns(len(shown)), shown, strict=True):
            place.metric(label, value, help=help)


def over_time(found: Insights) -> None:
    """A bar a day, or a month; the same figures in words for who cannot see it, or wants them exactly."""
    worked, failed, other = _("Worked"), _("Failed"), _("Cancelled or on their way")
    when = _("Month") if found.by == "month" else _("Day")
    rows = [
        {when: pd.Timestamp(day), worked: one.succeeded, failed: one.failed, other: _rest(one)}
        for day, one in found.over_time
    ]
    series = [name for name in (worked, failed, other) if name != other or any(row[other] for row in rows)]
    colors = dict(zip((worked, failed, other), (_accent(), FAILED, OTHER), strict=True))
    with layout.card("over_time", _("Over time"), ":material/bar_chart:"):
        st.bar_chart(
            pd.DataFrame(rows), x=when, y=series, color=[colors[name] for name in series], height=HEIGHT,
            x_label="", y_label=_("Exports"),
        )  # fmt: skip
        with st.expander(_("The figures"), key="figures_over_time", type="compact"):
            _table([{when: _day(day, found.by)} | _shown(one) for day, one in found.over_time if one.exports], "time")


def ranked(key: str, title: str, icon: str, found: Sequence[tuple[str, Figures]]) -> None:
    if not found:
        return
    with layout.card(key, title, icon):
        if len(found) > 1:
            names, counts = _("Name"), _("Exports")
            chart = pd.DataFrame([{names: name, counts: one.exports} for name, one in found])
            st.bar_chart(
                chart, x=names, y=counts, horizontal=True, sort=f"-{counts}", x_label="", y_label="",
                height=min(HEIGHT, 60 + 32 * len(found)), color=_accent(),
            )  # fmt: skip
        _table([{_("Name"): name} | _shown(one) for name, one in found], key)


def slowest(found: Insights) -> None:
    if not found.slowest:
        return
    with layout.card("slowest", _("Took longest"), ":material/hourglass:"):
        for one in found.slowest[:5]:
            with layout.row(f"slow_{one.id}", align="distribute"):
                if st.button(layout.plain(one.name), key=f"open_{one.id}", type="tertiary"):
                    routes.to_exports(one.id)
                st.caption(f"{words.seconds(one.seconds)} · {words.rows(one.rows)} · {_label(one.format)}")


def _shown(one: Figures) -> dict[str, Any]:
    return {
        _("Exports"): one.exports,
        _("Worked"): one.succeeded,
        _("Failed"): one.failed,
        _("Rows"): one.rows,
        _("Size"): words.size(one.bytes),
    }


def _table(rows: list[dict[str, Any]], key: str) -> None:
    numbers = {name: st.column_config.NumberColumn(format="localized") for name in (_("Exports"), _("Rows"))}
    st.dataframe(pd.DataFrame(rows), hide_index=True, key=f"table_{key}", column_config=numbers)


def _accent() -> str:
    """The one accent of the screens, in the light and in the dark."""
    return str(st.get_option(f"theme.{'dark' if st.context.theme.type == 'dark' else 'light'}.primaryColor"))


def _rest(one: Figures) -> int:
    return one.exports - one.succeeded - one.failed


def _day(day: date, by: str) -> str:
    return str(format_date(day, "MMMM y" if by == "month" else "EEE d MMM y", locale=language()))


def _label(format: str) -> str:
    return _(FORMATS[format].label) if format in FORMATS else format or "–"


story()
