"""What people are told: once, whoever looks and however often, and by the ways each of them chose."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import update

from core import choices, outside
from core.access import accounts
from core.choices import Mail
from core.delivery.reach import Reach
from core.desk import Desk
from core.errors import BadInput, BadSpec, Undeliverable
from core.keeping import housekeeping
from core.notifying import notices, scan, ways
from core.work import attempt
from storage import accounts as rows
from storage import members
from storage.tables import Job, JobKind, Notice, NoticeKind, Role, utc_now
from tests.servers.receiver import Receiver, receiver
from tests.servers.smtp import UNKNOWN, Mailbox, smtp


@pytest.fixture
def box(desk: Desk, tmp_path: Path) -> Iterator[Mailbox]:
    """A desk with mail, whose one person has an address."""
    with desk.store.writing() as session:
        rows.account(session, desk.account_id).email = "ana@example.org"
    with smtp(tmp_path, "none") as running:
        choices.choose(desk, Mail, host="localhost", port=running.port, security="none", sender="desk@example.org")
        yield running


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    with receiver(tmp_path) as running:
        yield running


def fail(desk: Desk, job_factory: Any, name: str) -> Job:
    job_factory(name=name)
    job = attempt.take(desk, "host.1.aa")
    assert job is not None
    attempt.fail(desk, job, BadSpec("The column “country” is gone.", "Choose another one."))
    return job


def change(desk: Desk, **values: Any) -> None:
    with desk.store.writing() as session:
        session.exec(update(Job).values(**values))


def allow_this_computer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outside, "reach", lambda desk: Reach(inside=("127.0.0.0/8", "::1/128")))


def titles(desk: Desk) -> list[str]:
    return [notice.title for notice in notices.list(desk)[0]]


def test_a_failure_is_told_once_with_what_to_do_and_leads_to_its_export(desk, job_factory):
    job = fail(desk, job_factory, "Members")
    assert [scan.scan(desk), scan.scan(desk)] == [1, 0]
    ((told,), total) = notices.list(desk)
    assert (told.title, told.text) == ("Members did not work", "The column “country” is gone. Choose another one.")
    assert (told.kind, told.path, total, notices.unread(desk)) == ("failed", f"/my-exports?job={job.id}", 1, 1)


def test_an_export_that_fails_again_is_told_again(desk, job_factory):
    job = fail(desk, job_factory, "Members")
    assert scan.scan(desk) == 1
    with desk.store.writing() as session:
        there = session.get(Job, job.id)
        there.attempt, there.finished_at = 2, utc_now()
    assert scan.scan(desk) == 1


def test_what_ended_days_ago_and_what_lies_in_the_bin_is_no_news(desk, job_factory):
    fail(desk, job_factory, "Old")
    change(desk, finished_at=utc_now() - timedelta(days=2))
    fail(desk, job_factory, "Binned")
    with desk.store.writing() as session:
        session.exec(update(Job).where(Job.name == "Binned").values(deleted_at=utc_now()))
    assert scan.scan(desk) == 0


def test_clocks_that_look_at_the_same_time_tell_once(desk, box, job_factory):
    accounts.change(desk, told_by_mail=("failed",))
    for n in range(5):
        fail(desk, job_factory, f"Job {n}")
    together = threading.Barrier(4)
    made: list[int] = []

    def clock() -> None:
        together.wait()
        made.append(scan.scan(desk))
        ways.send(desk)

    clocks = [threading.Thread(target=clock) for _ in range(4)]
    for one in clocks:
        one.start()
    for one in clocks:
        one.join()
    ways.send(desk)
    assert sum(made) == 5
    told = "\n".join(taken.get_content() for taken in box.taken)
    assert [told.count(f"Job {n} did not work") for n in range(5)] == [1] * 5


def test_all_that_waits_for_somebody_goes_as_one_mail(desk, box, job_factory):
    accounts.change(desk, told_by_mail=("failed",))
    for name in ("First", "Second"):
        fail(desk, job_factory, name)
    scan.scan(desk)
    assert [ways.send(desk), ways.send(desk)] == [1, 0]
    (taken,) = box.taken
    assert (str(taken["To"]), str(taken["Subject"])) == ("ana@example.org", "2 notices from Export Desk")
    assert "First did not work\nThe column" in (said := taken.get_content().replace("\r\n", "\n"))
    assert "Second did not work" in said


def test_a_single_notice_says_in_the_subject_what_it_is_about(desk, box, job_factory):
    accounts.change(desk, told_by_mail=("failed",))
    fail(desk, job_factory, "Members")
    scan.scan(desk)
    ways.send(desk)
    assert [str(taken["Subject"]) for taken in box.taken] == ["Members did not work"]


def test_nobody_is_mailed_who_did_not_ask(desk, box, job_factory):
    fail(desk, job_factory, "Members")
    scan.scan(desk)
    assert (ways.send(desk), box.taken, notices.unread(desk)) == (0, [], 1)


def test_whoever_asked_for_mail_about_failures_before_is_still_mailed():
    kept = accounts.Preferences.model_validate({"email_failed": True, "theme": "dark"})
    assert set(kept.told_by_mail) == {"failed", "held", "asked"}
    assert "failed" not in accounts.Preferences().told_by_mail


def test_a_mail_the_server_does_not_take_is_in_the_log_and_behind_the_bell(desk, box, job_factory, caplog):
    accounts.change(desk, told_by_mail=("failed",))
    fail(desk, job_factory, "First")
    choices.choose(desk, Mail, port=1)
    scan.scan(desk)
    assert ways.send(desk) == 0
    assert "were not sent: Nothing answers at localhost:1" in caplog.text
    assert titles(desk) == ["First did not work"]


@pytest.mark.parametrize("how", ["silent", "busy"])
def test_a_mail_that_does_not_go_in_passing_goes_later(desk, box, job_factory, how):
    accounts.change(desk, told_by_mail=("failed",))
    fail(desk, job_factory, "First")
    scan.scan(desk)
    now = utc_now()
    if how == "silent":
        choices.choose(desk, Mail, port=1)
    box.busy = 2
    assert ways.send(desk, now) == 0
    choices.choose(desk, Mail, port=box.port)
    if how == "silent":
        box.busy = 0
    assert (ways.send(desk, now + timedelta(seconds=30)), box.taken) == (0, [])
    later = now + ways.PAUSES[0]
    if how == "busy":
        assert ways.send(desk, later) == 0
        later += ways.PAUSES[1]
    assert [ways.send(desk, later), ways.send(desk, later + timedelta(days=1))] == [1, 0]
    assert [str(taken["Subject"]) for taken in box.taken] == ["First did not work"]
    assert titles(desk) == ["First did not work"]


def test_a_mail_that_never_goes_is_given_up_and_told_behind_the_bell(desk, box, job_factory):
    accounts.change(desk, told_by_mail=("failed",))
    fail(desk, job_factory, "First")
    scan.scan(desk)
    box.busy, now = 100, utc_now()
    for pause in (timedelta(), *ways.PAUSES):
        assert titles(desk) == ["First did not work"]
        now += pause
        assert ways.send(desk, now) == 0
    assert box.busy == 100 - len(ways.PAUSES) - 1
    ways.send(desk, now + timedelta(days=1))
    assert box.busy == 100 - len(ways.PAUSES) - 1
    told = notices.list(desk)[0][0]
    assert (told.title, told.path) == ("Some notices did not reach you by e-mail", "/account")
    assert "450 4.2.1 Mailbox busy" in told.text


def test_an_address_that_is_refused_is_told_behind_the_bell_at_once_and_once_a_day(desk, box, job_factory):
    with desk.store.writing() as session:
        rows.account(session, desk.account_id).email = UNKNOWN
    accounts.change(desk, told_by_mail=("failed",))
    for name in ("First", "Second"):
        fail(desk, job_factory, name)
        scan.scan(desk)
        ways.send(desk)
    untold = [notice for notice in notices.list(desk)[0] if "reach you" in notice.title]
    assert ["No such mailbox" in notice.text for notice in untold] == [True]


def test_what_was_sent_by_one_way_is_tried_again_by_the_other_alone(desk, box, program, job_factory, monkeypatch):
    allow_this_computer(monkeypatch)
    ways.choose_webhook(desk, f"{program.url}/hook")
    accounts.change(desk, told_by_mail=("failed",))
    fail(desk, job_factory, "Members")
    scan.scan(desk)
    program.moods = [503]
    assert [ways.send(desk, utc_now()), ways.send(desk, utc_now() + ways.PAUSES[0])] == [1, 1]
    assert (len(box.taken), len(program.taken)) == (1, 2)
    first, again = (request.headers["webhook-id"] for request in program.taken)
    assert first == again


@pytest.mark.parametrize("secret", ["nonsense", "é", "AAAA"])
def test_what_is_broken_about_one_way_stops_neither_the_other_nor_anybody_else(desk, box, program, job_factory, secret):
    ways.choose_webhook(desk, f"{program.url}/hook")
    accounts.change(desk, told_by_mail=("failed",))
    with desk.store.writing() as session:
        account = rows.account(session, desk.account_id)
        account.preferences = account.preferences | {"webhook_secret": secret}
        session.add(account)
    fail(desk, job_factory, "Members")
    scan.scan(desk)
    assert [ways.send(desk, utc_now()), ways.send(desk, utc_now() + ways.HELD * 2)] == [1, 0]
    assert len(box.taken) == 1


def test_notices_that_wait_go_with_what_came_to_them_under_another_id(desk, program, job_factory, monkeypatch):
    allow_this_computer(monkeypatch)
    ways.choose_webhook(desk, f"{program.url}/hook")
    program.moods = [503]
    for name in ("First", "Second"):
        fail(desk, job_factory, name)
        scan.scan(desk)
        ways.send(desk, utc_now() + (ways.PAUSES[0] if name == "Second" else timedelta()))
    said = [[one["title"] for one in json.loads(request.body)["notices"]] for request in program.taken]
    assert said == [["First did not work"], ["First did not work", "Second did not work"]]
    assert len({request.headers["webhook-id"] for request in program.taken}) == 2


def test_a_process_that_dies_while_it_sends_costs_one_duplicate_at_most(desk, box, job_factory, monkeypatch):
    accounts.change(desk, told_by_mail=("failed",))
    fail(desk, job_factory, "First")
    scan.scan(desk)
    now = utc_now()
    with monkeypatch.context() as dying:
        dying.setattr(ways, "_settle", die)
        with pytest.raises(SystemExit):
            ways.send(desk, now)
    assert ways.send(desk, now + ways.HELD / 2) == 0
    assert [ways.send(desk, now + ways.HELD), ways.send(desk, now + 9 * ways.HELD)] == [1, 0]
    assert len(box.taken) == 2


def die(*_args: object) -> None:
    raise SystemExit


def test_a_kind_that_is_not_wanted_here_stays_away_from_the_bell(desk, job_factory):
    accounts.change(desk, told_here=("held",))
    fail(desk, job_factory, "Members")
    scan.scan(desk)
    assert (notices.list(desk), notices.unread(desk)) == (([], 0), 0)


def test_reading_one_leaves_the_others_unread_and_looking_at_the_thing_reads_its_own(desk, job_factory):
    jobs = [fail(desk, job_factory, name) for name in ("First", "Second", "Third")]
    scan.scan(desk)
    first = next(notice for notice in notices.list(desk)[0] if notice.title.startswith("First"))
    assert (notices.read(desk, [first.id]), notices.unread(desk)) == (1, 2)
    notices.arrived(desk, f"/my-exports?job={jobs[1].id}")
    assert notices.unread(desk) == 1
    assert (notices.read(desk), notices.unread(desk)) == (1, 0)


def test_nobody_reads_or_marks_what_somebody_else_was_told(desk, stranger, job_factory):
    fail(desk, job_factory, "Members")
    scan.scan(desk)
    (told,) = notices.list(desk)[0]
    assert (notices.list(stranger)[1], notices.read(stranger, [told.id]), notices.unread(desk)) == (0, 0, 1)


def test_whoever_left_the_workspace_is_told_nothing_of_it(desk, stranger, job_factory):
    with desk.store.writing() as session:
        members.add(session, desk.workspace_id, stranger.account_id, Role.EDITOR)
        session.flush()
    fail(desk, job_factory, "Members")
    change(desk, owner_id=stranger.account_id)
    with desk.store.writing() as session:
        session.delete(members.get(session, desk.workspace_id, stranger.account_id))
    assert scan.scan(desk) == 0


def test_what_goes_in_three_days_is_told_once_a_day_of_going_for_all_of_it(desk, job_factory):
    ended, goes = utc_now() - timedelta(days=27), utc_now() + timedelta(days=3)
    for name in ("First", "Second"):
        job_factory(name=name)
    change(desk, state="succeeded", finished_at=ended, expires_at=goes)
    assert [scan.scan(desk), scan.scan(desk)] == [1, 0]
    (told,) = notices.list(desk)[0]
    assert (told.kind, told.title) == ("expiring", f"The files of 2 exports go on {goes.date().isoformat()}")
    assert "First, Second" in told.text


@pytest.mark.parametrize(
    "values",
    [{"kept": True}, {"finished_at": utc_now() - timedelta(days=1)}, {"expired_at": utc_now()}, {"expires_at": None}],
)
def test_what_stays_or_was_only_made_for_a_few_days_or_is_gone_is_not_told_to_go(desk, job_factory, values):
    job_factory(name="First")
    base = {"finished_at": utc_now() - timedelta(days=27), "expires_at": utc_now() + timedelta(days=3)}
    change(desk, state="succeeded", **(base | values))
    scan.scan(desk)
    assert [notice for notice in notices.list(desk)[0] if notice.kind == "expiring"] == []


def test_notices_are_forgotten_after_months(desk, job_factory):
    fail(desk, job_factory, "Members")
    scan.scan(desk)
    with desk.store.writing() as session:
        session.exec(update(Notice).values(created_at=utc_now() - notices.KEPT - timedelta(hours=1)))
        session.exec(update(Job).values(finished_at=utc_now() - timedelta(days=90)))
    housekeeping.tidy(desk)
    assert notices.list(desk)[1] == 0


def test_a_program_is_told_in_a_signed_message(desk, program, job_factory, monkeypatch):
    allow_this_computer(monkeypatch)
    secret = ways.choose_webhook(desk, f"{program.url}/hook")
    fail(desk, job_factory, "Members")
    scan.scan(desk)
    assert [ways.send(desk), ways.send(desk)] == [1, 0]
    (request,) = program.taken
    (told,) = json.loads(request.body)["notices"]
    assert (request.path, told["kind"], told["title"]) == ("/hook", "failed", "Members did not work")
    signed = f"{request.headers['webhook-id']}.{request.headers['webhook-timestamp']}.".encode() + request.body
    mac = hmac.new(base64.b64decode(secret.removeprefix("whsec_")), signed, hashlib.sha256).digest()
    assert request.headers["webhook-signature"] == "v1," + base64.b64encode(mac).decode()
    assert secret not in json.dumps(accounts.me(desk).preferences)


def test_a_program_inside_the_network_of_the_desk_is_told_nothing(desk, program, job_factory, caplog):
    ways.choose_webhook(desk, program.url)
    with pytest.raises(Undeliverable, match="inside the network of this desk"):
        ways.try_webhook(desk)
    fail(desk, job_factory, "Members")
    scan.scan(desk)
    assert (ways.send(desk), program.taken) == (0, [])
    assert "were not sent" in caplog.text


@pytest.mark.parametrize("url", ["ftp://example.org", "example.org", "https://me:secret@example.org"])
def test_what_is_no_web_address_is_refused_in_a_sentence(desk, url):
    with pytest.raises(BadInput, match="is no web address"):
        ways.choose_webhook(desk, url)


def test_a_first_message_needs_an_address(desk):
    with pytest.raises(BadInput, match="no address to send to"):
        ways.try_webhook(desk)


@pytest.mark.parametrize("kind", [kind for kind in JobKind if kind in (JobKind.INGEST, JobKind.INSPECT)])
def test_the_reading_of_a_file_is_watched_and_no_news(desk, job_factory, kind):
    job_factory(kind=kind)
    change(desk, state="failed", finished_at=utc_now())
    assert scan.scan(desk) == 0


def test_nobody_is_told_the_same_by_hand_twice_nor_the_desk_itself(desk):
    with desk.store.writing() as session:
        told = [
            notices.tell(session, desk, account, NoticeKind.ASKED, about="schedule 1 orphaned", title="Take it over?")
            for account in (desk.account_id, desk.account_id, "")
        ]
    assert [one is not None for one in told] == [True, False, False]
