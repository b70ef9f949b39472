"""The cookie that holds a sign-in's secret: set by a page of ours, read by the guard, never by a script."""

from __future__ import annotations

from starlette.datastructures import Headers
from starlette.requests import cookie_parser
from starlette.responses import Response
from starlette.types import Scope

from api import origins
from api.origins import Rules
from core.access import sign_in
from core.desk import Caller

DAY = 24 * 60 * 60  # seconds


def read(scope: Scope, rules: Rules) -> str | None:
    """The secret the browser sent, if any."""
    cookies = cookie_parser(Headers(scope=scope).get("cookie", ""))
    return sign_in.secret_of(cookies, secure=origins.secure(scope, rules))


def put(answer: Response, scope: Scope, rules: Rules, secret: str, days: int) -> Response:
    """Let the browser keep `secret` for as long as the sign-in lasts."""
    safe = origins.secure(scope, rules)
    answer.set_cookie(
        sign_in.SECURE_COOKIE if safe else sign_in.COOKIE,
        secret,
        max_age=days * DAY,
        path="/",
        secure=safe,
        httponly=True,
        samesite="lax",
    )
    return answer


def drop(answer: Response) -> Response:
    """Let the browser forget it, by whichever name."""
    for name, safe in ((sign_in.COOKIE, False), (sign_in.SECURE_COOKIE, True)):
        answer.delete_cookie(name, path="/", secure=safe, httponly=True, samesite="lax")
    return answer


def caller(scope: Scope) -> Caller:
    """Who speaks, for the audit log: the address of the connection (or what a trusted proxy says of it) and the browser."""
    client = scope.get("client")
    return Caller(address=client[0] if client else "", agent=Headers(scope=scope).get("user-agent", ""))
