"""How the builder begins: from a dataset, a template, an earlier export, a draft that was left, or from nothing yet."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from core import datasets, drafts, exports, sharing, workspaces
from core.access import roles
from core.desk import Desk
from core.engine.spec import ExportSpec
from core.engine.table import Table
from core.errors import DeskError, NotFound
from core.templating import templates
from pages.builder.draft import ExportDraft, SourceDraft, Tables, new_id, upgraded
from pages.components import add_data, layout, words
from pages.texts import _, n_

_DRAFT, _KEPT, _VERSIONS = "builder_draft", "builder_draft_kept", "builder_versions"
ORIGINS = (
    "dataset",
    "template",
    "job",
    "export",
)  # query parameters that begin a new draft; export is another word for job
RECENT = 5  # datasets offered on the first screen


def open_draft(desk: Desk) -> tuple[ExportDraft, Tables] | None:
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
        tables = _tables(desk, [s.dataset for s in current.sources])
    except DeskError as error:
        leave()
        layout.error_box(error)
        return None
    current.sources = [s for s in current.sources if s.dataset in tables]
    if st.session_state.get(_VERSIONS) != _versions(tables):
        current.refit(tables)
        _here(current, tables)
    elif "draft" not in st.query_params:
        st.query_params["draft"] = current.id
    return current, tables


def keep(desk: Desk, draft: ExportDraft) -> None:
    """Store the draft if it says something else than what is stored."""
    content = draft.dump()
    if st.session_state.get(_KEPT) != content:
        drafts.keep(desk, draft.id, content)
        st.session_state[_KEPT] = content


def leave() -> None:
    """Back to the first screen. The draft stays in the store for a while; its address still opens it."""
    for name in (_DRAFT, _KEPT, _VERSIONS):
        st.session_state.pop(name, None)
    for name in (*ORIGINS, "draft"):
        st.query_params.pop(name, None)


def start(desk: Desk, dataset: str) -> None:
    """A new draft of all rows and columns of a dataset."""
    _begin(desk, *_from(desk, "dataset", dataset))


def add(desk: Desk, draft: ExportDraft, dataset_id: str) -> None:
    """One more dataset in this export, with all its rows and columns; it comes on screen."""
    found = datasets.get(desk, dataset_id)
    source = SourceDraft.new(found.id, datasets.table(desk, found.id))
    draft.sources.append(source)
    draft.current = source.id
    keep(desk, draft)


def swap(desk: Desk, draft: ExportDraft, dataset_id: str) -> list[str]:
    """The same export with other data in place of the dataset on screen, as a draft of its own.

    What the other columns allow is kept; returns a sentence for each part that was left out.
    """
    old = draft.source
    tables = {**_tables(desk, [s.dataset for s in draft.sources]), dataset_id: datasets.table(desk, dataset_id)}
    fresh, left_out = SourceDraft.from_source(old.to_source(tables[old.dataset]), dataset_id, tables[dataset_id])
    sources = [fresh if s is old else s for s in draft.sources]
    changed = {"id": new_id(), "sources": sources, "current": fresh.id, "job": None}
    _begin(desk, draft.model_copy(update=changed, deep=True), tables, left_out)
    return left_out


def renew(desk: Desk, draft: ExportDraft, tables: Tables) -> None:
    """The same export, changed as a whole: a draft of its own, so that every widget begins with what it says now."""
    _begin(desk, draft.model_copy(update={"id": new_id(), "job": None}, deep=True), tables, [])


def choose(desk: Desk) -> None:
    """The first screen: go on with what is there, or bring data. While files are on their way in, they alone matter."""
    arriving = add_data.PARAMETER in st.query_params
    there = [] if arriving else list(datasets.list(desk)[:RECENT])
    if there:
        with st.grid(3, gap="small"):
            _left(desk)
            for one in there:
                facts = f"{words.rows(one.rows)} · {words.columns(one.columns)}"
                if _tile(one.id, ":material/table:", one.name, facts, _("Use this")):
                    with layout.telling():
                        start(desk, one.id)
                        st.rerun()
        st.header(_("Or add new data"), anchor=False)
    if blocked := roles.blocked(desk, "data.add"):
        st.info(layout.plain(blocked), icon=":material/lock:")
        return
    added = add_data.show(desk, "builder")
    if added:
        with layout.telling():
            start(desk, added[0])
            if len(added) > 1:
                said = n_("{n} table added.", "{n} tables added. The others are under Data.", len(added))
                st.toast(said)
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
    content = upgraded(latest.content)
    try:
        dataset = datasets.get(desk, str(content["sources"][0]["dataset"]))
    except NotFound:
        return  # its data is gone
    name = str(content.get("name") or dataset.name)
    when = words.moment(latest.updated_at, workspaces.clock(desk))
    if _tile(
        "left", ":material/edit_note:", name, _("The export you left, {when}").format(when=when), _("Go on with it")
    ):
        st.query_params["draft"] = latest.id
        st.rerun()


def _from(desk: Desk, origin: str, name: str) -> tuple[ExportDraft, Tables, list[str]]:
    if origin == "dataset":
        dataset = datasets.get(desk, name)
        table = datasets.table(desk, dataset.id)
        place = desk.workspace()
        options = workspaces.file_options(place)
        draft = ExportDraft.new(dataset.id, table, format=place.default_format, options=options)
        return draft, {dataset.id: table}, []
    made_by: Any = templates.get(desk, name) if origin == "template" else exports.get(desk, name)
    spec = ExportSpec.model_validate(made_by.spec) if origin == "template" else exports.spec(made_by)
    with sharing.asking_for_data(desk, made_by):
        ids = [datasets.get(desk, source.dataset).id for source in spec.sources]
    tables = {i: datasets.table(desk, i) for i in ids}
    draft, left_out = ExportDraft.from_spec(spec, [(i, tables[i]) for i in ids])
    draft.template = name if origin == "template" else None
    return draft, tables, left_out


def _stored(desk: Desk, draft_id: str) -> tuple[ExportDraft, Tables]:
    content: dict[str, Any] = drafts.get(desk, draft_id)
    tables = _tables(desk, [str(s["dataset"]) for s in upgraded(content)["sources"]])
    draft = ExportDraft.load(content, tables)
    if draft.job:
        try:
            exports.get(desk, draft.job)
        except NotFound:
            draft.job = None  # the export was deleted meanwhile
    _here(draft, tables)
    st.session_state[_KEPT] = content
    return draft, tables


def _tables(desk: Desk, ids: Sequence[str]) -> Tables:
    """The tables that are there. One of several that is gone is told and left out; raises NotFound when none is left."""
    found: dict[str, Table] = {}
    gone: list[NotFound] = []
    for dataset in dict.fromkeys(ids):
        try:
            found[dataset] = datasets.table(desk, dataset)
        except NotFound as error:
            gone.append(error)
    if not found:
        raise gone[0]
    _tell([_("{problem} It was left out of this export.").format(problem=error.message) for error in gone])
    return found


def _begin(desk: Desk, draft: ExportDraft, tables: Tables, left_out: list[str]) -> tuple[ExportDraft, Tables]:
    _tell(left_out)
    _here(draft, tables)
    keep(desk, draft)
    return draft, tables


def _tell(sentences: list[str]) -> None:
    for sentence in sentences:
        st.toast(layout.plain(sentence), icon=":material/info:")


def _here(draft: ExportDraft, tables: Tables) -> None:
    st.session_state[_DRAFT] = draft
    st.session_state[_VERSIONS] = _versions(tables)
    for name in ORIGINS:
        st.query_params.pop(name, None)
    st.query_params["draft"] = draft.id


def _versions(tables: Tables) -> dict[str, str]:
    """Which version of each dataset the draft was fitted to."""
    return {dataset: str(table.path) for dataset, table in tables.items()}
