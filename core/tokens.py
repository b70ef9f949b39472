"""Tokens: how programs say who they are. Shown once, stored as a hash, limited to scopes, revocable."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from core.desk import Desk
from core.errors import BadInput, Forbidden, NotAllowed, NotFound
from storage import tokens as rows
from storage.tables import Token, utc_now

PREFIX = "exd_"
SECRET_BYTES = 32
SHOWN = 12  # characters kept to tell tokens apart in a list
SEEN_EVERY = timedelta(minutes=1)  # how exactly `last_used_at` is kept: not a write a request

SCOPES = {
    "datasets:read": "See datasets and their columns",
    "datasets:write": "Add datasets and move them to the bin",
    "jobs:read": "See exports and download their files",
    "jobs:write": "Start, cancel and delete exports",
    "templates:read": "See templates",
    "templates:write": "Save and delete templates",
}
EVERYTHING = "*"


def create(desk: Desk, name: str, scopes: Iterable[str], expires_at: datetime | None = None) -> tuple[Token, str]:
    """A new token and its secret, which is shown this once. Raises BadInput naming the scopes there are."""
    wanted = sorted(set(scopes))
    unknown = [s for s in wanted if s not in SCOPES and s != EVERYTHING]
    if unknown or not wanted:
        said = f"Unknown scope “{unknown[0]}”." if unknown else "A token needs at least one scope."
        raise BadInput(said, f"Known scopes: {', '.join(SCOPES)}, or * for all.", field="scopes")
    if not name.strip():
        raise BadInput("A token needs a name.", "Name it after the program that will use it.", field="name")
    if expires_at and expires_at <= utc_now():
        raise BadInput("That expiry is in the past.", "Choose a later day, or none.", field="expires_at")
    secret = PREFIX + secrets.token_urlsafe(SECRET_BYTES)
    with desk.store.writing() as session:
        token = rows.add(
            session,
            desk.workspace_id,
            desk.account_id,
            name=name.strip(),
            prefix=secret[:SHOWN],
            hash=_hash(secret),
            scopes=wanted,
            expires_at=expires_at,
        )
    return token, secret


def authenticate(desk: Desk, secret: str, scope: str) -> Desk:
    """The Desk a token acts in. Raises NotAllowed (none, wrong, expired, revoked) or Forbidden (without the scope)."""
    if not secret:
        raise NotAllowed("This request has no token.", "Send one: Authorization: Bearer exd_…")
    hashed = _hash(secret)
    with desk.store.reading() as session:
        token = rows.by_hash(session, hashed)
    if token is None or not hmac.compare_digest(token.hash, hashed) or token.revoked_at:
        raise NotAllowed("This token is not known here.", "Make one: python -m core tokens create NAME --scopes '*'")
    if token.expires_at and token.expires_at <= utc_now():
        raise NotAllowed("This token has expired.", "Make a new one: python -m core tokens create NAME --scopes '*'")
    if scope not in token.scopes and EVERYTHING not in token.scopes:
        raise Forbidden(
            f"This token may not do that: it lacks the scope {scope}.", "Make a token that has it.", field=scope
        )
    now = utc_now()
    if token.last_used_at is None or now - token.last_used_at > SEEN_EVERY:
        with desk.store.writing() as session:
            rows.touch(session, token.id, now - SEEN_EVERY)
    return desk.acting_as(token.workspace_id, token.owner_id)


def list(desk: Desk) -> Sequence[Token]:
    """The workspace's tokens that are not revoked, newest first; secrets are in none of them."""
    with desk.store.reading() as session:
        return [t for t in rows.list(session, desk.workspace_id) if t.revoked_at is None]


def revoke(desk: Desk, token_id: str) -> None:
    """End a token at once. Raises NotFound, also for another workspace's."""
    with desk.store.writing() as session:
        token = rows.revoke(session, desk.workspace_id, token_id)
    if token is None:
        raise NotFound("This token is not there.", "`python -m core tokens list` shows the ones there are.")


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
