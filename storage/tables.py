"""Every table. Mandates: text ids (UUID), BigInteger rows and bytes, aware UTC times, enums as checked text, named constraints.

Every row carries its workspace and its owner. Leases are epoch seconds by the database's clock. JSON is replaced, never mutated.
"""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, BigInteger, DateTime, Enum, Float, Index, MetaData, TypeDecorator, func, text
from sqlmodel import Field, SQLModel

SQLModel.metadata.naming_convention = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_label)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
).naming_convention


class UtcDateTime(TypeDecorator[datetime]):
    """An aware time in UTC on both databases: SQLite forgets the zone, so it is put back on the way out."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("times in the store are aware: this one has no zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Any) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def new_id() -> str:
    return str(uuid.uuid4())


def utc_now() -> datetime:
    return datetime.now(UTC)


def text_enum(values: type[StrEnum]) -> Enum:
    """An enum stored as its value with a CHECK, alike on SQLite and PostgreSQL."""
    return Enum(
        values,
        native_enum=False,
        create_constraint=True,
        length=32,
        name=values.__name__.lower(),
        values_callable=lambda members: [m.value for m in members],
    )


def json_column() -> JSON:
    return JSON(none_as_null=True)


class JobKind(StrEnum):
    EXPORT = "export"
    INGEST = "ingest"
    INSPECT = "inspect"  # read the head of an upload and say what was understood
    DELIVERY = "delivery"
    BULK = "bulk"
    CONVERT = "convert"
    VALIDATE = "validate"  # compare a sample file with a dataset


class SecretKind(StrEnum):
    FILE_PASSWORD = "file_password"


class JobState(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


ACTIVE = (JobState.QUEUED, JobState.RUNNING)


class Workspace(SQLModel, table=True):
    id: str = Field(default_factory=new_id, primary_key=True)
    name: str
    zone: str = "UTC"
    created_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)


class Account(SQLModel, table=True):
    id: str = Field(default_factory=new_id, primary_key=True)
    workspace_id: str = Field(foreign_key="workspace.id", index=True)
    name: str
    created_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)


class Owned(SQLModel):
    """What every row of a workspace carries."""

    id: str = Field(default_factory=new_id, primary_key=True)
    workspace_id: str = Field(foreign_key="workspace.id", index=True)
    owner_id: str = Field(foreign_key="account.id", index=True)
    created_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)


class Upload(Owned, table=True):
    name: str
    size: int = Field(sa_type=BigInteger)  # bytes announced
    received: int = Field(default=0, sa_type=BigInteger)  # bytes on disk
    expires_at: datetime = Field(sa_type=UtcDateTime)


class Dataset(Owned, table=True):
    name: str
    slug: str
    version_id: str | None = None  # the current DatasetVersion
    date_column: str | None = None  # id of the main date column (c1 … cN); absent: the version's own guess
    hidden: bool = False
    updated_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)
    deleted_at: datetime | None = Field(default=None, sa_type=UtcDateTime)

    __table_args__ = (
        Index(
            "uq_dataset_workspace_slug",
            "workspace_id",
            func.lower(text("slug")),
            unique=True,
            sqlite_where=text("deleted_at IS NULL"),
            postgresql_where=text("deleted_at IS NULL"),
        ),
    )


class DatasetVersion(Owned, table=True):
    __tablename__ = "dataset_version"

    dataset_id: str = Field(foreign_key="dataset.id", index=True)
    number: int  # 1, 2, 3 … within the dataset
    rows: int = Field(sa_type=BigInteger)
    bytes: int = Field(sa_type=BigInteger)  # of the original file
    columns: list[dict[str, Any]] = Field(sa_type=json_column())  # engine.values.Column, in order
    date_column: str | None = None  # guessed at ingest
    understood: dict[str, Any] = Field(sa_type=json_column())  # engine.ingest.Understood
    profile: list[dict[str, Any]] = Field(sa_type=json_column())  # engine.summary.ColumnProfile, in order
    problems: int = Field(default=0, sa_type=BigInteger)  # rows that could not be read, kept beside the table
    source_name: str  # the file as the person called it
    sha256: str  # of the original file

    __table_args__ = (Index("uq_dataset_version_number", "dataset_id", "number", unique=True),)


class Job(Owned, table=True):
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
    deleted_at: datetime | None = Field(default=None, sa_type=UtcDateTime)

    __table_args__ = (
        Index("ix_job_claim", "state", "queue", "priority", "created_at"),
        Index("ix_job_list", "workspace_id", "kind", "created_at"),
    )


class Template(Owned, table=True):
    name: str
    description: str = ""
    spec: dict[str, Any] = Field(sa_type=json_column())  # engine.spec.ExportSpec
    updated_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)
    last_run_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    deleted_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Token(Owned, table=True):
    name: str
    prefix: str  # the first characters, to tell tokens apart in a list
    hash: str = Field(unique=True)  # SHA-256 of the whole token, hex
    scopes: list[str] = Field(sa_type=json_column())
    expires_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    last_used_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    revoked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Link(Owned, table=True):
    """A download link that was handed out; revoking it is a date here, its signature stays valid in itself."""

    job_id: str = Field(foreign_key="job.id", index=True)
    file: int  # which file of the job, from 0
    expires_at: datetime = Field(sa_type=UtcDateTime)
    revoked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Draft(Owned, table=True):
    """An export somebody is still putting together: the builder's state, whole, so that a refresh loses nothing."""

    content: dict[str, Any] = Field(sa_type=json_column())  # pages.draft.ExportDraft
    updated_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)


class Secret(Owned, table=True):
    """Something the desk must be able to read again and nobody else may: sealed with a key outside the database."""

    kind: SecretKind = Field(sa_type=text_enum(SecretKind))
    sealed: str  # base64 of nonce and AES-256-GCM ciphertext, bound to workspace, id and kind
