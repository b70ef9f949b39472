"""The kind of job that finds out whether a file is one of ours. A stranger's file is read in the child, as for ingest.

hash      the file's SHA-256 → an export that made this very file, or on to the next step
read      its tables → how many rows they have, and on to the next step with the exports that it may be
compare   its tables beside the results of those exports, made again from the versions they were made from
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel
from sqlmodel import Session

from core.desk import Desk
from core.engine import ingest, likeness
from core.engine.likeness import Shown
from core.engine.receipt import Receipt
from core.engine.spec import ExportSpec, Resolved
from core.engine.table import Table
from core.errors import BadFile, DeskError, NotFound
from core.work.base import Completed, Report, Request, Result, Work, duckdb_mb
from storage import datasets, job_files, jobs, uploads
from storage.scope import Scope
from storage.tables import Job, JobKind

CANDIDATES = 60  # exports with as many rows, and so many others
COMPARED = 12  # of them by all their values
NEAR = 0.5  # at least so much of its columns an export has that a file comes from
READ_AGAIN = frozenset({"csv", "tsv", "xlsx", "ods", "json", "jsonl", "parquet"})  # formats the desk itself reads


class Verdict(BaseModel):
    """What came of it. bytes: this very file. values: the same rows and columns. near: of that export, but others.

    none: of no export. unreadable: not this very file, and no table that could be compared.
    """

    verdict: Literal["bytes", "values", "near", "none", "unreadable"]
    export: str | None = None  # id
    file: str = ""  # what it was called
    said: list[str] = []  # sentences: what differs, or why it could not be compared


class Check(Work):
    """An upload in, a verdict out, in up to three jobs: `next` is the id of the one that goes on."""

    kind = JobKind.CHECK

    def prepare(self, session: Session, desk: Desk, job: Job) -> Request:
        upload = uploads.get(session, Scope(job.workspace_id), job.payload["upload"])
        path = desk.files.upload(upload.id) if upload else None
        if path is None or not path.exists():
            raise NotFound("The file is no longer there.", "Drop it again.")
        request = {"path": str(path), "source_name": job.payload["source_name"], "step": job.payload["step"]}
        if job.payload["step"] != "compare":
            return request
        found = job_files.alike(session, _scope(job), job.payload["rows"], CANDIDATES)
        return request | {"candidates": [one for one in (_candidate(session, desk, job) for job in found) if one]}

    def run(self, request: Request, report: Report) -> Result:
        if request["step"] == "hash":
            with Path(request["path"]).open("rb") as file:
                return {"sha256": hashlib.file_digest(file, "sha256").hexdigest()}
        try:
            tables = _tables(request, report, Path(request["path"]), request["source_name"])
        except BadFile as unreadable:
            said = [f"{unreadable.message} {unreadable.next_step}".strip()]
            return Verdict(verdict="unreadable", said=said).model_dump(mode="json")
        if request["step"] == "read":
            return {"rows": max(table.rows for table in tables)}
        return _compared(request, tables).model_dump(mode="json")

    def complete(self, session: Session, desk: Desk, job: Job, result: Result) -> Completed:
        if "sha256" in result:
            if found := job_files.find(session, _scope(job), result["sha256"]):
                verdict = Verdict(verdict="bytes", export=found[0].id, file=found[1].name)
                return Completed(verdict.model_dump(mode="json"))
            return Completed({"next": _go_on(session, job, step="read").id})
        if "rows" in result:
            return Completed({"next": _go_on(session, job, step="compare", rows=result["rows"]).id})
        return Completed(result)

    def crash(self, signal: str) -> DeskError | None:
        return BadFile(
            f"Reading this file brought the reader down ({signal}): it is damaged, or made to do harm.",
            "It is not, byte for byte, the file of an export you can see.",
        )


def _scope(job: Job) -> Scope:
    """What whoever asks may see, and nothing else."""
    return Scope(job.workspace_id, job.owner_id)


def _go_on(session: Session, job: Job, **payload: Any) -> Job:
    return jobs.enqueue(
        session,
        job.workspace_id,
        job.owner_id,
        kind=JobKind.CHECK,
        name=job.name,
        payload=job.payload | payload,
        max_attempts=job.max_attempts,
        priority=job.priority,
    )


def _candidate(session: Session, desk: Desk, export: Job) -> dict[str, Any] | None:
    """All the child needs of an export; None where its data is gone."""
    resolved = Resolved.model_validate(export.resolved)
    scope = Scope(export.workspace_id)
    tables = {
        name: {"path": str(desk.files.table(version))} | export.payload["tables"][name]
        for name, version in resolved.versions.items()
        if datasets.version(session, scope, version) is not None and desk.files.table(version).exists()
    }
    if len(tables) < len(resolved.versions):
        return None
    receipt = Receipt.model_validate(export.result)
    [*files] = receipt.files
    alone = len(files) == 1 and not files[0].locked and not files[0].member_count
    path = desk.files.export(files[0].stored) if alone and receipt.format in READ_AGAIN else None
    return {
        "id": export.id,
        "name": export.name,
        "rows": receipt.rows,
        "spec": export.payload["spec"],
        "resolved": export.resolved,
        "tables": tables,
        "file": str(path) if path is not None and path.exists() else None,
        "file_name": files[0].name,
    }


def _tables(request: Request, report: Report, path: Path, name: str) -> list[Table]:
    """What the ingest path reads in a file of that name. Raises BadFile."""
    scratch = Path(request["scratch"])
    folder = Path(tempfile.mkdtemp(prefix="read-", dir=scratch))
    made = ingest.ingest(path, name, folder, report=report, scratch=scratch)
    if not made:
        raise BadFile(f"“{name}” holds no table.", "Only tables can be compared by their values.")
    return [Table.open(one.path) for one in made]


def _compared(request: Request, tables: Sequence[Table]) -> Verdict:
    """The first export that is the same by value, else what is other about the one that comes nearest."""
    files = [likeness.of_table(table) for table in tables]
    nearest: tuple[tuple[float, float], Mapping[str, Any], list[Shown]] | None = None
    compared = 0
    for one in request["candidates"]:
        try:
            results = _results(one)
        except DeskError:
            continue  # made by an older desk, of what this one does not do any more
        alike = _alike(files, results, one["rows"], tables)
        if nearest is None or alike > nearest[0]:
            nearest = (alike, one, results)
        if alike[0] == 1.0 and compared < COMPARED:
            compared += 1
            if not _differences(request, files, results, one) or _is_its_file(request, files, one):
                extra = len(files) - len(results)
                said = [f"It holds {extra} more {'table' if extra == 1 else 'tables'} besides."] if extra > 0 else []
                return Verdict(verdict="values", export=one["id"], file=one["file_name"], said=said)
    if nearest is None or nearest[0][0] < NEAR:
        return Verdict(verdict="none")
    _, one, results = nearest
    said = _differences(request, files, results, one)
    return Verdict(verdict="near", export=one["id"], file=one["file_name"], said=said)


def _results(one: Mapping[str, Any]) -> list[Shown]:
    spec, resolved = ExportSpec.model_validate(one["spec"]), Resolved.model_validate(one["resolved"])
    tables = {
        name: replace(Table.open(Path(t["path"]), date_column=t["date_column"]), name=t["name"])
        for name, t in one["tables"].items()
    }
    return likeness.of_export(spec, tables, resolved)


def _alike(files: Sequence[Shown], results: Sequence[Shown], rows: int, tables: Sequence[Table]) -> tuple[float, float]:
    """How near an export is: by its columns, then by how many rows it has."""
    columns = min(max(likeness.likeness(file, result) for file in files) for result in results)
    mine = sum(table.rows for table in tables)
    return columns, 1 - abs(mine - rows) / max(mine, rows, 1)


def _differences(
    request: Request, files: Sequence[Shown], results: Sequence[Shown], one: Mapping[str, Any]
) -> list[str]:
    """Of all its tables; each result takes the table of the file that is nearest to it and not taken yet."""
    said, free = [], [*files]
    zone = str(one["resolved"]["zone"])
    for result, file in _paired(free, results):
        if file is None:
            said.append("A table of the export is missing.")
            continue
        said += likeness.differences(
            file, result, scratch=Path(request["scratch"]), memory_mb=duckdb_mb(request["memory_mb"]), zone=zone
        )
    return said


def _paired(free: list[Shown], results: Sequence[Shown]) -> Iterator[tuple[Shown, Shown | None]]:
    for result in results:
        file = max(free, key=lambda one: likeness.likeness(one, result), default=None)
        if file is not None:
            free.remove(file)
        yield result, file


def _is_its_file(request: Request, files: Sequence[Shown], one: Mapping[str, Any]) -> bool:
    """Is it what the desk reads in the export's own file? There values may have been written as text (a date, a guard)."""
    if not one["file"]:
        return False
    try:
        own = _tables(request, lambda _: None, Path(one["file"]), one["file_name"])
    except DeskError:
        return False
    shown = [likeness.of_table(table) for table in own]
    return len(shown) == len(files) and not _differences(request, files, shown, one)
