"""What people bring: uploads, the datasets they become, and the exports still being put together."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Index, func, text
from sqlmodel import Field

from storage.tables.base import Owned, Shareable, UtcDateTime, json_column, utc_now


class Upload(Owned, table=True):
    name: str
    size: int = Field(sa_type=BigInteger)  # bytes announced
    received: int = Field(default=0, sa_type=BigInteger)  # bytes on disk
    expires_at: datetime = Field(sa_type=UtcDateTime)


class Dataset(Shareable, table=True):
    name: str
    slug: str
    version_id: str | None = None  # the current DatasetVersion
    date_column: str | None = None  # id of the main date column (c1 … cN); absent: the version's own guess
    hidden: bool = False
    updated_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)

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
    fetched: bool = False  # from elsewhere, by the desk: once it is long replaced it goes (core.keeping.fetched)

    __table_args__ = (Index("uq_dataset_version_number", "dataset_id", "number", unique=True),)


class Draft(Owned, table=True):
    """An export somebody is still putting together: the builder's state, whole, so that a refresh loses nothing."""

    content: dict[str, Any] = Field(sa_type=json_column())  # pages.builder.draft.ExportDraft
    updated_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)
