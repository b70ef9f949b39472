"""Before a dataset is deleted or its file replaced: what uses it, by name, and what that means for them."""

from __future__ import annotations

import streamlit as st

from core.usage import Usage, Users
from pages.components import layout, words

NAMED = 5  # of each kind; the rest is counted


def show(usage: Usage, then: str) -> None:
    """Nothing where nothing uses it. `then` says what becomes of those that do."""
    if not usage.any:
        return
    with st.container(key="soft_used_by", gap="xsmall"):
        st.markdown(f":material/link: **Used by {said(usage)}**")
        for users, icon in (
            (usage.templates, ":material/bookmark:"),
            (usage.on_their_way, ":material/hourglass_empty:"),
        ):
            if users.count:
                st.markdown(f"{icon} {names(users)}")
        st.caption(then)


def said(usage: Usage) -> str:
    """ "3 templates and 1 export in the queue" """
    counted = [
        words.count(usage.templates.count, "template") if usage.templates.count else "",
        words.count(usage.on_their_way.count, "export in the queue", "exports in the queue")
        if usage.on_their_way.count
        else "",
    ]
    return words.listing([part for part in counted if part])


def names(users: Users) -> str:
    shown = [layout.plain(name) for name in users.names[:NAMED]]
    if more := len(users.names) - len(shown):
        shown.append(f"{more} more")
    if users.others:
        shown.append(f"{users.others} of other people")
    return words.listing(shown)
