"""E-mails with files, or with links to them, taken by a real mail server."""

from __future__ import annotations

import smtplib
from collections.abc import Iterator
from dataclasses import replace
from email.message import EmailMessage
from pathlib import Path

import pytest
from pydantic import ValidationError

from core.delivery.base import Way
from core.delivery.email import METHOD, Options
from core.errors import Undeliverable
from tests.core.delivery.conftest import LOOPBACK, MakeParcel
from tests.servers.smtp import Mailbox, smtp

WORDS = {"name": "Orders {rows}", "rows": "1,200", "date": "1 March 2026", "workspace": "Team"}


@pytest.fixture
def mailbox(tmp_path: Path) -> Iterator[Mailbox]:
    with smtp(tmp_path, "none") as box:
        yield box


@pytest.fixture
def way(mailbox: Mailbox) -> Way:
    def post(message: EmailMessage) -> None:
        with smtplib.SMTP("127.0.0.1", mailbox.port, "localhost") as server:
            server.send_message(message, "desk@example.org")

    return Way(LOOPBACK, words=WORDS, post=post)


def options(**more: object) -> Options:
    return Options.model_validate({"to": ["ana@example.org", "budi@example.org"], **more})


def attached(message: EmailMessage) -> dict[str, object]:
    return {str(part.get_filename()): part.get_payload(decode=True) for part in message.iter_attachments()}


def text(message: EmailMessage) -> str:
    body = message.get_body(("plain",))
    assert body
    return str(body.get_content()).replace("\r\n", "\n")


def test_files_come_attached_whole_under_their_names(mailbox: Mailbox, parcel: MakeParcel, way: Way):
    parcels = [parcel("Réport – März.csv"), replace(parcel("b.xlsx", seed=2), media_type="application/x; a=b")]
    arrived = METHOD.deliver(options(), {}, parcels, way)
    assert [a.where for a in arrived] == ["attached, to ana@example.org, budi@example.org"] * 2
    (message,) = mailbox.taken
    assert attached(message) == {p.name: p.path.read_bytes() for p in parcels}
    assert [part.get_content_type() for part in message.iter_attachments()] == ["text/csv", "application/x"]


def test_words_of_the_export_are_filled_in_once(mailbox: Mailbox, parcel: MakeParcel, way: Way):
    chosen = options(subject="{name} of {date}\nBcc: eve@example.org", text="{rows} rows in {files}, from {workspace}.")
    METHOD.deliver(chosen, {}, [parcel()], way)
    (message,) = mailbox.taken
    assert message["Subject"] == "Orders {rows} of 1 March 2026 Bcc: eve@example.org"
    assert message["Bcc"] is None
    assert text(message) == "1,200 rows in orders.csv, from Team.\n"


def test_what_is_too_large_to_attach_comes_as_a_link(mailbox: Mailbox, parcel: MakeParcel, way: Way):
    files = [replace(parcel(n, 600_000), link=f"https://desk.example/{n}") for n in ("a.csv", "b.csv")]
    (first, _second) = METHOD.deliver(options(attach_mb=1), {}, files, way)
    assert first.where == "a link, to ana@example.org, budi@example.org"
    (message,) = mailbox.taken
    assert attached(message) == {}
    assert text(message).endswith("a.csv:\nhttps://desk.example/a.csv\n\nb.csv:\nhttps://desk.example/b.csv\n")


def test_mail_goes_to_the_domains_that_are_allowed_alone(mailbox: Mailbox, parcel: MakeParcel, way: Way):
    with pytest.raises(Undeliverable, match=r"elsewhere\.org is not among") as refused:
        METHOD.deliver(
            options(to=["ana@example.org", "x@elsewhere.org"]), {}, [parcel()], replace(way, domains=("example.org",))
        )
    assert refused.value.field == "to"
    assert mailbox.taken == []
    METHOD.deliver(options(to=["ana@EXAMPLE.org"]), {}, [parcel()], replace(way, domains=("example.org",)))
    assert len(mailbox.taken) == 1


def test_a_desk_without_mail_says_so(parcel: MakeParcel):
    with pytest.raises(Undeliverable, match="not set up"):
        METHOD.deliver(options(), {}, [parcel()], Way(LOOPBACK))


@pytest.mark.parametrize(
    "wrong", [{"to": []}, {"to": ["nobody"]}, {"to": ["a@b.org\nBcc: c@d.org"]}, {"subject": "{nmae}"}, {"subject": ""}]
)
def test_what_cannot_be_mailed_is_refused(wrong: dict[str, object]):
    with pytest.raises(ValidationError):
        options(**wrong)
