"""The builder's dialog “Match a sample file”: a file the receiver accepts in, the draft made like it.

For the page: `builder_match.open_dialog(draft)` in the handler of a button (it draws the page again and does not return), and
`builder_match.show(desk, draft, tables)` where the page ends, beside `builder_dialogs.show`. What the person takes over
changes the source on screen and the file; filters, sorting and the other sources stay.
"""

from __future__ import annotations

from contextlib import suppress
from typing import NoReturn

import streamlit as st

from core import choices, datasets, matching, uploads
from core.desk import Desk
from core.errors import DeskError
from pages.builder import source
from pages.builder.draft import ExportDraft, Tables
from pages.components import dialogs, explain, layout, match_sample, progress, upload
from pages.session import checked
from pages.texts import N_, _

MATCH = "builder_match"
_JOB = "builder_match_job"  # (draft and source, upload, job) of the sample at hand
ACTIVE = ("queued", "running")
EVERY = 0.4  # seconds between two looks while the sample is read


def open_dialog(draft: ExportDraft) -> NoReturn:
    _forget()
    dialogs.open(MATCH, draft.id)


def show(desk: Desk, draft: ExportDraft, tables: Tables) -> None:
    """Where the page ends: draw the dialog if it is open for this draft."""
    if dialogs.subject(MATCH) == draft.id:
        _dialog(desk, draft, tables)


@dialogs.dialog(N_("Match a sample file"), icon=":material/difference:", width="large")
@checked
def _dialog(desk: Desk, draft: ExportDraft, tables: Tables) -> None:
    table = tables[draft.source.dataset]
    at_hand = st.session_state.get(_JOB)
    if at_hand is None or at_hand[0] != draft.source.id:
        _ask(desk, draft)
        return
    upload_id, job_id = at_hand[1:]
    with layout.telling():
        job = datasets.wait(desk, job_id, 1.0)  # most samples are understood before the eye has found the place
        if job.state in ACTIVE:
            progress.show(job)
            _poll(desk, job_id)
        else:
            match = matching.found(job)
            st.caption(layout.plain(_("Compared with {name}.").format(name=table.name)))
            if match_sample.show(match, key=MATCH):
                source.renew(desk, taken_over(draft, match, tables), tables)
                _away(desk, upload_id)
                dialogs.close(_("The export now looks like {name}.").format(name=layout.plain(match.sample)))
    if st.button(_("Another sample"), key=f"{MATCH}_again", icon=":material/undo:", width="stretch"):
        with suppress(DeskError):  # what has ended by itself needs nothing
            datasets.cancel(desk, job_id)
        _away(desk, upload_id)
        st.rerun()


def _ask(desk: Desk, draft: ExportDraft) -> None:
    st.caption(
        _(
            "A file the receiver accepts: last month’s, or the example they sent. Columns, names, separators, encoding, "
            "dates and numbers are read off it; nothing of it is kept."
        ),
        help=explain.of("encoding"),
    )
    arrived = upload.show(
        f"{MATCH}_{draft.id[:8]}",
        ticket=uploads.ticket(desk),
        limit=choices.limits(desk).max_upload_mb * 1024**2,
        taken=tuple(st.session_state.get(f"{_JOB}_taken", ())),
        several=False,
    )
    if arrived:
        with layout.telling():
            begin(desk, draft, arrived[-1].id)
            st.rerun()


def begin(desk: Desk, draft: ExportDraft, upload_id: str) -> None:
    """Have the upload compared with the data on screen."""
    job = matching.match_sample(desk, upload_id, draft.source.dataset)
    st.session_state[_JOB] = (draft.source.id, upload_id, job.id)


def taken_over(draft: ExportDraft, match: matching.Match, tables: Tables) -> ExportDraft:
    """The draft with the proposal in it. Raises BadSpec where it does not fit."""
    draft = draft.model_copy(deep=True)
    place = draft.sources.index(draft.source)
    spec = matching.apply(draft.to_spec(tables), match, source=place)
    fresh = ExportDraft.from_spec(spec, [(s.dataset, tables[s.dataset]) for s in draft.sources])[0]
    draft.source.columns = fresh.sources[place].columns
    draft.format, draft.compression = fresh.format, fresh.compression
    draft.options[fresh.format] = fresh.options[fresh.format]
    return draft


def _away(desk: Desk, upload_id: str) -> None:
    """The sample has done its work: neither its bytes nor its place in the session are kept."""
    with suppress(DeskError):
        uploads.cancel(desk, upload_id)
    taken = st.session_state.setdefault(f"{_JOB}_taken", set())
    taken.add(upload_id)
    _forget()


def _forget() -> None:
    st.session_state.pop(_JOB, None)


def _poll(desk: Desk, job_id: str) -> None:
    """Draw the dialog again once the comparison has ended."""

    @st.fragment(run_every=EVERY)
    @checked
    def look() -> None:
        if datasets.job(desk, job_id).state not in ACTIVE:
            st.rerun()

    look()
