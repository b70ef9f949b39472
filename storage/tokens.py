"""API tokens. Only their SHA-256 is stored: the secret itself is shown once and is nowhere afterwards."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session, col, desc, select

from storage.tables import Token, utc_now


def add(
    session: Session,
    workspace_id: str,
    owner_id: str,
    *,
    name: str,
    prefix: str,
    hash: str,
    scopes: Sequence[str],
    expires_at: datetime | None = None,
) -> Token:
    token = Token(
        workspace_id=workspace_id,
        owner_id=owner_id,
        name=name,
        prefix=prefix,
        hash=hash,
        scopes=[*scopes],
        expires_at=expires_at,
    )
    session.add(token)
    session.flush()
    return token


def by_hash(session: Session, hash: str) -> Token | None:
    """The one lookup without a workspace: the token says which workspace it is."""
    return session.exec(select(Token).where(Token.hash == hash)).first()


def list(session: Session, workspace_id: str) -> Sequence[Token]:
    """Newest first, revoked ones included."""
    return session.exec(
        select(Token).where(Token.workspace_id == workspace_id).order_by(desc(Token.created_at), desc(Token.id))
    ).all()


def revoke(session: Session, workspace_id: str, token_id: str) -> Token | None:
    token = session.exec(select(Token).where(Token.workspace_id == workspace_id, Token.id == token_id)).first()
    if token is not None and token.revoked_at is None:
        token.revoked_at = utc_now()
        session.add(token)
    return token


def touch(session: Session, token_id: str, before: datetime) -> None:
    """Note that a token was used, unless that was noted after `before`: not every request is worth a write."""
    token = session.exec(select(Token).where(Token.id == token_id)).first()
    if token is not None and (token.last_used_at is None or token.last_used_at < before):
        token.last_used_at = utc_now()
        session.add(token)


def active(session: Session, workspace_id: str) -> int:
    """How many tokens still open the door."""
    now = utc_now()
    rows = session.exec(
        select(Token.id).where(
            Token.workspace_id == workspace_id,
            col(Token.revoked_at).is_(None),
            col(Token.expires_at).is_(None) | (col(Token.expires_at) > now),
        )
    ).all()
    return len(rows)
