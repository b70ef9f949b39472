"""Projects: what belongs together. `?project=<id>` shows what is in one of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import streamlit as st

from core import datasets, exports, projects, workspaces
from core.access import roles
from core.errors import DeskError
from core.projects import Project
from core.templating import templates
from core.things import Within
from pages import routes
from pages.components import dialogs, layout, whose, words
from pages.session import checked
from pages.session import desk as current_desk
from pages.texts import N_, _, n_

NEW, RENAME, ARCHIVE, BACK = "new_project", N_("Rename"), N_("Archive"), N_("Take back")
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
    with layout.header(
        _("Projects"), _("Data, exports and templates that belong together, for one event or one client.")
    ):
        if there or away:
            new_button(blocked)
    if not there and not away:
        with layout.empty(
            "projects", _("No projects yet"), _("With a project you find again what belongs to one event, client or month."),
            ":material/folder:",
        ):  # fmt: skip
            new_button(blocked)
        return
    shelf = _("In use")
    if away:
        shelf = st.segmented_control(
            _("Show"), [N_("In use"), N_("Archive")], default="In use", required=True, label_visibility="collapsed", key="shelf",
            format_func=lambda s: _(s) if s == "In use" else _("Archive ({n})").format(n=len(away)),
        )  # fmt: skip
    counts = projects.counts(desk)
    for one in there if shelf == "In use" else away:
        item(one, counts.get(one.id, Counter()), blocked)
    if not there and shelf == "In use":
        st.caption(_("All projects are in the archive."))


def new_button(blocked: str) -> None:
    if layout.button(_("New project"), "new_project", blocked=blocked, type="primary", icon=":material/add:"):
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
    return " · ".join(words.things(kind, counts[kind]) for kind in KINDS if counts[kind]) or _("Nothing in it yet")


def menu(one: Project, blocked: str) -> None:
    offered = [RENAME, BACK if one.archived_at else ARCHIVE]
    chosen = st.menu_button(
        _("More"), offered, key=f"more_{one.id}", type="tertiary", disabled=bool(blocked), help=layout.said(blocked) or None,
        format_func=lambda a: f"{ICONS[a]} {_(a)}",
    )  # fmt: skip
    if chosen == RENAME:
        dialogs.open(RENAME, one.id)
    elif chosen:
        away = chosen == ARCHIVE
        with layout.telling():
            projects.archive(desk, one.id, away)
            there = _("**{name}** is in the archive. What is in it stays where it is.")
            said = there if away else _("**{name}** is back.")
            st.toast(said.format(name=layout.plain(one.name)), icon=ICONS[chosen])
            st.rerun()


def inside(project_id: str) -> None:
    """What is in one project, each thing a press away."""
    if st.button(_("Projects"), key="back_to_projects", type="tertiary", icon=":material/arrow_back:"):
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
    with layout.header(
        one.name, _("{facts} · archived").format(facts=facts(counts)) if one.archived_at else facts(counts)
    ):
        menu(one, roles.blocked(desk, "projects.change"))
    if not (data or total or kept):
        with layout.empty(
            "project", _("Nothing in it yet"),
            _("Open a dataset, an export or a template, and choose this project there."), ":material/folder_open:",
        ):  # fmt: skip
            if st.button(_("Go to your data"), key="to_data", icon=":material/table:"):
                routes.to_data()
        return
    names = whose.names(desk)
    for title, icon, found in (
        (N_("Data"), ":material/table:", data),
        (N_("Exports"), ":material/draft:", jobs),
        (N_("Templates"), ":material/bookmark:", kept),
    ):
        if found:
            with layout.card(f"inside_{title}", _(title), icon):
                things(title, found, names)
                if title == "Exports" and total > SHOWN:
                    st.caption(
                        n_("… and {n} more, under My exports.", "… and {n} more, under My exports.", total - SHOWN)
                    )


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


@dialogs.dialog(N_("New project"), icon=":material/create_new_folder:")
@checked
def new() -> None:
    with st.form("new_project_form", border=False):
        name = st.text_input(_("Name"), max_chars=120, placeholder=_("Spring school 2026"), autocomplete="off")
        if st.form_submit_button(_("Make it"), type="primary"):
            with layout.telling():
                made = projects.make(desk, name or "")
                dialogs.close(
                    _("**{name}** is there.").format(name=layout.plain(made.name)), ":material/create_new_folder:"
                )


@dialogs.dialog(N_("Rename"), icon=":material/text_fields:")
@checked
def rename(project_id: str) -> None:
    with st.form("rename_project", border=False):
        name = st.text_input(_("Name"), value=projects.get(desk, project_id).name, max_chars=120, autocomplete="off")
        if st.form_submit_button(_("Save"), type="primary"):
            with layout.telling():
                projects.rename(desk, project_id, name or "")
                dialogs.close(_("Saved."))


story()
if dialogs.subject(NEW) is not None:
    new()
elif subject := dialogs.subject(RENAME):
    rename(subject)
