"""Exports: start one, follow it, fetch its file. Accepted means durable: once `start` has returned, no crash loses it.

What a run means is frozen when it starts (the moment, the zone, the dataset versions): a retry after midnight gives the
same rows. `run_again` is a new export of the same spec as of now.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlmodel import Session

from core import audit, datasets, destinations, file_passwords, previews, pseudonyms, sharing, storable
from core.access import roles
from core.desk import Desk
from core.engine import pipeline
from core.engine.receipt import Receipt
from core.engine.spec import ExportSpec, Resolved
from core.errors import Conflict, Gone, NotFound
from core.keeping import space
from core.things import common_project
from core.work.poke import poke
from storage import accounts, bin, jobs, schedules
from storage.files import RECEIPT, attempt_name
from storage.scope import EVERYTHING, Within
from storage.tables import ACTIVE, Job, JobKind, JobState, utc_now

__all__ = ["FileRef", "Job", "JobState"]
MOST_PER_BYTE = 60  # bytes a file may have for each of the table's: Parquet packs well, XML says every column's name
SPARE_BYTES = 10**6  # what an empty file may have
POLL_SECONDS = 0.02  # between two looks while somebody waits for an export


@dataclass(frozen=True)
class FileRef:
    """A finished file: where it is, and how it is given to people."""

    path: Path
    name: str
    media_type: str
    bytes: int
    sha256: str  # 64 hex digits
    job_id: str


@dataclass(frozen=True)
class Prepared:
    """An export that may begin: its spec was checked, and what this run means is frozen."""

    spec: ExportSpec
    resolved: Resolved
    pinned: dict[str, dict[str, Any]]  # Source.dataset → what its table was called, and its date column, at that moment
    title: str
    ending: str
    project_id: str | None  # that all of its data is in


def start(
    desk: Desk,
    spec: ExportSpec,
    *,
    template_id: str | None = None,
    project_id: str | None = None,
    schedule_id: str | None = None,
    now: datetime | None = None,
) -> Job:
    """Check the spec, freeze what this run means, write the row, then wake the supervisor.

    It begins in the project `project_id`, else in the one that all of its data is in. `now` is the moment relative ranges
    count from: of a schedule its slot, however late it is.

    Raises BadSpec naming everything that keeps it from running (`details["all"]`), NotFound for a dataset that is gone,
    DiskFull and LimitReached where its files would not fit.
    """
    prepared = prepare(desk, spec, now=now)
    with desk.store.writing() as session:
        job = begin(desk, session, prepared, template_id=template_id, project_id=project_id, schedule_id=schedule_id)
    poke(desk)
    return job


def prepare(desk: Desk, spec: ExportSpec, *, now: datetime | None = None) -> Prepared:
    """The first half of `start`, which writes nothing and raises what it raises."""
    roles.require(desk, "exports.run")
    storable.check(spec.model_dump(mode="json"))
    found = {source.dataset: datasets.get(desk, source.dataset) for source in spec.sources}
    tables = {name: datasets.table(desk, dataset) for name, dataset in found.items()}
    versions = {name: dataset.version_id or "" for name, dataset in found.items()}
    key = pseudonyms.key(desk, desk.workspace_id) if pseudonyms.wanted(spec) else ""
    resolved = Resolved(now=now or utc_now(), zone=desk.workspace().zone, versions=versions, pseudonyms=key)
    file_passwords.check(desk, spec.packaging.password)
    destinations.check(desk, spec.delivering)
    made = pipeline.plan(spec, tables, resolved)
    at_most = MOST_PER_BYTE * sum(tables[source.dataset].path.stat().st_size for source in spec.sources) + SPARE_BYTES
    space.require(desk, at_most, lambda: previews.estimate(desk, spec)[0], f"“{made.title}”")
    pinned = {name: {"name": table.name, "date_column": table.date_column} for name, table in tables.items()}
    return Prepared(spec, resolved, pinned, made.title, made.ending, common_project(found.values()))


def begin(
    desk: Desk,
    session: Session,
    prepared: Prepared,
    *,
    template_id: str | None = None,
    project_id: str | None = None,
    schedule_id: str | None = None,
) -> Job:
    """The second half of `start`, within the caller's transaction, who wakes the supervisor once it has ended."""
    data_at = schedules.data_at(session, prepared.resolved.versions.values())
    job = jobs.enqueue(
        session,
        desk.workspace_id,
        desk.account_id,
        kind=JobKind.EXPORT,
        name=prepared.title,
        payload={
            "spec": prepared.spec.model_dump(mode="json"),
            "tables": prepared.pinned,
            "ending": prepared.ending,
            "data_at": data_at.isoformat() if data_at else None,
        },
        resolved=prepared.resolved.model_dump(mode="json"),
        max_attempts=desk.settings.attempts,
        template_id=template_id,
        format=prepared.spec.output.format,
    )
    job.project_id = project_id or prepared.project_id
    job.schedule_id = schedule_id
    audit.note(desk, session, "exports.run", job)
    return job


