"""The datasets of an export: one is a quiet line; several are tabs, each with the name of its sheet or file, and an order."""

from __future__ import annotations

import streamlit as st

from core.engine.formats import FORMATS
from pages.builder import dialogs
from pages.builder.draft import ExportDraft, SourceDraft, Tables
from pages.components import fields, layout, words
from pages.texts import N_, _, n_

NAMES = {"sheets": N_("Sheet name"), "sections": N_("Section name"), "files": N_("File name")}
MOST = 100  # datasets of one export: the spec's limit


def show(draft: ExportDraft, tables: Tables, key: str) -> None:
    """Which data is exported. With several, the tab that is open is what everything below is about."""
    with layout.card("dataset"):
        if len(draft.sources) > 1:
            _tabs(draft, tables, key)
        with layout.row("dataset"):
            table = tables[draft.source.dataset]
            facts = f"{words.rows(table.rows)} · {words.columns(len(table.columns))}"
            with st.container(key="dataset_name", width="stretch"):
                st.markdown(f":material/table: **{layout.plain(table.name)}** :gray[{facts}]")
            if len(draft.sources) == 1 and _add_button(draft, key):
                dialogs.open_add(draft)
            if st.button(_("Change"), key=f"{key}_change", icon=":material/swap_horiz:", type="tertiary"):
                dialogs.open_change(draft)
        if len(draft.sources) > 1:
            _named(draft, draft.source, table.name, f"{key}_{draft.source.id}")


def _tabs(draft: ExportDraft, tables: Tables, key: str) -> None:
    titles = {s.id: s.name or tables[s.dataset].name for s in draft.sources}
    name = f"{key}_tabs"
    if st.session_state.get(name) != draft.source.id:
        st.session_state[name] = draft.source.id
    with layout.row("tabs"):
        st.pills(
            _("Datasets of this export"),
            list(titles),
            key=name,
            format_func=titles.__getitem__,
            required=True,
            wrap=True,
            label_visibility="collapsed",
            on_change=lambda: setattr(draft, "current", st.session_state[name]),
        )
        if _add_button(draft, key):
            dialogs.open_add(draft)


def _add_button(draft: ExportDraft, key: str) -> bool:
    most = n_("An export has at most {n} dataset.", "An export has at most {n} datasets.", MOST)
    return layout.button(
        _("Add another dataset") if len(draft.sources) == 1 else _("Add"),
        f"{key}_add_dataset",
        blocked=most if len(draft.sources) >= MOST else "",
        icon=":material/add:",
        type="tertiary",
        help=_("It becomes a sheet or a file of its own"),
    )


def _named(draft: ExportDraft, source: SourceDraft, default: str, key: str) -> None:
    """What its sheet or file is called, its place among the others, and away with it."""
    place = draft.sources.index(source)
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"line_{key}_named"):
        fields.word(_(_called(draft)))
        st.text_input(
            _("Name of its sheet or file"),
            placeholder=default,
            label_visibility="collapsed",
            autocomplete="off",
            **fields.bound(source, "name", f"{key}_title"),
        )
        fields.icon_button(
            _("Move it one place to the front"),
            ":material/arrow_back:",
            f"{key}_left_first",
            disabled=place == 0,
            on_click=_move,
            args=(draft, source, -1),
        )
        fields.icon_button(
            _("Move it one place to the back"),
            ":material/arrow_forward:",
            f"{key}_right_first",
            disabled=place == len(draft.sources) - 1,
            on_click=_move,
            args=(draft, source, 1),
        )
        fields.icon_button(
            _("Remove this dataset from the export"),
            ":material/close:",
            f"{key}_remove",
            on_click=_remove,
            args=(draft, source),
        )


def _called(draft: ExportDraft) -> str:
    """What the name is one of: a sheet or section where they go into one file, else a file."""
    return NAMES.get(FORMATS[draft.format].tables, NAMES["files"]) if draft.together else NAMES["files"]


def _move(draft: ExportDraft, source: SourceDraft, by: int) -> None:
    place = draft.sources.index(source)
    draft.sources.insert(place + by, draft.sources.pop(place))


def _remove(draft: ExportDraft, source: SourceDraft) -> None:
    """The neighbour comes on screen."""
    place = draft.sources.index(source)
    draft.sources.remove(source)
    draft.current = draft.sources[max(0, place - 1)].id
