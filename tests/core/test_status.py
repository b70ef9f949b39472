"""What an operator sees, and what everybody has to know: each check when all is well, and when it is not."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlmodel import col, update

from core import choices, exports, status
from core.choices import Mail, Storage
from core.desk import Desk
from core.errors import BadFile, Forbidden
from core.scheduling import schedules
from core.scheduling.cadence import Daily
from core.scheduling.schedules import Plan
from core.status import Check, Level
from core.templating import templates
from core.work import attempt, poke
from storage import jobs
from storage import schedules as rows
from storage.tables import Choice, Job, JobState, utc_now
from tests.helpers import wait_until
from tests.things import spec


def look(desk: Desk, key: str) -> Check:
    return next(check for check in status.checks(desk) if check.key == key)


def change(desk: Desk, **values: object) -> None:
    with desk.store.writing() as session:
        session.exec(update(Job).values(**values))


@pytest.fixture
def team(desk: Desk) -> Desk:
    """A desk people sign in to."""
    return replace(desk, settings=desk.settings.model_copy(update={"sign_in": "required"}))


def waiting(desk: Desk, job_factory: Callable[..., Job], seconds: float) -> Job:
    job = job_factory()
    change(desk, created_at=utc_now() - timedelta(seconds=seconds))
    return job


def test_an_idle_desk_with_a_worker_and_a_clock_is_well(desk):
    ear = poke.Ear(desk.files)
    status.tick(desk)
    assert [(c.key, c.level) for c in status.checks(desk)] == [
        (key, Level.OK) for key in ("queue", "workers", "clock", "disk", "mail", "failures", "schedules")
    ]
    assert status.banner(desk) == []
    ear.close()


def test_a_queue_is_stuck_when_something_waits_and_nothing_runs(desk, job_factory):
    waiting(desk, job_factory, 50)
    assert look(desk, "queue").level == Level.OK
    change(desk, created_at=utc_now() - timedelta(seconds=200))
    found = look(desk, "queue")
    assert found.level == Level.BAD
    assert found.said == "1 waiting, 0 running; the first has been waiting for 3 min and nothing runs."
    assert "Start a worker" in found.next_step
    assert [check.key for check in status.banner(desk)] == ["queue"]


def test_a_stuck_queue_beside_a_living_worker_sends_to_the_log(desk, job_factory):
    ear = poke.Ear(desk.files)
    waiting(desk, job_factory, 200)
    assert "log" in look(desk, "queue").next_step
    ear.close()


def test_a_long_queue_that_is_worked_on_is_no_banner(desk, job_factory):
    job_factory(priority=1)
    attempt.take(desk, "host.1.aa")
    job_factory()
    change(desk, created_at=utc_now() - timedelta(hours=3))
    found = look(desk, "queue")
    assert (found.level, found.said) == (Level.WARN, "1 waiting, 1 running; the first has been waiting for 3 h.")
    assert status.banner(desk) == []


def test_a_running_job_whose_worker_is_silent_does_not_count_as_running(desk, job_factory):
    job_factory()
    attempt.take(desk, "host.1.aa")
    change(desk, lease_until=1.0)
    waiting(desk, job_factory, 200)
    assert look(desk, "queue").level == Level.BAD
    assert look(desk, "workers").level == Level.BAD


def test_a_job_that_is_tried_again_later_does_not_wait_yet(desk, job_factory):
    job_factory()
    change(desk, created_at=utc_now() - timedelta(hours=3), run_after=utc_now().timestamp() + 60)
    found = look(desk, "queue")
    assert (found.level, found.said) == (Level.OK, "0 waiting, 0 running, 1 for later.")


def test_an_old_job_somebody_tries_again_waits_since_then(desk, job_factory):
    job = waiting(desk, job_factory, 9000)
    change(desk, state=JobState.FAILED, finished_at=utc_now())
    with desk.store.writing() as session:
        assert jobs.retry(session, desk.scope, job.id, 3)
    assert look(desk, "queue").level == Level.OK


def test_workers_are_those_that_listen_here_and_those_that_hold_leases_anywhere(desk, job_factory):
    assert look(desk, "workers").level == Level.BAD
    ear = poke.Ear(desk.files)
    assert look(desk, "workers").said.startswith("1 worker runs, on ")
    job_factory()
    attempt.take(desk, "elsewhere.77.bb")
    assert look(desk, "workers").said.startswith("2 workers run, on ")
    assert "elsewhere" in look(desk, "workers").said
    ear.close()
    os.mkfifo(desk.files.run / f"dead.1.cc{poke.ENDING}")
    assert look(desk, "workers").said == "1 worker runs, on elsewhere."


def test_a_clock_that_stopped_is_told(desk):
    assert look(desk, "clock").said == "The clock has never ticked."
    status.tick(desk)
    assert look(desk, "clock").level == Level.OK
    with desk.store.writing() as session:
        session.exec(
            update(Choice).where(col(Choice.name) == "clock").values(updated_at=utc_now() - timedelta(minutes=4))
        )
    found = look(desk, "clock")
    assert (found.level, found.said) == (Level.BAD, "The clock ticked last 4 min ago.")
    status.tick(desk)
    assert look(desk, "clock").level == Level.OK


def test_a_disk_below_the_chosen_line_is_everybodys_business(desk):
    free = desk.files.free_bytes() // 1024**2
    choices.choose(desk, Storage, low_disk_mb=free * 2)
    viewer = replace(desk, administrator=False)
    (found,) = status.banner(viewer)
    assert found.key == "disk"
    assert f"below {free * 2 / 1024:,.1f} GB nothing new begins" in found.said
    choices.choose(desk, Storage, low_disk_mb=0)
    assert status.banner(viewer) == []


def test_missing_mail_matters_to_administrators_of_a_desk_people_sign_in_to(desk, team):
    assert look(desk, "mail").level == Level.OK
    assert status.banner(desk) == []
    assert look(team, "mail").level == Level.WARN
    assert [check.key for check in status.banner(team)] == ["mail"]
    assert status.banner(replace(team, administrator=False)) == []
    choices.choose(team, Mail, host="mail.example.org", sender="desk@example.org")
    assert status.banner(team) == []
    assert look(team, "mail").said == "Mail goes through mail.example.org:587."


def test_failures_of_a_day_are_counted_by_their_reason_and_name_no_export(desk, job_factory):
    for n in range(3):
        job_factory(name=f"Secret {n}")
        job = attempt.take(desk, "host.1.aa")
        attempt.fail(desk, job, BadFile("The file of Secret is broken."))
    job_factory(name="Old")
    attempt.fail(desk, attempt.take(desk, "host.1.aa"), BadFile("Long ago."))
    with desk.store.writing() as session:
        session.exec(update(Job).where(col(Job.name) == "Old").values(finished_at=utc_now() - timedelta(days=2)))
    found = look(desk, "failures")
    assert found.said == "3 in the last 24 hours: This file cannot be read (3)."
    assert "Secret" not in found.said


def test_only_administrators_of_the_installation_see_how_it_is_doing(desk):
    for asked in (status.checks, status.versions):
        with pytest.raises(Forbidden, match="see how this installation is doing"):
            asked(replace(desk, administrator=False))


def test_the_versions_of_what_runs_are_listed(desk):
    versions = dict(status.versions(desk))
    assert versions["DuckDB"].startswith("2.")
    assert versions["Streamlit"].startswith("1.67")
    assert versions["Store"].startswith("SQLite 3.")


def test_a_supervisor_does_what_waited(desk, job_factory, running_work):
    """The figures follow a real worker, from a job that waits to one that is over."""
    job = job_factory()  # its payload runs nowhere: it fails, which ends it all the same
    poke.poke(desk)
    wait_until(lambda: exports.get(desk, job.id).state == "failed", 30, what="the job has ended")
    assert look(desk, "queue").said == "0 waiting, 0 running."
    assert look(desk, "workers").level == Level.OK


def test_schedules_that_fail_are_counted_without_their_names(desk, dataset_factory):
    template = templates.save(desk, "Secret plans", "", spec(dataset_factory("n\n1\n").slug))
    made = schedules.make(desk, template.id, Plan(cadence=Daily()))
    assert look(desk, "schedules").level == Level.OK
    with desk.store.writing() as session:
        held = rows.hold(session, made.id)
        held.failures = 5
        rows.pause(session, held, "It failed 5 times in a row.")
    found = look(desk, "schedules")
    assert (found.level, found.said) == (Level.WARN, "1 schedule failed the last time; 1 of these is paused for it.")
