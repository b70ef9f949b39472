"""Secrets that open something for whoever holds them: of a sign-in, a link, a token. The store keeps their hash alone."""

from __future__ import annotations

import hashlib
import secrets

BYTES = 32


def fresh() -> str:
    """A new one: 43 characters that may stand in addresses and headers."""
    return secrets.token_urlsafe(BYTES)


def hashed(secret: str) -> str:
    """How it is stored: SHA-256, hex. It is long and random, so nothing slower is needed."""
    return hashlib.sha256(secret.encode()).hexdigest()
