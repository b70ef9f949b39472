"""Backups: a whole workspace in one file, and back from it, into an empty workspace or a new one.

Whoever backs up on a screen or by a program takes along what they see: what is shared, and their own. What others keep to
themselves is only in the backup of whoever runs the desk (`python -m core backup`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from core import audit, naming, signing, uploads
from core.access import installation, roles
from core.desk import Caller, Desk
from core.errors import Conflict, Gone, NotFound
from core.exports import FileRef
from core.keeping import space
from core.work.poke import poke
from storage import backups as rows
from storage import jobs
from storage.files import remove
from storage.tables import ACTIVE, Dataset, Job, JobKind, JobState

SIGNED = "backup"  # what is signed
LINK_SECONDS = int(timedelta(hours=1).total_seconds())
SHOWN = 20
KINDS = (JobKind.BACKUP, JobKind.RESTORE)


def start(desk: Desk, *, everything: bool = False, queue: str = "default") -> Job:
    """Begin to back up the workspace. Raises Forbidden, Conflict while one is on its way, DiskFull, LimitReached."""
    roles.require(desk, "workspace.backup")
    place = desk.workspace()
    size = space.of_workspace(desk).datasets
    space.require(desk, size, lambda: size, f"a backup of “{place.name}”")
    with desk.store.writing() as session:
        # a queue of its own is a command's, which does its work itself, whatever waits for the workers
        if queue == "default" and jobs.list(session, desk.scope, kinds=KINDS, states=ACTIVE)[0]:
            raise Conflict("A backup of this workspace is on its way already.", "Wait until it is ready.")
        scope = desk.itself(desk.workspace_id).scope if everything else desk.scope
        # its datasets are held: nobody deletes them for good while they are copied
        held = {one.id: one.version_id for one in rows.things(session, scope, Dataset)}
        job = jobs.enqueue(
            session,
            desk.workspace_id,
            desk.account_id,
            kind=JobKind.BACKUP,
            name=place.name,
            payload={"everything": everything},
            resolved={"versions": held},
            max_attempts=desk.settings.attempts,
            queue=queue,
        )
        audit.note(desk, session, "workspace.backed_up", place)
    poke(desk)
    return job


def restore(desk: Desk, upload_id: str, *, into: str | None = None, queue: str = "default") -> Job:
    """Begin to bring a backup back that was uploaded, into the workspace, which must be empty, or a new one called `into`.

    Raises Forbidden, BadInput, Conflict for a workspace with something in it.
    """
    roles.require(desk, "workspace.backup")
    if into is not None:
        installation.require(desk, "make workspaces")
        into = naming.checked(into)
    upload = uploads.whole(desk, upload_id)
    with desk.store.writing() as session:
        if into is None and rows.holds_anything(session, desk.workspace_id):
            raise Conflict(
                "This workspace is not empty: a backup would be mixed into what is there.",
                "Restore it into a new workspace.",
            )
        job = jobs.enqueue(
            session,
            desk.workspace_id,
            desk.account_id,
            kind=JobKind.RESTORE,
            name=into or upload.name,
            payload={"upload": upload.id, "into": into},
            max_attempts=1,
            queue=queue,
        )
        audit.note(desk, session, "workspace.restored", into or upload.name)
    poke(desk)
    return job


def list(desk: Desk) -> Sequence[Job]:
    """The last ones of the workspace that whoever acts asked for, newest first. Raises Forbidden."""
    roles.require(desk, "workspace.backup")
    with desk.store.reading() as session:
        found, _ = jobs.list(session, desk.scope, kinds=KINDS, size=SHOWN)
    return [job for job in found if job.owner_id == desk.account_id]


def get(desk: Desk, job_id: str) -> Job:
    """Raises NotFound, also for one that somebody else asked for: it may hold what they keep to themselves."""
    with desk.store.reading() as session:
        job = jobs.get(session, desk.scope, job_id)
    if job is None or job.kind not in KINDS or job.owner_id != desk.account_id:
        raise NotFound("This backup is not there.", "Make another one.")
    roles.require(desk, "workspace.backup")
    return job


def file(desk: Desk, job_id: str) -> FileRef:
    """Raises NotFound, Conflict before it is there, Gone once its time is over."""
    job = get(desk, job_id)
    if job.kind != JobKind.BACKUP or job.state != JobState.SUCCEEDED or not job.result:
        raise Conflict("This backup has no file: it has not succeeded.", "Wait for it, or make another one.")
    said = job.result["files"][0]
    path = desk.files.export(said["stored"])
    if not path.is_file():
        raise Gone("This backup is no longer there.", "Make another one.")
    return FileRef(path, said["name"], said["media_type"], said["bytes"], said["sha256"], job.id)


def delete(desk: Desk, job_id: str) -> None:
    """Forget one that has ended, with its file. Raises NotFound, Conflict while it runs."""
    job = get(desk, job_id)
    if job.state in ACTIVE:
        raise Conflict("This backup is still on its way.", "Wait until it has ended.")
    with desk.store.writing() as session:
        jobs.delete(session, job)
    for said in (job.result or {}).get("files", ()):
        remove(desk.files.export(said["stored"]))


def link(desk: Desk, job_id: str) -> str:
    """A path to its file, for whoever looks at the page now: it works for an hour, and only for them."""
    file(desk, job_id)
    return f"/api/files/backup/{signing.sign_for_now(desk, SIGNED, [desk.workspace_id, desk.account_id, job_id])}"


@dataclass(frozen=True)
class Opened:
    """What a path leads to, for whom."""

    desk: Desk
    file: FileRef


def open(desk: Desk, token: str, caller: Caller) -> Opened:
    """The file a path leads to. Raises NotAllowed for a forged or old one, or once they may not back up any more."""
    workspace_id, account_id, job_id = signing.read_fresh(desk, SIGNED, token, LINK_SECONDS)
    acting = desk.acting_as(workspace_id, account_id, caller)
    return Opened(acting, file(acting, job_id))


def fetched(desk: Desk, found: FileRef, *, piece: bool = False) -> None:
    """Note that somebody takes it along; `piece`: as exports.downloaded has it."""
    with desk.store.writing() as session:
        if audit.again(desk, session, "workspace.backup_fetched", found.sha256, found.job_id) and piece:
            return
        audit.note(desk, session, "workspace.backup_fetched", found.name)
