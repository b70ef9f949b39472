"""Mail from the desk, through the server an administrator named (core.choices.Mail). What goes wrong is said as a sentence."""

from __future__ import annotations

import smtplib
import socket
import ssl
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid

from core import choices, naming, sealing
from core.access import accounts
from core.choices import Mail
from core.desk import Desk
from core.errors import DeskError, MailRefused, MailUnreachable
from storage.tables import utc_now

SECONDS = 15  # that the server may take for each answer
SAID = 200  # characters of the server's own words that are shown
LATER = range(400, 500)  # replies after which the same may be tried again (RFC 5321 section 4.2.1)


@dataclass(frozen=True)
class Sent:
    """What became of a mail: the server that took it, how the way there was encrypted ("": not at all), as whom."""

    server: str
    encryption: str
    user: str


def configured(desk: Desk) -> bool:
    """Has somebody said by which server, and from which address?"""
    chosen = choices.mail(desk)
    return bool(chosen.host and chosen.sender)


def carries_links(desk: Desk) -> bool:
    """Can a link to the desk be mailed? That also needs the address people reach it at."""
    return configured(desk) and bool(desk.settings.public_url)


def link(desk: Desk, path: str) -> str:
    """A path of the desk as the whole address people reach it at."""
    return desk.settings.public_url.rstrip("/") + path


@dataclass(frozen=True)
class Server:
    """The mail server as a process knows it that may not ask the store; the password is in clear."""

    chosen: Mail
    password: str = field(default="", repr=False)


def server(desk: Desk) -> Server:
    """Raises MailRefused where mail is not set up."""
    if not configured(desk):
        raise MailRefused(
            "Mail is not set up on this desk.", "An administrator sets it up under Installation settings, Mail."
        )
    chosen = choices.mail(desk)
    password = sealing.unseal(desk, chosen.password, *choices.SEAL) if chosen.password else ""
    return Server(chosen.model_copy(update={"password": ""}), password)


def send(desk: Desk, to: str, subject: str, text: str) -> Sent:
    """Hand one mail to the server, which has taken it when this returns.

    Raises MailUnreachable where trying again may help, MailRefused where it cannot, BadInput for what is no address.
    """
    to = accounts.checked_email(to)
    message = EmailMessage()
    message["To"] = to
    message["Subject"] = " ".join(subject.split())  # a line break would begin another header
    message.set_content(text)
    return hand_over(server(desk), message, [to])


def hand_over(server: Server, message: EmailMessage, to: Sequence[str], key: str = "") -> Sent:
    """Hand a mail to the server for all of `to`; it gets its sender, date and id here. Raises as `send` does.

    `key`: the same in every try of one mail, so that whoever gets it twice is shown it once; "": it is new.

    Where the server takes it for some only, that is MailRefused: trying again would send it to the others twice.
    """
    chosen = server.chosen
    where = f"{chosen.host}:{chosen.port}"
    with _told(chosen, ", ".join(to)), _connected(chosen) as smtp:
        sock = smtp.sock
        encryption = (sock.version() or "") if isinstance(sock, ssl.SSLSocket) else ""
        if chosen.user:
            smtp.login(chosen.user, server.password)
        refused = smtp.send_message(_stamped(chosen, message, key), chosen.sender, [*to])
    if refused:
        raise _some_refused(chosen.host, refused, len(to))
    return Sent(where, encryption, chosen.user)


def _some_refused(host: str, refused: Mapping[str, tuple[int, bytes]], asked: int) -> MailRefused:
    whom, (code, said) = next(iter(refused.items()))
    others = f" (and {len(refused) - 1} more)" if len(refused) > 1 else ""
    words = naming.line(said.decode("utf-8", "replace"))[:SAID].rstrip(".")
    return MailRefused(
        f"{host} takes no mail for {whom}{others}: {code} {words}. The other {asked - len(refused)} got it.",
        "Check the address. Sending it again sends it to all of them.",
    )


def _stamped(chosen: Mail, message: EmailMessage, key: str) -> EmailMessage:
    user, _, domain = chosen.sender.rpartition("@")
    message["From"] = Address(chosen.sender_name, user, domain)
    message["Date"] = format_datetime(utc_now())
    own = domain.encode("idna").decode()
    message["Message-ID"] = f"<{key}@{own}>" if key else make_msgid(domain=own)  # RFC 5322, 3.6.4
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no holiday replies
    return message


