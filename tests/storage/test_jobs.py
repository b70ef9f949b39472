"""The verbs of the job row, on both databases: who may write it, when, and what becomes of it."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from storage import jobs, links, workspaces
from storage.jobs import Lease
from storage.scope import Scope
from storage.tables import JobKind, JobState, utc_now

LONG, PAST = 60.0, -1.0  # seconds of a lease: one that lasts, one that has run out the moment it is given
PROBLEM = {"code": "Trouble", "message": "something passing"}


def claim(place, owner="me", seconds=LONG):
    with place.store.writing() as session:
        return jobs.claim(session, owner, seconds)


def do(place, verb, *args, **more):
    with place.store.writing() as session:
        return verb(session, *args, **more)


def test_a_claim_counts_the_attempt_and_takes_a_lease_by_the_databases_clock(place):
    place.job()
    job = claim(place)
    assert (job.state, job.attempt, job.lease_owner) == (JobState.RUNNING, 1, "me")
    assert job.lease_until == pytest.approx(time.time() + LONG, abs=5)
    assert claim(place) is None


def test_the_higher_priority_goes_first_then_the_older(place):
    for name, priority in [("old", 0), ("new", 0), ("urgent", 5)]:
        place.job(name=name, priority=priority)
    assert [claim(place).name for _ in range(3)] == ["urgent", "old", "new"]


def test_the_place_in_the_queue_is_the_order_of_claims(place):
    made = [place.job(priority=p) for p in (0, 5, 0)]
    with place.store.reading() as session:
        assert [jobs.place_in_queue(session, job) for job in made] == [2, 1, 3]
    running = claim(place)
    with place.store.reading() as session:
        assert jobs.place_in_queue(session, running) is None
        assert jobs.place_in_queue(session, made[2]) == 2


def test_many_claim_at_once_and_every_job_is_claimed_once(place):
    wanted = {place.job().id for _ in range(30)}

    def worker(n):
        mine = []
        while job := claim(place, owner=f"worker {n}"):
            mine.append(job.id)
        return mine

    with ThreadPoolExecutor(6) as threads:
        claimed = [job for mine in threads.map(worker, range(6)) for job in mine]
    assert len(claimed) == 30
    assert set(claimed) == wanted


def test_a_heartbeat_prolongs_the_lease_and_reports_progress(place):
    place.job()
    job = claim(place, seconds=5)
    beat = do(place, jobs.heartbeat, Lease.of(job), LONG, {"rows": 7})
    assert (beat.held, beat.cancel) == (True, False)
    now = place.read(job)
    assert now.lease_until > job.lease_until + 30
    assert now.progress == {"rows": 7}


def test_whoever_lost_the_lease_changes_nothing(place):
    place.job()
    lost = Lease.of(claim(place, "first", PAST))
    assert do(place, jobs.requeue_stalled, PROBLEM) == []
    second = claim(place, "second")
    before = place.read(second).model_dump()

    assert not do(place, jobs.heartbeat, lost, LONG, {"rows": 1}).held
    assert not do(place, jobs.finish, lost, result={"late": True})
    assert not do(place, jobs.fail, lost, PROBLEM, None)
    assert not do(place, jobs.fail, lost, PROBLEM, 1.0)
    assert not do(place, jobs.requeue, lost)
    assert not do(place, jobs.mark_cancelled, lost)

    assert place.read(second).model_dump() == before
    assert do(place, jobs.finish, Lease.of(second), result={"good": True}, rows=3, bytes=9)
    done = place.read(second)
    assert (done.state, done.result, done.rows, done.attempt) == (JobState.SUCCEEDED, {"good": True}, 3, 2)


def test_a_finished_job_stays_finished(place):
    place.job()
    lease = Lease.of(claim(place))
    assert do(place, jobs.finish, lease, result={})
    assert not do(place, jobs.fail, lease, PROBLEM, None)
    assert not do(place, jobs.finish, lease, result={"again": 1})
    do(place, jobs.cancel, Scope(place.workspace_id), lease.job_id)
    assert place.read(lease.job_id).state == JobState.SUCCEEDED


def test_a_passing_problem_is_tried_again_until_the_attempts_are_used_up(place):
    place.job(max_attempts=2)
    first = claim(place)
    assert do(place, jobs.fail, Lease.of(first), PROBLEM, 0.0)
    waiting = place.read(first)
    assert (waiting.state, waiting.error, waiting.finished_at) == (JobState.QUEUED, PROBLEM, None)
    second = claim(place)
    assert do(place, jobs.fail, Lease.of(second), PROBLEM, 0.0)
    failed = place.read(first)
    assert (failed.state, failed.error, failed.attempt) == (JobState.FAILED, PROBLEM, 2)
    assert failed.finished_at is not None


def test_a_retry_waits_its_time(place):
    place.job()
    assert do(place, jobs.fail, Lease.of(claim(place)), PROBLEM, LONG)
    assert claim(place) is None
    with place.store.reading() as session:
        assert not jobs.waiting(session)


def test_a_final_problem_fails_at_once(place):
    place.job(max_attempts=3)
    job = claim(place)
    assert do(place, jobs.fail, Lease.of(job), PROBLEM, None)
    assert place.read(job).state == JobState.FAILED


def test_a_job_whose_worker_died_is_taken_over_and_fails_when_no_attempt_is_left(place):
    job = place.job(max_attempts=2)
    for state, over in (JobState.QUEUED, []), (JobState.FAILED, [job.id]):
        claim(place, seconds=PAST)
        with place.store.reading() as session:
            assert jobs.waiting(session)
        assert do(place, jobs.requeue_stalled, PROBLEM) == over
        assert place.read(job).state == state
    assert place.read(job).error == PROBLEM
    assert place.read(job).finished_at is not None


def test_jobs_of_an_owner_known_to_be_dead_need_not_wait_for_their_lease(place):
    place.job()
    place.job()
    mine, theirs = claim(place, "dead"), claim(place, "alive")
    assert do(place, jobs.requeue_stalled, PROBLEM, {"dead"}) == []
    assert place.read(mine).state == JobState.QUEUED
    assert place.read(theirs).state == JobState.RUNNING


def test_a_planned_stop_costs_no_attempt(place):
    job = place.job(max_attempts=1)
    for n in (1, 2, 3):
        claimed = claim(place)
        assert claimed.attempt == n
        assert do(place, jobs.requeue, Lease.of(claimed))
    assert place.read(job).state == JobState.QUEUED


def test_cancelling_a_queued_job_ends_it_at_once(place):
    job = place.job()
    assert do(place, jobs.cancel, Scope(place.workspace_id), job.id).state == JobState.CANCELLED
    assert claim(place) is None


def test_cancelling_a_running_job_tells_its_worker(place):
    place.job()
    job = claim(place)
    assert do(place, jobs.cancel, Scope(place.workspace_id), job.id).state == JobState.RUNNING
    with place.store.reading() as session:
        assert jobs.cancels(session, "me") == {job.id}
        assert jobs.cancels(session, "somebody else") == set()
    assert do(place, jobs.heartbeat, Lease.of(job), LONG).cancel
    assert do(place, jobs.mark_cancelled, Lease.of(job))
    assert place.read(job).state == JobState.CANCELLED


def test_a_cancelled_job_of_a_dead_worker_is_cancelled_not_run_again(place):
    place.job()
    job = claim(place, seconds=PAST)
    do(place, jobs.cancel, Scope(place.workspace_id), job.id)
    assert do(place, jobs.requeue_stalled, PROBLEM) == [job.id]
    ended = place.read(job)
    assert (ended.state, ended.error) == (JobState.CANCELLED, None)


def test_a_failed_job_can_be_queued_again_and_keeps_what_it_pinned(place):
    job = place.job(resolved={"versions": {"d": "v1"}}, max_attempts=1)
    do(place, jobs.fail, Lease.of(claim(place)), PROBLEM, None)
    assert do(place, jobs.retry, Scope(place.workspace_id), job.id, 3)
    again = place.read(job)
    assert (again.state, again.error, again.resolved) == (JobState.QUEUED, None, {"versions": {"d": "v1"}})
    assert claim(place).attempt == 2  # never the same attempt twice: file names carry it


@pytest.mark.parametrize("end", ["queued", "running", "succeeded"])
def test_a_job_that_has_not_failed_cannot_be_tried_again(place, end):
    job = place.job()
    if end != "queued":
        lease = Lease.of(claim(place))
        if end == "succeeded":
            do(place, jobs.finish, lease, result={})
    assert not do(place, jobs.retry, Scope(place.workspace_id), job.id, 3)


def test_another_workspace_sees_and_changes_nothing(place):
    job = place.job()
    with place.store.writing() as session:
        theirs, _ = workspaces.create(session, "Theirs", "UTC", "Them")
        assert jobs.get(session, Scope(theirs.id), job.id) is None
        assert jobs.cancel(session, Scope(theirs.id), job.id) is None
        assert not jobs.retry(session, Scope(theirs.id), job.id, 1)
        assert jobs.list(session, Scope(theirs.id)) == ([], 0)
    assert place.read(job).state == JobState.QUEUED


def test_the_list_searches_filters_and_pages(place):
    for name, format in [("Été à Paris", "csv"), ("Payments", "csv"), ("Payments 100%", "xlsx")]:
        place.job(name=name, format=format)
    place.job(kind=JobKind.INGEST, name="Payments.csv")

    def listed(**more):
        with place.store.reading() as session:
            found, total = jobs.list(session, Scope(place.workspace_id), kinds=(JobKind.EXPORT,), **more)
        return [job.name for job in found], total

    assert listed() == (["Payments 100%", "Payments", "Été à Paris"], 3)
    assert listed(search="ÉTÉ") == (["Été à Paris"], 1)
    assert listed(search="100%") == (["Payments 100%"], 1)
    assert listed(search="pay", formats=("csv",)) == (["Payments"], 1)
    assert listed(states=(JobState.RUNNING,)) == ([], 0)
    assert listed(page=2, size=2) == (["Été à Paris"], 3)


def test_uploads_of_active_jobs_are_held(place):
    place.job(kind=JobKind.INGEST, payload={"upload": "u1"})
    ended = place.job(payload={"upload": "u2"})
    do(place, jobs.cancel, Scope(place.workspace_id), ended.id)
    claim(place)
    with place.store.reading() as session:
        assert jobs.active_uploads(session) == {"u1"}


def test_deleting_a_job_takes_its_links_along_and_leaves_what_followed_from_it(place):
    job = place.job()
    after = place.job(parent_id=job.id)
    with place.store.writing() as session:
        links.add(session, place.workspace_id, place.account_id, job_id=job.id, file=0, expires_at=utc_now())
    with place.store.writing() as session:
        found = jobs.get(session, Scope(place.workspace_id), job.id)
        assert found is not None
        jobs.delete(session, found)
    with place.store.reading() as session:
        assert jobs.get(session, Scope(place.workspace_id), job.id) is None
        assert links.of_job(session, place.workspace_id, job.id) == []
    assert place.read(after).parent_id is None
