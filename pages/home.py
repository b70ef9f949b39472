"""Home: what to go on with, what did not work and why, what is ready. For a newcomer: three ways to begin."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

import streamlit as st

from core import drafts, exports, home, workspaces
from core.access import accounts, roles
from core.errors import from_dict
from core.home import Home
from pages import routes, tour, welcome
from pages.components import dialogs, layout, whose, words
from pages.exports import actions
from pages.exports import item as export_item
from pages.session import checked
from pages.session import desk as current_desk
from pages.templates import card
from pages.texts import _

EVERY = 0.7  # seconds between two looks while something is on its way

desk = current_desk()
clock = workspaces.clock(desk)


def story() -> None:
    there = home.of(desk)
    with layout.header(_("Home"), "" if there.newcomer else _("Go on where you left off.")):
        if layout.button(
            _("New export"),
            "new_export",
            blocked=roles.blocked(desk, "exports.run"),
            type="primary",
            icon=":material/add_circle:",
        ):
            routes.to_builder()
    if there.newcomer:
        welcome.show(desk)
        return
    for section in SECTIONS:
        section(there)


def left(there: Home) -> None:
    """The export somebody was putting together last, one press away."""
    if there.left is None:
        return
    with layout.card("left"), layout.row("left", align="distribute"):
        with st.container(gap=None, width="stretch", key="words_left"):
            st.markdown(f":material/edit_note: **{layout.plain(there.left.name)}**")
            when = words.moment(there.left.draft.updated_at, clock)
            said = _("The export you left, {when} · from {data}")
            st.caption(said.format(when=when, data=layout.plain(there.left.dataset.name)))
        if st.button(_("Go on with it"), key="go_on", icon=":material/arrow_forward:", icon_position="right"):
            routes.to_builder(draft=there.left.draft.id)
        if st.button(_("Discard"), key="discard_draft", type="tertiary"):
            drafts.discard(desk, there.left.draft.id)
            st.toast(_("The draft is gone."), icon=":material/delete:")
            st.rerun()


def failed(there: Home) -> None:
    """What did not work lately, why, and what can be done about it."""
    if not there.failed:
        return
    with layout.card("failed", _("Did not work"), ":material/error:"):
        for job in there.failed:
            failure(job)


def failure(job: Any) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"soft_{job.id}"):
        with st.container(gap=None, width="stretch", key=f"words_{job.id}"):
            st.markdown(f"**{layout.plain(job.name)}** :gray[{words.moment(job.finished_at, clock)}]")
            if job.error:
                st.markdown(layout.lines(from_dict(job.error)))
        blocked = roles.blocked(desk, "exports.stop", job)
        if layout.button(_("Try again"), f"retry_{job.id}", blocked=blocked, icon=":material/replay:"):
            with layout.telling():
                exports.retry(desk, job.id)
                st.rerun()
        blocked = roles.blocked(desk, "exports.run")
        if layout.button(_("Open in the builder"), f"edit_{job.id}", blocked=blocked, icon=":material/edit:"):
            routes.to_builder(job=job.id)


def pinned(there: Home) -> None:
    """Templates kept at hand; pinned on their cards under Templates."""
    if not there.pinned:
        return
    st.header(_("Pinned templates"), anchor=False)
    with st.grid("auto", min_column_width=300, gap="small"):
        for template in there.pinned:
            tile(template)


def tile(template: Any) -> None:
    with layout.card(f"pinned_{template.id}"):
        with st.container(gap=None, width="stretch"):
            st.markdown(f":material/keep: **{layout.plain(template.name)}**")
            st.caption(layout.plain(card.facts(template, clock)))
        with layout.row(f"pinned_{template.id}"):
            card.run_button(desk, template)
            card.pin_button(desk, template, pinned=True)


def recent(there: Home) -> None:
    """The last exports with their files; those on their way show how far they are."""
    if not there.recent:
        if not there.left and not there.pinned:
            with layout.empty(
                "recent", _("Nothing exported yet"), _("Your data is here. What you make of it appears on this page.")
            ):
                if st.button(_("Look at the data"), key="to_data", icon=":material/table:"):
                    routes.to_data()
        return
    on_its_way = any(job.state in export_item.ACTIVE for job in there.recent)
    with st.container(
        horizontal=True, vertical_alignment="center", horizontal_alignment="distribute", key="row_recent"
    ):
        st.header(_("Recent exports"), anchor=False)
        if st.button(_("All exports"), key="all_exports", type="tertiary", icon=":material/arrow_forward:"):
            routes.to_exports()

    @st.fragment(run_every=EVERY if on_its_way else None)
    @checked
    def listing() -> None:
        for job in home.of(desk).recent if on_its_way else there.recent:
            export_item.show(desk, job, clock, whose.names(desk))

    listing()


def coming(there: Home) -> None:
    """What runs by itself next."""
    if not there.coming:
        return
    with layout.card("coming", _("Next runs"), ":material/schedule:"):
        for n, run in enumerate(there.coming):
            with layout.row(f"coming_{n}", align="distribute"):
                when = words.run(run.at.astimezone(ZoneInfo(clock.zone)))
                st.markdown(f"**{layout.plain(run.schedule.name)}** :gray[{layout.plain(when)}]")
                if st.button(_("Look at it"), key=f"coming_{n}_{run.schedule.id}", type="tertiary"):
                    routes.to_schedules(run.schedule.id)


def offer_tour(there: Home) -> None:
    """Once, to somebody who came into a desk that others filled already."""
    if accounts.preferences(desk).toured:
        return
    with layout.card("tour"), layout.row("tour"):
        st.markdown(_(":material/explore: New here? See in a minute how it works."), width="stretch")
        if st.button(_("Take the tour"), key="take_tour"):
            dialogs.open(tour.NAME, "tour")
        if st.button(_("No, thanks"), key="no_tour", type="tertiary"):
            accounts.change(desk, toured=True)
            st.rerun()


SECTIONS: tuple[Callable[[Home], None], ...] = (left, failed, pinned, recent, coming, offer_tour)  # from top to bottom

routes.follow_old_links()
story()
actions.show_dialogs(desk)
tour.show_dialog(desk)
