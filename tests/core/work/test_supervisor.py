"""The supervisor and its children for real: cancel, limits, crashes, takeovers, stops. Deadlines, never guesses."""

import os
import signal
import time

import pytest

from core import datasets, exports, uploads
from core.work.sweep import sweep
from storage import jobs, status
from storage.jobs import Lease
from storage.scope import Scope
from storage.tables import ACTIVE, JobState
from tests.core.work.supervised import alive, ended, quick, slow, started, state
from tests.helpers import wait_until


def row(desk, job):
    with desk.store.reading() as session:
        found = jobs.get(session, Scope(desk.workspace_id), job.id)
    assert found is not None
    return found


def moment(when):
    assert when is not None
    return when


def nothing_left(desk):
    return not [*desk.files.scratches.iterdir()] and not [*desk.files.exports.iterdir()]


def test_a_job_runs_in_a_child_and_leaves_only_its_file_and_receipt(desk, work):
    work()
    job = ended(desk, exports.start(desk, quick()))
    assert (job.state, job.rows, job.attempt) == (JobState.SUCCEEDED, 1000, 1)
    assert sorted(p.name for p in desk.files.exports.iterdir()) == [f"{job.id}.1.1.csv", f"{job.id}.1.receipt.json"]
    assert not [*desk.files.scratches.iterdir()]


def test_a_poke_is_heard_long_before_the_next_look(desk, work):
    work()
    ended(desk, exports.start(desk, quick()))
    waits = []
    for _ in range(5):
        job = ended(desk, exports.start(desk, quick()))
        waits.append((moment(job.started_at) - job.created_at).total_seconds())
    assert min(waits) < 0.3


def test_progress_is_in_the_row_while_the_job_runs(desk, work):
    work()
    job = exports.start(desk, slow())
    seen = wait_until(lambda: exports.get(desk, job.id).progress, 60, what="progress arrives")
    assert seen["phase"]
    assert 1 <= seen["step"] <= seen["steps"]
    exports.cancel(desk, job.id)
    ended(desk, job)


def test_cancel_takes_less_than_three_seconds_and_leaves_nothing(desk, work):
    running = work()
    job = exports.start(desk, slow())
    started(desk, job)
    begun = time.monotonic()
    exports.cancel(desk, job.id)
    assert ended(desk, job, 10).state == JobState.CANCELLED
    wait_until(lambda: not running.children, 3, what="the child is gone")
    assert time.monotonic() - begun < 3
    assert nothing_left(desk)


def test_no_more_run_at_once_than_there_are_workers(desk, work):
    running = work()
    queue = [exports.start(desk, quick("many")) for _ in range(5)]
    most = 0
    deadline = time.monotonic() + 120
    while any(state(desk, job) in ACTIVE for job in queue) and time.monotonic() < deadline:
        most = max(most, len(running.children))
    assert {state(desk, job) for job in queue} == {JobState.SUCCEEDED}
    # a child that has said its last word may still be on its way out while the next one starts
    assert 1 <= most <= desk.settings.workers * 2
    with desk.store.reading() as session:
        rows = [exports.get(desk, job.id) for job in queue]
        assert status.queue(session) == status.Queue(0, 0, 0, 0, 0.0)
    together = max(
        sum(moment(a.started_at) <= moment(b.started_at) < moment(a.finished_at) for a in rows) for b in rows
    )
    assert together <= desk.settings.workers


def test_a_memory_hog_fails_with_a_sentence_and_hurts_nobody(desk, work):
    work()
    hog = exports.start(desk, slow(memory_mb=64))
    other = exports.start(desk, quick())
    failed = ended(desk, hog, 90)
    assert failed.state == JobState.FAILED
    assert failed.error["code"] == "LimitReached", failed.error
    assert "memory" in failed.error["message"]
    assert failed.error["next_step"]
    assert failed.attempt == 1  # final at once
    assert ended(desk, other, 90).state == JobState.SUCCEEDED
    assert not [p for p in desk.files.exports.iterdir() if p.name.startswith(hog.id)]


def test_a_job_past_its_time_fails_with_a_sentence(desk, work):
    work()
    failed = ended(desk, exports.start(desk, slow(seconds=1)))
    assert (failed.state, failed.error["code"], failed.attempt) == (JobState.FAILED, "LimitReached", 1)
    assert "1 second" in failed.error["message"]
    assert nothing_left(desk)


def test_a_killed_child_is_tried_again(desk, work):
    running = work()
    job = exports.start(desk, quick("many"))
    running.child().kill()
    wait_until(lambda: exports.get(desk, job.id).attempt == 2, 30, what="a second attempt")
    waiting = exports.get(desk, job.id)
    assert "SIGKILL" in (waiting.error or {}).get("message", "")
    done = ended(desk, job)
    assert (done.state, done.attempt, done.error) == (JobState.SUCCEEDED, 2, None)
    assert sorted(p.name for p in desk.files.exports.iterdir()) == [f"{job.id}.2.1.csv", f"{job.id}.2.receipt.json"]


