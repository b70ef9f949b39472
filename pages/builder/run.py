"""The foot of “Your export”: Run, and what becomes of the run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core import exports, previews
from core.access import roles
from core.desk import Desk
from core.engine.receipt import Receipt
from core.engine.spec import ExportSpec
from core.errors import DeskError
from pages import routes
from pages.builder import dialogs, source
from pages.builder.answers import Answers, remembered, whole
from pages.builder.draft import ExportDraft, Tables
from pages.components import layout, run_panel, words
from pages.exports import downloads
from pages.session import checked
from pages.texts import _, n_

LOOK_EVERY = 0.5  # seconds between two looks at a run that is under way
AT_ONCE = 0.6  # seconds: a small export is there before a bar could be drawn
GUESSED_COLUMNS = 300  # past it the guess itself would take seconds
ACTIVE = ("queued", "running")


def show(
    desk: Desk, draft: ExportDraft, tables: Tables, answers: Answers, wrong: Sequence[DeskError], key: str
) -> DeltaGenerator | None:
    """Run while it makes sense to run; Download once the file says what the draft says. Returns a place for the estimate."""
    guess = None
    job = _job(desk, draft)
    spec = draft.to_spec(tables)
    under_way = job is not None and str(job.state) in ACTIVE
    draft.made = latest = job is not None and _made(job, spec)
    if not (latest or under_way):
        guess = _run(desk, draft, tables, answers, wrong, key)
    if job is not None:
        _outcome(desk, draft, job, key, latest=latest, watching=under_way)
    return guess


def estimate(desk: Desk, spec: ExportSpec, tables: Tables, answers: Answers, place: DeltaGenerator) -> None:
    """ "About 3 MB, ready in 2 s", from a sample of the very rows. Asked last: the answer above does not wait for it."""
    if answers.total is None or any(
        len(s.columns or tables[s.dataset].columns) > GUESSED_COLUMNS for s in spec.sources
    ):
        return
    rows = answers.total
    try:
        size, seconds = remembered("estimate", whole(desk, tables, spec), lambda: previews.estimate(desk, spec, rows))
    except DeskError:
        return  # a guess is no reason to stop anybody
    place.caption(_("About {size}, ready in {time}").format(size=words.size(size), time=words.seconds(seconds)))


def _run(
    desk: Desk, draft: ExportDraft, tables: Tables, answers: Answers, wrong: Sequence[DeskError], key: str
) -> DeltaGenerator | None:
    spec = draft.to_spec(tables)
    for problem in wrong:
        st.markdown(
            f":small[:orange[:material/error: {layout.plain(problem.message)}] {layout.plain(problem.next_step)}]"
        )
    rows = "–" if answers.total is None else n_("**{n}** row", "**{n}** rows", answers.total)
    blocked = roles.blocked(desk, "exports.run") or (wrong[0].message if wrong else "")
    pressed = run_panel.run(rows, key=key, blocked=blocked)
    guess = None if wrong else st.empty()
    if pressed and not wrong:
        with layout.telling():
            draft.job = exports.start(desk, spec, template_id=draft.template).id
            source.keep(desk, draft)
            exports.wait(desk, draft.job, AT_ONCE)
            st.rerun()
    return guess


def _outcome(desk: Desk, draft: ExportDraft, job: Any, key: str, *, latest: bool, watching: bool) -> None:
    """Look at the run again and again while it is under way, without drawing the rest of the page."""

    @st.fragment(run_every=LOOK_EVERY if watching else None, key=f"{key}_outcome")
    @checked
    def look() -> None:
        now = _job(desk, draft)
        if now is None or (watching and str(now.state) not in ACTIVE):
            st.rerun()
        action = None
        match str(now.state):
            case "queued" | "running":
                action = run_panel.under_way(now, exports.queue_place(desk, now), key=key)
            case "succeeded":
                receipt = Receipt.model_validate(now.result)
                if not latest:
                    st.caption(_("The file of before your last changes:"))
                action = run_panel.done(receipt, downloads.paths(desk, now.id, receipt), key=key, latest=latest)
                if exports.spec(now).delivering.destinations:
                    _sent(now.id, key)
            case "failed":
                action = run_panel.failed(now.error, key=key)
            case _:
                run_panel.cancelled(key=key)
        if action:
            _act(desk, draft, now.id, action)

    look()


def _sent(job_id: str, key: str) -> None:
    """What goes on after the file is there: on the page of the export."""
    if st.button(_("See its deliveries"), key=f"{key}_deliveries", icon=":material/outbox:", width="stretch"):
        routes.to_exports(job_id)


def _act(desk: Desk, draft: ExportDraft, job_id: str, action: run_panel.Action) -> None:
    if action == "template":
        dialogs.open_template(draft)
    with layout.telling():
        if action == "cancel":
            exports.cancel(desk, job_id)
        elif action == "retry":
            exports.retry(desk, job_id)
        else:
            draft.job = exports.run_again(desk, job_id).id
            source.keep(desk, draft)
        st.rerun()


def _job(desk: Desk, draft: ExportDraft) -> Any:
    if draft.job is None:
        return None
    try:
        return exports.get(desk, draft.job)
    except DeskError:
        draft.job = None  # deleted meanwhile
        return None


def made(desk: Desk, draft: ExportDraft, spec: ExportSpec) -> bool:
    """Whether the file of just this is there already."""
    job = _job(desk, draft)
    return job is not None and _made(job, spec)


def _made(job: Any, spec: ExportSpec) -> bool:
    return str(job.state) == "succeeded" and exports.spec(job) == spec
