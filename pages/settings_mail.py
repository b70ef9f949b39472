"""Through which server the desk sends mail, and whether that works."""

from __future__ import annotations

import streamlit as st

from core import accounts, choices, mail
from core.choices import Mail
from core.desk import Desk
from core.mail import Sent
from pages.components import layout

SECURITY = {"starttls": "STARTTLS (usually port 587)", "tls": "TLS (usually port 465)", "none": "None"}
ABOUT = "For invitations, notices and links to a new password. Ask who runs your mail for these, or look for “SMTP” in its help."


def show(desk: Desk) -> None:
    now = choices.mail(desk)
    stamp = hash(now)  # fields begin anew when something else holds
    with layout.card("mail", "Mail server", ":material/mail:", ABOUT):
        left, right = st.columns([3, 1])
        host = left.text_input("Server", now.host, placeholder="smtp.example.org", key=f"mail_host_{stamp}")
        port = right.number_input("Port", 1, 65535, now.port, key=f"mail_port_{stamp}")
        security = st.selectbox(
            "Encryption",
            list(SECURITY),
            index=list(SECURITY).index(now.security),
            format_func=SECURITY.__getitem__,
            key=f"mail_security_{stamp}",
            help="How the way to the server is protected. The server’s certificate has to hold for its name.",
        )
        left, right = st.columns(2)
        user = left.text_input("User name", now.user, key=f"mail_user_{stamp}", autocomplete="off")
        password = right.text_input(
            "Password",
            type="password",
            key=f"mail_password_{stamp}",
            autocomplete="new-password",
            placeholder="Kept; type to replace it" if now.password else "",
            help="It is sealed, and nobody sees it again. Another server or user needs it anew.",
        )
        left, right = st.columns(2)
        sender = left.text_input(
            "Sender’s address", now.sender, placeholder="desk@example.org", key=f"mail_sender_{stamp}"
        )
        sender_name = right.text_input("Sender’s name", now.sender_name, key=f"mail_sender_name_{stamp}")
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
        if st.button("Save", key="mail_save", type="primary"):
            with layout.telling():
                choices.choose(desk, Mail, **changed)
                st.session_state.pop("mail_tested", None)
                st.toast("Saved.", icon=":material/check_circle:")
                st.rerun()
    _test(desk, unsaved=bool(changed))


def _test(desk: Desk, *, unsaved: bool) -> None:
    """One mail, and in a sentence what became of it."""
    with layout.card("mail_test", "Does it work?", ":material/outgoing_mail:"):
        blocked = "Save first: the test uses what is saved." if unsaved else ""
        if not mail.configured(desk):
            blocked = blocked or "Name a server and the sender’s address first."
        to = st.text_input("Send a test mail to", accounts.me(desk).email or "", key="mail_test_to")
        if layout.button("Send a test mail", "mail_test", blocked=blocked, icon=":material/send:"):
            with layout.telling(), st.spinner("Talking to the mail server …"):
                sent = mail.send(desk, to or "", "A test from Export Desk", TEXT)
                st.success(layout.plain(_said(sent, to or "")), icon=":material/check_circle:")


TEXT = "This desk can send mail. Somebody pressed “Send a test mail” in its settings; there is nothing to do.\n"


def _said(sent: Sent, to: str) -> str:
    """What the server was told, and how; whether it arrives only the mailbox shows."""
    way = f"encrypted with {sent.encryption.replace('TLSv', 'TLS ')}" if sent.encryption else "without encryption"
    who = f", signed in as {sent.user}" if sent.user else ""
    return f"{sent.server} took the mail for {to}, {way}{who}. Look into that mailbox, and into its spam folder."
