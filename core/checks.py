"""Check a file: is it, byte for byte or value for value, one that was exported here, and which?

job = checks.check(desk, upload_id)
found = checks.wait(desk, job.id, seconds)      # None while it goes on
"""

from __future__ import annotations

import time
from dataclasses import dataclass

from core import datasets, exports, uploads
from core.access import members, roles
from core.desk import Desk
from core.errors import NotFound, from_dict
from core.work.checking import Verdict
from core.work.poke import poke
from storage import jobs
from storage.tables import ACTIVE, Job, JobKind, JobState

__all__ = ["Found", "Job", "Verdict"]

POLL_SECONDS = 0.05
FORGOTTEN = "This check is not there any more."


@dataclass(frozen=True)
class Found:
    """A verdict, and the export it is about as far as whoever asks still sees it."""

    verdict: Verdict
    export: Job | None = None
    by: str = ""  # who made it


def check(desk: Desk, upload_id: str) -> Job:
    """Begin to find out. Raises Forbidden, Conflict while bytes are missing, NotFound for an upload that is not there."""
    roles.require(desk, "exports.check")
    upload = uploads.whole(desk, upload_id)
    with desk.store.writing() as session:
        made = jobs.enqueue(
            session,
            desk.workspace_id,
            desk.account_id,
            kind=JobKind.CHECK,
            name=upload.name,
            payload={"upload": upload.id, "source_name": upload.name, "step": "hash"},
            max_attempts=desk.settings.attempts,
            priority=datasets.WATCHED,
        )
    poke(desk)
    return made


def job(desk: Desk, job_id: str) -> Job:
    """The check as it is now: the job that goes on with it, or the one that ended it. Raises NotFound."""
    with desk.store.reading() as session:
        found = jobs.get(session, desk.scope, job_id)
        while found is not None and found.kind == JobKind.CHECK and (found.result or {}).get("next"):
            found = jobs.get(session, desk.scope, (found.result or {})["next"])
    if found is None or found.kind != JobKind.CHECK:
        raise NotFound(FORGOTTEN, "Drop the file again.")
    return found


def found(desk: Desk, job_id: str) -> Found | None:
    """What came of it; None while it goes on. Raises the error it ended with."""
    now = job(desk, job_id)
    if now.state in ACTIVE:
        return None
    if now.state != JobState.SUCCEEDED or not now.result:
        raise from_dict(now.error or {"message": "The check was cancelled."})
    verdict = Verdict.model_validate(now.result)
    try:
        export = exports.get(desk, verdict.export) if verdict.export else None
    except NotFound:
        raise NotFound("The export this file comes from is not there any more.", "Check the file again.") from None
    return Found(verdict, export, members.names(desk).get(export.owner_id, "") if export else "")


def wait(desk: Desk, job_id: str, seconds: float) -> Found | None:
    """What came of it, or None after so many seconds. Raises as `found` does."""
    deadline = time.monotonic() + seconds
    while (told := found(desk, job_id)) is None and time.monotonic() < deadline:
        time.sleep(POLL_SECONDS)
    return told


def sentence(told: Found) -> str:
    """The verdict in plain words."""
    name = told.export.name if told.export else ""
    match told.verdict.verdict:
        case "bytes":
            return f"Yes: this is “{told.verdict.file}” of the export “{name}”, byte for byte."
        case "values":
            return (
                f"Yes: it holds the same rows and columns as the export “{name}”, though it is not the very same file."
            )
        case "near":
            return f"No. It comes nearest to the export “{name}”."
        case "unreadable":
            return "It is not, byte for byte, the file of an export you can see."
        case "none":
            return "No: it is no file of an export you can see, and holds the rows of none."
