"""What administrators chose, by name; and the signs of life the desk's own parts leave beside it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlmodel import Session, select

from storage.tables import Choice, utc_now


def all(session: Session) -> dict[str, tuple[Any, datetime]]:
    """Every name with its value and when it was set."""
    return {row.name: (row.value, row.updated_at) for row in session.exec(select(Choice)).all()}


def get(session: Session, name: str) -> tuple[Any, datetime] | None:
    row = session.get(Choice, name)
    return (row.value, row.updated_at) if row else None


def forget(session: Session, name: str) -> None:
    row = session.get(Choice, name)
    if row is not None:
        session.delete(row)


def set(session: Session, name: str, value: Any) -> None:
    """`value` is JSON; it replaces the one before."""
    row = session.get(Choice, name) or Choice(name=name, value=value)
    row.value, row.updated_at = value, utc_now()
    session.add(row)
