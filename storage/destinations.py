"""Destinations: saved places that files are delivered to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlmodel import Session, asc, col, select

from storage.scope import EVERYTHING, Scope, Within, narrowed, visible
from storage.store import folded
from storage.tables import Destination


def add(
    session: Session, workspace_id: str, owner_id: str, *, name: str, method: str, options: dict[str, Any]
) -> Destination:
    made = Destination(workspace_id=workspace_id, owner_id=owner_id, name=name, method=method, options=options)
    session.add(made)
    session.flush()
    return made


def get(session: Session, scope: Scope, destination_id: str) -> Destination | None:
    """None also for one in the bin (storage.bin)."""
    there = (visible(Destination, scope), Destination.id == destination_id, col(Destination.deleted_at).is_(None))
    return session.exec(select(Destination).where(*there)).first()


def list(session: Session, scope: Scope, *, within: Within = EVERYTHING) -> Sequence[Destination]:
    """By name, without case."""
    there = (narrowed(Destination, scope, within), col(Destination.deleted_at).is_(None))
    found = select(Destination).where(*there)
    return session.exec(found.order_by(asc(folded(Destination.name)), asc(Destination.id))).all()
