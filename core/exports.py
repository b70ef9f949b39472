"""Exports: start one, follow it, fetch its file. Accepted means durable: once `start` has returned, no crash loses it.

What a run means is frozen when it starts (the moment, the zone, the dataset versions): a retry after midnight gives the
same rows. `run_again` is a new export of the same spec as of now.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from core import audit, datasets, passwords, roles
from core.desk import Desk
from core.engine import pipeline
from core.engine.receipt import Receipt
from core.engine.spec import ExportSpec, Resolved
from core.errors import Conflict, NotFound
from core.work.poke import poke
from storage import jobs
from storage.files import RECEIPT, attempt_name, remove
from storage.tables import ACTIVE, Job, JobKind, JobState, utc_now

__all__ = ["FileRef", "Job", "JobState"]
POLL_SECONDS = 0.02  # between two looks while somebody waits for an export


@dataclass(frozen=True)
class FileRef:
    """A finished file: where it is, and how it is given to people."""

    path: Path
    name: str
    media_type: str
    bytes: int
    sha256: str  # 64 hex digits


def start(desk: Desk, spec: ExportSpec, *, template_id: str | None = None) -> Job:
    """Check the spec, freeze what this run means, write the row, then wake the supervisor.

    Raises BadSpec naming everything that keeps it from running (`details["all"]`), NotFound for a dataset that is gone.
    """
    roles.require(desk, "exports.run")
    found = {source.dataset: datasets.get(desk, source.dataset) for source in spec.sources}
    tables = {name: datasets.table(desk, dataset) for name, dataset in found.items()}
    versions = {name: dataset.version_id or "" for name, dataset in found.items()}
    resolved = Resolved(now=utc_now(), zone=desk.workspace().zone, versions=versions)
    passwords.check(desk, spec.packaging.password)
    made = pipeline.plan(spec, tables, resolved)
    pinned = {name: {"name": table.name, "date_column": table.date_column} for name, table in tables.items()}
    with desk.store.writing() as session:
        job = jobs.enqueue(
            session,
            desk.workspace_id,
            desk.account_id,
            kind=JobKind.EXPORT,
            name=made.title,
            payload={"spec": spec.model_dump(mode="json"), "tables": pinned, "ending": made.ending},
            resolved=resolved.model_dump(mode="json"),
            max_attempts=desk.settings.attempts,
            template_id=template_id,
            format=spec.output.format,
        )
        audit.note(desk, session, "exports.run", job)
    poke(desk)
    return job


def get(desk: Desk, job_id: str) -> Job:
    """Raises NotFound, also for another workspace's."""
    with desk.store.reading() as session:
        job = jobs.get(session, desk.scope, job_id)
    if job is None or job.kind != JobKind.EXPORT:
        raise NotFound("This export is not there.", "It may have been deleted: look at My exports.")
    return job


def wait(desk: Desk, job_id: str, seconds: float) -> Job:
    """The export once it has ended, or as it is after so many seconds."""
    deadline = time.monotonic() + seconds
    while (found := get(desk, job_id)).state in ACTIVE and time.monotonic() < deadline:
        time.sleep(POLL_SECONDS)
    return found


def list(
    desk: Desk,
    *,
    search: str = "",
    states: Collection[str] = (),
    formats: Collection[str] = (),
    page: int = 1,
    size: int = 25,
) -> tuple[Sequence[Job], int]:
    """One page (from 1), newest first, and how many match in all. Empty collections mean any."""
    with desk.store.reading() as session:
        return jobs.list(
            session,
            desk.scope,
            kinds=(JobKind.EXPORT,),
            states=[JobState(state) for state in states],
            formats=formats,
            search=search,
            page=page,
            size=size,
        )


def spec(job: Job) -> ExportSpec:
    """The spec an export was made from."""
    return ExportSpec.model_validate(job.payload["spec"])


def queue_place(desk: Desk, job: Job) -> int | None:
    """1 for the next to run; None when the job is not waiting."""
    with desk.store.reading() as session:
        return jobs.place_in_queue(session, job)


def cancel(desk: Desk, job_id: str) -> Job:
    """Stop an export that waits or runs; one that has ended stays as it is. A running one ends within seconds."""
    roles.require(desk, "exports.stop", get(desk, job_id))
    with desk.store.writing() as session:
        job = jobs.cancel(session, desk.scope, job_id)
        audit.note(desk, session, "exports.stopped", job)
    poke(desk)
    return job or get(desk, job_id)


def run_again(desk: Desk, job_id: str) -> Job:
    """A new export of the same spec: as of now, on the data as it is now."""
    job = get(desk, job_id)
    return start(desk, spec(job), template_id=job.template_id)


def retry(desk: Desk, job_id: str) -> Job:
    """Try a failed or cancelled export again, with the same moment and the same versions. Raises Conflict otherwise."""
    roles.require(desk, "exports.stop", get(desk, job_id))
    with desk.store.writing() as session:
        if not jobs.retry(session, desk.scope, job_id, desk.settings.attempts):
            raise Conflict("Only a failed or cancelled export can be tried again.", "Run it again instead.")
    poke(desk)
    return get(desk, job_id)


def delete(desk: Desk, job_id: str) -> None:
    """Remove a job that has ended, of any kind, its files and its links. Raises Conflict while it waits or runs."""
    with desk.store.writing() as session:
        job = jobs.get(session, desk.scope, job_id)
        if job is None:
            raise NotFound("This export is not there.", "It may have been deleted already.")
        if job.state in ACTIVE:
            raise Conflict("This export is still on its way.", "Cancel it first, then delete it.")
        jobs.delete(session, job)
    for path in desk.files.exports.glob(f"{job.id}.*"):
        remove(path)


def receipt(desk: Desk, job_id: str) -> Receipt:
    """Raises Conflict while there is none yet, NotFound."""
    return _receipt(get(desk, job_id))


def receipt_file(desk: Desk, job_id: str) -> FileRef:
    """The receipt as a JSON file to download."""
    job = get(desk, job_id)
    path = desk.files.export(f"{attempt_name(job.id, job.attempt)}.{RECEIPT}")
    name = f"{_receipt(job).files[0].name}.{RECEIPT}"
    content = _there(path).read_bytes()
    return FileRef(path, name, "application/json", len(content), hashlib.sha256(content).hexdigest())


def file(desk: Desk, job_id: str, n: int = 0) -> FileRef:
    """The n-th file (from 0) of a finished export. Raises NotFound, or Conflict while it is not finished."""
    files = receipt(desk, job_id).files
    if not 0 <= n < len(files):
        raise NotFound(f"This export has no file {n}.", f"It has {len(files)}, counted from 0.")
    found = files[n]
    path = _there(desk.files.export(found.stored))
    return FileRef(path, found.name, found.media_type, found.bytes, found.sha256)


def _receipt(job: Job) -> Receipt:
    if job.state != JobState.SUCCEEDED or job.result is None:
        raise Conflict("This export has no file: it has not succeeded.", "Look at its state, or run it again.")
    return Receipt.model_validate(job.result)


def _there(path: Path) -> Path:
    if not path.is_file():
        raise NotFound("This file is no longer there.", "Run the export again.")
    return path
