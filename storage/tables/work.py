"""What is done for people: jobs, and the links to what they made."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, Float, Index
from sqlmodel import Field, SQLModel

from storage.tables.base import Owned, Shareable, UtcDateTime, json_column, new_id, text_enum, utc_now


class JobKind(StrEnum):
    EXPORT = "export"
    INGEST = "ingest"
    INSPECT = "inspect"  # read the head of an upload and say what was understood
    DELIVERY = "delivery"
    VALIDATE = "validate"  # compare a sample file with a dataset
    REFRESH = "refresh"  # fetch a dataset again from where it comes from
    CHECK = "check"  # is a file one of ours, and which
    BACKUP = "backup"  # a whole workspace into one file
    RESTORE = "restore"  # and back


class JobState(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


ACTIVE = (JobState.QUEUED, JobState.RUNNING)


STATS = (
    "workspace_id", "kind", "created_at", "owner_id", "shared", "state", "format", "rows", "bytes", "template_id",
    "started_at", "finished_at", "deleted_at", "id",
)  # fmt: skip


class Job(Shareable, table=True):
    kind: JobKind = Field(sa_type=text_enum(JobKind))
    name: str  # what people call it
    parent_id: str | None = Field(default=None, foreign_key="job.id", index=True)
    template_id: str | None = Field(default=None, foreign_key="template.id", index=True)
    schedule_id: str | None = None  # that began it
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
    kept: bool = False  # retention leaves it alone
    expires_at: datetime | None = Field(
        default=None, sa_type=UtcDateTime, index=True
    )  # from when retention may take its files
    expired_at: datetime | None = Field(default=None, sa_type=UtcDateTime)  # since when its files are gone

    __table_args__ = (
        Index("ix_job_claim", "state", "queue", "priority", "created_at"),
        Index("ix_job_list", "workspace_id", "kind", "created_at"),
        Index("ix_job_counted", "workspace_id", "kind", "deleted_at", "owner_id", "shared", "id"),
        Index("ix_job_of_schedule", "schedule_id", "workspace_id", "kind", "created_at"),
        Index("ix_job_stats", *STATS),  # storage.stats reads this alone: the rows themselves hold whole receipts
    )


class JobDataset(SQLModel, table=True):
    """A dataset that a job reads, or is about to give a new version (storage.uses)."""

    __tablename__ = "job_dataset"

    job_id: str = Field(foreign_key="job.id", primary_key=True, ondelete="CASCADE")
    dataset_id: str = Field(foreign_key="dataset.id", primary_key=True, index=True, ondelete="CASCADE")


class JobFile(SQLModel, table=True):
    """A file that an export made, or one within its zip: by its SHA-256 it is found again (core.checks)."""

    __tablename__ = "job_file"

    job_id: str = Field(foreign_key="job.id", primary_key=True, ondelete="CASCADE")
    number: int = Field(primary_key=True)  # as the receipt lists them, a zip's members after the zip
    sha256: str = Field(index=True)  # 64 hex digits
    name: str


class Link(Owned, table=True):
    """A download link; revoking it is a date here, its signature stays valid in itself."""

    job_id: str = Field(foreign_key="job.id", index=True)
    file: int  # which file of the job, from 0
    expires_at: datetime = Field(sa_type=UtcDateTime)
    revoked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    password_hash: str | None = None  # argon2id; None: whoever holds the link gets the file
    sent_to: str = ""  # whom it was delivered to, in words; "": made by hand
    handed_out: bool = False  # it was given to somebody; else it is a page's own, for whoever looks at it


class LinkDownload(SQLModel, table=True):
    """One download by a link."""

    __tablename__ = "link_download"

    id: str = Field(default_factory=new_id, primary_key=True)
    link_id: str = Field(foreign_key="link.id", index=True, ondelete="CASCADE")
    at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)
    address: str = ""
    agent: str = ""
