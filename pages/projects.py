"""Projects: what belongs together. `?project=<id>` shows what is in one of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import streamlit as st

from core import datasets, exports, projects, roles, templates, workspaces
from core.errors import DeskError
from core.projects import Project
from core.things import Within
from pages import routes
from pages.components import dialogs, layout, whose, words
from pages.session import checked
from pages.session import desk as current_desk

NEW, RENAME, ARCHIVE, BACK = "new project", "Rename", "Archive", "Take back"
ICONS = {RENAME: ":material/text_fields:", ARCHIVE: ":material/archive:", BACK: ":material/unarchive:"}
KINDS = {"dataset": "dataset", "export": "export", "template": "template"}
SHOWN = 50  # exports of a project that its page lists

desk = current_desk()
clock = workspaces.clock(desk)


def story() -> None:
    if project_id := st.query_params.get("project"):
        inside(project_id)
        return
    there, away = projects.list(desk), projects.list(desk, archived=True)
    blocked = roles.blocked(desk, "projects.change")
    with layout.header("Projects", "Data, exports and templates that belong together, for one event or one client."):
        if there or away:
            new_button(blocked)
    if not there and not away:
        with layout.empty(
            "projects", "No projects yet", "With a project you find again what belongs to one event, client or month.",
            ":material/folder:",
        ):  # fmt: skip
            new_button(blocked)
        return
    shelf = "In use"
    if away:
        shelf = st.segmented_control(
            "Show", ["In use", "Archive"], default="In use", required=True, label_visibility="collapsed", key="shelf",
            format_func=lambda s: s if s == "In use" else f"Archive ({len(away)})",
        )  # fmt: skip
    counts = projects.counts(desk)
    for one in there if shelf == "In use" else away:
        item(one, counts.get(one.id, Counter()), blocked)
    if not there and shelf == "In use":
        st.caption("All projects are in the archive.")


def new_button(blocked: str) -> None:
    if layout.button("New project", "new_project", blocked=blocked, type="primary", icon=":material/add:"):
        dialogs.open(NEW, "")


def item(one: Project, counts: Counter[str], blocked: str) -> None:
    with (
        st.container(border=True, key=f"item_{one.id}"),
        st.container(horizontal=True, vertical_alignment="center", gap="small"),
    ):
        with st.container(gap=None, width="stretch", key=f"words_{one.id}"):
            if st.button(
                f"**{layout.plain(one.name)}**", key=f"open_{one.id}", type="tertiary", icon=":material/folder:"
            ):
                routes.to_projects(one.id)
            st.caption(layout.plain(facts(counts)))
        menu(one, blocked)


def facts(counts: Counter[str]) -> str:
    """ "3 datasets · 1 template", or that it is empty."""
    return " · ".join(words.count(counts[kind], KINDS[kind]) for kind in KINDS if counts[kind]) or "Nothing in it yet"


def menu(one: Project, blocked: str) -> None:
    offered = [RENAME, BACK if one.archived_at else ARCHIVE]
    chosen = st.menu_button(
        "More", offered, key=f"more_{one.id}", type="tertiary", disabled=bool(blocked), help=blocked or None,
        format_func=lambda a: f"{ICONS[a]} {a}",
    )  # fmt: skip
    if chosen == RENAME:
        dialogs.open(RENAME, one.id)
    elif chosen:
        away = chosen == ARCHIVE
        with layout.telling():
            projects.archive(desk, one.id, away)
            said = "is in the archive. What is in it stays where it is." if away else "is back."
            st.toast(f"**{layout.plain(one.name)}** {said}", icon=ICONS[chosen])
            st.rerun()


def inside(project_id: str) -> None:
    """What is in one project, each thing a press away."""
    if st.button("Projects", key="back_to_projects", type="tertiary", icon=":material/arrow_back:"):
        st.query_params.pop("project", None)
        st.rerun()
    try:
        one = projects.get(desk, project_id)
    except DeskError as error:
        layout.error_box(error)
        return
    within = Within(project_id=one.id)
    data, (jobs, total) = datasets.list(desk, within=within), exports.list(desk, within=within, size=SHOWN)
    kept = templates.list(desk, within=within)
    counts = Counter({"dataset": len(data), "export": total, "template": len(kept)})
    with layout.header(one.name, facts(counts) + (" · archived" if one.archived_at else "")):
        menu(one, roles.blocked(desk, "projects.change"))
    if not (data or total or kept):
        with layout.empty(
            "project", "Nothing in it yet",
            "Open a dataset, an export or a template, and choose this project there.", ":material/folder_open:",
        ):  # fmt: skip
            if st.button("Go to your data", key="to_data", icon=":material/table:"):
                routes.to_data()
        return
    names = whose.names(desk)
    for title, icon, found in (
        ("Data", ":material/table:", data),
        ("Exports", ":material/draft:", jobs),
        ("Templates", ":material/bookmark:", kept),
    ):
        if found:
            with layout.card(f"inside_{title}", title, icon):
                things(title, found, names)
                if title == "Exports" and total > SHOWN:
                    st.caption(f"… and {total - SHOWN:,} more, under My exports.")


def things(title: str, found: Sequence[Any], names: Any) -> None:
    for thing in found:
        with layout.row(f"inside_{thing.id}"):
            if st.button(layout.plain(thing.name), key=f"open_{thing.id}", type="tertiary"):
                open_thing(title, thing)
            when = thing.created_at if title == "Exports" else thing.updated_at
            st.caption(layout.plain(words.moment(when, clock)), width="content")
            whose.badge(desk, thing, names)


def open_thing(title: str, thing: Any) -> None:
    if title == "Data":
        routes.to_data(thing.slug)
    elif title == "Exports":
        routes.to_exports(thing.id)
    else:
        routes.to_builder(template=thing.id)


@st.dialog("New project", icon=":material/create_new_folder:", on_dismiss=dialogs.forget)
@checked
def new() -> None:
    with st.form("new_project_form", border=False):
        name = st.text_input("Name", max_chars=120, placeholder="Spring school 2026", autocomplete="off")
        if st.form_submit_button("Make it", type="primary"):
            with layout.telling():
                made = projects.make(desk, name or "")
                dialogs.close(f"**{layout.plain(made.name)}** is there.", ":material/create_new_folder:")


@st.dialog("Rename", icon=":material/text_fields:", on_dismiss=dialogs.forget)
@checked
def rename(project_id: str) -> None:
    with st.form("rename_project", border=False):
        name = st.text_input("Name", value=projects.get(desk, project_id).name, max_chars=120, autocomplete="off")
        if st.form_submit_button("Save", type="primary"):
            with layout.telling():
                projects.rename(desk, project_id, name or "")
                dialogs.close("Saved.")


story()
if dialogs.subject(NEW) is not None:
    new()
elif subject := dialogs.subject(RENAME):
    rename(subject)
