"""What is done for people: jobs, the templates they start from, and the links to what they made."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, Float, Index
from sqlmodel import Field, SQLModel

from storage.tables.base import Owned, Shareable, UtcDateTime, json_column, text_enum, utc_now


class JobKind(StrEnum):
    EXPORT = "export"
    INGEST = "ingest"
    INSPECT = "inspect"  # read the head of an upload and say what was understood
    DELIVERY = "delivery"
    BULK = "bulk"
    CONVERT = "convert"
    VALIDATE = "validate"  # compare a sample file with a dataset


class JobState(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


ACTIVE = (JobState.QUEUED, JobState.RUNNING)


class Job(Shareable, table=True):
    kind: JobKind = Field(sa_type=text_enum(JobKind))
    name: str  # what people call it
    parent_id: str | None = Field(default=None, foreign_key="job.id", index=True)
    template_id: str | None = Field(default=None, foreign_key="template.id", index=True)
    queue: str = "default"
    priority: int = 0  # higher first
    state: JobState = Field(default=JobState.QUEUED, sa_type=text_enum(JobState))
    payload: dict[str, Any] = Field(sa_type=json_column())  # export: {"spec": ExportSpec}
    resolved: dict[str, Any] | None = Field(default=None, sa_type=json_column())  # engine.spec.Resolved
    progress: dict[str, Any] | None = Field(default=None, sa_type=json_column())  # engine.progress.Progress
    result: dict[str, Any] | None = Field(default=None, sa_type=json_column())  # export: engine.receipt.Receipt
    error: dict[str, Any] | None = Field(default=None, sa_type=json_column())  # DeskError.as_dict()
    attempt: int = 0
    max_attempts: int = 3
    run_after: float = Field(default=0.0, sa_type=Float)  # epoch seconds, database clock
    lease_owner: str | None = None
    lease_until: float | None = Field(default=None, sa_type=Float)  # epoch seconds, database clock
    cancel_requested: bool = False
    format: str | None = None  # export: for the list's filter
    rows: int | None = Field(default=None, sa_type=BigInteger)
    bytes: int | None = Field(default=None, sa_type=BigInteger)
    started_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    finished_at: datetime | None = Field(default=None, sa_type=UtcDateTime)

    __table_args__ = (
        Index("ix_job_claim", "state", "queue", "priority", "created_at"),
        Index("ix_job_list", "workspace_id", "kind", "created_at"),
        Index("ix_job_counted", "workspace_id", "kind", "deleted_at", "owner_id", "shared", "id"),
    )


class JobDataset(SQLModel, table=True):
    """A dataset that a job reads, or is about to give a new version (storage.uses)."""

    __tablename__ = "job_dataset"

    job_id: str = Field(foreign_key="job.id", primary_key=True, ondelete="CASCADE")
    dataset_id: str = Field(foreign_key="dataset.id", primary_key=True, index=True, ondelete="CASCADE")


class Template(Shareable, table=True):
    name: str
    description: str = ""
    spec: dict[str, Any] = Field(sa_type=json_column())  # engine.spec.ExportSpec
    updated_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)
    last_run_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class TemplateDataset(SQLModel, table=True):
    """What a template's spec calls a dataset: its id or its slug, folded (storage.uses)."""

    __tablename__ = "template_dataset"

    template_id: str = Field(foreign_key="template.id", primary_key=True, ondelete="CASCADE")
    dataset: str = Field(primary_key=True, index=True)


class Pin(SQLModel, table=True):
    """A template somebody keeps at hand on their home page."""

    account_id: str = Field(foreign_key="account.id", primary_key=True)
    template_id: str = Field(foreign_key="template.id", primary_key=True)


class Link(Owned, table=True):
    """A download link that was handed out; revoking it is a date here, its signature stays valid in itself."""

    job_id: str = Field(foreign_key="job.id", index=True)
    file: int  # which file of the job, from 0
    expires_at: datetime = Field(sa_type=UtcDateTime)
    revoked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