def get(desk: Desk, job_id: str) -> Job:
    """Raises NotFound, also for another workspace's."""
    roles.require(desk, "exports.see")
    with desk.store.reading() as session:
        job = jobs.get(session, desk.scope, job_id)
    if job is None or job.kind != JobKind.EXPORT:
        raise NotFound("This export is not there.", "It may have been deleted: look under Recently deleted.")
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
    within: Within = EVERYTHING,
    search: str = "",
    states: Collection[str] = (),
    formats: Collection[str] = (),
    page: int = 1,
    size: int = 25,
) -> tuple[Sequence[Job], int]:
    """One page (from 1), newest first, and how many match in all. Empty collections mean any. Raises Forbidden."""
    roles.require(desk, "exports.see")
    with desk.store.reading() as session:
        return jobs.list(
            session,
            desk.scope,
            within=within,
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


def data_at(job: Job) -> datetime | None:
    """Since when the oldest of its data was as it was: when it was brought, or last fetched and found the same."""
    said = job.payload.get("data_at")
    return datetime.fromisoformat(said) if said else None


def queue_place(desk: Desk, job: Job) -> int | None:
    """1 for the next to run; None when the job is not waiting."""
    with desk.store.reading() as session:
        return jobs.place_in_queue(session, job)


def cancel(desk: Desk, job_id: str) -> Job:
    """Stop an export that waits or runs; one that has ended stays as it is. A running one ends within seconds."""
    found = get(desk, job_id)
    roles.require(desk, "exports.stop", found)
    with desk.store.writing() as session:
        job = jobs.cancel(session, desk.scope, job_id)
        if found.state in ACTIVE:
            audit.note(desk, session, "exports.stopped", job)
    poke(desk)
    return job or found


def run_again(desk: Desk, job_id: str) -> Job:
    """A new export of the same spec: as of now, on the data as it is now."""
    job = get(desk, job_id)
    with sharing.asking_for_data(desk, job):
        return start(desk, spec(job), template_id=job.template_id)


def retry(desk: Desk, job_id: str) -> Job:
    """Try a failed or cancelled export again, with the same moment and the same versions. Raises Conflict otherwise."""
    found = get(desk, job_id)
    roles.require(desk, "exports.stop", found)
    with desk.store.writing() as session:
        if not jobs.retry(session, desk.scope, job_id, desk.settings.attempts):
            raise Conflict("Only a failed or cancelled export can be tried again.", "Run it again instead.")
        schedules.tried_again(session, found, desk.account_id or None)
        audit.note(desk, session, "exports.retried", found)
    poke(desk)
    return get(desk, job_id)


def delete(desk: Desk, job_id: str) -> None:
    """Move an export that has ended into the bin: its links stop working, its files stay until the bin's days are over.

    A job of another kind (it read a file) is forgotten at once. Raises Conflict while it waits or runs, NotFound.
    """
    with desk.store.reading() as session:
        roles.require(desk, "exports.delete", _known(jobs.get(session, desk.scope, job_id)))
    with desk.store.writing() as session:
        job = _known(jobs.get(session, desk.scope, job_id))
        if job.state in ACTIVE:
            raise Conflict("This export is still on its way.", "Cancel it first, then delete it.")
        if job.kind == JobKind.EXPORT:
            audit.note(desk, session, "exports.deleted", job)
            bin.put(session, job)
        else:
            bin.forget(session, job)


def restore(desk: Desk, job_id: str) -> Job:
    """Back from the bin, with its files, and its links as far as they have not expired. Raises NotFound."""
    with desk.store.reading() as session:
        roles.require(desk, "exports.delete", _known(bin.get(session, desk.scope, Job, job_id)))
    with desk.store.writing() as session:
        job = _known(bin.get(session, desk.scope, Job, job_id))
        audit.note(desk, session, "exports.restored", job)
        bin.take_out(session, job)
    return job


def downloaded(desk: Desk, file: FileRef, *, link: str | None = None, piece: bool = False) -> bool:
    """Note that somebody fetches a file; `link`: by which download link, where it was one. True: it was noted.

    `piece`: not from its beginning. That is noted where the same caller has fetched nothing of it today.
    """
    with desk.store.writing() as session:
        if audit.again(desk, session, "exports.downloaded", file.sha256, file.job_id, link) and piece:
            return False
        details: dict[str, Any] = audit.private_to(jobs.get(session, desk.scope, file.job_id))
        audit.note(desk, session, "exports.downloaded", file.name, export=file.job_id, link=link, **details)
    return True


def receipt(desk: Desk, job_id: str) -> Receipt:
    """Raises Conflict while there is none yet, NotFound."""
    return _receipt(get(desk, job_id))


def receipt_file(desk: Desk, job_id: str) -> FileRef:
    """The receipt as a JSON file to download."""
    job = get(desk, job_id)
    path = desk.files.export(f"{attempt_name(job.id, job.attempt)}.{RECEIPT}")
    name = f"{_receipt(job).files[0].name}.{RECEIPT}"
    content = _there(path).read_bytes()
    return FileRef(path, name, "application/json", len(content), hashlib.sha256(content).hexdigest(), job.id)


def file(desk: Desk, job_id: str, n: int = 0) -> FileRef:
    """The n-th file (from 0) of a finished export. Raises NotFound, Gone once its time is over, Conflict before it is there."""
    job = get(desk, job_id)
    files = _receipt(job).files
    if not 0 <= n < len(files):
        raise NotFound(f"This export has no file {n}.", f"It has {len(files)}, counted from 0.")
    found = files[n]
    path = desk.files.export(found.stored)
    if not path.is_file():
        raise _gone(desk, job)
    return FileRef(path, found.name, found.media_type, found.bytes, found.sha256, job_id)


def _receipt(job: Job) -> Receipt:
    if job.state != JobState.SUCCEEDED or job.result is None:
        raise Conflict("This export has no file: it has not succeeded.", "Look at its state, or run it again.")
    return Receipt.model_validate(job.result)


def _known(job: Job | None) -> Job:
    if job is None:
        raise NotFound("This export is not there.", "It may have been deleted already.")
    return job


def _gone(desk: Desk, job: Job) -> Gone:
    """It was there: until when, and who can make it again."""
    with desk.store.reading() as session:
        owner = accounts.account(session, job.owner_id)
    day = f"{job.expires_at:%-d %B %Y}" if job.expired_at and job.expires_at else ""
    mine = job.owner_id == desk.account_id
    return Gone(
        f"This file was kept until {day}." if day else "This file is no longer there.",
        "Run the export again." if mine or owner is None else f"Ask {owner.name} to run the export again.",
        owner=owner.name if owner else "",
    )


def _there(path: Path) -> Path:
    if not path.is_file():
        raise NotFound("This file is no longer there.", "Run the export again.")
    return path
