"""The kind of job that compares a sample file with a dataset. A stranger's file is read in the child, as for ingest."""

from __future__ import annotations

from pathlib import Path

from sqlmodel import Session

from core.desk import Desk
from core.engine import matching
from core.engine.table import Table
from core.errors import BadFile, DeskError, NotFound
from core.work.base import Completed, Report, Request, Result, Work
from storage import uploads
from storage.scope import Scope
from storage.tables import Job, JobKind


class Compare(Work):
    """An upload and a dataset's version in, a proposal (`engine.matching.Match`) out."""

    kind = JobKind.VALIDATE

    def prepare(self, session: Session, desk: Desk, job: Job) -> Request:
        upload = uploads.get(session, Scope(job.workspace_id), job.payload["upload"])
        path = desk.files.upload(upload.id) if upload else None
        if path is None or not path.exists():
            raise NotFound("The sample is no longer there.", "Upload it again.")
        table = desk.files.table(job.payload["version"])
        if not table.exists():
            raise NotFound("The data of this dataset is no longer there.", "Add its file again.")
        return {"path": str(path), "source_name": job.payload["source_name"], "table": str(table)}

    def run(self, request: Request, report: Report) -> Result:
        table = Table.open(Path(request["table"]))
        found = matching.match(
            Path(request["path"]), request["source_name"], table, scratch=Path(request["scratch"])
        )  # fmt: skip
        return {"match": found.model_dump(mode="json")}

    def complete(self, session: Session, desk: Desk, job: Job, result: Result) -> Completed:
        return Completed(result)

    def crash(self, signal: str) -> DeskError | None:
        return BadFile(
            f"Reading this sample brought the reader down ({signal}): it is damaged, or made to do harm.",
            "Open it in the program it came from, save it again, and use that.",
        )
