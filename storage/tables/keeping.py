"""What the desk notes about itself: who did what, how often something was tried, what an administrator decided."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Index
from sqlmodel import Field, SQLModel

from storage.tables.base import UtcDateTime, json_column, new_id, utc_now


class AuditEntry(SQLModel, table=True):
    """One thing that was done or refused. Names are kept as they were: what it speaks of may be gone."""

    __tablename__ = "audit_entry"

    id: str = Field(default_factory=new_id, primary_key=True)
    at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)
    workspace_id: str | None = None  # None: of the installation
    account_id: str | None = None  # None: nobody was signed in
    actor: str = ""  # name of the account, or of the token that acted for it
    action: str  # core.audit.ACTIONS
    subject_kind: str = ""
    subject_id: str = ""
    subject: str = ""  # its name at that time
    refused: bool = False
    address: str = ""
    agent: str = ""
    details: dict[str, Any] = Field(default_factory=dict, sa_type=json_column())

    __table_args__ = (
        Index("ix_audit_entry_list", "workspace_id", "at", "id"),
        Index("ix_audit_entry_of_account", "workspace_id", "account_id", "at", "id"),
        Index("ix_audit_entry_at", "at"),
    )


class Counter(SQLModel, table=True):
    """How often something happened within one window of time: what limits are counted with."""

    key: str = Field(primary_key=True)
    count: int = Field(sa_type=BigInteger)
    until: int = Field(sa_type=BigInteger, index=True)  # epoch second at which the window is over


class Choice(SQLModel, table=True):
    """What an administrator chose on the screen, by the name of its group (core.choices), and signs of life (core.status)."""

    name: str = Field(primary_key=True)
    value: Any = Field(sa_type=json_column())
    updated_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)
