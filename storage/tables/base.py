"""What every table is made of: text ids (UUID), aware UTC times, enums as checked text, named constraints.

Mandates of all tables: rows and bytes are BigInteger; every row carries its workspace and its owner; leases are epoch seconds
by the database's clock; JSON is replaced, never mutated.
"""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, DateTime, Enum, MetaData, TypeDecorator
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


class Owned(SQLModel):
    """What every row of a workspace carries."""

    id: str = Field(default_factory=new_id, primary_key=True)
    workspace_id: str = Field(foreign_key="workspace.id", index=True)
    owner_id: str = Field(foreign_key="account.id", index=True)
    created_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)


class Shareable(Owned):
    """A thing somebody keeps to themselves or shares with the workspace, and may put into a project."""

    shared: bool = False
    project_id: str | None = Field(default=None, index=True)
    deleted_at: datetime | None = Field(default=None, sa_type=UtcDateTime)  # in the bin since then
