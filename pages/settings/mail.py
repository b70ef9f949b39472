"""Through which server the desk sends mail, and whether that works."""

from __future__ import annotations

import streamlit as st

from core import choices
from core.access import accounts
from core.choices import Mail
from core.desk import Desk
from core.notifying import mail
from core.notifying.mail import Sent
from pages.components import explain, layout
from pages.texts import N_, _

SECURITY = {"starttls": N_("STARTTLS (usually port 587)"), "tls": N_("TLS (usually port 465)"), "none": N_("None")}
ABOUT = N_(
    "For invitations, notices and links to a new password. Ask who runs your mail for these, or look for “SMTP” in its help."
)


def show(desk: Desk) -> None:
    now = choices.mail(desk)
    stamp = hash(now)  # fields begin anew when something else holds
    with layout.card("mail", _("Mail server"), ":material/mail:", _(ABOUT), help=explain.of("mail_server")):
        left, right = st.columns([3, 1])
        host = left.text_input(_("Server"), now.host, placeholder="smtp.example.org", key=f"mail_host_{stamp}")
        port = right.number_input(_("Port"), 1, 65535, now.port, key=f"mail_port_{stamp}")
        security = st.selectbox(
            _("Encryption"),
            list(SECURITY),
            index=list(SECURITY).index(now.security),
            format_func=lambda way: _(SECURITY[way]),
            key=f"mail_security_{stamp}",
            help=explain.of(
                "encryption",
                here=_("How the way to the server is protected. The server’s certificate has to hold for its name."),
            ),
        )
        left, right = st.columns(2)
        user = left.text_input(_("User name"), now.user, key=f"mail_user_{stamp}", autocomplete="off")
        password = right.text_input(
            _("Password"),
            type="password",
            key=f"mail_password_{stamp}",
            autocomplete="new-password",
            placeholder=_("Kept; type to replace it") if now.password else "",
            help=_("It is sealed, and nobody sees it again. Another server or user needs it anew."),
        )
        left, right = st.columns(2)
        sender = left.text_input(
            _("Sender’s address"), now.sender, placeholder="desk@example.org", key=f"mail_sender_{stamp}"
        )
        sender_name = right.text_input(_("Sender’s name"), now.sender_name, key=f"mail_sender_name_{stamp}")
        values = {
            "host": host,
            "port": port,
            "security": security,
            "user": user,
            "sender": sender,
            "sender_name": sender_name,
        }
        changed = {name: value for name, value in values.items() if value != getattr(now, name)}
        if password:
            changed["password"] = password
        if st.button(_("Save"), key="mail_save", type="primary"):
            with layout.telling():
                choices.choose(desk, Mail, **changed)
                st.session_state.pop("mail_tested", None)
                st.toast(_("Saved."), icon=":material/check_circle:")
                st.rerun()
    _test(desk, unsaved=bool(changed))


def _test(desk: Desk, *, unsaved: bool) -> None:
    """One mail, and in a sentence what became of it."""
    with layout.card("mail_test", _("Does it work?"), ":material/outgoing_mail:"):
        blocked = _("Save first: the test uses what is saved.") if unsaved else ""
        if not mail.configured(desk):
            blocked = blocked or _("Name a server and the sender’s address first.")
        to = st.text_input(_("Send a test mail to"), accounts.me(desk).email or "", key="mail_test_to")
        if layout.button(_("Send a test mail"), "mail_test", blocked=blocked, icon=":material/send:"):
            with layout.telling(), st.spinner(_("Talking to the mail server …")):
                sent = mail.send(desk, to or "", _("A test from Export Desk"), _(TEXT))
                st.success(layout.plain(_said(sent, to or "")), icon=":material/check_circle:")


TEXT = N_("This desk can send mail. Somebody pressed “Send a test mail” in its settings; there is nothing to do.\n")


def _said(sent: Sent, to: str) -> str:
    """What the server was told, and how; whether it arrives only the mailbox shows."""
    way = _("without encryption")
    if sent.encryption:
        way = _("encrypted with {protocol}").format(protocol=sent.encryption.replace("TLSv", "TLS "))
    said = (
        _(
            "{server} took the mail for {to}, {way}, signed in as {user}. "
            "Look into that mailbox, and into its spam folder."
        )
        if sent.user
        else _("{server} took the mail for {to}, {way}. Look into that mailbox, and into its spam folder.")
    )
    return said.format(server=sent.server, to=to, way=way, user=sent.user)
