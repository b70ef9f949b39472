"""Mail about exports that failed: to whom asked for it, once, with what to do."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import update

from core import accounts, choices, failure_mail
from core.choices import Mail
from core.desk import Desk
from core.errors import BadSpec
from core.work import attempt
from storage import accounts as rows
from storage.tables import Job, utc_now
from tests.servers.smtp import Mailbox, smtp


@pytest.fixture
def box(desk: Desk, tmp_path: Path) -> Iterator[Mailbox]:
    """A desk with mail, whose one person has an address; what failed before is no news."""
    with desk.store.writing() as session:
        rows.account(session, desk.account_id).email = "ana@example.org"
    with smtp(tmp_path, "none") as running:
        choices.choose(desk, Mail, host="localhost", port=running.port, security="none", sender="desk@example.org")
        failure_mail.send(desk)
        yield running


def fail(desk: Desk, job_factory: Any, name: str) -> None:
    job_factory(name=name)
    job = attempt.take(desk, "host.1.aa")
    attempt.fail(desk, job, BadSpec("The column “country” is gone.", "Choose another one."))


def test_whoever_asked_for_it_is_told_once_with_what_to_do(desk, box, job_factory):
    accounts.change(desk, email_failed=True)
    fail(desk, job_factory, "Members")
    assert failure_mail.send(desk) == 1
    assert failure_mail.send(desk) == 0
    (taken,) = box.taken
    assert str(taken["To"]) == "ana@example.org"
    assert str(taken["Subject"]) == "Export failed: Members"
    assert "The column “country” is gone.\nChoose another one." in taken.get_content().replace("\r\n", "\n")


def test_nobody_is_told_who_did_not_ask(desk, box, job_factory):
    fail(desk, job_factory, "Members")
    assert failure_mail.send(desk) == 0
    assert box.taken == []


def test_what_failed_while_mail_was_away_for_days_is_no_news(desk, box, job_factory):
    accounts.change(desk, email_failed=True)
    fail(desk, job_factory, "Members")
    with desk.store.writing() as session:
        session.exec(update(Job).values(finished_at=utc_now() - timedelta(days=2)))
    assert failure_mail.send(desk) == 0


def test_a_mail_the_server_does_not_take_is_in_the_log_and_stops_nobody_elses(desk, box, job_factory, caplog):
    accounts.change(desk, email_failed=True)
    fail(desk, job_factory, "First")
    choices.choose(desk, Mail, port=1)
    assert failure_mail.send(desk) == 0
    assert "was not sent: Nothing answers at localhost:1" in caplog.text
    choices.choose(desk, Mail, port=box.port)
    fail(desk, job_factory, "Second")
    assert failure_mail.send(desk) == 1
    assert [str(taken["Subject"]) for taken in box.taken] == ["Export failed: Second"]


def test_a_desk_without_mail_sends_none(desk, job_factory):
    accounts.change(desk, email_failed=True)
    fail(desk, job_factory, "Members")
    assert failure_mail.send(desk) == 0
