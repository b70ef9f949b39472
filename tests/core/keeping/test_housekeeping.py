"""What the desk forgets by itself, and after how long."""

from __future__ import annotations

from datetime import timedelta

from sqlmodel import select

from core import choices
from core.access import sign_in
from core.choices import Retention
from core.desk import Caller, Desk
from core.keeping import housekeeping
from storage import accounts, jobs, sign_ins
from storage import audit as entries
from storage.audit import Wanted
from storage.tables import AuditEntry, Job, JobKind, JobState, SignIn, utc_now


def kept(desk: Desk) -> set[str]:
    with desk.store.reading() as session:
        return {entry.subject for entry in entries.list(session, desk.workspace_id, Wanted())[0]}


def remember(desk: Desk, subject: str, days: int) -> None:
    with desk.store.writing() as session:
        then = utc_now() - timedelta(days=days)
        entries.add(session, AuditEntry(workspace_id=desk.workspace_id, action="data.added", subject=subject, at=then))


def test_entries_of_the_audit_log_go_after_the_days_that_were_chosen(desk):
    remember(desk, "old", 40)
    remember(desk, "young", 20)
    housekeeping.tidy(desk)
    assert {"old", "young"} <= kept(desk)
    choices.choose(desk, Retention, audit_days=30)
    housekeeping.tidy(desk)
    assert "old" not in kept(desk)
    assert "young" in kept(desk)


def test_an_audit_log_that_is_kept_for_good_forgets_nothing(desk):
    remember(desk, "ancient", 4000)
    choices.choose(desk, Retention, audit_days=0)
    housekeeping.tidy(desk)
    assert "ancient" in kept(desk)


def test_sign_ins_that_are_long_over_are_forgotten(desk):
    with desk.store.writing() as session:
        account = accounts.account(session, desk.account_id)
        sign_in.start(desk, session, account, Caller(agent="over"))
        sign_in.start(desk, session, account, Caller(agent="open"))
        for found in sign_ins.of_account(session, desk.account_id):
            if found.agent == "over":
                found.expires_at = utc_now() - timedelta(days=31)
                session.add(found)
    housekeeping.tidy(desk)
    with desk.store.reading() as session:
        assert session.exec(select(SignIn.agent)).all() == ["open"]


def test_what_fetched_is_forgotten_with_the_runs_of_schedules(desk, job_factory):
    young, old = (job_factory(kind=JobKind.REFRESH, payload={"datasets": []}) for _ in range(2))
    with desk.store.writing() as session:
        for one, days in ((young, 399), (old, 401)):
            ended = session.get(Job, one.id)
            ended.state, ended.finished_at = JobState.SUCCEEDED, utc_now() - timedelta(days=days)
            session.add(ended)
    housekeeping.tidy(desk)
    with desk.store.reading() as session:
        assert {*jobs.of_ids(session, [young.id, old.id])} == {young.id}
