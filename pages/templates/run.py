"""A template on a new file: choose the data or drop it, see which column is which, then run. Nothing runs before that."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NoReturn

import streamlit as st

from core import datasets, personal
from core.access import roles
from core.desk import Desk
from core.engine.spec import ExportSpec
from core.errors import DeskError
from core.templating import templates
from core.templating.matching import ByHand, Report
from pages import routes
from pages.components import add_data, column_matches, layout, personal_hint, words
from pages.texts import _, n_

PARAMETER = "run"  # in the page's address: the template's id
Match = Callable[[Sequence[str | None], ByHand], Report]


def open(template_id: str) -> NoReturn:
    st.query_params.from_dict({PARAMETER: template_id})
    st.rerun()


def show(desk: Desk, template_id: str) -> None:
    if st.button(_("Templates"), key="back_to_templates", type="tertiary", icon=":material/arrow_back:"):
        leave()
    with layout.telling():
        template = templates.get(desk, template_id)
        layout.header(
            _("Run “{name}” on a new file").format(name=template.name),
            _("Choose the data. Its columns are matched with the template’s, and you see how before anything runs."),
        )
        spec = ExportSpec.model_validate(template.spec)
        data = choose(desk, [source.name or source.dataset for source in spec.sources], "run_data", own=True)
        if not any(data):
            return
        matched = match(desk, lambda chosen, said: templates.match(desk, template_id, chosen, said), data)
        if matched is None:
            return
        report, ready = matched
        if report.spec and report.spec.delivering.destinations:
            personal_hint.show(desk, personal.of_spec(desk, report.spec), key="run_on_new", template=template_id)
        blocked = roles.blocked(desk, "exports.run") or ready
        if finish(_("Run export"), "run_on_new", blocked, ":material/play_arrow:"):
            job = templates.run(desk, template_id, data=data, by_hand=report.as_shown())
            st.toast(_("**{name}** is on its way.").format(name=layout.plain(job.name)), icon=":material/play_arrow:")
            routes.to_exports()


def finish(label: str, key: str, blocked: str, icon: str) -> bool:
    """The one primary button, with what is still missing beside it."""
    with layout.row(key):
        pressed = layout.button(label, key, blocked=blocked, type="primary", icon=icon)
        if blocked:
            st.caption(layout.said(blocked), width="stretch")
    return pressed


def leave() -> NoReturn:
    st.query_params.clear()
    st.rerun()


def choose(
    desk: Desk, wanted: Sequence[str], key: str, *, own: bool, begin: Sequence[str | None] = ()
) -> list[str | None]:
    """The data for each of these datasets (id, None while it is not chosen), from what is there or from a new file.

    `own`: data other than the first may stay as the template says. `begin`: what is chosen at first.
    """
    there = {one.id: one for one in datasets.list(desk)}
    taken = st.session_state.pop(f"{key}_arrived", None)
    chosen: list[str | None] = []
    with layout.card("template_data", _("The data"), ":material/table:"):
        for number, name in enumerate(wanted):
            widget = f"{key}_{number}"
            if number == 0 and taken in there:
                st.session_state[widget] = taken
            elif number < len(begin) and begin[number] in there and widget not in st.session_state:
                st.session_state[widget] = begin[number]
            stays = own and number > 0
            chosen.append(
                st.selectbox(
                    _("In place of “{name}”").format(name=name) if len(wanted) > 1 else _("Data"),
                    [*there],
                    index=None,
                    format_func=lambda i: f"{there[i].name} ({words.rows(there[i].rows)})",
                    placeholder=_("As the template says") if stays else _("Choose a table, or bring a file below"),
                    key=widget,
                )
            )
        if not roles.blocked(desk, "data.add"):
            expanded = not chosen[0]
            with st.expander(_("Bring a new file"), icon=":material/upload:", type="compact", expanded=expanded):
                for added in add_data.show(desk, key, samples=False):
                    st.session_state[f"{key}_arrived"] = added
                    st.rerun()
    return chosen


def match(desk: Desk, ask: Match, data: Sequence[str | None]) -> tuple[Report, str] | None:
    """Draw the columns; the report as it stands, and why it cannot go on ("" where it can). None: there is nothing to say."""
    try:
        first = ask(data, {})
    except DeskError as error:
        layout.error_box(error)
        return None
    with layout.card("template_columns", _("The columns"), ":material/view_column:"):
        if not first.columns:
            st.caption(_("The template takes every column as it is."))
        key = "match_" + "_".join((one or "own")[:8] for one in data)
        report = first
        if first.columns:
            said = column_matches.show(first.columns, first.there, key=key)
            report = ask(data, said)
            if any(one.how not in column_matches.SURE for one in first.columns):
                st.caption(_("What you choose here is remembered for the next file."))
        for problem in report.problems:
            st.markdown(f":orange[:material/error: {layout.plain(problem.message)}] {layout.plain(problem.next_step)}")
    return report, _blocked(report)


def _blocked(report: Report) -> str:
    if missing := len(report.missing):
        return n_("{n} column is still missing.", "{n} columns are still missing.", missing)
    return report.problems[0].message if report.problems else ""
