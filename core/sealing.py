"""Secrets the desk must read again (passwords of files, of destinations), sealed by AES-256-GCM before they are stored.

The key is a file of the data folder (keys/sealing, 0600), never in the database: a copy of the database alone opens nothing.
What a secret belongs to is bound into its seal, so that a row moved elsewhere does not open.
"""

from __future__ import annotations

import base64
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from core.desk import Desk
from core.errors import NotFound

KEY = "sealing"  # the name of its file in keys/
NONCE_BYTES = 12  # as NIST SP 800-38D recommends for GCM


def seal(desk: Desk, text: str, *belongs_to: str) -> str:
    """`text` sealed, as ASCII."""
    nonce = secrets.token_bytes(NONCE_BYTES)
    sealed = AESGCM(desk.files.secret(KEY)).encrypt(nonce, text.encode(), _bound(belongs_to))
    return base64.b64encode(nonce + sealed).decode()


def unseal(desk: Desk, sealed: str, *belongs_to: str) -> str:
    """What was sealed for the same owner. Raises NotFound where the key is another one or the seal was tampered with."""
    data = base64.b64decode(sealed)
    try:
        return (
            AESGCM(desk.files.secret(KEY)).decrypt(data[:NONCE_BYTES], data[NONCE_BYTES:], _bound(belongs_to)).decode()
        )
    except InvalidTag as wrong:
        raise NotFound(
            "A stored secret cannot be opened: the key of this desk is not the one it was sealed with.",
            "Set the password again.",
        ) from wrong


def _bound(belongs_to: tuple[str, ...]) -> bytes:
    return "\0".join(belongs_to).encode()
