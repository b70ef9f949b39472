"""Tokens: how programs sign in. What each may do, how often, until when; a new one is shown once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import streamlit as st

from core import limits, members, roles, tokens, workspaces
from core.tokens import Token
from pages.components import dialogs, layout, words
from pages.components.clipboard import copy_text
from pages.session import checked
from pages.session import desk as current_desk

NEW, REVOKE = "new token", "revoke token"
MADE = "made_token"  # name, scopes and secret of the one that was just made, until its dialog is closed
ALL, SOME = "Everything", "Only what I choose"
EXPIRIES = {30: "in 30 days", 90: "in 90 days", 365: "in a year", 0: "never"}  # days
SOON = timedelta(days=7)  # before its end a token says so
# what a program with that scope can ask for right away, without a body
EXAMPLES = {"datasets:read": "datasets", "jobs:read": "jobs", "templates:read": "templates"}

desk = current_desk()
clock = workspaces.clock(desk)


def story() -> None:
    may_not = roles.blocked(desk, "tokens.make")
    actions = layout.header(
        "Tokens",
        "Programs use a token instead of a password. It may never do more than you may.",
    )
    found = tokens.list(desk)
    with actions:
        st.link_button("What programs can do", "/api/docs", type="tertiary", icon=":material/menu_book:")
        if found and layout.button("New token", "new_token", blocked=may_not, type="primary", icon=":material/add:"):
            dialogs.open(NEW, NEW)
    if not found:
        with layout.empty(
            "tokens", "No tokens yet", "Make one for a program that is to add data, or fetch files.", ":material/key:"
        ):
            if layout.button("New token", "new_token", blocked=may_not, type="primary", icon=":material/add:"):
                dialogs.open(NEW, NEW)
            if may_not:
                st.caption(layout.plain(may_not), text_alignment="center")
        return
    names = {member.account_id: member.name for member in members.list(desk)}
    for token in found:
        item(token, names.get(token.owner_id, ""))


def item(token: Token, owner: str) -> None:
    """One token: its name and first characters, what it may do, and how it stands."""
    with (
        st.container(border=True, key=f"item_{token.id}"),
        st.container(horizontal=True, vertical_alignment="center", gap="small"),
    ):
        with st.container(gap=None, width="stretch", key=f"words_{token.id}"):
            st.markdown(f"**{layout.plain(token.name)}** `{token.prefix}…`")
            st.caption(layout.plain(tokens.sentence(token.scopes)))
            st.caption(layout.plain(" · ".join(facts(token, owner))))
        if tokens.expired(token):
            st.badge("Expired", icon=":material/block:", color="gray")
        elif token.expires_at and token.expires_at - datetime.now(UTC) < SOON:
            st.badge("Expires soon", icon=":material/schedule:", color="orange")
        if st.button("Revoke", key=f"revoke_{token.id}", type="tertiary", icon=":material/block:"):
            dialogs.open(REVOKE, token.id)


def facts(token: Token, owner: str) -> list[str]:
    ends = words.moment(token.expires_at, clock)
    until = f"expired {ends}" if tokens.expired(token) else f"until {ends}" if token.expires_at else "never expires"
    used = f"last used {words.moment(token.last_used_at, clock)}" if token.last_used_at else "not used yet"
    whose = [] if token.owner_id == desk.account_id else [f"of {owner}"]
    return [*whose, used, until, *map(str, limits.of(token))]


def forget() -> None:
    """The dialog was closed: the secret is nowhere any more."""
    st.session_state.pop(MADE, None)
    dialogs.forget()


@st.dialog("New token", icon=":material/key:", on_dismiss=forget)
@checked
def new_token() -> None:
    if MADE in st.session_state:
        shown_once(*st.session_state[MADE])
        return
    name = st.text_input("Name", placeholder="After the program that will use it", max_chars=120, key="token_name")
    kind = st.segmented_control("It may do", [ALL, SOME], default=ALL, required=True, key="token_kind")
    chosen = [tokens.EVERYTHING]
    if kind == SOME:
        with st.container(gap="xsmall", key="soft_scopes"):
            chosen = [scope for scope, label in tokens.SCOPES.items() if st.checkbox(label, key=f"scope_{scope}")]
    days = st.segmented_control(
        "It expires", list(EXPIRIES), default=90, required=True, format_func=EXPIRIES.__getitem__, key="token_days"
    )
    with st.container(horizontal=True, gap="small", key="token_limits"):
        most = {
            window: st.number_input(
                f"Requests {limits.per(window)}",
                min_value=1,
                max_value=limits.MOST,
                value=None,
                placeholder="no limit",
                key=f"per_{window}",
            )
            for window in limits.WINDOWS
        }
    blocked = "Give it a name first." if not name.strip() else "Choose what it may do." if not chosen else ""
    if layout.button("Make token", "make_token", blocked=blocked, type="primary"):
        with layout.telling():
            made, secret = tokens.create(
                desk,
                name,
                chosen,
                expires(days),
                per_minute=most["minute"],
                per_hour=most["hour"],
                per_day=most["day"],
            )
            st.session_state[MADE] = (made.name, made.scopes, secret)
            st.rerun()


def expires(days: int) -> datetime | None:
    return datetime.now(UTC) + timedelta(days=days) if days else None


def shown_once(name: str, scopes: list[str], secret: str) -> None:
    """The token itself, and how to try it."""
    st.markdown(f"**{layout.plain(name)}** is ready. Copy it now: it is not kept here and never shown again.")
    copy_text(secret, label="Token", key="copy_token")
    wanted = next((path for scope, path in EXAMPLES.items() if {scope, tokens.EVERYTHING} & {*scopes}), None)
    if wanted:
        st.caption("Try it in a terminal:")
        st.code(
            f'curl -H "Authorization: Bearer {secret}" {address()}/api/v1/{wanted}', language="bash", wrap_lines=True
        )
    with layout.row("token_made", align="right"):
        if st.button("Done", key="token_done", type="primary"):
            forget()
            st.rerun()


def address() -> str:
    """Where programs reach this desk: as it was set up, else as this browser does."""
    here = urlsplit(st.context.url or "")
    return desk.settings.public_url.rstrip("/") or f"{here.scheme}://{here.netloc}"


@st.dialog("Revoke this token?", icon=":material/block:", on_dismiss=dialogs.forget)
@checked
def revoke(token_id: str) -> None:
    token = next((t for t in tokens.list(desk) if t.id == token_id), None)
    if token is None:
        dialogs.close()
    st.markdown(f"Programs that use **{layout.plain(token.name)}** are refused from now on. This cannot be undone.")
    with layout.row("confirm_revoke", align="right"):
        if st.button("Keep it", key="keep_token"):
            dialogs.close()
        if st.button("Revoke", key="revoke_token", type="primary"):
            with layout.telling():
                tokens.revoke(desk, token_id)
                dialogs.close(f"**{layout.plain(token.name)}** was revoked.", ":material/block:")


story()
if dialogs.subject(NEW):
    new_token()
elif subject := dialogs.subject(REVOKE):
    revoke(subject)
