"""Uploads: files on their way in. The bytes are in files.upload(id); the row says how many are announced and received."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlmodel import Session, col, select

from storage.scope import Scope, own
from storage.tables import Upload, utc_now


def add(session: Session, workspace_id: str, owner_id: str, *, name: str, size: int, expires_at: datetime) -> Upload:
    upload = Upload(workspace_id=workspace_id, owner_id=owner_id, name=name, size=size, expires_at=expires_at)
    session.add(upload)
    session.flush()
    return upload


def get(session: Session, scope: Scope, upload_id: str) -> Upload | None:
    return session.exec(select(Upload).where(own(Upload, scope), Upload.id == upload_id)).first()


def set_received(
    session: Session, scope: Scope, upload_id: str, received: int, size: int | None = None
) -> Upload | None:
    """Note the bytes on disk, and the size where it was not known before."""
    upload = get(session, scope, upload_id)
    if upload is not None:
        upload.received = received
        upload.size = upload.size if size is None else size
        session.add(upload)
    return upload


def remove(session: Session, scope: Scope, upload_id: str) -> bool:
    """Forget the row; the caller removes the bytes after the commit. True if there was one."""
    upload = get(session, scope, upload_id)
    if upload is None:
        return False
    session.delete(upload)
    return True


def remove_expired(session: Session, held: Collection[str]) -> list[str]:
    """Forget uploads past their time that no active job reads (`held`); returns their ids, of every workspace."""
    expired = session.exec(select(Upload).where(col(Upload.expires_at) < utc_now(), col(Upload.id).not_in(held))).all()
    for upload in expired:
        session.delete(upload)
    return [upload.id for upload in expired]


def known(session: Session) -> set[str]:
    """Every upload id there is, of every workspace: for the sweep."""
    return set(session.exec(select(Upload.id)).all())
