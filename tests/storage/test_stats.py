"""Figures of exports, counted alike on both databases; and files found again by their SHA-256."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from storage import job_files, stats
from storage.scope import Scope
from storage.stats import SLOT_SECONDS, Figures
from storage.tables import Job, JobKind, JobState

AT = datetime(2026, 11, 9, 18, 14, 59, 999999, tzinfo=UTC)  # the last moment of a slot


@pytest.fixture
def ended(place):
    """`ended(created_at=…)`: an export that is over."""

    def made(**parts: Any) -> Job:
        given = {"kind": JobKind.EXPORT, "state": JobState.SUCCEEDED, "format": "csv", "rows": 10, "bytes": 2**40}
        given |= {"name": "An export", "payload": {}, "created_at": AT, "started_at": AT}
        given |= {"finished_at": AT + timedelta(seconds=1.5), "resolved": {}, "result": {}}
        with place.store.writing() as session:
            job = Job(workspace_id=place.workspace_id, owner_id=place.account_id, **given | parts)
            session.add(job)
        return job

    return made


def test_a_moment_lies_in_its_slot_and_sums_pass_32_bits(place, ended):
    ended()
    ended(created_at=AT + timedelta(microseconds=1))
    ended(state=JobState.FAILED, rows=None, bytes=None)
    with place.store.reading() as session:
        slots = dict(stats.by_slot(session, Scope(place.workspace_id), None))
    first = int(AT.timestamp()) // SLOT_SECONDS
    assert slots == {first: Figures(2, 1, 1, 10, 2**40), first + 1: Figures(1, 1, 0, 10, 2**40)}


def test_the_slowest_come_first_with_their_seconds(place, ended):
    quick, slow = ended(), ended(finished_at=AT + timedelta(minutes=2))
    with place.store.reading() as session:
        found = stats.slowest(session, Scope(place.workspace_id), AT - timedelta(days=1), 5)
    assert [(job.id, round(seconds, 2)) for job, seconds in found] == [(slow.id, 120.0), (quick.id, 1.5)]


def test_a_file_is_found_by_its_hash_among_what_one_may_see(place, ended):
    job, other = ended(), ended(rows=3, created_at=AT + timedelta(days=1))
    inside = {"name": "in.csv", "sha256": "b" * 64}
    with place.store.writing() as session:
        job_files.note(session, job.id, [{"name": "a.zip", "sha256": "a" * 64, "members": [inside]}])
        job_files.note(session, job.id, [{"name": "a.zip", "sha256": "a" * 64, "members": [inside]}])  # tried again
    with place.store.reading() as session:
        scope, stranger = Scope(place.workspace_id), Scope(place.workspace_id, "somebody else")
        names = [found[1].name for one in "ab" if (found := job_files.find(session, scope, one * 64))]
        assert names == ["a.zip", "in.csv"]
        assert job_files.find(session, stranger, "a" * 64) is None
        assert [j.id for j in job_files.alike(session, scope, 10, 5)] == [job.id, other.id]
        assert [*job_files.alike(session, stranger, 10, 5)] == []