@pytest.mark.parametrize("number", [signal.SIGABRT, signal.SIGSEGV])
def test_a_file_that_crashes_its_reader_is_refused_at_once_with_a_sentence(desk, work, number):
    lines = "".join(f"{i},{i}\n" for i in range(800_000))
    upload = uploads.store(desk, "hostile.csv", f"a,b\n{lines}".encode())
    running = work()
    job = datasets.add(desk, upload.id)
    os.kill(running.child().pid, number)
    failed = datasets.wait(desk, job.id, 30)
    assert (failed.state, failed.error["code"], failed.attempt) == (JobState.FAILED, "BadFile", 1)
    assert number.name in failed.error["message"]
    assert len([*desk.files.datasets.iterdir()]) == 2  # those that were there
    assert running.process.poll() is None


def test_a_dead_supervisors_jobs_are_taken_over_at_once_by_the_next(desk, work):
    first = work(lease_seconds=600)
    job = exports.start(desk, quick("many"))
    started(desk, job)
    children = wait_until(lambda: first.children, what="a child runs")
    first.kill()
    wait_until(lambda: not any(alive(c) for c in children), 5, what="the children died with it")
    work()
    done = ended(desk, job)  # long before its lease of ten minutes
    assert (done.state, done.attempt) == (JobState.SUCCEEDED, 2)


def test_a_supervisor_that_slept_past_its_lease_changes_nothing(desk, work):
    sleeper = work()
    job = exports.start(desk, quick("many"))
    started(desk, job)
    sleeper.signal(signal.SIGSTOP)
    work()
    done = ended(desk, job)
    assert (done.state, done.attempt) == (JobState.SUCCEEDED, 2)
    sleeper.signal(signal.SIGCONT)
    wait_until(lambda: not sleeper.children, 15, what="the sleeper lets its child go")
    next_one = ended(desk, exports.start(desk, quick("many")))  # and both go on working
    assert next_one.state == JobState.SUCCEEDED
    assert exports.get(desk, job.id).model_dump() == done.model_dump()
    assert exports.file(desk, job.id, 0).path.stat().st_size == done.bytes
    sweep(desk)
    wanted = {f"{j.id}.{j.attempt}.{n}" for j in (done, next_one) for n in ("1.csv", "receipt.json")}
    assert {p.name for p in desk.files.exports.iterdir()} == wanted


def test_at_the_end_of_the_lifeline_children_die_and_jobs_wait_for_the_next(desk, work):
    first = work()
    job = exports.start(desk, slow())
    started(desk, job)
    children = wait_until(lambda: first.children, what="a child runs")
    assert first.end() == 0
    assert not any(alive(c) for c in children)
    waiting = exports.get(desk, job.id)
    assert (waiting.state, waiting.max_attempts) == (JobState.QUEUED, 4)  # a stop costs no attempt
    assert nothing_left(desk)
    assert not [*desk.files.run.iterdir()]


def test_sigterm_lets_running_jobs_finish_and_takes_nothing_new(desk, work):
    running = work()
    queue = [exports.start(desk, quick("many")) for _ in range(3)]
    wait_until(lambda: len([j for j in queue if state(desk, j) == JobState.RUNNING]) == 2, what="two run")
    running.signal(signal.SIGTERM)
    assert running.process.wait(30) == 0
    assert sorted(state(desk, job).value for job in queue) == ["queued", "succeeded", "succeeded"]


def test_a_second_sigterm_does_not_wait(desk, work):
    running = work()
    job = exports.start(desk, slow())
    started(desk, job)
    running.signal(signal.SIGTERM)
    running.signal(signal.SIGTERM)
    assert running.process.wait(10) == 0
    assert state(desk, job) in (JobState.QUEUED, JobState.SUCCEEDED)


def test_ctrl_c_is_the_web_processs_business(desk, work):
    running = work()
    running.signal(signal.SIGINT)
    assert ended(desk, exports.start(desk, quick())).state == JobState.SUCCEEDED
    assert running.process.poll() is None


def test_a_child_has_neither_the_database_nor_the_lifeline_open(desk, work):
    running = work()
    job = exports.start(desk, slow())
    child = running.child()
    wait_until(lambda: exports.get(desk, job.id).progress, 30, what="it is at work")
    opened = [file.path for file in child.open_files()]
    assert not [path for path in opened if "desk.db" in path]
    assert os.readlink(f"/proc/{child.pid}/fd/0") == os.devnull
    assert not child.net_connections()
    exports.cancel(desk, job.id)


def test_several_supervisors_share_one_queue(desk, work):
    work()
    work()
    queue = [exports.start(desk, quick()) for _ in range(12)]
    assert {ended(desk, job).state for job in queue} == {JobState.SUCCEEDED}
    assert {exports.get(desk, job.id).attempt for job in queue} == {1}


def test_a_lost_lease_kills_the_child(desk, work):
    running = work()
    job = exports.start(desk, slow())
    started(desk, job)
    child = running.child()
    lease = Lease.of(row(desk, job))
    with desk.store.writing() as session:  # as if another supervisor had taken the job over
        jobs.fail(session, lease, {"code": "Trouble", "message": "taken"}, None)
    wait_until(lambda: not alive(child), 10, what="the child is killed")
    assert state(desk, job) == JobState.FAILED
    wait_until(lambda: nothing_left(desk), 5, what="its debris is gone")
