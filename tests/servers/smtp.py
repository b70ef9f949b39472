"""A real mail server on loopback (aiosmtpd) that insists on encryption and a password, with a certificate of its own making."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from tests.servers import certificates
from tests.servers.ports import free_port

USER, PASSWORD = "desk", "correct horse battery"
UNKNOWN, BUSY = "nobody@example.org", "busy@example.org"  # recipients it refuses for good, and for now


@dataclass
class Mailbox:
    """Where the server is, and what it has taken."""

    port: int
    certificate: Path  # PEM; trusting it is naming it in SSL_CERT_FILE
    taken: list[EmailMessage] = field(default_factory=list)
    busy: int = 0  # so many recipients are put off before one is taken

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address == UNKNOWN:
            return "550 5.1.1 No such mailbox"
        if address == BUSY or self.busy:
            self.busy = max(0, self.busy - 1)
            return "450 4.2.1 Mailbox busy"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        message: Any = message_from_bytes(envelope.content or b"", policy=policy.default)
        self.taken.append(message)
        return "250 OK"


def _login(server: SMTP, session: Session, envelope: Envelope, mechanism: str, given: Any) -> AuthResult:
    right = isinstance(given, LoginPassword) and (given.login, given.password) == (USER.encode(), PASSWORD.encode())
    return AuthResult(success=right, handled=False)


class _Reached(Controller):
    """Makes sure of itself by connecting; its own way of doing so speaks TLS with the server's side of it."""

    def _trigger_server(self) -> None:
        socket.create_connection((self.hostname, self.port), 5).close()


@contextmanager
def smtp(folder: Path, security: str = "starttls") -> Iterator[Mailbox]:
    """Serve on a free port until the block ends. `security`: starttls, tls, or none (then no password is asked)."""
    certificate, key = certificates.make(folder)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)
    options: dict[str, Any] = {
        "starttls": {"tls_context": context, "require_starttls": True, "auth_required": True, "authenticator": _login},
        "tls": {"ssl_context": context, "auth_required": True, "authenticator": _login, "auth_require_tls": False},
        "none": {},
    }[security]
    box = Mailbox(free_port(), certificate)
    controller = _Reached(box, hostname="127.0.0.1", port=box.port, **options)
    controller.start()
    try:
        yield box
    finally:
        controller.stop()