@contextmanager
def _connected(chosen: Mail) -> Iterator[smtplib.SMTP]:
    """A conversation that is as encrypted as it was chosen to be, with a server whose certificate holds for its name."""
    context = ssl.create_default_context()
    host, me = chosen.host.strip("[]"), _my_name()
    if chosen.security == "tls":
        smtp: smtplib.SMTP = smtplib.SMTP_SSL(host, chosen.port, me, timeout=SECONDS, context=context)
    else:
        smtp = smtplib.SMTP(host, chosen.port, me, timeout=SECONDS)
    with smtp:
        if chosen.security == "starttls":
            smtp.starttls(context=context)
        yield smtp


def _my_name() -> str:
    """How the desk introduces itself. smtplib would ask the name service for it, which may take half a minute."""
    name = socket.gethostname()
    return name if "." in name else "[127.0.0.1]"


@contextmanager
def _told(chosen: Mail, to: str) -> Iterator[None]:
    """Failures of the library and the network, as sentences."""
    try:
        yield
    except DeskError:
        raise
    except (OSError, smtplib.SMTPException) as problem:  # SMTPException is an OSError; said for who reads this
        raise _explained(problem, chosen, to) from problem


def _explained(problem: OSError, chosen: Mail, to: str) -> DeskError:
    host, server = chosen.host, f"{chosen.host}:{chosen.port}"
    if isinstance(problem, smtplib.SMTPServerDisconnected) and isinstance(problem.__context__, TimeoutError):
        problem = problem.__context__  # the library says "disconnected" of a server that said nothing in time
    match problem:
        case socket.gaierror():
            return MailUnreachable(f"There is no computer called “{host}”.", "Check the name of the mail server.")
        case ConnectionRefusedError():
            return MailUnreachable(f"Nothing answers at {server}.", "Check the port: 587 for STARTTLS, 465 for TLS.")
        case TimeoutError():
            return MailUnreachable(
                f"{server} did not answer within {SECONDS} seconds.",
                "Check the port, and whether a firewall lets this computer send mail.",
            )
        case ssl.SSLCertVerificationError():
            return MailRefused(
                f"The certificate of {server} is not trusted: {problem.verify_message}.",
                "Use the name the certificate is for. If your organisation signs its own, start the desk with "
                "SSL_CERT_FILE naming the file of its authority.",
            )
        case ssl.SSLError():
            return MailRefused(
                f"{server} does not speak TLS in the way that was chosen.", "Use STARTTLS at port 587, TLS at port 465."
            )
        case smtplib.SMTPNotSupportedError():
            return _lacking(problem, server)
        case smtplib.SMTPRecipientsRefused():
            code, said = next(iter(problem.recipients.values()))
            return _answered(f"{host} takes no mail for {to}", code, said, "Check the address.")
        case smtplib.SMTPAuthenticationError():
            return _answered(
                f"{host} did not accept the user name and password", problem.smtp_code, problem.smtp_error,
                "Type them again. Some providers want a password made for programs (an app password).",
            )  # fmt: skip
        case smtplib.SMTPSenderRefused():
            return _answered(
                f"{host} takes no mail from {chosen.sender}", problem.smtp_code, problem.smtp_error,
                "Use a sender’s address that this user may send from.",
            )  # fmt: skip
        case smtplib.SMTPResponseException():
            return _answered(f"{host} refused the mail", problem.smtp_code, problem.smtp_error, "Ask who runs it.")
        case smtplib.SMTPServerDisconnected():
            return MailUnreachable(
                f"{server} ended the conversation.", "If this is the port for TLS (465), choose TLS; or try again."
            )
    return MailUnreachable(f"{server} cannot be reached: {problem.strerror or problem}.", "Try again in a minute.")


def _lacking(problem: smtplib.SMTPNotSupportedError, server: str) -> MailRefused:
    """The server has no such thing; the library names what it looked for."""
    if "STARTTLS" in str(problem):
        return MailRefused(f"{server} offers no STARTTLS.", "Choose TLS with port 465, or ask who runs the server.")
    if "AUTH" in str(problem):
        return MailRefused(f"{server} takes no user names there.", "Leave the user name empty, or use port 587.")
    return MailRefused(f"{server} takes no addresses with such letters.", "Use addresses of plain letters.")


def _answered(what: str, code: int, said: bytes | str, next_step: str) -> DeskError:
    """In the server's own words, cut and on one line."""
    words = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    words = naming.line(words)[:SAID]
    kind = MailUnreachable if code in LATER else MailRefused
    return kind(f"{what}: {code} {words}".rstrip(". ") + ".", next_step)
