"""Where a dataset comes from: its age, "Fetch now", the last error; and the dialogs that say where from."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core import datasets, feeds
from core.access import roles
from core.desk import Desk
from core.errors import from_dict
from core.feeds import Feed
from core.keeping import fetched
from core.workspaces import Clock
from pages import routes
from pages.components import dialogs, layout, words
from pages.data import feed_form
from pages.session import checked
from pages.texts import N_, _, n_

CONNECT, NEW = "connect_dataset", "dataset_from_elsewhere"
EVERY = 0.7  # seconds between two looks while it is being fetched
NEW_JOB = "fetching_new"  # in the session: the job that brings a dataset that is not there yet


def show(desk: Desk, dataset: Any, clock: Clock) -> None:
    """The card on the dataset's page."""
    feed = feeds.get(desk, dataset.id)
    blocked = roles.blocked(desk, "data.feed", dataset)
    with layout.card("feed"), layout.row("feed", align="distribute"):
        if feed is None:
            st.caption(_(":material/upload_file: From a file that was added by hand."))
            if layout.button(
                _("Fetch it from elsewhere"), "connect", blocked=blocked, icon=":material/sync:", type="tertiary"
            ):
                feed_form.forget()
                dialogs.open(CONNECT, dataset.id)
            return
        with st.container(gap=None, width="stretch", key="feed_words"):
            st.markdown(f":material/sync: **{feed_form.label(feed.method)}**")
            st.caption(layout.plain(" · ".join(filter(None, (_about(feed, clock), _kept(desk))))))
        job = feeds.on_its_way(desk, dataset.id)
        if job is not None:
            _on_its_way(desk, dataset.id)
        else:
            if layout.button(_("Fetch now"), "fetch_now", blocked=blocked, icon=":material/download:"):
                with layout.telling():
                    st.session_state["fetched"] = feeds.refresh(desk, dataset.id).id
                    st.rerun()
            if layout.button(_("Change"), "change_feed", blocked=blocked, icon=":material/edit:", type="tertiary"):
                feed_form.forget()
                dialogs.open(CONNECT, dataset.id)
    if feed.error and feeds.on_its_way(desk, dataset.id) is None:
        layout.error_box(from_dict(feed.error))
        st.caption(_("The data stays as it was fetched before."))
    _told(desk)


def _about(feed: Feed, clock: Clock) -> str:
    if feed.refreshed_at is None:
        return _("{place} · not fetched yet").format(place=feeds.place(feed))
    return _("{place} · as of {when}").format(place=feeds.place(feed), when=words.moment(feed.refreshed_at, clock))


def _kept(desk: Desk) -> str:
    """For how long what was fetched stays; nothing where it stays for good."""
    days = fetched.kept_days(desk)
    return n_("replaced versions stay {n} day", "replaced versions stay {n} days", days) if days else ""


def _on_its_way(desk: Desk, dataset_id: str) -> None:
    @st.fragment(run_every=EVERY)
    @checked
    def look() -> None:
        job = feeds.on_its_way(desk, dataset_id)
        if job is None:
            st.rerun()
        st.caption(_(":material/progress_activity: Fetching …"))

    look()


def _told(desk: Desk) -> None:
    """What came of "Fetch now", once."""
    job_id = st.session_state.get("fetched")
    if not job_id:
        return
    with layout.telling():
        job = feeds.job(desk, job_id)
        if job.state in ("queued", "running"):
            return
        st.session_state.pop("fetched")
        if job.state == "succeeded":
            if warning := feeds.warning(job):
                st.warning(layout.plain(warning), icon=":material/warning:")
            unchanged = all(one.get("unchanged") for one in (job.result or {}).get("datasets", ()))
            said = _("Nothing has changed there since.") if unchanged else _("Fetched. It has a new version.")
            st.toast(said, icon=":material/check_circle:")


