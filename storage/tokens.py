"""API tokens. Only their SHA-256 is stored: the secret itself is shown once and is nowhere afterwards."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session, col, desc, select, update

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
    per_minute: int | None = None,
    per_hour: int | None = None,
    per_day: int | None = None,
) -> Token:
    token = Token(
        workspace_id=workspace_id,
        owner_id=owner_id,
        name=name,
        prefix=prefix,
        hash=hash,
        scopes=[*scopes],
        expires_at=expires_at,
        per_minute=per_minute,
        per_hour=per_hour,
        per_day=per_day,
    )
    session.add(token)
    session.flush()
    return token


def by_hash(session: Session, hash: str) -> Token | None:
    """The one lookup without a workspace: the token says which workspace it is."""
    return session.exec(select(Token).where(Token.hash == hash)).first()


def list(session: Session, workspace_id: str, owner_id: str | None = None) -> Sequence[Token]:
    """Those that are not revoked, newest first; of one owner, or of everybody (None)."""
    query = select(Token).where(Token.workspace_id == workspace_id, col(Token.revoked_at).is_(None))
    if owner_id is not None:
        query = query.where(Token.owner_id == owner_id)
    return session.exec(query.order_by(desc(Token.created_at), desc(Token.id))).all()


def revoke(session: Session, workspace_id: str, token_id: str, owner_id: str | None = None) -> Token | None:
    """None: no such token that works, or it is not the owner's where one is given."""
    token = session.exec(
        select(Token).where(Token.workspace_id == workspace_id, Token.id == token_id, col(Token.revoked_at).is_(None))
    ).first()
    if token is None or owner_id not in (None, token.owner_id):
        return None
    token.revoked_at = utc_now()
    session.add(token)
    return token


def revoke_of(session: Session, workspace_id: str, owner_id: str) -> None:
    """End every token of somebody in a workspace."""
    mine = (col(Token.workspace_id) == workspace_id, col(Token.owner_id) == owner_id, col(Token.revoked_at).is_(None))
    session.exec(update(Token).where(*mine).values(revoked_at=utc_now()))


def touch(session: Session, token_id: str, before: datetime) -> None:
    """Note that a token was used, unless that was noted after `before`: not every request is worth a write."""
    token = session.exec(select(Token).where(Token.id == token_id)).first()
    if token is not None and (token.last_used_at is None or token.last_used_at < before):
        token.last_used_at = utc_now()
        session.add(token)
