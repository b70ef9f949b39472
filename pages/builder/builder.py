"""New export: choose data, keep the rows and columns that matter, look at the result, run it, download it.

The draft leads: every widget begins with what it says and writes back to it. What is asked of the data (counts, the page
of the preview, the estimate) is asked through core.previews, of the dataset itself, never of a table held in memory.
"""

from __future__ import annotations

import streamlit as st

from core.desk import Desk
from pages.builder import answers as builder_answers
from pages.builder import datasets, deliver, dialogs, match, output, preview, template
from pages.builder import run as builder_run
from pages.builder import shape as builder_shape
from pages.builder import source as builder_source
from pages.builder.draft import ExportDraft, Tables
from pages.components import layout
from pages.session import desk as current_desk
from pages.texts import N_, _

ABOUT = N_("Choose data, keep the rows and columns you need, and download the file.")


def story(desk: Desk) -> None:
    builder_shape.styles()
    opened = builder_source.open_draft(desk)
    layout.header(_("New export"), _(ABOUT) if opened is None else "")
    if opened is None:
        builder_source.choose(desk)
        return
    build(desk, *opened)


def build(desk: Desk, draft: ExportDraft, tables: Tables) -> None:
    key = f"b{draft.id[:8]}"
    with st.container(key="builder"):
        shape, result = st.columns([1.95, 1], gap="medium")
    with shape:
        origin = st.container(key="builder_origin")
        datasets.show(draft, tables, key)
        source, table = draft.source, tables[draft.source.dataset]
        own = f"{key}_{source.id}"
        rows = builder_shape.rows(desk, draft, table, own)
        builder_shape.columns(draft, table, own)
        builder_shape.more(source, table, own)
    answers = builder_answers.ask(desk, draft, tables)
    builder_shape.tell(rows, desk, source, table, answers)
    with result, layout.card("summary", _("Your export"), ":material/output:"):
        builder_answers.figures(answers, draft, tables)
        wrong = output.show(desk, draft, tables, answers, key)
        deliver.show(desk, draft, tables, key)
        builder_source.keep(desk, draft)
        guess = builder_run.show(desk, draft, tables, answers, wrong, key)
        template.button(desk, draft, key)
    with shape, layout.card("preview"):
        preview.show(desk, draft, tables, answers, own)
    with origin:  # last: what is on screen has been said by then
        template.bar(desk, draft, tables, key)
    builder_source.keep(desk, draft)
    dialogs.show(desk, draft, tables)
    match.show(desk, draft, tables)
    if guess is not None:
        builder_run.estimate(desk, draft.to_spec(tables), tables, answers, guess)


story(current_desk())
