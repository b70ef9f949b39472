"""What home shows a newcomer: nothing is here yet, and three ways to begin, each one press."""

from __future__ import annotations

import streamlit as st

from core import datasets, samples
from core.access import roles
from core.desk import Desk
from core.errors import Trouble, from_dict
from pages import routes, tour
from pages.components import dialogs, layout
from pages.texts import _

SAMPLE = "participants"
SAMPLE_SECONDS = 20.0  # a sample of a few thousand rows takes well under one


def show(desk: Desk) -> None:
    st.markdown(_("Turn a spreadsheet into exactly the file somebody asked for. Begin with one of these."))
    blocked = roles.blocked(desk, "data.add")
    upload, sample, look = st.columns(3, gap="medium")
    with (
        upload,
        layout.card(
            "begin_upload",
            _("Bring a file"),
            ":material/upload_file:",
            _("Drop an Excel file, a CSV or nearly any other table on the page, or paste cells from a spreadsheet."),
            height="stretch",
        ),
    ):
        if layout.button(_("Upload a file"), "begin_upload", blocked=blocked, icon=":material/upload:"):
            routes.to_builder()
    with (
        sample,
        layout.card(
            "begin_sample",
            _("Try sample data"),
            ":material/science:",
            _("A list of participants with everything real lists have: accents, dates, leading zeros, gaps."),
            height="stretch",
        ),
    ):
        if layout.button(_("Try it"), "begin_sample", blocked=blocked, icon=":material/play_arrow:"):
            _try_sample(desk)
    with (
        look,
        layout.card(
            "begin_tour",
            "One-minute tour",
            ":material/explore:",
            _("Five pictures show how a table becomes a file, and what is checked on the way."),
            height="stretch",
        ),
    ):
        if st.button(_("Take the tour"), key="begin_tour", icon=":material/slideshow:"):
            dialogs.open(tour.NAME, "tour")


def _try_sample(desk: Desk) -> None:
    with layout.telling(), st.spinner(_("Adding the sample…"), show_time=False):
        job = datasets.wait(desk, samples.add_sample(desk, SAMPLE).id, SAMPLE_SECONDS)
        if job.error:
            raise from_dict(job.error)
        if not job.result:
            raise Trouble(_("The sample is still being read."), _("Look under Data in a moment."))
        routes.to_builder(dataset=job.result["datasets"][0]["slug"])
