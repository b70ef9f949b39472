"""What the desk signs for itself: upload tickets and download links. One secret key a data folder, never in the database."""

from __future__ import annotations

from typing import Any

from itsdangerous import BadData, SignatureExpired, URLSafeSerializer, URLSafeTimedSerializer

from core.desk import Desk
from core.errors import NotAllowed

KEY = "signing"  # the name of its file in keys/


def sign(desk: Desk, purpose: str, value: Any) -> str:
    """A URL-safe token that says `value` and proves this desk said it. It does not hide the value."""
    return str(URLSafeSerializer(desk.files.secret(KEY), salt=f"export-desk.{purpose}").dumps(value))


def read(desk: Desk, purpose: str, token: str) -> Any:
    """The value of a token made by `sign` for the same purpose. Raises NotAllowed for any other."""
    try:
        return URLSafeSerializer(desk.files.secret(KEY), salt=f"export-desk.{purpose}").loads(token)
    except BadData as wrong:
        raise NotAllowed("This address was not made by this desk, or it was changed on the way.") from wrong


def sign_for_now(desk: Desk, purpose: str, value: Any) -> str:
    """Like `sign`, with the moment in it."""
    return str(URLSafeTimedSerializer(desk.files.secret(KEY), salt=f"export-desk.{purpose}.for-now").dumps(value))


def read_fresh(desk: Desk, purpose: str, token: str, seconds: int) -> Any:
    """The value of a token made by `sign_for_now` at most `seconds` ago. Raises NotAllowed."""
    try:
        return URLSafeTimedSerializer(desk.files.secret(KEY), salt=f"export-desk.{purpose}.for-now").loads(
            token, max_age=seconds
        )
    except SignatureExpired as late:
        raise NotAllowed("This page has been open too long to go on.", "Reload the page and try again.") from late
    except BadData as wrong:
        raise NotAllowed("This request carries no valid ticket.", "Reload the page and try again.") from wrong
