"""Recently deleted: datasets, templates and exports that can still be restored, and for how long."""

from __future__ import annotations

import streamlit as st

from core import bin, choices, roles, workspaces
from core.bin import Binned
from core.things import USES
from pages.components import dialogs, layout, words
from pages.session import checked
from pages.session import desk as current_desk

SIZE = 25  # things a page
ICONS = {"dataset": ":material/table:", "template": ":material/bookmark:", "export": ":material/draft:"}
KINDS = {"All": "", "Data": "dataset", "Templates": "template", "Exports": "export"}
FOR_GOOD = "delete for good"

desk = current_desk()
clock = workspaces.clock(desk)


def story() -> None:
    days = choices.retention(desk).bin_days
    layout.header(
        "Recently deleted", f"What was deleted can be restored for {words.count(days, 'day')}. Then it is gone."
    )
    if not bin.list(desk):
        with layout.empty(
            "deleted",
            "Nothing was deleted",
            "Datasets, templates and exports you delete wait here until their days are over.",
            ":material/restore_from_trash:",
        ):
            pass
        return
    search, kind = filters()
    found = [one for one in bin.list(desk, search=search) if not kind or one.kind == kind]
    page = min(st.session_state.get("deleted_page", 1), max(1, -(-len(found) // SIZE)))
    for one in found[(page - 1) * SIZE : page * SIZE]:
        item(one)
    if len(found) > SIZE:
        st.pagination(-(-len(found) // SIZE), key="deleted_page")
    if not found:
        st.caption("Nothing by that name. Try another word, or show all kinds.")


def filters() -> tuple[str, str]:
    with st.container(horizontal=True, vertical_alignment="center", key="row_filters"):
        search = st.text_input(
            "Search", key="q", bind="query-params", placeholder="Search by name", label_visibility="collapsed",
            icon=":material/search:", type="search", live=True, width=300,
        )  # fmt: skip
        kind = st.segmented_control(
            "Kind", list(KINDS), default="All", required=True, key="kind", label_visibility="collapsed"
        )
    return search or "", KINDS[kind or "All"]


def item(one: Binned) -> None:
    key = f"{one.kind}_{one.thing.id}"
    with (
        st.container(border=True, key=f"item_{key}"),
        st.container(horizontal=True, vertical_alignment="center", gap="small"),
    ):
        with st.container(gap=None, width="stretch", key=f"words_{key}"):
            st.markdown(f"{ICONS[one.kind]} **{layout.plain(one.name)}**")
            st.caption(layout.plain(" · ".join(facts(one))))
        blocked = roles.blocked(desk, f"{USES[one.kind]}.delete", one.thing)
        if layout.button("Restore", f"restore_{key}", blocked=blocked, icon=":material/restore_from_trash:"):
            with layout.telling():
                bin.restore(desk, one.kind, one.thing.id)
                st.toast(f"**{layout.plain(one.name)}** is back.", icon=":material/restore_from_trash:")
                st.rerun()
        if layout.button("Delete for good", f"remove_{key}", blocked=blocked, type="tertiary"):
            dialogs.open(f"{FOR_GOOD} {one.kind}", one.thing.id)


def facts(one: Binned) -> list[str]:
    gone = f"{words.count(one.days_left, 'day')} left" if one.days_left else "goes within the hour"
    whose = [] if one.thing.owner_id == desk.account_id or not one.owner else [f"of {one.owner}"]
    return [one.kind.capitalize(), *whose, f"deleted {words.moment(one.deleted_at, clock)}", gone]


@st.dialog("Delete for good?", icon=":material/delete_forever:", on_dismiss=dialogs.forget)
@checked
def for_good(kind: str, thing_id: str) -> None:
    one = next((one for one in bin.list(desk) if (one.kind, one.thing.id) == (kind, thing_id)), None)
    if one is None:
        dialogs.close()
    st.markdown(f"**{layout.plain(one.name)}** {AFTER[kind]} This cannot be undone.")
    with layout.row("confirm_for_good", align="right"):
        if st.button("Keep it", key="keep"):
            dialogs.close()
        if st.button("Delete for good", key="for_good", type="primary"):
            with layout.telling():
                bin.delete_for_good(desk, kind, thing_id)
                dialogs.close(f"**{layout.plain(one.name)}** is gone.", ":material/delete_forever:")


AFTER = {
    "dataset": "with all its versions and files will be gone. Files that were made from it stay in My exports.",
    "template": "will be gone. Files it made stay in My exports.",
    "export": "with its files and its receipt will be gone.",
}

story()
for kind_of in ICONS:
    if subject := dialogs.subject(f"{FOR_GOOD} {kind_of}"):
        for_good(kind_of, subject)
