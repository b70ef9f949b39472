"""The kinds of job that read a file: a first look at an upload, and taking it in as datasets.

The child reads and publishes whole folders, one a version; their rows are inserted with the job's end.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from sqlmodel import Session

from core import audit
from core.desk import Caller, Desk
from core.engine import ingest
from core.engine.ingest.options import ImportOptions
from core.errors import BadFile, DeskError, NotFound
from core.templating import samples
from core.work.base import Completed, Report, Request, Result, Work
from storage import accounts, datasets, uploads
from storage.files import ATTEMPT, ORIGINAL, Files, attempt_name, publish_folder, remove
from storage.scope import Scope
from storage.tables import Dataset, Job, JobKind

VERSIONS = uuid.UUID(
    "5d0f7a1e-6a1c-4d53-9d34-0c1d8a4a7f10"
)  # of version ids: a job's attempt always makes the same ones


class Inspect(Work):
    """An upload in, what was understood of it out."""

    kind = JobKind.INSPECT

    def prepare(self, session: Session, desk: Desk, job: Job) -> Request:
        return _prepare(session, desk, job)

    def run(self, request: Request, report: Report) -> Result:
        options = ImportOptions.model_validate(request["options"])
        found = ingest.inspect(Path(request["path"]), request["source_name"], options, scratch=Path(request["scratch"]))
        return {"inspections": [one.model_dump(mode="json") for one in found]}

    def complete(self, session: Session, desk: Desk, job: Job, result: Result) -> Completed:
        return Completed(result)

    def crash(self, signal: str) -> DeskError | None:
        return unreadable(signal)


class Ingest(Work):
    """An upload, or the kept original of a version, in; datasets or a dataset's next version out."""

    kind = JobKind.INGEST

    def prepare(self, session: Session, desk: Desk, job: Job) -> Request:
        return _prepare(session, desk, job)

    def run(self, request: Request, report: Report) -> Result:
        return take_in(request, report)

    def complete(self, session: Session, desk: Desk, job: Job, result: Result) -> Completed:
        completed = _complete(session, desk, job, result)
        if sample := job.payload.get("sample"):
            slug = completed.result["datasets"][0]["slug"]
            samples.add(in_the_name_of(session, desk, job), session, sample, slug)
        return completed

    def crash(self, signal: str) -> DeskError | None:
        return unreadable(signal)

    def discard(self, files: Files, job: Job) -> None:
        discard(files, job)


def _prepare(session: Session, desk: Desk, job: Job) -> dict[str, Any]:
    """Where the file is and how to read it. Raises NotFound when it is gone."""
    payload = job.payload
    if payload.get("version"):
        version = datasets.version(session, Scope(job.workspace_id), payload["version"])
        path = desk.files.original(payload["version"]) if version else None
    else:
        upload = uploads.get(session, Scope(job.workspace_id), payload["upload"])
        path = desk.files.upload(upload.id) if upload else None
    if path is None or not path.exists():
        raise NotFound("The file is no longer there.", "Upload it again.")
    return {"path": str(path), "source_name": payload["source_name"], "options": payload["options"]}


def take_in(request: Request, report: Report, first: int = 0) -> Result:
    """Read the file, keep the original beside each table, and publish each as the folder of a new version.

    `first`: how many versions this attempt has published before.
    """
    path, scratch = Path(request["path"]), Path(request["scratch"])
    out = scratch / "out"
    out.mkdir()
    tables = ingest.ingest(
        path,
        request["source_name"],
        out,
        options=ImportOptions.model_validate(request["options"]),
        report=report,
        scratch=scratch,
    )
    if not tables:
        raise BadFile(f"“{request['source_name']}” holds no table.", "Choose a file with a header and rows.")
    with path.open("rb") as original:
        sha256 = hashlib.file_digest(original, "sha256").hexdigest()
    versions = []
    for n, table in enumerate(tables, first):
        folder = Path(table.path).parent
        _keep(path, folder / ORIGINAL)
        (folder / ATTEMPT).write_text(attempt_name(request["job_id"], request["attempt"]))
        version_id = _version_id(request["job_id"], request["attempt"], n)
        publish_folder(folder, Path(request["datasets"]) / version_id)
        versions.append({"version": version_id, **table.model_dump(mode="json", exclude={"path"})})
    return {"versions": versions, "sha256": sha256, "bytes": path.stat().st_size}


