"""What goes wrong on the way has a name and a sentence, ends, and says no secret anywhere."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import asyncssh
import pytest
from sqlmodel import col, update

from api.v1 import destinations as api
from api.v1.deliveries import delivery_out
from core import audit, choices, deliveries, destinations, exports, links
from core.choices import Mail, Outside
from core.deliveries import Delivery
from core.desk import Desk
from core.errors import NotFound
from core.work import inline
from core.work.delivering import TRIES
from core.work.launcher import Launched
from storage.tables import Job, JobKind
from tests.core.deliveries.conftest import Deliver
from tests.helpers import wait_until
from tests.servers import ftp, receiver, sftp, smtp

Ran = Callable[[Job], list[Delivery]]
SECRET = "hunter2-and-no-other-word"
METADATA = "169.254.169.254"  # where clouds tell computers their own secrets


@pytest.fixture(scope="module")
def ftpd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ftp.Ftpd]:
    with ftp.ftpd(tmp_path_factory.mktemp("ftpd") / "server") as running:
        yield running


@pytest.fixture
def https(tmp_path: Path) -> Iterator[receiver.Receiver]:
    (tmp_path / "https").mkdir()
    with receiver.receiver(tmp_path / "https", tls=True) as running:
        yield running


@pytest.fixture
def silent(open_desk: Desk, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]) -> Callable[..., None]:
    """`silent(job, secret, …)`: none of them stands in the store, in a file, a log, an answer, an audit entry."""
    caplog.set_level(logging.DEBUG)

    def look(job: Job, *secrets: str) -> None:
        shown = [delivery_out(one).model_dump_json() for one in deliveries.list(open_desk, job.id)]
        shown += [api._out(open_desk, one).model_dump_json() for one in destinations.list(open_desk)]
        shown += [entry.model_dump_json() for entry in audit.list(open_desk, size=500)[0]]
        shown += [exports.receipt(open_desk, job.id).model_dump_json(), caplog.text, *capfd.readouterr()]
        files = [path for path in open_desk.files.root.rglob("*") if path.is_file()]
        kept = b"".join(path.read_bytes() for path in files)
        for secret in secrets:
            assert all(secret not in said for said in shown)
            assert secret.encode() not in kept

    return look


def over_again(desk: Desk) -> None:
    with desk.store.writing() as session:
        session.exec(update(Job).where(col(Job.kind) == JobKind.DELIVERY).values(run_after=0.0))


def to_the_end(desk: Desk, job: Job) -> Delivery:
    """All tries there are, without the pauses between them."""
    for _ in range(TRIES + 1):
        over_again(desk)
        inline.run_queued(desk)
    [one] = deliveries.list(desk, job.id)
    assert one.state in ("failed", "sent")
    return one


def refused(one: Delivery, sentence: str, tries: int = 1) -> None:
    assert one.state == "failed"
    assert one.error is not None
    assert sentence in one.error.message
    assert one.error.next_step
    assert one.tries == tries


KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI" + "A" * 42 + "B"  # somebody's


@pytest.mark.parametrize("host", [METADATA, "[::ffff:127.0.0.1]"])
@pytest.mark.parametrize("method", ["sftp", "ftp", "s3", "webhook"])
def test_nothing_inside_is_connected_to(
    open_desk: Desk, export: Deliver, silent: Callable[..., None], method: str, host: str
) -> None:
    choices.choose(open_desk, Outside, inside_networks=())
    options: dict[str, Any] = {
        "sftp": {"host": host, "user": "u", "host_key": KEY},
        "ftp": {"host": host, "user": "u"},
        "s3": {"bucket": "reports", "endpoint": f"http://{host}:8080"},
        "webhook": {"url": f"http://{host}/latest/meta-data"},
    }[method]
    secret = {"s3": "secret_key", "webhook": "signing"}.get(method, "password")
    keys = {secret: SECRET} | ({"access_key": "AKTEST"} if method == "s3" else {})
    if method == "webhook":
        options["body"] = "file"
    job = export(destinations.make(open_desk, "Inside", method, options, keys))
    refused(to_the_end(open_desk, job), "inside the network of this desk")
    silent(job, SECRET)


def test_a_server_whose_key_nobody_confirmed_or_that_shows_another_gets_nothing(
    open_desk: Desk, export: Deliver, sftp_server: sftp.SftpServer, silent: Callable[..., None]
) -> None:
    where = {"host": "127.0.0.1", "port": sftp_server.port, "user": sftp_server.user, "folder": "keys"}
    keys = {"private_key": sftp_server.locked_key, "passphrase": sftp.PASSPHRASE}
    place = destinations.make(open_desk, "Partner", "sftp", where, keys)
    job = export(place)
    refused(to_the_end(open_desk, job), "Nobody has confirmed the key of 127.0.0.1 yet.")
    other = asyncssh.generate_private_key("ssh-ed25519").export_public_key().decode().strip()
    destinations.change(open_desk, place.id, options=where | {"host_key": other})
    [one] = deliveries.list(open_desk, job.id)
    deliveries.send_again(open_desk, one.id)
    refused(to_the_end(open_desk, job), "shows another key than the one that was confirmed", tries=2)
    assert not (sftp_server.folder / "keys").exists()
    shown = destinations.host_key(open_desk, "127.0.0.1", sftp_server.port)
    assert shown.fingerprint == destinations.fingerprint(sftp_server.host_key)
    destinations.change(open_desk, place.id, options=where | {"host_key": shown.line})
    deliveries.send_again(open_desk, one.id)
    assert to_the_end(open_desk, job).state == "sent"
    assert [file.name for file in (sftp_server.folder / "keys").iterdir()] == ["People.csv"]
    body = sftp_server.locked_key.splitlines()[1]
    silent(job, sftp.PASSPHRASE, body)


def test_a_wrong_key_a_wrong_password_is_said_once_and_not_tried_again(
    open_desk: Desk,
    export: Deliver,
    sftp_server: sftp.SftpServer,
    ftpd: ftp.Ftpd,
    silent: Callable[..., None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(ftpd.certificate))
    server = {"host": "127.0.0.1", "port": sftp_server.port, "user": sftp_server.user}
    ssh = destinations.make(
        open_desk,
        "SSH",
        "sftp",
        server | {"host_key": sftp_server.host_key},
        {"private_key": sftp_server.other_key, "password": SECRET},
    )
    job = export(ssh)
    refused(to_the_end(open_desk, job), f"127.0.0.1 did not let “{sftp_server.user}” in.")
    silent(job, SECRET, sftp_server.other_key.splitlines()[1])
    old = destinations.make(
        open_desk, "FTP", "ftp", {"host": "localhost", "port": ftpd.port, "user": ftp.USER}, {"password": SECRET}
    )
    job = export(old)
    refused(to_the_end(open_desk, job), "did not let")
    silent(job, SECRET)


def test_a_certificate_nobody_vouches_for_is_not_believed(
    open_desk: Desk, export: Deliver, ftpd: ftp.Ftpd, https: receiver.Receiver, silent: Callable[..., None]
) -> None:
    old = destinations.make(
        open_desk, "FTP", "ftp", {"host": "localhost", "port": ftpd.port, "user": ftp.USER}, {"password": ftp.PASSWORD}
    )
    hook = destinations.make(
        open_desk,
        "Hook",
        "webhook",
        {"url": https.url, "body": "file"},
        {"signing": SECRET, "headers": f"Authorization: Bearer {SECRET}2"},
    )
    for place in (old, hook):
        job = export(place)
        refused(to_the_end(open_desk, job), "is not trusted: self-signed certificate")
        silent(job, ftp.PASSWORD, SECRET)
    assert https.taken == []


def test_a_full_disk_there_is_tried_again_until_there_is_room_and_not_for_ever(
    open_desk: Desk, export: Deliver, ftpd: ftp.Ftpd, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(ftpd.certificate))
    where = {"host": "localhost", "port": ftpd.port, "user": ftp.USER, "folder": ftp.FULL}
    job = export(destinations.make(open_desk, "Full", "ftp", where, {"password": ftp.PASSWORD}))
    refused(to_the_end(open_desk, job), "has no space left", tries=TRIES)
    assert exports.file(open_desk, job.id).path.is_file()


def test_a_receiver_that_is_busy_slow_to_recover_gets_it_in_the_end_and_once(
    open_desk: Desk, export: Deliver, tmp_path: Path, silent: Callable[..., None]
) -> None:
    with receiver.receiver(tmp_path) as running:
        running.moods += [500, receiver.RESET, 503]
        place = destinations.make(
            open_desk, "Hook", "webhook", {"url": running.url, "body": "file"}, {"headers": f"X-API-Key: {SECRET}"}
        )
        job = export(place)
        assert to_the_end(open_desk, job).tries == 4
        assert len({request.headers["idempotency-key"] for request in running.taken}) == 1
        assert {request.headers["x-api-key"] for request in running.taken} == {SECRET}
    silent(job, SECRET)


def test_mail_with_the_file_arrives_and_its_password_stays_with_the_desk(
    open_desk: Desk, export: Deliver, mailbox: smtp.Mailbox, silent: Callable[..., None]
) -> None:
    place = destinations.make(
        open_desk,
        "Monday",
        "email",
        {"to": ["ana@example.org", "budi@example.org"], "subject": "{name}: {rows} rows", "text": "From {workspace}."},
        {},
    )
    job = export(place)
    assert to_the_end(open_desk, job).state == "sent"
    (message,) = mailbox.taken
    (delivery,) = deliveries.list(open_desk, job.id)
    assert message["Message-ID"] == f"<{delivery.id}@example.org>"  # of every try
    assert (message["To"], message["Subject"]) == ("ana@example.org, budi@example.org", "People: 2 rows")
    assert message["From"] == "Export Desk <desk@example.org>"
    (file,) = message.iter_attachments()
    assert file.get_payload(decode=True) == exports.file(open_desk, job.id).path.read_bytes()
    silent(job, smtp.PASSWORD)


def test_mail_that_one_of_several_cannot_get_is_not_sent_twice_to_the_others(
    open_desk: Desk, export: Deliver, mailbox: smtp.Mailbox
) -> None:
    place = destinations.make(open_desk, "Some", "email", {"to": ["ana@example.org", smtp.UNKNOWN]}, {})
    refused(to_the_end(open_desk, export(place)), "takes no mail for nobody@example.org: 550")
    assert len(mailbox.taken) == 1


def test_a_mail_server_that_says_no_is_quoted_without_the_password(
    open_desk: Desk, export: Deliver, mailbox: smtp.Mailbox, silent: Callable[..., None]
) -> None:
    choices.choose(open_desk, Mail, password=SECRET)
    job = export(destinations.make(open_desk, "Ana", "email", {"to": ["ana@example.org"]}, {}))
    refused(to_the_end(open_desk, job), "did not accept the user name and password")
    silent(job, SECRET)


def test_a_link_needs_the_address_of_the_desk(open_desk: Desk, export: Deliver, mailbox: smtp.Mailbox) -> None:
    place = destinations.make(open_desk, "Ana", "email", {"to": ["ana@example.org"], "attach_mb": 0}, {})
    refused(to_the_end(open_desk, export(place)), "does not know the address others reach it at")
    assert mailbox.taken == []


def test_the_process_that_sends_is_told_the_secrets_and_its_log_is_not(
    open_desk: Desk,
    export: Deliver,
    sftp_server: sftp.SftpServer,
    running_work: Launched,
    silent: Callable[..., None],
    people: Any,
) -> None:
    where = {"host": "127.0.0.1", "port": sftp_server.port, "user": sftp_server.user, "folder": "worker"}
    place = destinations.make(
        open_desk,
        "Partner",
        "sftp",
        where | {"host_key": sftp_server.host_key},
        {"private_key": sftp_server.locked_key, "passphrase": sftp.PASSPHRASE},
    )
    destinations.test(open_desk, place.id)
    wait_until(lambda: deliveries.of_test(open_desk, place.id).state in ("sent", "failed"), 60)
    found = deliveries.of_test(open_desk, place.id)
    assert (found.state, found.arrivals[0]["name"]) == ("sent", "Export Desk test.txt")
    assert (sftp_server.folder / "worker" / "Export Desk test.txt").read_text().startswith("This is a test file")
    assert destinations.get(open_desk, place.id).tested_at is not None
    kept = b"".join(path.read_bytes() for path in open_desk.files.root.rglob("*") if path.is_file())
    assert sftp.PASSPHRASE.encode() not in kept
    assert sftp_server.locked_key.splitlines()[1].encode() not in kept


def test_there_is_no_test_before_one_was_sent(open_desk: Desk, folder: Callable[..., Any]) -> None:
    with pytest.raises(NotFound, match="No test file"):
        deliveries.of_test(open_desk, folder().id)


def test_what_is_too_large_to_attach_comes_as_a_link_that_is_listed_with_whoever_got_it(
    open_desk: Desk, export: Deliver, mailbox: smtp.Mailbox, silent: Callable[..., None]
) -> None:
    known = replace(
        open_desk, settings=open_desk.settings.model_copy(update={"public_url": "https://desk.example.org"})
    )
    place = destinations.make(
        known,
        "Ana",
        "email",
        {"to": ["ana@example.org"], "attach_mb": 0, "link_days": 3},
        {"link_password": SECRET},
    )
    job = export(place)
    assert to_the_end(known, job).state == "sent"
    (message,) = mailbox.taken
    body = message.get_body(("plain",))
    assert body is not None
    address = next(word for word in body.get_content().split() if word.startswith("https://"))
    assert address.startswith("https://desk.example.org/api/files/")
    (link,) = links.list(known, job.id)
    assert (link.sent_to, link.handed_out) == ("ana@example.org", True)
    opened = links.open(known, address.rpartition("/")[2], password=SECRET)
    assert opened.file.path.read_bytes() == exports.file(known, job.id).path.read_bytes()
    links.revoke(known, link.id)
    with pytest.raises(NotFound):
        links.open(known, address.rpartition("/")[2], password=SECRET)
    silent(job, SECRET)
