"""Taking away what dead attempts left, and what nobody came back for. Safe at any time, beside running jobs.

Names carry (job id, attempt). Folders are listed before the rows are read, so whatever is being written just now belongs
to an attempt whose row is already there and says running.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from core import choices
from core.desk import Desk
from core.keeping import bin
from storage import datasets, deliveries, jobs, links, uploads
from storage.files import ATTEMPT, RECEIPT, attempt_name, attempt_of, remove
from storage.tables import Job, JobKind, JobState, utc_now

ERRANDS_KEPT = timedelta(days=1)  # removals of what deliveries left half-sent, once they ended
STRANGER_SECONDS = 3600  # a name in our folders that is nobody's is left alone for so long


@dataclass(frozen=True)
class Swept:
    """How many of each were taken away."""

    files: int = 0  # in exports/
    scratch: int = 0
    versions: int = 0  # folders in datasets/
    uploads: int = 0


def sweep(desk: Desk) -> Swept:
    """Remove orphans: half and unreferenced files, dead scratch, expired uploads and links, what is long in the bin."""
    _expire(desk)
    bin.purge(desk)
    _memos(desk)
    return Swept(_exports(desk), _scratch(desk), _versions(desk), _uploads(desk))


def _expire(desk: Desk) -> None:
    """Forget rows that ran out; the files without a row follow in the same sweep."""
    kept = choices.retention(desk)
    with desk.store.writing() as session:
        uploads.remove_expired(session, jobs.active_uploads(session))
        links.remove_expired(session, utc_now())
        for looked in (JobKind.INSPECT, JobKind.VALIDATE, JobKind.CHECK):
            jobs.forget(session, looked, utc_now() - timedelta(hours=kept.upload_hours))
        deliveries.forget_errands(session, utc_now() - ERRANDS_KEPT)


def _exports(desk: Desk) -> int:
    """Files that are neither in a finished job's receipt nor being written."""
    there = _listed(desk.files.exports)
    rows = _rows(desk, there)
    return _remove(path for path in there if not _wanted(path, rows, published=True))


def _scratch(desk: Desk) -> int:
    there = _listed(desk.files.scratches)
    rows = _rows(desk, there)
    return _remove(path for path in there if not _wanted(path, rows, published=False))


def _versions(desk: Desk) -> int:
    """Folders without a row. One that was just published carries its attempt until its job has ended."""
    there = _listed(desk.files.datasets)
    made_by = {path: path / ATTEMPT for path in there}
    attempts = {path: Path(_text(marker)) for path, marker in made_by.items()}
    rows = _rows(desk, attempts.values())
    with desk.store.reading() as session:
        known = datasets.known_versions(session)
    return _remove(p for p in there if p.name not in known and not _wanted(attempts[p], rows, published=False))


def _uploads(desk: Desk) -> int:
    there = _listed(desk.files.uploads)
    with desk.store.reading() as session:
        known = uploads.known(session)
    return _remove(path for path in there if path.name not in known)


def _memos(desk: Desk) -> int:
    """What deliveries left for a next try, of those that have none: neither of their own, by whomever, nor of who tidies up
    after them."""
    there = _listed(desk.files.deliveries)
    with desk.store.reading() as session:
        needed = jobs.active_deliveries(session) | deliveries.may_go_on(session, {path.stem for path in there})
    return _remove(path for path in there if path.stem not in needed)


def _listed(folder: Path) -> list[Path]:
    with suppress(FileNotFoundError):
        return [*folder.iterdir()]
    return []


def _rows(desk: Desk, paths: Iterable[Path]) -> dict[str, Job]:
    ids = {of[0] for path in paths if (of := attempt_of(path.name))}
    with desk.store.reading() as session:
        return jobs.of_ids(session, ids)


def _wanted(path: Path, rows: dict[str, Job], *, published: bool) -> bool:
    """Does the job this name belongs to still need it?"""
    of = attempt_of(path.name)
    if of is None:
        with suppress(FileNotFoundError):
            return time.time() - path.stat().st_mtime < STRANGER_SECONDS
        return False
    job_id, attempt = of
    job = rows.get(job_id)
    if job is None or job.attempt != attempt:
        return False
    if job.state == JobState.RUNNING:
        return True
    if published and job.state == JobState.SUCCEEDED:
        stored = {file["stored"] for file in (job.result or {}).get("files", ())}
        return (
            path.name in stored and job.expired_at is None
        ) or path.name == f"{attempt_name(job_id, attempt)}.{RECEIPT}"
    return False


def _text(path: Path) -> str:
    with suppress(OSError):
        return path.read_text()
    return ""


def _remove(paths: Iterable[Path]) -> int:
    return sum(remove(path) for path in paths)
