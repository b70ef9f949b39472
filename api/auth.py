"""Who is asking, before anything of the request is read. A token in the header, in every mode; never the cookie.

Every route of /api/v1 names the scope it needs; a route without one cannot be added. The token is checked, its limits counted,
and the size of a JSON body limited, before the body is parsed, so a stranger's gigabytes are never received.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Coroutine, Sequence
from typing import Annotated, Any

from fastapi import Depends, Request, Response
from fastapi.routing import APIRoute
from fastapi.security import APIKeyHeader, HTTPBearer
from starlette.concurrency import run_in_threadpool
from starlette.types import Message

from api.door import cookie
from core import storable
from core.access import intake, limits, tokens
from core.desk import Caller, Desk
from core.errors import LimitReached

MAX_JSON_BYTES = 2 * 1024**2
ESCAPED = re.compile(rb"\\u(0000|d[89a-f])", re.IGNORECASE)  # how JSON writes NUL, or a part of a pair
SCOPE, CALL, OPEN = "x-scope", "x-limit", "x-open-intake"

bearer = HTTPBearer(auto_error=False, description="`Authorization: Bearer exd_…`")
api_key = APIKeyHeader(
    name="X-API-Key", auto_error=False, description="The same token, where a program cannot set Authorization."
)


def needs(scope: str, call: str | None = None, *, open: bool = False) -> dict[str, Any]:
    """`openapi_extra` of a route: the scope its callers' tokens must have, checked and documented.

    `call` is the kind of call (limits.CALLS) where a contract limits how many of it a token may make. `open`: where open
    intake is on (core.access.intake), it may be asked without a token.
    """
    assert scope in tokens.SCOPES
    assert call is None or call in limits.CALLS
    return {SCOPE: scope} | ({CALL: call} if call else {}) | ({OPEN: True} if open else {})


def secret(request: Request) -> str:
    """The token as it was sent, or an empty string."""
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    return value.strip() if scheme.lower() == "bearer" else request.headers.get("x-api-key", "")


def caller(request: Request) -> Caller:
    """From where the request came, for the audit log."""
    return cookie.caller(request.scope)


class TokenRoute(APIRoute):
    """A route that knows its caller before it reads the body."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()
        extra = self.openapi_extra or {}
        scope, call = extra[SCOPE], extra.get(CALL)

        def admitted(request: Request) -> tuple[Desk, Sequence[limits.Left]]:
            if extra.get(OPEN) and not secret(request):
                return _without_token(request)
            acting, token = tokens.authenticate(
                request.app.state.desk, secret(request), scope, cookie.caller(request.scope)
            )
            return acting, limits.spend(acting, token, call)

        async def known(request: Request) -> Response:
            request.state.desk, left = await run_in_threadpool(admitted, request)
            storable.check(dict(request.query_params) | request.path_params)
            if not request.headers.get("content-type", "").startswith("multipart/"):
                request = await _limited(request)
            answer = await handle(request)
            answer.headers.update(_told(left))
            return answer

        return known


def _without_token(request: Request) -> tuple[Desk, Sequence[limits.Left]]:
    acting, left = intake.admit(request.app.state.desk, cookie.caller(request.scope))
    if job_id := request.path_params.get("job_id"):
        intake.check_own(acting, job_id)
    return acting, left


def _told(left: Sequence[limits.Left]) -> dict[str, str]:
    """What is left of the token's limits, as draft-ietf-httpapi-ratelimit-headers writes it; nothing where there is none."""
    if not left:
        return {}
    named = [(f'"{each.limit.what} {limits.per(each.limit.window)}"', each) for each in left]
    return {
        "RateLimit-Policy": ", ".join(
            f"{name};q={each.limit.most};w={limits.WINDOWS[each.limit.window]}" for name, each in named
        ),
        "RateLimit": ", ".join(f"{name};r={each.count};t={each.seconds}" for name, each in named),
    }


async def _limited(request: Request) -> Request:
    """The same request with its body in memory. Raises LimitReached once it is longer than a spec can be."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_JSON_BYTES:
            raise LimitReached(
                f"The body is larger than {MAX_JSON_BYTES // 1024**2} MB.",
                "Send data as a file: POST /api/v1/datasets.",
            )
    _check_json(bytes(body))

    async def replay() -> Message:
        return {"type": "http.request", "body": bytes(body), "more_body": False}

    return Request(request.scope, replay)


def _check_json(body: bytes) -> None:
    """Raises BadInput for texts that nothing can store: JSON can write them, as \\u0000 or with half of a pair."""
    if not ESCAPED.search(body):
        return
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return  # no JSON: whoever parses it says so
    storable.check(found)


def acting(request: Request) -> Desk:
    desk: Desk = request.state.desk
    return desk


Acting = Annotated[Desk, Depends(acting)]
