"""What somebody is told, and by which ways: on the screen at once, behind the bell, by e-mail, by a program of theirs."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core.access import accounts
from core.desk import Desk
from core.notifying import mail, ways
from core.notifying.notices import NoticeKind
from pages.components import fields, layout
from pages.texts import N_, _

AT_ONCE = {
    "notify_done": (N_("An export of mine is ready"), N_("A message on the screen, wherever you are in the desk.")),
    "notify_failed": (N_("An export of mine failed"), N_("A message on the screen that says where to find out why.")),
}
KINDS = {
    NoticeKind.FINISHED: N_("Ready"),
    NoticeKind.FAILED: N_("Did not work"),
    NoticeKind.HELD: N_("Waits for me"),
    NoticeKind.EXPIRING: N_("Goes soon"),
    NoticeKind.ASKED: N_("Asks me"),
}
_SECRET = "webhook_secret_shown"


def show(desk: Desk, me: Any) -> None:
    kept = accounts.preferences(desk)
    with layout.card("notices", _("Notices"), ":material/notifications:"):
        st.caption(_("On the screen at once:"))
        for part, (label, about) in AT_ONCE.items():
            key = f"account_{part}"
            now = getattr(kept, part)
            if st.toggle(_(label), key=fields.seeded(key, now), help=_(about)) != now:
                accounts.change(desk, **{part: st.session_state[key]})
        kinds(desk, "told_here", _("Behind the bell"), kept.told_here)
        kinds(desk, "told_by_mail", _("By e-mail"), kept.told_by_mail, blocked=no_mail(desk, me))
        with st.expander(_("To a program of mine"), icon=":material/webhook:", expanded=bool(kept.webhook_url)):
            webhook(desk, kept)


def kinds(desk: Desk, part: str, label: str, now: tuple[NoticeKind, ...], *, blocked: str = "") -> None:
    st.caption(label, help=blocked or None)  # drawn by itself: that of a disabled field is too faint to be read
    chosen = st.pills(
        label,
        list(KINDS),
        selection_mode="multi",
        key=fields.seeded(f"account_{part}", [kind for kind in KINDS if kind in now]),
        format_func=lambda kind: _(KINDS[kind]),
        disabled=bool(blocked),
        label_visibility="collapsed",
    )
    if not blocked and set(chosen) != set(now):
        wanted: dict[str, Any] = {part: tuple(kind for kind in KINDS if kind in chosen)}
        accounts.change(desk, **wanted)


def no_mail(desk: Desk, me: Any) -> str:
    if not me.email:
        return _("You have no e-mail address here.")
    return "" if mail.configured(desk) else _("This desk cannot send mail yet. An administrator sets it up.")


def webhook(desk: Desk, kept: accounts.Preferences) -> None:
    """Its address, what goes there, and once the secret its messages are signed with."""
    url = st.text_input(
        _("Web address"),
        kept.webhook_url,
        placeholder=_("https://example.org/receive"),
        key=f"webhook_url_{kept.webhook_url}",
        help=_("Whatever you are told is sent there as well, as a signed message over HTTP."),
    )
    if kept.webhook_url:
        kinds(desk, "told_by_webhook", _("What goes there"), kept.told_by_webhook)
    if secret := st.session_state.get(_SECRET):
        st.caption(
            _("Each message is signed with this secret. It is shown this once: keep it where the program finds it.")
        )
        st.code(secret, language=None)
    with layout.row("webhook"), layout.telling():
        same = _("Type another address to save it.") if (url or "").strip() == kept.webhook_url else ""
        if layout.button(_("Save the address"), "webhook_save", blocked=same):
            st.session_state[_SECRET] = ways.choose_webhook(desk, url or "")
            st.rerun()
        if kept.webhook_url and st.button(_("Send a first message"), key="webhook_try", type="tertiary"):
            ways.try_webhook(desk)
            st.toast(_("It arrived."), icon=":material/check_circle:")
