"""What /api/v1 answers: plain JSON objects, the same names as on the screens."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import BaseModel

from core import datasets, exports
from core.desk import Desk
from core.engine.receipt import Receipt
from core.engine.values import Column
from storage.tables import Dataset, Job


class FileOut(BaseModel):
    """One file of a finished export. `url` wants the same token."""

    n: int  # from 0
    name: str
    media_type: str
    bytes: int
    rows: int
    sha256: str
    part: str = ""  # which part of a split it holds
    locked: bool = False  # it asks for a password
    member_count: int = 0  # files within a zip; its manifest.json lists them
    url: str


class JobOut(BaseModel):
    id: str
    kind: str  # export, ingest, refresh
    name: str
    state: str  # queued, running, succeeded, failed, cancelled
    created_at: datetime
    started_at: datetime | None = None
    finished_at: datetime | None = None
    attempt: int
    template_id: str | None = None
    queue_place: int | None = None  # 1: next; only while queued
    progress: dict[str, Any] | None = None
    files: list[FileOut] = []
    rows: int | None = None
    bytes: int | None = None
    receipt: Receipt | None = None
    datasets: list[dict[str, Any]] | None = None  # ingest, refresh: what came of it
    data_at: datetime | None = None  # export: since when the oldest of its data was as it was
    converted_from: str | None = None  # export: id of the one it is in another format
    error: dict[str, Any] | None = None
    kept: bool = False  # its files stay until somebody says otherwise
    expires_at: datetime | None = None  # until then its files are there; absent: for good
    expired_at: datetime | None = None  # since then they are gone
    url: str


class JobPage(BaseModel):
    jobs: list[JobOut]
    page: int  # from 1
    size: int
    total: int


class DatasetOut(BaseModel):
    id: str
    slug: str
    name: str
    rows: int
    columns: list[Column]
    date_column: str | None = None
    version: str  # id of the current version
    updated_at: datetime


class DatasetPage(BaseModel):
    datasets: list[DatasetOut]
    page: int
    size: int
    total: int


class Added(DatasetOut):
    """The first dataset that came of the file; `datasets` holds all of them (a workbook's sheets, an archive's files)."""

    datasets: list[DatasetOut]


class Accepted(BaseModel):
    """Still being read: ask for the job until it has ended."""

    job: JobOut


def job_out(desk: Desk, job: Job) -> JobOut:
    """A job as /api/v1 shows it, of any kind."""
    receipt = Receipt.model_validate(job.result) if job.kind == "export" and job.result else None
    base = f"/api/v1/jobs/{job.id}"
    return JobOut(
        id=job.id,
        kind=job.kind,
        name=job.name,
        state=job.state,
        created_at=job.created_at,
        started_at=job.started_at,
        finished_at=job.finished_at,
        attempt=job.attempt,
        template_id=job.template_id,
        queue_place=exports.queue_place(desk, job),
        progress=job.progress if job.state == "running" else None,
        files=[
            FileOut(n=n, url=f"{base}/files/{n}", **file.model_dump(exclude={"stored"}))
            for n, file in enumerate(receipt.files if receipt else ())
        ],
        rows=job.rows,
        bytes=job.bytes,
        receipt=receipt,
        datasets=job.result.get("datasets") if job.kind in ("ingest", "refresh") and job.result else None,
        data_at=exports.data_at(job),
        converted_from=job.parent_id if job.kind == "export" else None,
        error=job.error,
        kept=job.kept,
        expires_at=job.expires_at,
        expired_at=job.expired_at,
        url=base,
    )


def dataset_out(desk: Desk, dataset: Dataset) -> DatasetOut:
    """A dataset with what its current version holds."""
    current = datasets.version(desk, dataset.version_id or "")
    return DatasetOut(
        id=dataset.id,
        slug=dataset.slug,
        name=dataset.name,
        rows=current.rows,
        columns=[*datasets.columns(current)],
        date_column=dataset.date_column or current.date_column,
        version=current.id,
        updated_at=dataset.updated_at,
    )
