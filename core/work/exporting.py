"""The kind of job that makes files: a spec and its tables in, published files and their receipt out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from sqlmodel import Session

from core import choices, deliveries, file_passwords, pseudonyms
from core.desk import Desk
from core.engine import pipeline
from core.engine.fingerprint import fingerprint
from core.engine.receipt import Receipt
from core.engine.spec import ExportSpec, Resolved
from core.engine.table import Table
from core.errors import NotFound
from core.work.base import Completed, Report, Request, Result, Work, duckdb_mb
from storage import datasets, job_files
from storage.files import RECEIPT, Files, attempt_name, publish, remove, stored_name
from storage.scope import Scope
from storage.tables import Job, JobKind


class Export(Work):
    """A spec and its tables in, files and their receipt out."""

    kind = JobKind.EXPORT

    def prepare(self, session: Session, desk: Desk, job: Job) -> Request:
        spec = ExportSpec.model_validate(job.payload["spec"])
        resolved = Resolved.model_validate(job.resolved)
        tables = {name: self._table(session, desk, job, version) | job.payload["tables"][name]
                  for name, version in resolved.versions.items()}  # fmt: skip
        caps = [cap for cap in (spec.limits.rows, choices.limits(desk).max_rows) if cap]
        if caps:
            spec = spec.model_copy(update={"limits": spec.limits.model_copy(update={"rows": min(caps)})})
        return {
            "spec": spec.model_dump(mode="json"),
            "resolved": resolved.model_dump(mode="json"),
            "tables": tables,
            "ending": job.payload["ending"],
            "password": self._password(session, desk, job, spec),
            "pseudonyms": pseudonyms.key(desk, job.workspace_id) if pseudonyms.wanted(spec) else "",
        }

    @staticmethod
    def _table(session: Session, desk: Desk, job: Job, version_id: str) -> Request:
        version = datasets.version(session, Scope(job.workspace_id), version_id)
        if version is None or not desk.files.table(version_id).exists():
            raise NotFound(
                "The data this export was made from is no longer there.", "Run it again on the data as it is now."
            )
        return {"path": str(desk.files.table(version_id))}

    @staticmethod
    def _password(session: Session, desk: Desk, job: Job, spec: ExportSpec) -> str | None:
        """In clear, in the memory of the processes that need it: requests are never written down."""
        kept = spec.packaging.password
        return file_passwords.opened(desk, session, job.workspace_id, kept) if kept else None

    def run(self, request: Request, report: Report) -> Result:
        job_id, attempt, folder = request["job_id"], request["attempt"], Path(request["exports"])
        tables = {
            name: replace(Table.open(Path(one["path"]), date_column=one["date_column"]), name=one["name"])
            for name, one in request["tables"].items()
        }
        receipt = pipeline.run(
            ExportSpec.model_validate(request["spec"]),
            tables,
            _resolved(request),
            folder=folder,
            stored=lambda n: stored_name(job_id, attempt, n, request["ending"]),
            scratch=Path(request["scratch"]),
            report=report,
            memory_mb=duckdb_mb(request["memory_mb"]),
            password=request["password"],
        )
        receipt = self._compared(request, receipt, tables)
        part = Path(request["scratch"]) / RECEIPT
        part.write_text(receipt.model_dump_json(indent=2), encoding="utf-8")
        publish(part, folder / f"{attempt_name(job_id, attempt)}.{RECEIPT}")
        return receipt.model_dump(mode="json")

    @staticmethod
    def _compared(request: Request, receipt: Receipt, tables: Mapping[str, Table]) -> Receipt:
        """With the fingerprint of its rows, where it is sent only if they are others than last time."""
        spec, resolved = ExportSpec.model_validate(request["spec"]), _resolved(request)
        if spec.delivering.when != "changed":
            return receipt
        values = fingerprint(
            spec, tables, resolved, scratch=Path(request["scratch"]), memory_mb=duckdb_mb(request["memory_mb"])
        )
        return receipt.model_copy(update={"values": values})

    def complete(self, session: Session, desk: Desk, job: Job, result: Result) -> Completed:
        job_files.note(session, job.id, result["files"])
        deliveries.queue(session, desk, job, result)
        return Completed(result, rows=result["rows"], bytes=sum(file["bytes"] for file in result["files"]))

    def discard(self, files: Files, job: Job) -> None:
        name = attempt_name(job.id, job.attempt)
        for path in [*files.exports.glob(f"{name}.*"), *files.exports.glob(f".{name}.*")]:
            remove(path)


def _resolved(request: Request) -> Resolved:
    """What the run froze, with the key that its row does not hold."""
    frozen = Resolved.model_validate(request["resolved"])
    return frozen.model_copy(update={"pseudonyms": request["pseudonyms"]})
