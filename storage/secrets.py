"""Sealed secrets. What is stored opens only with a key that is not in the database."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Text, cast
from sqlmodel import Session, col, delete, select

from storage.tables import Draft, Job, JobKind, Secret, SecretKind, Template


def add(session: Session, workspace_id: str, owner_id: str, kind: SecretKind) -> Secret:
    """A row whose `sealed` the caller fills in before the transaction ends: the seal is bound to the row's id."""
    secret = Secret(workspace_id=workspace_id, owner_id=owner_id, kind=kind, sealed="")
    session.add(secret)
    session.flush()
    return secret


def get(session: Session, workspace_id: str, secret_id: str) -> Secret | None:
    return session.exec(select(Secret).where(Secret.workspace_id == workspace_id, Secret.id == secret_id)).first()


def forget_file_passwords(session: Session, before: datetime) -> int:
    """Remove passwords of files, of every workspace, that were kept before then and that no export, template or draft names.

    Returns how many.
    """
    mine = (col(Secret.kind) == SecretKind.FILE_PASSWORD, col(Secret.created_at) < before)
    old = set(session.exec(select(Secret.id).where(*mine)).all())
    if not old:
        return 0
    named = _password(Job.payload["spec"])
    used = set(session.exec(select(named).where(Job.kind == JobKind.EXPORT, named.is_not(None)).distinct()).all())
    named = _password(Template.spec)
    used.update(session.exec(select(named).where(named.is_not(None)).distinct()).all())
    written = cast(col(Draft.content), Text)
    unused = [s for s in old - used if not session.exec(select(Draft.id).where(written.contains(s)).limit(1)).first()]
    session.exec(delete(Secret).where(col(Secret.id).in_(unused)))
    return len(unused)


def _password(spec: Any) -> ColumnElement[str]:
    """The id of the password that a column of specs names, or NULL."""
    found: ColumnElement[str] = spec["packaging"]["password"].as_string()
    return found
