"""Running queued jobs in this very process, one after the other: for tests, demos and scripts. Same rows, same verbs."""

from __future__ import annotations

import os
import secrets
import time

from core import choices
from core.desk import Desk
from core.engine.progress import Progress
from core.errors import Cancelled, DeskError
from core.work import attempt, child
from core.work.base import Report
from core.work.kinds import KINDS
from storage import jobs
from storage.jobs import Lease
from storage.tables import Job

WRITE_SECONDS = 0.25
ALONE_SECONDS = 24 * 3600.0  # the lease of a command: nobody beats for it


def run_queued(desk: Desk) -> int:
    """Run jobs until none is due; returns how many ran. A failed job that may be tried again is due later."""
    ran = 0
    while run_next(desk):
        ran += 1
    return ran


def run_next(desk: Desk) -> bool:
    """Run the next due job, if there is one. Memory and time limits need a child: here there are none."""
    job = attempt.take(desk, _name())
    if job is not None:
        _run(desk, job)
    return job is not None


def run_alone(desk: Desk, queue: str) -> None:
    """Run the one job of a queue that no supervisor serves: what a command does itself, and shows as it goes."""
    with desk.store.writing() as session:
        job = jobs.claim(session, _name(), ALONE_SECONDS, (queue,))
    if job is not None:
        _run(desk, job)


def _name() -> str:
    return f"inline.{os.getpid()}.{secrets.token_hex(4)}"


def _run(desk: Desk, job: Job) -> None:
    try:
        request = attempt.prepare(desk, job)
        desk.files.scratch(job.id, job.attempt).mkdir(parents=True)
        result = KINDS[job.kind].run(request, _reporter(desk, job))
    except Cancelled:
        attempt.cancelled(desk, job)
    except DeskError as problem:
        attempt.fail(desk, job, problem)
    except Exception as problem:  # noqa: BLE001 (the row must say so, as it would of a child)
        attempt.fail(desk, job, child.explained(problem, choices.limits(desk).job_memory_mb))
    else:
        attempt.succeed(desk, job, result)


def _reporter(desk: Desk, job: Job) -> Report:
    written = time.monotonic()

    def report(progress: Progress) -> None:
        nonlocal written
        now = time.monotonic()
        if now - written < WRITE_SECONDS:
            return
        written = now
        with desk.store.writing() as session:
            beat = jobs.heartbeat(session, Lease.of(job), desk.settings.lease_seconds, progress.model_dump(mode="json"))
        if beat.cancel or not beat.held:
            raise Cancelled("This was cancelled.")

    return report
