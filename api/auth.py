"""Who is asking, before anything of the request is read. A token in the header, in every mode; never the cookie.

Every route of /api/v1 names the scope it needs; a route without one cannot be added. The token is checked, and the size of
a JSON body limited, before the body is parsed, so a stranger's gigabytes are never received.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Coroutine
from typing import Annotated, Any

from fastapi import Depends, Request, Response
from fastapi.routing import APIRoute
from fastapi.security import APIKeyHeader, HTTPBearer
from starlette.concurrency import run_in_threadpool
from starlette.types import Message

from core import tokens
from core.desk import Desk
from core.errors import BadInput, LimitReached

MAX_JSON_BYTES = 2 * 1024**2
SCOPE = "x-scope"

bearer = HTTPBearer(auto_error=False, description="`Authorization: Bearer exd_…`")
api_key = APIKeyHeader(
    name="X-API-Key", auto_error=False, description="The same token, where a program cannot set Authorization."
)


def needs(scope: str) -> dict[str, Any]:
    """`openapi_extra` of a route: the scope its callers' tokens must have, checked and documented."""
    assert scope in tokens.SCOPES
    return {SCOPE: scope}


def secret(request: Request) -> str:
    """The token as it was sent, or an empty string."""
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    return value.strip() if scheme.lower() == "bearer" else request.headers.get("x-api-key", "")


class TokenRoute(APIRoute):
    """A route that knows its caller before it reads the body."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()
        scope = (self.openapi_extra or {})[SCOPE]

        async def known(request: Request) -> Response:
            acting = await run_in_threadpool(tokens.authenticate, request.app.state.desk, secret(request), scope)
            request.state.desk = acting
            if not request.headers.get("content-type", "").startswith("multipart/"):
                request = await _limited(request)
            return await handle(request)

        return known


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
    _whole_signs(bytes(body))

    async def replay() -> Message:
        return {"type": "http.request", "body": bytes(body), "more_body": False}

    return Request(request.scope, replay)


def _whole_signs(body: bytes) -> None:
    """Raises BadInput for half a sign (a lone surrogate): JSON can write one, no file and no database can hold it."""
    if rb"\ud" not in body.lower():
        return
    try:
        json.dumps(json.loads(body), ensure_ascii=False).encode()
    except UnicodeEncodeError as trouble:
        raise BadInput(
            f"A text of the request holds half a sign ({trouble.object[trouble.start]!a}), which nothing can store.",
            "Send both halves of it, or the sign itself.",
        ) from trouble
    except (ValueError, RecursionError):
        return  # no JSON: whoever parses it says so


def acting(request: Request) -> Desk:
    desk: Desk = request.state.desk
    return desk


Acting = Annotated[Desk, Depends(acting)]
