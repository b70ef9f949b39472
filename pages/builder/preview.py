"""The result before it is made: one page of the table, or the beginning of the very file."""

from __future__ import annotations

from math import ceil

import streamlit as st

from core import file_views, previews
from core.desk import Desk
from pages.builder.answers import Answers, remembered, whole
from pages.builder.draft import ExportDraft, Tables
from pages.components import file_view, layout, preview
from pages.session import checked
from pages.texts import N_, _

PAGE = 15  # rows of the table
LOOKS = {"table": N_("Table"), "file": N_("File")}


@st.fragment
@checked
def show(desk: Desk, draft: ExportDraft, tables: Tables, answers: Answers, key: str) -> None:
    """Another look or another page asks for that alone; nothing else on the screen is drawn again."""
    with layout.row("preview_head"):
        st.header(_("Preview"), anchor=False, icon=":material/preview:", width="stretch")
        look = st.segmented_control(
            _("Look at"),
            list(LOOKS),
            default="table",
            key=f"b{draft.id[:8]}_look",
            format_func=lambda look: _(LOOKS[look]),
            required=True,
            label_visibility="collapsed",
            help=_("The rows as a table, or the file as whoever opens it will see it"),
        )
    if answers.trouble:
        st.caption(layout.plain(_("{problem} The export itself can run all the same.").format(problem=answers.trouble)))
    elif answers.counts is None:
        st.caption(_("The preview comes back as soon as the points under “Your export” are mended."))
    elif look == "file":
        _file(desk, draft, tables, key)
    elif answers.counts.rows == 0:
        empty = answers.counts.source_rows == 0
        st.caption(
            _("There are no rows in this data.") if empty else _("No row is left. Loosen a filter to see rows here.")
        )
    else:
        _table(desk, answers, answers.counts.rows, key)


def _table(desk: Desk, answers: Answers, rows: int, key: str) -> None:
    place = st.container()
    with st.container(horizontal=True, vertical_alignment="center", key="row_preview_foot"):
        said = st.empty()
        # Another question begins at its own first page.
        number = st.pagination(max(1, ceil(rows / PAGE)), key=f"{key}_page_{hash(answers.asked)}")
    first = (number - 1) * PAGE + 1
    last = min(rows, first + PAGE - 1)
    shown = _("Rows {first} to {last} of {rows}").format(first=f"{first:,}", last=f"{last:,}", rows=f"{rows:,}")
    said.caption(shown, width="stretch")
    with place, layout.telling():
        page = remembered(
            "page",
            f"{answers.asked} {number}",
            lambda: previews.shown(desk, answers.spec, number, PAGE, columns=preview.COLUMNS),
        )
        preview.show(page, first=first, key=f"{key}_preview", stamp=f"{hash(answers.asked)} {number}")


def _file(desk: Desk, draft: ExportDraft, tables: Tables, key: str) -> None:
    """Written by the real writer, of the first rows; what keeps it from being written is told instead."""
    spec = draft.to_spec(tables)
    if not draft.together:  # a file each: the one of the dataset on screen
        spec = spec.model_copy(update={"sources": (draft.source.to_source(tables[draft.source.dataset]),)})
    asked = whole(desk, tables, spec)
    with layout.telling():
        view = remembered("file", asked, lambda: file_views.file_view(desk, spec))
        file_view.show(view, key=f"{key}_file", stamp=str(hash(asked)))
