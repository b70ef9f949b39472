"""Before a dataset is deleted or its file replaced: what uses it, by name, and what that means for them."""

from __future__ import annotations

import streamlit as st

from core.usage import Usage, Users
from pages.components import layout, words
from pages.texts import _, n_

NAMED = 5  # of each kind; the rest is counted


def show(usage: Usage, then: str) -> None:
    """Nothing where nothing uses it. `then` says what becomes of those that do."""
    if not usage.any:
        return
    with st.container(key="soft_used_by", gap="xsmall"):
        st.markdown(":material/link: " + _("**Used by {things}**").format(things=said(usage)))
        for users, icon in (
            (usage.templates, ":material/bookmark:"),
            (usage.schedules, ":material/schedule:"),
            (usage.on_their_way, ":material/hourglass_empty:"),
        ):
            if users.count:
                st.markdown(f"{icon} {names(users)}")
        st.caption(then)


def schedules(users: Users) -> None:
    """Before a template is deleted: what runs it by itself."""
    if not users.count:
        return
    with st.container(key="soft_used_by", gap="xsmall"):
        things = words.things("schedule", users.count)
        st.markdown(":material/link: " + _("**Used by {things}**").format(things=things))
        st.markdown(f":material/schedule: {names(users)}")
        st.caption(_("They cannot run until it is restored, and say so each time."))


def said(usage: Usage) -> str:
    """ "3 templates and 1 export in the queue" """
    saved, queued = usage.templates.count, usage.on_their_way.count
    counted = [n_("{n} template", "{n} templates", saved)] if saved else []
    if usage.schedules.count:
        counted.append(words.things("schedule", usage.schedules.count))
    if queued:
        counted.append(n_("{n} export in the queue", "{n} exports in the queue", queued))
    return words.listing(counted)


def names(users: Users) -> str:
    shown = [layout.plain(name) for name in users.names[:NAMED]]
    if more := len(users.names) - len(shown):
        shown.append(n_("{n} more", "{n} more", more))
    if users.others:
        shown.append(n_("{n} of other people", "{n} of other people", users.others))
    return words.listing(shown)