def _complete(session: Session, desk: Desk, job: Job, result: dict[str, Any]) -> Completed:
    """Insert the datasets, or the one dataset's next version, in the transaction that ends the job.

    Where a workbook with several sheets replaces one dataset, the sheet it was made from does; `left_out` names the rest.
    """
    found: Sequence[dict[str, Any]] = result["versions"]
    replaced: Dataset | None = None
    left_out: Sequence[str] = ()
    if job.payload.get("dataset"):
        replaced = datasets.get(session, Scope(job.workspace_id), job.payload["dataset"], binned=True)
        if replaced is None:
            raise NotFound("The dataset this file was to replace is gone.", "Add the file as a new dataset.")
        chosen = same_sheet(session, replaced, found)
        left_out = leave_out(desk, found, chosen)
        found = [chosen]
    made = []
    for one in found:
        dataset = replaced or datasets.add(
            session,
            job.workspace_id,
            job.owner_id,
            name=_name(job.payload.get("name"), one["name"], alone=len(found) == 1),
            hidden=bool(job.payload.get("hidden")),
        )
        made.append(keep_version(session, desk, job, dataset, one, result, job.payload["source_name"]))
    kept: dict[str, Any] = {"datasets": made}
    if left_out:
        kept["left_out"] = left_out
    return Completed(kept, rows=sum(one["rows"] for one in made), bytes=result["bytes"])


def keep_version(
    session: Session,
    desk: Desk,
    job: Job,
    dataset: Dataset,
    one: Mapping[str, Any],
    result: Mapping[str, Any],
    source_name: str,
    *,
    fetched: bool = False,
) -> dict[str, Any]:
    """Insert a table that `take_in` published as the dataset's next version. Returns what people are told of it.

    `fetched`: the desk itself got it from elsewhere.
    """
    first = dataset.version_id is None
    datasets.add_version(
        session,
        dataset,
        one["version"],
        job.owner_id,
        rows=one["rows"],
        bytes=result["bytes"],
        columns=one["columns"],
        date_column=one["date_column"],
        understood=one["understood"],
        profile=one["profile"],
        problems=one["problems"],
        source_name=source_name,
        sha256=result["sha256"],
        fetched=fetched,
    )
    in_their_name = in_the_name_of(session, desk, job)
    audit.note(
        in_their_name, session, "data.added" if first else "data.replaced", dataset, rows=one["rows"], file=source_name
    )
    return {
        "id": dataset.id,
        "slug": dataset.slug,
        "name": dataset.name,
        "rows": one["rows"],
        "columns": len(one["columns"]),
        "problems": one["problems"],
        "version": one["version"],
    }


def leave_out(desk: Desk, found: Sequence[Mapping[str, Any]], chosen: Mapping[str, Any]) -> list[str]:
    """Remove what was read and is not wanted; the names of it."""
    rest = [one for one in found if one is not chosen]
    for one in rest:
        remove(desk.files.dataset(one["version"]))
    return [one["name"] for one in rest]


def in_the_name_of(session: Session, desk: Desk, job: Job) -> Desk:
    """The desk as the audit log shall see it: whoever asked for the job did this."""
    account = accounts.account(session, job.owner_id)
    name = account.name if account else ""
    return replace(desk, workspace_id=job.workspace_id, account_id=job.owner_id, caller=Caller(name))


def discard(files: Files, job: Job) -> None:
    """Remove the version folders an attempt published before it was lost: their ids follow from the attempt."""
    n = 0
    while remove(files.dataset(_version_id(job.id, job.attempt, n))):
        n += 1


def _version_id(job_id: str, attempt: int, n: int) -> str:
    return str(uuid.uuid5(VERSIONS, f"{attempt_name(job_id, attempt)}.{n}"))


def _keep(path: Path, original: Path) -> None:
    """The original beside its table: another name for the same bytes where the file system can, else a copy."""
    try:
        os.link(path, original)
    except OSError:
        shutil.copyfile(path, original)


def same_sheet(session: Session, dataset: Dataset, found: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Of several tables the one the dataset was made from, else the first."""
    current = datasets.version(session, Scope(dataset.workspace_id), dataset.version_id or "")
    sheet = current.understood.get("sheet") if current else None
    return next((one for one in found if one["understood"].get("sheet") == sheet), found[0])


def _name(asked: str | None, found: str, *, alone: bool) -> str:
    if not asked:
        return found
    return asked if alone else f"{asked} – {found}"


def unreadable(signal: str) -> DeskError:
    return BadFile(
        f"Reading this file brought the reader down ({signal}): it is damaged, or made to do harm.",
        "Open it in the program it came from, save it again as XLSX or CSV, and upload that.",
    )
