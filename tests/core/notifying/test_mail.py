"""Mail against a real server: STARTTLS and TLS, its certificate, its password, and every way in which it does not work."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from core import choices
from core.choices import Mail
from core.desk import Desk
from core.errors import BadInput, MailRefused, MailUnreachable
from core.notifying import mail
from tests.servers.ports import free_port
from tests.servers.smtp import BUSY, PASSWORD, UNKNOWN, USER, Mailbox, smtp


@pytest.fixture
def box(tmp_path: Path) -> Iterator[Mailbox]:
    with smtp(tmp_path) as running:
        yield running


@pytest.fixture
def trusted(box: Mailbox, monkeypatch: pytest.MonkeyPatch) -> Mailbox:
    monkeypatch.setenv("SSL_CERT_FILE", str(box.certificate))
    return box


def set_up(desk: Desk, box: Mailbox, **parts: Any) -> None:
    wanted = {"host": "localhost", "port": box.port, "user": USER, "password": PASSWORD, "sender": "desk@example.org"}
    choices.choose(desk, Mail, **(wanted | parts))


def test_a_mail_arrives_as_it_was_written(desk, trusted):
    set_up(desk, trusted, sender_name="Büro Süd")
    sent = mail.send(desk, "ana@example.org", "Ready:\r\nBcc: evil@example.org", "Your export “Équipe” is ready.\n")
    (taken,) = trusted.taken
    assert str(taken["From"]) == "Büro Süd <desk@example.org>"
    assert str(taken["To"]) == "ana@example.org"
    assert str(taken["Subject"]) == "Ready: Bcc: evil@example.org"
    assert taken["Bcc"] is None
    assert taken["Auto-Submitted"] == "auto-generated"
    assert taken["Message-ID"].strip().endswith("@example.org>")
    assert taken.get_content().strip() == "Your export “Équipe” is ready."
    assert sent.server == f"localhost:{trusted.port}"
    assert sent.encryption.startswith("TLS")
    assert sent.user == USER


@pytest.mark.filterwarnings("ignore:Requiring AUTH")  # the test's server counts STARTTLS alone as TLS
def test_a_mail_goes_through_tls_from_the_first_byte(desk, tmp_path, monkeypatch):
    with smtp(tmp_path, "tls") as box:
        monkeypatch.setenv("SSL_CERT_FILE", str(box.certificate))
        set_up(desk, box, security="tls")
        assert mail.send(desk, "ana@example.org", "Test", "It works.").encryption.startswith("TLS")
        assert len(box.taken) == 1


def test_a_mail_goes_in_clear_where_that_was_chosen(desk, tmp_path):
    with smtp(tmp_path, "none") as box:
        set_up(desk, box, security="none", user="", password="")
        assert mail.send(desk, "ana@example.org", "Test", "It works.").encryption == ""
        assert len(box.taken) == 1


def test_a_certificate_nobody_vouches_for_is_refused(desk, box):
    set_up(desk, box)
    with pytest.raises(MailRefused, match="is not trusted: self-signed certificate") as refusal:
        mail.send(desk, "ana@example.org", "Test", "It works.")
    assert "SSL_CERT_FILE" in refusal.value.next_step
    assert not box.taken


def test_a_certificate_for_another_name_is_refused(desk, trusted):
    set_up(desk, trusted, host="127.0.0.1")
    with pytest.raises(MailRefused, match="is not trusted: IP address mismatch"):
        mail.send(desk, "ana@example.org", "Test", "It works.")
    assert not trusted.taken


def test_a_wrong_password_is_told_in_the_servers_own_words(desk, trusted):
    set_up(desk, trusted, password="wrong")
    with pytest.raises(MailRefused, match=r"localhost did not accept the user name and password: 535 5\.7\.8"):
        mail.send(desk, "ana@example.org", "Test", "It works.")


def test_a_recipient_the_server_refuses_is_named(desk, trusted):
    set_up(desk, trusted)
    with pytest.raises(MailRefused, match=rf"localhost takes no mail for {UNKNOWN}: 550 5\.1\.1 No such mailbox\."):
        mail.send(desk, UNKNOWN, "Test", "It works.")


def test_a_recipient_refused_for_now_may_be_tried_again(desk, trusted):
    set_up(desk, trusted)
    with pytest.raises(MailUnreachable, match=r"450 4\.2\.1 Mailbox busy") as refusal:
        mail.send(desk, BUSY, "Test", "It works.")
    assert not refusal.value.final


def test_a_port_nobody_listens_at_is_named(desk, box):
    set_up(desk, box, port=(port := free_port()))
    with pytest.raises(MailUnreachable, match=f"Nothing answers at localhost:{port}"):
        mail.send(desk, "ana@example.org", "Test", "It works.")


def test_an_unknown_server_is_named(desk, box):
    set_up(desk, box, host="mail.invalid")  # RFC 6761: it never exists
    with pytest.raises(MailUnreachable, match=r"There is no computer called “mail\.invalid”"):
        mail.send(desk, "ana@example.org", "Test", "It works.")


def test_a_server_that_says_nothing_is_given_up(desk, box, monkeypatch):
    monkeypatch.setattr(mail, "SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        set_up(desk, box, port=silent.getsockname()[1])
        with pytest.raises(MailUnreachable, match="did not answer within"):
            mail.send(desk, "ana@example.org", "Test", "It works.")


def test_tls_where_the_server_wants_starttls_says_which_port_is_which(desk, trusted):
    set_up(desk, trusted, security="tls")
    with pytest.raises(MailRefused, match="does not speak TLS") as refusal:
        mail.send(desk, "ana@example.org", "Test", "It works.")
    assert "465" in refusal.value.next_step


def test_starttls_that_is_not_offered_is_not_done_without(desk, tmp_path):
    with smtp(tmp_path, "none") as box:
        set_up(desk, box)
        with pytest.raises(MailRefused, match="offers no STARTTLS"):
            mail.send(desk, "ana@example.org", "Test", "It works.")
        assert not box.taken


def test_a_desk_without_mail_says_who_sets_it_up(desk):
    assert not mail.configured(desk)
    with pytest.raises(MailRefused, match="not set up") as refusal:
        mail.send(desk, "ana@example.org", "Test", "It works.")
    assert "administrator" in refusal.value.next_step


def test_mail_is_set_up_once_a_server_and_a_sender_are_named(desk):
    choices.choose(desk, Mail, host="mail.example.org")
    assert not mail.configured(desk)
    choices.choose(desk, Mail, sender="desk@example.org")
    assert mail.configured(desk)


def test_what_is_no_address_is_refused_before_anybody_is_asked(desk, box):
    set_up(desk, box)
    with pytest.raises(BadInput, match="no e-mail address"):
        mail.send(desk, "ana@example.org\r\nRCPT TO:<evil@example.org>", "Test", "It works.")
