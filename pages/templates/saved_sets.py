"""Saved filters and columns, where they are looked after: a list under Templates. They are used in the builder."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core import choices, sharing, workspaces
from core.access import roles, sign_in
from core.desk import Desk
from core.templating import saved_sets
from core.templating.saved_sets import SetKind
from pages.components import actions, deleting, dialogs, layout, narrowing, whose, words
from pages.components.actions import Action
from pages.session import checked
from pages.texts import N_, _, n_

RENAME, SHARE, UNSHARE, DELETE = N_("Rename"), N_("Share with everybody"), N_("Keep to myself"), N_("Delete")
OFFERED = {
    RENAME: Action(":material/text_fields:", "sets.change"),
    SHARE: Action(":material/group:", "sets.share"),
    UNSHARE: Action(":material/lock:", "sets.share"),
    DELETE: Action(":material/delete:", "sets.delete"),
}
ICONS = {SetKind.FILTERS: ":material/filter_alt:", SetKind.COLUMNS: ":material/view_column:"}
RENAMING, DELETING = "rename_set", "delete_set"


def show(desk: Desk) -> None:
    """One row a set: what is in it, whose it is, when it was changed."""
    st.caption(_("Kept from the builder, and used there in any export of data that has such columns."))
    with st.container(horizontal=True, vertical_alignment="center", key="row_filters"):
        within = narrowing.show(desk)
    names, clock = whose.names(desk), workspaces.clock(desk)
    found = saved_sets.list(desk, within=within)
    for one in found:
        with (
            st.container(border=True, key=f"item_{one.id}"),
            st.container(horizontal=True, vertical_alignment="center", gap="small"),
        ):
            with st.container(gap=None, width="stretch", key=f"words_{one.id}"):
                st.markdown(f"{ICONS[one.kind]} **{layout.plain(one.name)}**")
                said = f"{saved_sets.sentence(one)} · {words.moment(one.updated_at, clock)}"
                st.caption(layout.plain(said))
            whose.badge(desk, one, names)
            _menu(desk, one)
    if not found:
        st.caption(_("Nothing matches. Show all projects, or everybody’s."))


def show_dialogs(desk: Desk) -> None:
    """Where the page ends: draw the dialog that is open, if one is."""
    if set_id := dialogs.subject(RENAMING):
        _rename(desk, set_id)
    elif set_id := dialogs.subject(DELETING):
        _delete(desk, set_id)


def _menu(desk: Desk, one: Any) -> None:
    alone = not sign_in.required(desk)
    left_out = {SHARE, UNSHARE} if alone else {SHARE if one.shared else UNSHARE}
    chosen = actions.menu(desk, {a: OFFERED[a] for a in OFFERED if a not in left_out}, one, key=f"more_{one.id}")
    if chosen == RENAME:
        dialogs.open(RENAMING, one.id)
    elif chosen == DELETE:
        dialogs.open(DELETING, one.id)
    elif chosen:
        with layout.telling():
            sharing.share(desk, "set", one.id, chosen == SHARE)
            st.rerun()


@dialogs.dialog(N_("Rename"), icon=":material/text_fields:")
@checked
def _rename(desk: Desk, set_id: str) -> None:
    found = saved_sets.get(desk, set_id)
    with st.form("rename_set", border=False):
        name = st.text_input(_("Name"), value=found.name, max_chars=120)
        if st.form_submit_button(_("Save"), type="primary"):
            with layout.telling():
                saved_sets.update(desk, set_id, name=name)
                dialogs.close(_("Saved."))


@dialogs.dialog(N_("Delete this set?"), icon=":material/delete:")
@checked
def _delete(desk: Desk, set_id: str) -> None:
    found = saved_sets.get(desk, set_id)
    st.markdown(
        n_(
            "**{name}** can be restored under Recently deleted for {n} day. Exports that used it stay as they are.",
            "**{name}** can be restored under Recently deleted for {n} days. Exports that used it stay as they are.",
            choices.retention(desk).bin_days,
            name=layout.plain(found.name),
        )
    )
    blocked = roles.blocked(desk, "sets.delete", found)
    deleting.buttons("set", found.name, lambda: saved_sets.delete(desk, set_id), blocked=blocked)
