"""Recently deleted: what can still be restored, of every kind, and for how long; and deleting it for good."""

from __future__ import annotations

import streamlit as st

from core import choices, workspaces
from core.access import roles
from core.keeping import bin
from core.keeping.bin import Binned
from core.things import USES
from pages.components import dialogs, layout, words
from pages.session import checked
from pages.session import desk as current_desk
from pages.texts import N_, _, n_

SIZE = 25  # things a page
ICONS = {
    "dataset": ":material/table:",
    "template": ":material/bookmark:",
    "schedule": ":material/schedule:",
    "export": ":material/draft:",
    "set": ":material/bookmarks:",
    "destination": ":material/outbox:",
}
KINDS = {
    N_("All"): "",
    N_("Data"): "dataset",
    N_("Templates"): "template",
    N_("Schedules"): "schedule",
    N_("Exports"): "export",
    N_("Filters and columns"): "set",
    N_("Destinations"): "destination",
}
WORDS = {
    "dataset": N_("Dataset"),
    "template": N_("Template"),
    "schedule": N_("Schedule"),
    "export": N_("Export"),
    "set": N_("Filters or columns"),
    "destination": N_("Destination"),
}
FOR_GOOD = "delete_for_good"

desk = current_desk()
clock = workspaces.clock(desk)


def story() -> None:
    days = choices.retention(desk).bin_days
    layout.header(
        _("Recently deleted"),
        n_(
            "What was deleted can be restored for {n} day. Then it is gone.",
            "What was deleted can be restored for {n} days. Then it is gone.",
            days,
        ),
    )
    if not bin.list(desk):
        with layout.empty(
            "deleted",
            _("Nothing was deleted"),
            _("What you delete waits here until their days are over."),
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
        st.caption(_("Nothing by that name. Try another word, or show all kinds."))


def filters() -> tuple[str, str]:
    with st.container(horizontal=True, vertical_alignment="center", key="row_filters"):
        search = st.text_input(
            _("Search"), key="q", bind="query-params", placeholder=_("Search by name"), label_visibility="collapsed",
            icon=":material/search:", type="search", live=True, width=300,
        )  # fmt: skip
        kind = st.segmented_control(
            _("Kind"),
            list(KINDS),
            format_func=_,
            default="All",
            required=True,
            key="kind",
            label_visibility="collapsed",
        )
    return search or "", KINDS[kind or _("All")]


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
        if layout.button(_("Restore"), f"restore_{key}", blocked=blocked, icon=":material/restore_from_trash:"):
            with layout.telling():
                bin.restore(desk, one.kind, one.thing.id)
                st.toast(
                    _("**{name}** is back.").format(name=layout.plain(one.name)), icon=":material/restore_from_trash:"
                )
                st.rerun()
        if layout.button(_("Delete for good"), f"remove_{key}", blocked=blocked, type="tertiary"):
            dialogs.open(f"{FOR_GOOD} {one.kind}", one.thing.id)


def facts(one: Binned) -> list[str]:
    gone = n_("{n} day left", "{n} days left", one.days_left) if one.days_left else _("goes within the hour")
    whose = [] if one.thing.owner_id == desk.account_id or not one.owner else [_("of {name}").format(name=one.owner)]
    return [_(WORDS[one.kind]), *whose, _("deleted {when}").format(when=words.moment(one.deleted_at, clock)), gone]


@dialogs.dialog(N_("Delete for good?"), icon=":material/delete_forever:")
@checked
def for_good(kind: str, thing_id: str) -> None:
    one = next((one for one in bin.list(desk) if (one.kind, one.thing.id) == (kind, thing_id)), None)
    if one is None:
        dialogs.close()
    st.markdown(_(AFTER[kind]).format(name=layout.plain(one.name)))
    going_with(one)
    with layout.row("confirm_for_good", align="right"):
        if st.button(_("Keep it"), key="keep"):
            dialogs.close()
        if st.button(_("Delete for good"), key="for_good", type="primary"):
            with layout.telling():
                bin.delete_for_good(desk, kind, thing_id)
                dialogs.close(_("**{name}** is gone.").format(name=layout.plain(one.name)), ":material/delete_forever:")


def going_with(one: Binned) -> None:
    names, others = bin.going_with(desk, one)
    if names:
        named = ", ".join(f"**{layout.plain(name)}**" for name in names)
        st.markdown(
            n_("This schedule goes with it: {names}", "These schedules go with it: {names}", len(names), names=named)
        )
    if others:
        st.markdown(
            n_("{n} schedule of somebody else goes with it.", "{n} schedules of others go with it.", others)
            if not names
            else n_("So does {n} schedule of somebody else.", "So do {n} schedules of others.", others)
        )


AFTER = {
    "dataset": N_(
        "**{name}** with all its versions and files will be gone. Files that were made from it stay in My exports. "
        "This cannot be undone."
    ),
    "template": N_("**{name}** will be gone. Files it made stay in My exports. This cannot be undone."),
    "schedule": N_("**{name}** and its history will be gone. Files it made stay in My exports. This cannot be undone."),
    "export": N_("**{name}** with its files and its receipt will be gone. This cannot be undone."),
    "set": N_("**{name}** will be gone. What was made with it keeps what it took of it. This cannot be undone."),
    "destination": N_(
        "**{name}** and its passwords will be gone. Whatever still delivers there will fail and say so. This cannot be undone."
    ),
}

story()
for kind_of in ICONS:
    if subject := dialogs.subject(f"{FOR_GOOD} {kind_of}"):
        for_good(kind_of, subject)
