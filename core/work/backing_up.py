"""The kinds of job that write a whole workspace into one file, and bring one back."""

from __future__ import annotations

import hashlib
import uuid
from pathlib import Path
from typing import Any

from sqlmodel import Session

from core.backup import file as backup_file
from core.backup import rows as backup_rows
from core.backup.contents import Contents, renewed
from core.desk import Desk
from core.engine.names import sanitised
from core.engine.progress import Meter
from core.errors import AGAIN, Conflict, NotFound, Trouble
from core.work.base import Completed, Report, Request, Result, Work
from storage import backups as rows
from storage import members, uploads, workspaces
from storage.files import ATTEMPT, Files, attempt_name, publish, publish_folder, remove, stored_name
from storage.scope import Scope
from storage.tables import Job, JobKind, Role

VERSIONS = uuid.UUID(
    "8b0a5f0e-2b51-4b86-9f0c-6a5d3e1c7a42"
)  # of version ids: a job's attempt always makes the same ones
ENDING, MEDIA_TYPE = "zip", "application/zip"


class Backup(Work):
    """A workspace's rows and the folders of its versions in, one file out."""

    kind = JobKind.BACKUP

    def prepare(self, session: Session, desk: Desk, job: Job) -> Request:
        scope = Scope(job.workspace_id, None if job.payload.get("everything") else job.owner_id)
        return {"contents": backup_rows.gather(session, scope).model_dump(mode="json"), "name": job.name}

    def run(self, request: Request, report: Report) -> Result:
        contents = Contents.model_validate(request["contents"])
        folder, scratch = Path(request["datasets"]), Path(request["scratch"])
        there = [path for one in contents.version_ids() for path in (folder / one).glob("*")]
        meter = Meter(report, steps=1, source=contents.settings.name)
        meter.phase("Writing the backup", sum(path.stat().st_size for path in there))
        stored, part = stored_name(request["job_id"], request["attempt"], 1, ENDING), scratch / "backup"
        try:
            manifest = backup_file.write(part, contents, lambda version: folder / version, meter.advance)
        except FileNotFoundError as gone:
            raise Trouble("A dataset was deleted for good while it was backed up.", AGAIN) from gone
        with part.open("rb") as file:
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        size = part.stat().st_size
        publish(part, Path(request["exports"]) / stored)
        name = sanitised(f"{contents.settings.name} {manifest.made:%Y-%m-%d}", f".backup.{ENDING}")
        file_said = {"stored": stored, "name": name, "bytes": size, "sha256": sha256, "media_type": MEDIA_TYPE}
        return {"files": [file_said], "counts": contents.counts()}

    def complete(self, session: Session, desk: Desk, job: Job, result: Result) -> Completed:
        return Completed(result, bytes=result["files"][0]["bytes"])

    def discard(self, files: Files, job: Job) -> None:
        remove(files.export(stored_name(job.id, job.attempt, 1, ENDING)))


class Restore(Work):
    """A backup in, a workspace's things out: in an empty workspace, or in a new one of the name `payload["into"]`."""

    kind = JobKind.RESTORE

    def prepare(self, session: Session, desk: Desk, job: Job) -> Request:
        upload = uploads.get(session, Scope(job.workspace_id), job.payload["upload"])
        path = desk.files.upload(upload.id) if upload else None
        if path is None or not path.exists():
            raise NotFound("The backup is no longer there.", "Upload it again.")
        return {"path": str(path)}

    def run(self, request: Request, report: Report) -> Result:
        path, scratch = Path(request["path"]), Path(request["scratch"])
        meter = Meter(report, steps=1, source="")
        meter.phase("Checking and unpacking the backup", path.stat().st_size)
        contents, unpacked = backup_file.unpack(path, scratch, lambda n: scratch / "out" / str(n), meter.advance)
        attempt, new = attempt_name(request["job_id"], request["attempt"]), {}
        for n, (old, folder) in enumerate(unpacked.items()):
            (folder / ATTEMPT).write_text(attempt)
            new[old] = _version_id(attempt, n)
            publish_folder(folder, Path(request["datasets"]) / new[old])
        return {"contents": renewed(contents, new).model_dump(mode="json")}

    def complete(self, session: Session, desk: Desk, job: Job, result: Result) -> Completed:
        contents, name = Contents.model_validate(result["contents"]), job.payload.get("into")
        if name:
            place = workspaces.add(session, name, contents.settings.zone)
            members.add(session, place.id, job.owner_id, Role.OWNER)
        else:
            found = workspaces.get(session, job.workspace_id, lock=True)
            if found is None or rows.holds_anything(session, found.id):
                raise Conflict(
                    "This workspace is not empty: a backup would be mixed into what is there.",
                    "Restore it into a new workspace.",
                )
            place = found
        backup_rows.insert(session, place, job.owner_id, contents)
        kept: dict[str, Any] = {"workspace": place.id, "name": place.name, "counts": contents.counts()}
        return Completed(kept)

    def discard(self, files: Files, job: Job) -> None:
        n, attempt = 0, attempt_name(job.id, job.attempt)
        while remove(files.dataset(_version_id(attempt, n))):
            n += 1


def _version_id(attempt: str, n: int) -> str:
    return str(uuid.uuid5(VERSIONS, f"{attempt}.{n}"))
