"""How the builder begins: from a dataset, a template, an earlier export, a draft that was left, or from nothing yet."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core import datasets, drafts, exports, templates
from core.desk import Desk
from core.engine.spec import ExportSpec
from core.engine.table import Table
from core.errors import DeskError, NotFound
from pages.components import add_data, layout, words
from pages.draft import ExportDraft

_DRAFT, _KEPT = "builder_draft", "builder_draft_kept"
ORIGINS = (
    "dataset",
    "template",
    "job",
    "export",
)  # query parameters that begin a new draft; export is another word for job
RECENT = 5  # datasets offered on the first screen


def open_draft(desk: Desk) -> tuple[ExportDraft, Table] | None:
    """The draft the address asks for, else the one of this session; None: somebody has to choose data first.

    Afterwards the address says `?draft=ID`, and nothing else of ours.
    """
    wanted = {name: st.query_params[name] for name in (*ORIGINS, "draft") if name in st.query_params}
    current: ExportDraft | None = st.session_state.get(_DRAFT)
    try:
        for name in ORIGINS:
            if name in wanted:
                return _begin(desk, *_from(desk, name, wanted[name]))
        if "draft" in wanted and (current is None or current.id != wanted["draft"]):
            return _stored(desk, wanted["draft"])
        if current is None:
            return None
        table = datasets.table(desk, current.dataset)
    except DeskError as error:
        leave()
        layout.error_box(error)
        return None
    if st.session_state.get("builder_version") != str(table.path):
        current.refit(table)
        _here(current, table)
    elif "draft" not in st.query_params:
        st.query_params["draft"] = current.id
    return current, table


def keep(desk: Desk, draft: ExportDraft) -> None:
    """Store the draft if it says something else than what is stored."""
    content = draft.dump()
    if st.session_state.get(_KEPT) != content:
        drafts.keep(desk, draft.id, content)
        st.session_state[_KEPT] = content


def leave() -> None:
    """Back to the first screen. The draft stays in the store for a while; its address still opens it."""
    for name in (_DRAFT, _KEPT, "builder_version"):
        st.session_state.pop(name, None)
    for name in (*ORIGINS, "draft"):
        st.query_params.pop(name, None)


def start(desk: Desk, dataset: str) -> None:
    """A new draft of all rows and columns of a dataset."""
    _begin(desk, *_from(desk, "dataset", dataset))


def swap(desk: Desk, draft: ExportDraft, table: Table, dataset_id: str) -> list[str]:
    """The same export of other data: what its columns allow is kept; a sentence for each part that was left out."""
    other = datasets.table(desk, dataset_id)
    fresh, left_out = ExportDraft.from_spec(draft.to_spec(table), dataset_id, other)
    fresh.options, fresh.template = draft.options, draft.template
    _begin(desk, fresh, other, left_out)
    return left_out


def choose(desk: Desk) -> None:
    """The first screen: go on with what is there, or bring data. While files are on their way in, they alone matter."""
    arriving = add_data.PARAMETER in st.query_params
    there = [] if arriving else list(datasets.list(desk)[:RECENT])
    if there:
        with st.grid(3, gap="small"):
            _left(desk)
            for one in there:
                facts = f"{words.count(one.rows, 'row')} · {words.count(one.columns, 'column')}"
                if _tile(one.id, ":material/table:", one.name, facts, "Use this"):
                    with layout.telling():
                        start(desk, one.id)
                        st.rerun()
        st.subheader("Or add new data", anchor=False)
    added = add_data.show(desk, "builder")
    if added:
        with layout.telling():
            start(desk, added[0])
            if len(added) > 1:
                st.toast(f"{words.count(len(added), 'table')} added. The others are under Data.")
            st.rerun()


def _tile(key: str, icon: str, name: str, about: str, label: str) -> bool:
    with layout.card(f"tile_{key}"):
        with st.container(gap=None, width="stretch"):
            st.markdown(f"{icon} **{layout.plain(name)}**")
            st.caption(layout.plain(about))
        return st.button(label, key=f"builder_use_{key}", icon=":material/arrow_forward:", icon_position="right")


def _left(desk: Desk) -> None:
    """What this person was putting together last, one press away."""
    latest = drafts.latest(desk)
    if latest is None:
        return
    try:
        dataset = datasets.get(desk, str(latest.content.get("dataset")))
    except NotFound:
        return  # its data is gone
    name = str(latest.content.get("name") or dataset.name)
    when = words.moment(latest.updated_at, desk.workspace().zone)
    if _tile("left", ":material/edit_note:", name, f"The export you left, {when}", "Go on with it"):
        st.query_params["draft"] = latest.id
        st.rerun()


def _from(desk: Desk, origin: str, name: str) -> tuple[ExportDraft, Table, list[str]]:
    if origin == "dataset":
        dataset = datasets.get(desk, name)
        table = datasets.table(desk, dataset.id)
        return ExportDraft.new(dataset.id, table), table, []
    if origin == "template":
        template = templates.get(desk, name)
        spec = ExportSpec.model_validate(template.spec)
    else:
        spec = ExportSpec.model_validate(exports.get(desk, name).payload["spec"])
    dataset = datasets.get(desk, spec.sources[0].dataset)
    table = datasets.table(desk, dataset.id)
    draft, left_out = ExportDraft.from_spec(spec, dataset.id, table)
    draft.template = name if origin == "template" else None
    return draft, table, left_out


def _stored(desk: Desk, draft_id: str) -> tuple[ExportDraft, Table]:
    content: dict[str, Any] = drafts.get(desk, draft_id)
    table = datasets.table(desk, str(content["dataset"]))
    draft = ExportDraft.load(content, table)
    if draft.job:
        try:
            exports.get(desk, draft.job)
        except NotFound:
            draft.job = None  # the export was deleted meanwhile
    _here(draft, table)
    st.session_state[_KEPT] = content
    return draft, table


def _begin(desk: Desk, draft: ExportDraft, table: Table, left_out: list[str]) -> tuple[ExportDraft, Table]:
    for sentence in left_out:
        st.toast(layout.plain(sentence), icon=":material/info:")
    _here(draft, table)
    keep(desk, draft)
    return draft, table


def _here(draft: ExportDraft, table: Table) -> None:
    st.session_state[_DRAFT] = draft
    st.session_state["builder_version"] = str(table.path)
    for name in ORIGINS:
        st.query_params.pop(name, None)
    st.query_params["draft"] = draft.id
