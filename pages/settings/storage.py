"""Storage: what takes space in this workspace, what goes next, and, for administrators of the installation, all workspaces."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from core import choices, workspaces
from core.access import roles
from core.keeping import retention, space
from core.keeping.space import Thing, Use
from pages.components import explain, layout, words
from pages.session import desk as current_desk
from pages.texts import N_, _, n_

LARGEST = 15  # things listed
KINDS = {"dataset": N_("Dataset"), "export": N_("Export"), "backup": N_("Backup"), "upload": N_("File on its way in")}
MB = 10**6
ACCENT = "#4f6ee8"  # of the theme, light enough for the dark

desk = current_desk()
clock = workspaces.clock(desk)


def story() -> None:
    layout.header(
        _("Storage"),
        _("What takes space in {workspace}, and what goes by itself.").format(workspace=desk.workspace().name),
        help=explain.of("workspace", "retention"),
    )
    if blocked := roles.blocked(desk, "workspace.storage"):
        with layout.empty("storage", _("This is for administrators"), blocked, ":material/lock:"):
            pass
        return
    found = space.things(desk)
    use = space.use(desk, found)
    figures(use)
    goes_next()
    left, right = st.columns(2, gap="medium")
    with left:
        largest(found)
    with right:
        oldest(found)
    grown(found)
    if desk.administrator:
        all_workspaces(use)


def figures(use: Use) -> None:
    with layout.card("figures"):
        for place, (label, value, help) in zip(
            st.columns(4),
            (
                (_("Datasets"), use.datasets, None),
                (_("Files of exports"), use.exports, None),
                (_("Recently deleted"), use.binned, _("Part of both: it is free once it is deleted for good.")),
                (_("Free on the disk"), desk.files.free_bytes(), None),
            ),
            strict=True,
        ):
            place.metric(label, words.size(value), help=help)
        if use.quota:
            said = _("{used} of {quota} that this workspace may take").format(
                used=words.size(use.total), quota=words.size(use.quota)
            )
            st.progress(min(1.0, use.total / use.quota), text=said)


def goes_next() -> None:
    """The dry run of a clean-up: nothing goes that was not shown."""
    leaving = retention.leaving(desk)
    days = desk.workspace().keep_days or choices.retention(desk).export_days
    about = (
        n_(
            "Files of exports stay for {n} day here unless they, their template or their schedule says otherwise.",
            "Files of exports stay for {n} days here unless they, their template or their schedule says otherwise.",
            days,
        )
        if days
        else _("Files of exports stay here for good unless they, their template or their schedule says otherwise.")
    )
    with layout.card("leaving", _("Goes next"), ":material/auto_delete:", about):
        if not leaving:
            st.caption(_("Nothing’s time is over just now. What is over goes by itself within a quarter of an hour."))
            return
        total = words.size(sum(one.bytes for one in leaving))
        st.markdown(
            n_(
                "The files of **{n}** export, **{size}**:",
                "The files of **{n}** exports, **{size}**:",
                len(leaving),
                size=total,
            )
        )
        table(
            [(one.name, words.size(one.bytes), words.moment(one.since, clock)) for one in leaving[:LARGEST]],
            _("Over since"),
        )
        if len(leaving) > LARGEST:
            st.caption(n_("and {n} more", "and {n} more", len(leaving) - LARGEST))
        if st.button(_("Clean up now"), key="clean_up", type="primary", icon=":material/cleaning_services:"):
            gone = retention.clean(desk)
            st.toast(
                _("{size} are free again.").format(size=words.size(sum(one.bytes for one in gone))),
                icon=":material/check_circle:",
            )
            st.rerun()


def largest(found: Sequence[Thing]) -> None:
    with layout.card("largest", _("Takes most"), ":material/bar_chart:", height="stretch"):
        listed([*found][:LARGEST])


def oldest(found: Sequence[Thing]) -> None:
    with layout.card("oldest", _("Oldest"), ":material/history:", height="stretch"):
        listed(sorted(found, key=lambda thing: thing.since)[:LARGEST])


def listed(some: Sequence[Thing]) -> None:
    if not some:
        st.caption(_("Nothing is here yet."))
    table([(_called(thing), words.size(thing.bytes), words.moment(thing.since, clock)) for thing in some], _("Since"))


def table(lines: list[tuple[str, str, str]], when: str) -> None:
    if lines:
        st.dataframe(
            pd.DataFrame(lines, columns=[_("Name"), _("Size"), when]),
            hide_index=True,
            width="stretch",
            height="content",
        )


def _called(thing: Thing) -> str:
    name = thing.name or _("{kind} of {owner}, private").format(kind=_(KINDS[thing.kind]), owner=thing.owner)
    notes = [
        *([_("backup")] if thing.kind == "backup" else []),
        *([n_("{n} version", "{n} versions", thing.versions)] if thing.versions > 1 else []),
        *([_("deleted")] if thing.binned else []),
    ]
    return f"{name} ({', '.join(notes)})" if notes else name


def grown(found: Sequence[Thing]) -> None:
    days = space.growth(found)
    if len(days) < 2:
        return
    with layout.card("growth", _("How it grew"), ":material/show_chart:", _("What is here now, by the day it came.")):
        sizes = pd.DataFrame({_("Day"): [day for day, _n in days], "MB": [n / MB for _day, n in days]})
        st.area_chart(sizes, x=_("Day"), y="MB", height=220, color=ACCENT)


def all_workspaces(here: Use) -> None:
    with layout.card(
        "everywhere",
        _("Every workspace"),
        ":material/corporate_fare:",
        _("Of the whole installation. A bound of 0 MB is none."),
    ):
        for place, use in space.everywhere(desk, {desk.workspace_id: here}):
            with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"place_{place.id}"):
                with st.container(gap=None, width="stretch", key=f"words_{place.id}"):
                    st.markdown(f"**{layout.plain(place.name)}**")
                    parts = _("{total}: {datasets} of datasets, {exports} of exports").format(
                        total=words.size(use.total), datasets=words.size(use.datasets), exports=words.size(use.exports)
                    )
                    st.caption(layout.plain(parts))
                now = place.quota_mb or 0
                wanted = st.number_input(
                    _("May take (MB)"), min_value=0, value=now, step=100, key=f"quota_{place.id}_{now}", width=170
                )
                if layout.button(
                    _("Save"),
                    f"quota_save_{place.id}",
                    blocked="" if wanted != now else _("Type another number first."),
                ):
                    with layout.telling():
                        space.set_quota(desk, place.id, int(wanted or 0))
                        st.toast(_("Saved."), icon=":material/check_circle:")
                        st.rerun()


story()
