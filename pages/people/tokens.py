"""Tokens: how programs sign in. What each may do, how often, until when; a new one is shown once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import streamlit as st

from core import workspaces
from core.access import limits, members, roles, tokens
from core.access.tokens import Token
from pages.components import dialogs, explain, layout, words
from pages.components.clipboard import copy_text
from pages.session import checked
from pages.session import desk as current_desk
from pages.texts import N_, _

NEW, REVOKE = "new_token", "revoke_token"
MADE = "made_token"  # name, scopes and secret of the one that was just made, until its dialog is closed
ALL, SOME = N_("Everything"), N_("Only what I choose")
EXPIRIES = {30: N_("in 30 days"), 90: N_("in 90 days"), 365: N_("in a year"), 0: N_("never")}  # days
REQUESTS = {
    "minute": N_("Requests a minute"),
    "hour": N_("Requests an hour"),
    "day": N_("Requests a day"),
}
SOON = timedelta(days=7)  # before its end a token says so
# what a program with that scope can ask for right away, without a body
EXAMPLES = {"datasets:read": "datasets", "jobs:read": "jobs", "templates:read": "templates"}

desk = current_desk()
clock = workspaces.clock(desk)


def story() -> None:
    may_not = roles.blocked(desk, "tokens.make")
    actions = layout.header(
        _("Tokens"),
        _("Programs use a token instead of a password. It may never do more than you may."),
        help=explain.of("token", desk=desk),
    )
    found = tokens.list(desk)
    with actions:
        st.link_button(_("What programs can do"), "/api/docs", type="tertiary", icon=":material/menu_book:")
        if found and layout.button(_("New token"), "new_token", blocked=may_not, type="primary", icon=":material/add:"):
            dialogs.open(NEW, NEW)
    if not found:
        with layout.empty(
            "tokens",
            _("No tokens yet"),
            _("Make one for a program that is to add data, or fetch files."),
            ":material/key:",
        ):
            if layout.button(_("New token"), "new_token", blocked=may_not, type="primary", icon=":material/add:"):
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
            st.badge(_("Expired"), icon=":material/block:", color="gray")
        elif token.expires_at and token.expires_at - datetime.now(UTC) < SOON:
            st.badge(_("Expires soon"), icon=":material/schedule:", color="orange")
        if st.button(_("Revoke"), key=f"revoke_{token.id}", type="tertiary", icon=":material/block:"):
            dialogs.open(REVOKE, token.id)


def facts(token: Token, owner: str) -> list[str]:
    ends = words.moment(token.expires_at, clock)
    until = _("never expires")
    if token.expires_at:
        until = (_("expired {when}") if tokens.expired(token) else _("until {when}")).format(when=ends)
    used = _("not used yet")
    if token.last_used_at:
        used = _("last used {when}").format(when=words.moment(token.last_used_at, clock))
    whose = [] if token.owner_id == desk.account_id else [_("of {name}").format(name=owner)]
    return [*whose, used, until, *map(str, limits.of(token))]


def forget() -> None:
    """The dialog was closed: the secret is nowhere any more."""
    st.session_state.pop(MADE, None)
    dialogs.forget()


@dialogs.dialog(N_("New token"), icon=":material/key:", on_dismiss=forget)
@checked
def new_token() -> None:
    if MADE in st.session_state:
        shown_once(*st.session_state[MADE])
        return
    name = st.text_input(
        _("Name"), placeholder=_("After the program that will use it"), max_chars=120, key="token_name"
    )
    kind = st.segmented_control(
        _("It may do"), [ALL, SOME], format_func=_, default=ALL, required=True, key="token_kind"
    )
    chosen = [tokens.EVERYTHING]
    if kind == SOME:
        with st.container(gap="xsmall", key="soft_scopes"):
            chosen = [scope for scope, label in tokens.SCOPES.items() if st.checkbox(_(label), key=f"scope_{scope}")]
    days = st.segmented_control(
        _("It expires"),
        list(EXPIRIES),
        default=90,
        required=True,
        format_func=lambda days: _(EXPIRIES[days]),
        key="token_days",
    )
    with st.container(horizontal=True, gap="small", key="token_limits"):
        most = {
            window: st.number_input(
                _(REQUESTS[window]),
                min_value=1,
                max_value=limits.MOST,
                value=None,
                placeholder=_("no limit"),
                key=f"per_{window}",
            )
            for window in limits.WINDOWS
        }
    blocked = _("Give it a name first.") if not name.strip() else _("Choose what it may do.") if not chosen else ""
    if layout.button(_("Make token"), "make_token", blocked=blocked, type="primary"):
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
    said = _("**{name}** is ready. Copy it now: it is not kept here and never shown again.")
    st.markdown(said.format(name=layout.plain(name)))
    copy_text(secret, label=_("Token"), key="copy_token")
    wanted = next((path for scope, path in EXAMPLES.items() if {scope, tokens.EVERYTHING} & {*scopes}), None)
    if wanted:
        st.caption(_("Try it in a terminal:"), help=explain.of("terminal"))
        st.code(
            f'curl -H "Authorization: Bearer {secret}" {address()}/api/v1/{wanted}', language="bash", wrap_lines=True
        )
    with layout.row("token_made", align="right"):
        if st.button(_("Done"), key="token_done", type="primary"):
            forget()
            st.rerun()


def address() -> str:
    """Where programs reach this desk: as it was set up, else as this browser does."""
    here = urlsplit(st.context.url or "")
    return desk.settings.public_url.rstrip("/") or f"{here.scheme}://{here.netloc}"


@dialogs.dialog(N_("Revoke this token?"), icon=":material/block:")
@checked
def revoke(token_id: str) -> None:
    token = next((t for t in tokens.list(desk) if t.id == token_id), None)
    if token is None:
        dialogs.close()
    said = _("Programs that use **{name}** are refused from now on. This cannot be undone.")
    st.markdown(said.format(name=layout.plain(token.name)))
    with layout.row("confirm_revoke", align="right"):
        if st.button(_("Keep it"), key="keep_token"):
            dialogs.close()
        if st.button(_("Revoke"), key="revoke_token", type="primary"):
            with layout.telling():
                tokens.revoke(desk, token_id)
                dialogs.close(_("**{name}** was revoked.").format(name=layout.plain(token.name)), ":material/block:")


story()
if dialogs.subject(NEW):
    new_token()
elif subject := dialogs.subject(REVOKE):
    revoke(subject)