def show_dialogs(desk: Desk) -> None:
    """Where the page ends: draw the dialog that is open, if one is."""
    if dataset_id := dialogs.subject(CONNECT):
        _connect(desk, dataset_id)
    elif dialogs.subject(NEW):
        _new(desk)


def open_new() -> None:
    """ "From elsewhere", beside the other ways to add data."""
    feed_form.forget()
    st.session_state.pop(NEW_JOB, None)
    dialogs.open(NEW, NEW)


def _dismissed() -> None:
    feed_form.forget()
    dialogs.forget()


@dialogs.dialog(N_("Where it comes from"), icon=":material/sync:", width="medium", on_dismiss=_dismissed)
@checked
def _connect(desk: Desk, dataset_id: str) -> None:
    dataset, feed = datasets.get(desk, dataset_id), feeds.get(desk, dataset_id)
    st.caption(_("It can then be fetched again at any time, and by schedules before each run. What you added stays."))
    wanted = feed_form.show(desk, feed, dataset.id)
    with layout.row("connect_buttons", align="right"):
        if feed is not None and st.button(_("Fetch it no more"), key="disconnect", type="tertiary"):
            with layout.telling():
                feeds.disconnect(desk, dataset.id)
                feed_form.forget()
                dialogs.close(_("It stays as it is now."))
        if st.button(_("Save and fetch"), key="save_feed", type="primary"):
            with layout.telling():
                feeds.connect(
                    desk,
                    dataset.id,
                    wanted.method,
                    wanted.options,
                    wanted.secrets,
                    on_change=wanted.on_change,
                    sheet=wanted.sheet,
                )
                st.session_state["fetched"] = feeds.refresh(desk, dataset.id).id
                feed_form.forget()
                dialogs.close()


@dialogs.dialog(N_("Data from elsewhere"), icon=":material/cloud_download:", width="medium", on_dismiss=_dismissed)
@checked
def _new(desk: Desk) -> None:
    """The dialog stays until it was fetched: what does not work is said beside what was typed."""
    if _fetching(desk):
        return
    st.caption(_("From a web address, a server or a database. It can be fetched again at any time."))
    name = st.text_input(_("Name"), max_chars=120, key=f"{feed_form.PREFIX}name", autocomplete="off")
    wanted = feed_form.show(desk, None)
    blocked = "" if name.strip() else _("Give it a name first.")
    if layout.button(_("Fetch it"), "fetch_new", blocked=blocked, type="primary", icon=":material/download:"):
        with layout.telling():
            job = feeds.add(
                desk,
                name,
                wanted.method,
                wanted.options,
                wanted.secrets,
                on_change=wanted.on_change,
                sheet=wanted.sheet,
            )
            st.session_state[NEW_JOB] = job.id
            st.rerun(scope="fragment")


def _fetching(desk: Desk) -> bool:
    """Look after the job that was begun, while it goes on; close when the data is there."""
    job_id = st.session_state.get(NEW_JOB)
    if not job_id:
        return False
    job = feeds.job(desk, job_id)
    if job.state == "succeeded":
        feed_form.forget()
        st.session_state.pop(NEW_JOB)
        dialogs.forget()
        made = (job.result or {})["datasets"][0]
        st.toast(_("**{name}** is there.").format(name=layout.plain(made["name"])), icon=":material/check_circle:")
        routes.to_data(made["slug"])
    if job.state in ("failed", "cancelled"):
        st.session_state.pop(NEW_JOB)
        layout.error_box(from_dict(job.error or {"message": _("Fetching was cancelled.")}))
        return False

    @st.fragment(run_every=EVERY)
    @checked
    def look() -> None:
        if feeds.job(desk, job_id).state not in ("queued", "running"):
            st.rerun()
        st.markdown(_(":material/progress_activity: Fetching …"))
        if st.button(_("Cancel"), key="cancel_new"):
            feeds.cancel(desk, job_id)

    look()
    return True
