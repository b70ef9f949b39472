"""Filters and columns that are kept to be used again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlmodel import Session, asc, col, select

from storage.scope import EVERYTHING, Scope, Within, narrowed, visible
from storage.store import folded
from storage.tables import SavedSet, SetKind, utc_now


def add(
    session: Session, workspace_id: str, owner_id: str, *, kind: SetKind, name: str, content: dict[str, Any]
) -> SavedSet:
    made = SavedSet(workspace_id=workspace_id, owner_id=owner_id, kind=kind, name=name, content=content)
    session.add(made)
    session.flush()
    return made


def get(session: Session, scope: Scope, set_id: str) -> SavedSet | None:
    there = (visible(SavedSet, scope), SavedSet.id == set_id, col(SavedSet.deleted_at).is_(None))
    return session.exec(select(SavedSet).where(*there)).first()


def list(
    session: Session, scope: Scope, kind: SetKind | None = None, *, within: Within = EVERYTHING
) -> Sequence[SavedSet]:
    """By name, without case; `kind` None: of both."""
    query = select(SavedSet).where(narrowed(SavedSet, scope, within), col(SavedSet.deleted_at).is_(None))
    if kind is not None:
        query = query.where(SavedSet.kind == kind)
    return session.exec(query.order_by(asc(folded(SavedSet.name)), asc(SavedSet.id))).all()


def change(session: Session, found: SavedSet, *, name: str | None, content: dict[str, Any] | None) -> SavedSet:
    """None leaves a part as it is."""
    found.name = found.name if name is None else name
    found.content = found.content if content is None else content
    found.updated_at = utc_now()
    session.add(found)
    return found
