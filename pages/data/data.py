"""Data: the tables that were added, and the ways to add more. `?dataset=<slug>` opens one of them."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from core import datasets, workspaces
from core.access import roles
from core.datasets import Listed
from pages import routes
from pages.exports import bulk
from pages.data import dataset, actions, feed
from pages.components import add_data, dialogs, layout, narrowing, whose, words
from pages.session import desk as current_desk
from pages.texts import _, n_

SIZE = 25  # datasets a page

desk = current_desk()
clock = workspaces.clock(desk)


def story() -> None:
    if slug := st.query_params.get("dataset"):
        dataset.show(desk, slug, clock)
        return
    there = datasets.list(desk)
    with layout.header(_("Data"), _("The tables you export from. Add a file once, use it as often as you like.")):
        blocked = roles.blocked(desk, "data.add")
        adding = not blocked and ("adding" in st.query_params or add_data.PARAMETER in st.query_params or not there)
        if (there or blocked) and layout.button(
            _("Done") if adding else _("Add data"), "add_data", blocked=blocked, type="secondary" if adding else "primary",
            icon=None if adding else ":material/add:",
        ):  # fmt: skip
            open_or_close(adding)
        if len(there) > 1 and layout.button(
            _("Export several"),
            "export_several",
            blocked=roles.blocked(desk, "exports.run"),
            icon=":material/folder_zip:",
        ):
            dialogs.open(bulk.SEVERAL, "all")
    if adding:
        add()
    if there:
        listing()
    elif blocked:
        with layout.empty(
            "data", _("Nothing is shared with you yet"), _("Tables that others share show up here."), ":material/table:"
        ):
            pass


def open_or_close(adding: bool) -> None:
    """Whether the ways in are shown is part of the address: a refresh, or a link from elsewhere, shows them too."""
    st.query_params.pop(add_data.PARAMETER, None)
    if adding:
        st.query_params.pop("adding", None)
    else:
        st.query_params["adding"] = "yes"
    st.rerun()


def add() -> None:
    """The three ways in; what arrived is in the list below at once."""
    added = add_data.show(desk, "data")
    with layout.row("elsewhere"):
        st.caption(_("Or fetch it from a web address, a server or a database, again and again."), width="content")
        blocked = roles.blocked(desk, "data.feed")
        if layout.button(_("From elsewhere"), "from_elsewhere", blocked=blocked, icon=":material/cloud_download:"):
            feed.open_new()
    if added:
        names = [datasets.get(desk, one).name for one in added]
        listed = words.listing([f"**{layout.plain(n)}**" for n in names])
        st.toast(_("{names} added.").format(names=listed), icon=":material/check_circle:")
        st.query_params.pop("adding", None)
        st.rerun()


def listing() -> None:
    with st.container(horizontal=True, vertical_alignment="center", key="row_filters"):
        search = st.text_input(
            _("Search"), key="find", bind="query-params", placeholder=_("Search your data"), label_visibility="collapsed",
            icon=":material/search:", type="search", live=True, width=300,
        )  # fmt: skip
        within = narrowing.show(desk)
    found = datasets.list(desk, search=search or "", within=within)
    names = whose.names(desk)
    page = min(st.session_state.get("data_page", 1), max(1, -(-len(found) // SIZE)))
    for one in found[(page - 1) * SIZE : page * SIZE]:
        item(one, names)
    if len(found) > SIZE:
        st.pagination(-(-len(found) // SIZE), key="data_page")
    if not found:
        st.caption(
            _("Nothing by that name. Try another word.")
            if search
            else _("Nothing here. Show all projects, or everybody’s.")
        )


def item(one: Listed, names: Mapping[str, str]) -> None:
    with (
        st.container(border=True, key=f"item_{one.id}"),
        st.container(horizontal=True, vertical_alignment="center", gap="small"),
    ):
        with st.container(gap=None, width="stretch", key=f"words_{one.id}"):
            if st.button(
                f"**{layout.plain(one.name)}**", key=f"open_{one.id}", type="tertiary", icon=":material/table:"
            ):
                routes.to_data(one.slug)
            st.caption(layout.plain(" · ".join(facts(one))))
        whose.badge(desk, one, names)
        blocked = roles.blocked(desk, "exports.run")
        if layout.button(_("New export"), f"export_{one.id}", blocked=blocked, icon=":material/add_circle:"):
            routes.to_builder(dataset=one.slug)
        actions.menu(desk, one)


def facts(one: Listed) -> list[str]:
    shown = [
        words.rows(one.rows),
        words.columns(one.columns),
        words.size(one.bytes),
        _("added {when}").format(when=words.moment(one.updated_at, clock)),
    ]
    if one.problems:
        shown.append(n_("{n} row set aside", "{n} rows set aside", one.problems))
    used = n_("used by {n} export", "used by {n} exports", one.used_by) if one.used_by else _("not used yet")
    return [*shown, used]


story()
actions.show_dialogs(desk)
feed.show_dialogs(desk)
if dialogs.subject(bulk.SEVERAL):
    bulk.show(desk)
