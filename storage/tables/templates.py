"""What people keep to use again: templates with their versions, what is remembered of them, sets of filters and of columns."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from storage.tables.base import Owned, Shareable, UtcDateTime, json_column, text_enum, utc_now


class Template(Shareable, table=True):
    name: str
    description: str = ""
    spec: dict[str, Any] = Field(sa_type=json_column())  # engine.spec.ExportSpec
    tags: list[str] = Field(default_factory=list, sa_type=json_column())
    version: int = 1  # the number of its TemplateVersion
    keep_days: int | None = None  # of what it makes; None: as the workspace says
    updated_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)
    last_run_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    last_run_by: str | None = None  # account id


class TemplateVersion(Owned, table=True):
    """A template as somebody (its `owner_id`) saved it. The newest is the template itself."""

    __tablename__ = "template_version"

    template_id: str = Field(foreign_key="template.id", ondelete="CASCADE")
    number: int  # 1, 2, 3 … within the template
    name: str
    description: str = ""
    spec: dict[str, Any] = Field(sa_type=json_column())
    restored_from: int | None = None  # the number of the version it brought back

    __table_args__ = (Index("uq_template_version_number", "template_id", "number", unique=True),)


class TemplateDataset(SQLModel, table=True):
    """What a template's spec calls a dataset: its id or its slug, folded (storage.uses)."""

    __tablename__ = "template_dataset"

    template_id: str = Field(foreign_key="template.id", primary_key=True, ondelete="CASCADE")
    dataset: str = Field(primary_key=True, index=True)


class ColumnMatch(SQLModel, table=True):
    """What a column of a template was found to be called in another file, as somebody confirmed it."""

    __tablename__ = "column_match"

    template_id: str = Field(foreign_key="template.id", primary_key=True, ondelete="CASCADE")
    wanted: str = Field(primary_key=True)  # folded
    found: str = Field(primary_key=True)  # folded
    used_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)


class Pin(SQLModel, table=True):
    """A template somebody keeps at hand on their home page."""

    account_id: str = Field(foreign_key="account.id", primary_key=True)
    template_id: str = Field(foreign_key="template.id", primary_key=True)


class SetKind(StrEnum):
    FILTERS = "filters"  # engine.spec.Group
    COLUMNS = "columns"  # {"columns": [engine.spec.OutputColumn]}


class SavedSet(Shareable, table=True):
    """Filters or columns that are kept to be used again in any export."""

    __tablename__ = "saved_set"

    kind: SetKind = Field(sa_type=text_enum(SetKind))
    name: str
    content: dict[str, Any] = Field(sa_type=json_column())
    updated_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)
