"""Tokens: how programs say who they are. Shown once, stored as a hash, limited to scopes, revocable.

A token acts for its owner: it may do what its scopes allow *and* what the owner's role in the workspace allows at that moment.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from core import audit, naming
from core.access import bearer, limits, roles
from core.desk import Caller, Desk
from core.errors import BadInput, Forbidden, NotAllowed, NotFound
from storage import tokens as rows
from storage.tables import Token, utc_now

__all__ = ["Token"]

PREFIX = "exd_"
SHOWN = 12  # characters kept to tell tokens apart in a list
SEEN_EVERY = timedelta(minutes=1)  # how exactly `last_used_at` is kept: not a write a request

SCOPES = {
    "datasets:read": "See datasets and their columns",
    "datasets:write": "Add datasets and move them to the bin",
    "jobs:read": "See exports and download their files",
    "jobs:write": "Start, cancel and delete exports",
    "templates:read": "See templates",
    "templates:write": "Save and delete templates",
    "destinations:read": "See destinations",
    "destinations:write": "Make, test, change and delete destinations",
    "schedules:read": "See schedules, and what they did and will do",
    "schedules:write": "Make, run, pause and delete schedules",
    "storage:read": "See what takes space, what goes next, and backups",
    "storage:write": "Clean up, back up and restore the workspace",
}
EVERYTHING = "*"
ANOTHER = "Make another one: on the page Tokens, or by python -m core tokens create NAME --scopes '*'"


def create(
    desk: Desk,
    name: str,
    scopes: Iterable[str],
    expires_at: datetime | None = None,
    *,
    per_minute: int | None = None,
    per_hour: int | None = None,
    per_day: int | None = None,
) -> tuple[Token, str]:
    """A new token of whoever acts, and its secret, which is shown this once. The limits are requests; None: no limit.

    Raises Forbidden, and BadInput naming the scopes there are.
    """
    roles.require(desk, "tokens.make")
    wanted = _known(scopes)
    if not name.strip():
        raise BadInput("A token needs a name.", "Name it after the program that will use it.", field="name")
    if expires_at and expires_at <= utc_now():
        raise BadInput("That expiry is in the past.", "Choose a later day, or none.", field="expires_at")
    secret = PREFIX + bearer.fresh()
    with desk.store.writing() as session:
        token = rows.add(
            session,
            desk.workspace_id,
            desk.account_id,
            name=naming.checked(name),
            prefix=secret[:SHOWN],
            hash=bearer.hashed(secret),
            scopes=wanted,
            expires_at=expires_at,
            per_minute=limits.checked(per_minute, "minute"),
            per_hour=limits.checked(per_hour, "hour"),
            per_day=limits.checked(per_day, "day"),
        )
        until = expires_at.isoformat() if expires_at else None
        audit.note(
            desk, session, "tokens.made", token, scopes=wanted, expires_at=until, limits=[*map(str, limits.of(token))]
        )
    return token, secret


def authenticate(desk: Desk, secret: str, scope: str, caller: Caller | None = None) -> tuple[Desk, Token]:
    """The Desk a token acts in, and the token; `caller` says from where. The cookie is never asked.

    Raises NotAllowed (none, wrong, expired, revoked, its owner gone) or Forbidden (without the scope).
    """
    if not secret:
        raise NotAllowed("This request has no token.", "Send one: Authorization: Bearer exd_…")
    with desk.store.reading() as session:
        token = rows.by_hash(
            session, bearer.hashed(secret)
        )  # by its hash: the time it takes says nothing of the secret
    if token is None or token.revoked_at:
        raise NotAllowed("This token is not known here.", ANOTHER)
    if expired(token):
        raise NotAllowed("This token has expired.", ANOTHER)
    try:
        acting = desk.acting_as(token.workspace_id, token.owner_id, replace(caller or Caller(), name=token.name))
    except NotAllowed as gone:
        raise NotAllowed("Whoever made this token does not belong to its workspace any more.", ANOTHER) from gone
    if scope not in token.scopes and EVERYTHING not in token.scopes:
        _refused(acting, token, scope)
    now = utc_now()
    if token.last_used_at is None or now - token.last_used_at > SEEN_EVERY:
        with desk.store.writing() as session:
            rows.touch(session, token.id, now - SEEN_EVERY)
    return acting, token


def list(desk: Desk) -> Sequence[Token]:
    """One's own tokens that are not revoked, newest first; everybody's for those who manage them. Secrets are in none."""
    with desk.store.reading() as session:
        return rows.list(session, desk.workspace_id, _whose(desk))


def revoke(desk: Desk, token_id: str) -> Token:
    """End a token at once: one's own, whatever one's role, or anybody's for those who manage them.

    Raises NotFound for any other, also for another workspace's.
    """
    with desk.store.writing() as session:
        token = rows.revoke(session, desk.workspace_id, token_id, _whose(desk))
        if token is None:
            raise NotFound("This token is not there.", "Look at the list of tokens: it may be revoked already.")
        audit.note(desk, session, "tokens.revoked", token)
    return token


def expired(token: Token) -> bool:
    return token.expires_at is not None and token.expires_at <= utc_now()


def sentence(scopes: Sequence[str]) -> str:
    """What a token with these scopes may do, in plain words: "See templates · Save and delete templates"."""
    return "Everything" if EVERYTHING in scopes else " · ".join(SCOPES[s] for s in SCOPES if s in scopes)


def _known(scopes: Iterable[str]) -> Sequence[str]:
    wanted = sorted(set(scopes))
    unknown = [s for s in wanted if s not in SCOPES and s != EVERYTHING]
    if unknown or not wanted:
        said = f"Unknown scope “{unknown[0]}”." if unknown else "A token needs at least one scope."
        raise BadInput(said, f"Known scopes: {', '.join(SCOPES)}, or * for all.", field="scopes")
    return wanted


def _whose(desk: Desk) -> str | None:
    """Whose tokens are there for whoever acts; None: everybody's."""
    return None if roles.may(desk, "tokens.manage") else desk.account_id


def _refused(acting: Desk, token: Token, scope: str) -> None:
    audit.turned_away(acting, SCOPES[scope].lower(), scope=scope, token=token.id)
    raise Forbidden(
        f"This token may not do that: it lacks the scope {scope}.", "Make a token that has it.", field=scope
    )
