"""The figures operators look at, on both databases."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlmodel import select

from storage import choices, status
from storage.store import database_now
from storage.tables import Job, JobState, utc_now


def change(place, job, **parts):
    with place.store.writing() as session:
        row = session.get(Job, job.id)
        for name, value in parts.items():
            setattr(row, name, value)


def test_the_queue_is_counted_by_what_its_jobs_wait_for(place):
    waits, _, running, dead = (place.job() for _ in range(4))
    with place.store.reading() as session:
        now = float(session.connection().execute(select(database_now())).scalar_one())
    change(place, waits, run_after=now - 600, created_at=utc_now() - timedelta(hours=1))
    later = place.job()
    change(place, later, run_after=now + 600)
    change(place, running, state=JobState.RUNNING, lease_owner="host.1.x", lease_until=now + 600)
    change(place, dead, state=JobState.RUNNING, lease_owner="host.2.x", lease_until=now - 1)
    with place.store.reading() as session:
        found = status.queue(session)
        assert (found.waiting, found.later, found.running, found.abandoned) == (2, 1, 1, 1)
        assert found.longest_wait == pytest.approx(600, abs=30)  # since it may begin, not since it was made
        assert status.workers(session) == {"host.1.x"}


def test_an_empty_queue_waits_for_nothing(place):
    with place.store.reading() as session:
        assert status.queue(session) == status.Queue(0, 0, 0, 0, 0.0)
        assert status.workers(session) == set()


def test_failures_are_counted_by_what_went_wrong(place):
    old, full, other, binned = (place.job(name=name) for name in ("old", "full", "other", "binned"))
    for job, ago in ((old, 30), (full, 2), (other, 1), (binned, 1)):
        error = {"title": "The disk is full"} if job is full else None
        at = utc_now() - timedelta(hours=ago)
        change(place, job, state=JobState.FAILED, error=error, finished_at=at)
    change(place, binned, deleted_at=utc_now())
    since = utc_now() - timedelta(days=1)
    with place.store.reading() as session:
        assert status.failures(session, since) == {"The disk is full": 1, "Something went wrong": 2}


def test_the_store_says_its_product_and_version(place):
    with place.store.reading() as session:
        assert status.database(session).split()[0] in ("SQLite", "PostgreSQL")


def test_a_choice_is_replaced_whole_and_says_since_when(place):
    with place.store.writing() as session:
        assert choices.get(session, "mail") is None
        choices.set(session, "mail", {"host": "a", "port": 25})
    with place.store.writing() as session:
        choices.set(session, "mail", {"host": "b"})
    with place.store.reading() as session:
        found = choices.get(session, "mail")
        assert found is not None
        assert found[0] == {"host": "b"}
        assert timedelta(0) <= utc_now() - found[1] < timedelta(minutes=1)
        assert choices.all(session)["mail"] == found
