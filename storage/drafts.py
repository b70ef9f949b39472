"""Drafts: what somebody is putting together. Each is replaced whole; the last one to write wins."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlmodel import Session, col, delete, select

from storage.scope import Scope, own
from storage.tables import Draft, utc_now


def keep(session: Session, workspace_id: str, owner_id: str, draft_id: str, content: dict[str, Any]) -> Draft:
    """Store a draft under its own id, new or again. An id that somebody else uses is never written over."""
    draft = session.get(Draft, draft_id)
    if draft is None:
        draft = Draft(id=draft_id, workspace_id=workspace_id, owner_id=owner_id, content=content)
    elif (draft.workspace_id, draft.owner_id) != (workspace_id, owner_id):
        raise LookupError(draft_id)
    else:
        draft.content = content
        draft.updated_at = utc_now()
    session.add(draft)
    session.flush()
    return draft


def get(session: Session, scope: Scope, draft_id: str) -> Draft | None:
    return session.exec(select(Draft).where(Draft.id == draft_id, own(Draft, scope))).first()


def latest(session: Session, workspace_id: str, owner_id: str) -> Draft | None:
    return session.exec(
        select(Draft)
        .where(Draft.workspace_id == workspace_id, Draft.owner_id == owner_id)
        .order_by(col(Draft.updated_at).desc())
    ).first()


def discard(session: Session, scope: Scope, draft_id: str) -> None:
    session.exec(delete(Draft).where(col(Draft.id) == draft_id, own(Draft, scope)))


def discard_older(session: Session, before: datetime) -> int:
    """How many drafts nobody touched since `before` were removed, of every workspace."""
    return int(session.exec(delete(Draft).where(col(Draft.updated_at) < before)).rowcount)
