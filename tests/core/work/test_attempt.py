"""One attempt, ended once: whoever has lost the lease keeps nothing, and a bad row hurts only itself."""

import pytest

from core import datasets, exports, uploads
from core.errors import AGAIN, Unreachable
from core.work import attempt, inline
from core.work.kinds import KINDS
from storage import jobs
from storage.scope import Scope
from storage.tables import Job, JobKind, JobState
from tests.core.work.supervised import ended, quick


def taken(desk, owner="me"):
    job = attempt.take(desk, owner)
    assert job is not None
    return job


def test_every_kind_of_job_there_is_can_be_done():
    assert set(KINDS) == set(JobKind)


def test_a_result_that_comes_after_the_lease_was_lost_is_taken_away(desk):
    made = exports.start(desk, quick())
    job = taken(desk, "slow")
    request = attempt.prepare(desk, job)
    desk.files.scratch(job.id, job.attempt).mkdir()
    result = KINDS[job.kind].run(request, lambda progress: None)
    assert len([*desk.files.exports.iterdir()]) == 2
    with desk.store.writing() as session:
        jobs.requeue_stalled(session, {"code": "Trouble"}, {"slow"})
    inline.run_queued(desk)
    done = exports.get(desk, made.id)
    assert not attempt.succeed(desk, job, result)
    assert exports.get(desk, made.id).model_dump() == done.model_dump()
    assert {path.name for path in desk.files.exports.iterdir()} == {
        f"{made.id}.2.1.csv",
        f"{made.id}.2.receipt.json",
    }


def test_datasets_of_an_attempt_that_lost_its_lease_never_appear(desk):
    before = {listed.id for listed in datasets.list(desk)}
    datasets.add(desk, uploads.store(desk, "a.csv", b"n\n1\n").id, name="Late")
    job = taken(desk, "slow")
    request = attempt.prepare(desk, job)
    desk.files.scratch(job.id, job.attempt).mkdir()
    result = KINDS[job.kind].run(request, lambda progress: None)
    with desk.store.writing() as session:
        jobs.requeue_stalled(session, {"code": "Trouble"}, {"slow"})
    assert not attempt.succeed(desk, job, result)
    assert {listed.id for listed in datasets.list(desk)} == before
    assert len([*desk.files.datasets.iterdir()]) == len(before)
    inline.run_queued(desk)
    assert len(datasets.list(desk)) == len(before) + 1


@pytest.mark.parametrize("payload", [{}, {"spec": "nonsense"}, {"spec": {"sources": []}}])
def test_a_row_nobody_can_read_fails_and_the_next_job_runs(desk, job_factory, work, payload):
    bad = job_factory(payload=payload, max_attempts=1)
    good = exports.start(desk, quick())
    running = work()
    assert ended(desk, good).state == JobState.SUCCEEDED
    failed = ended(desk, bad)
    assert failed.state == JobState.FAILED
    assert failed.error["message"]
    assert running.process.poll() is None


def test_a_result_that_cannot_be_kept_fails_the_job_alone(desk, job_factory):
    job_factory(kind=JobKind.INGEST, payload={"upload": "x"}, max_attempts=1)
    job = taken(desk)
    assert not attempt.succeed(desk, job, {"versions": [{"version": "v"}]})
    with desk.store.reading() as session:
        found = jobs.get(session, Scope(desk.workspace_id), job.id)
    assert found is not None
    assert found.state == JobState.FAILED


def test_a_passing_fault_promises_another_try_only_while_there_is_one(desk, job_factory):
    job_factory(kind=JobKind.DELIVERY, payload={"purpose": "test"}, max_attempts=2)
    said = []
    for _ in range(2):
        job = taken(desk)
        attempt.fail(desk, job, Unreachable("The server is busy.", f"Ask who runs it. {AGAIN}"))
        with desk.store.writing() as session:
            found = session.get(Job, job.id)
            found.run_after = 0.0
            said.append(found.error["next_step"])
            session.add(found)
    assert said == ["Ask who runs it. It is tried again by itself.", "Ask who runs it. Try again in a moment."]


def test_the_smaller_of_two_limits_holds(desk):
    settings = desk.settings.model_copy(update={"job_memory_mb": 500, "job_seconds": 60, "max_rows": 10})
    strict = type(desk)(settings, desk.store, desk.files, desk.workspace_id, desk.account_id)
    spec = quick().model_copy(update={"limits": quick().limits.model_copy(update={"memory_mb": 900, "seconds": 5})})
    exports.start(strict, spec)
    request = attempt.prepare(strict, taken(strict))
    assert (request["memory_mb"], request["seconds"], request["spec"]["limits"]["rows"]) == (500, 5, 10)
