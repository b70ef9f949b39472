"""The kind of job that makes a file: a spec and a table in, a published file and its receipt out."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from sqlmodel import Session

from core.desk import Desk
from core.engine import formats, packaging, pipeline
from core.engine.spec import ExportSpec, Resolved
from core.engine.table import Table
from core.errors import NotFound
from core.work.base import Completed, Report, Request, Result, Work, duckdb_mb
from storage import datasets
from storage.files import RECEIPT, Files, attempt_name, publish, remove, stored_name
from storage.tables import Job, JobKind


class Export(Work):
    """A spec and a table in, a file and its receipt out."""

    kind = JobKind.EXPORT

    def prepare(self, session: Session, desk: Desk, job: Job) -> Request:
        spec = ExportSpec.model_validate(job.payload["spec"])
        resolved = Resolved.model_validate(job.resolved)
        version_id = resolved.versions[spec.sources[0].dataset]
        version = datasets.version(session, job.workspace_id, version_id)
        if version is None or not desk.files.table(version_id).exists():
            raise NotFound(
                "The data this export was made from is no longer there.", "Run it again on the data as it is now."
            )
        caps = [cap for cap in (spec.limits.rows, desk.settings.max_rows) if cap]
        if caps:
            spec = spec.model_copy(update={"limits": spec.limits.model_copy(update={"rows": min(caps)})})
        return {
            "spec": spec.model_dump(mode="json"),
            "resolved": resolved.model_dump(mode="json"),
            "table": str(desk.files.table(version_id)),
            "name": job.payload["dataset_name"],
            "date_column": job.payload.get("date_column"),
        }

    def run(self, request: Request, report: Report) -> Result:
        job_id, attempt, folder = request["job_id"], request["attempt"], Path(request["exports"])
        spec = ExportSpec.model_validate(request["spec"])
        table = Table.open(Path(request["table"]), date_column=request["date_column"])
        ending = formats.get(spec.output.format).extension + packaging.ENDINGS[spec.packaging.compression]
        receipt = pipeline.run(
            spec,
            replace(table, name=request["name"]),
            Resolved.model_validate(request["resolved"]),
            folder=folder,
            stored=lambda n: stored_name(job_id, attempt, n, ending),
            scratch=Path(request["scratch"]),
            report=report,
            memory_mb=duckdb_mb(request["memory_mb"]),
        )
        part = Path(request["scratch"]) / RECEIPT
        part.write_text(receipt.model_dump_json(indent=2), encoding="utf-8")
        publish(part, folder / f"{attempt_name(job_id, attempt)}.{RECEIPT}")
        return receipt.model_dump(mode="json")

    def complete(self, session: Session, desk: Desk, job: Job, result: Result) -> Completed:
        return Completed(result, rows=result["rows"], bytes=sum(file["bytes"] for file in result["files"]))

    def discard(self, files: Files, job: Job) -> None:
        name = attempt_name(job.id, job.attempt)
        for path in [*files.exports.glob(f"{name}.*"), *files.exports.glob(f".{name}.*")]:
            remove(path)
