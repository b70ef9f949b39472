"""Sealed secrets. What is stored opens only with a key that is not in the database."""

from __future__ import annotations

from sqlmodel import Session, select

from storage.tables import Secret, SecretKind


def add(session: Session, workspace_id: str, owner_id: str, kind: SecretKind) -> Secret:
    """A row whose `sealed` the caller fills in before the transaction ends: the seal is bound to the row's id."""
    secret = Secret(workspace_id=workspace_id, owner_id=owner_id, kind=kind, sealed="")
    session.add(secret)
    session.flush()
    return secret


def get(session: Session, workspace_id: str, secret_id: str) -> Secret | None:
    return session.exec(select(Secret).where(Secret.workspace_id == workspace_id, Secret.id == secret_id)).first()
