"""What the desk signs for itself: upload tickets and download links. One secret key a data folder, never in the database."""

from __future__ import annotations

import os
import secrets
from functools import lru_cache
from pathlib import Path
from typing import Any

from itsdangerous import BadSignature, SignatureExpired, URLSafeSerializer, URLSafeTimedSerializer

from core.desk import Desk
from core.errors import NotAllowed

KEY_BYTES = 32


def sign(desk: Desk, purpose: str, value: Any) -> str:
    """A URL-safe token that says `value` and proves this desk said it. It does not hide the value."""
    return str(URLSafeSerializer(_key(desk.settings.data_dir), salt=f"export-desk.{purpose}").dumps(value))


def read(desk: Desk, purpose: str, token: str) -> Any:
    """The value of a token made by `sign` for the same purpose. Raises NotAllowed for any other."""
    try:
        return URLSafeSerializer(_key(desk.settings.data_dir), salt=f"export-desk.{purpose}").loads(token)
    except BadSignature as wrong:
        raise NotAllowed("This address was not made by this desk, or it was changed on the way.") from wrong


def sign_for_now(desk: Desk, purpose: str, value: Any) -> str:
    """Like `sign`, with the moment in it."""
    return str(URLSafeTimedSerializer(_key(desk.settings.data_dir), salt=f"export-desk.{purpose}").dumps(value))


def read_fresh(desk: Desk, purpose: str, token: str, seconds: int) -> Any:
    """The value of a token made by `sign_for_now` at most `seconds` ago. Raises NotAllowed."""
    try:
        return URLSafeTimedSerializer(_key(desk.settings.data_dir), salt=f"export-desk.{purpose}").loads(
            token, max_age=seconds
        )
    except SignatureExpired as late:
        raise NotAllowed("This page has been open too long to go on.", "Reload the page and try again.") from late
    except BadSignature as wrong:
        raise NotAllowed("This request carries no valid ticket.", "Reload the page and try again.") from wrong


@lru_cache(maxsize=8)
def _key(data_dir: Path) -> bytes:
    """The secret, made at first use: readable by its owner alone, and only one wins when two processes make it at once."""
    path = data_dir / "keys" / "signing.key"
    if not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(secrets.token_bytes(KEY_BYTES))
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(draft, path)
        except FileExistsError:
            pass  # another process was first: its key is the key
        finally:
            draft.unlink()
    return path.read_bytes()
