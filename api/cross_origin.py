"""Scripts of other websites that may ask the API: those an administrator named for open intake, and only where it is open.

The CORS protocol of the Fetch standard (https://fetch.spec.whatwg.org/#http-cors-protocol). No cookie is ever let along.
"""

from __future__ import annotations

import re

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core import choices
from core.desk import Desk

PATHS = re.compile(r"/api/v1/jobs(/[^/]+(/receipt|/files/\d+)?)?")
MAY_BE_READ = "Content-Disposition, ETag, X-Checksum, RateLimit, RateLimit-Policy, Retry-After"
REMEMBERED_SECONDS = 600


class CrossOrigin:
    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not PATHS.fullmatch(scope["path"]):
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        origin = headers.get("origin", "")
        allowed = bool(origin) and await run_in_threadpool(_named, scope["app"].state.desk, origin)

        async def told(message: Message) -> None:
            if message["type"] == "http.response.start":
                answer = MutableHeaders(scope=message)
                answer.add_vary_header("Origin")
                if allowed:
                    answer["Access-Control-Allow-Origin"] = origin
                    answer["Access-Control-Expose-Headers"] = MAY_BE_READ
            await send(message)

        if allowed and scope["method"] == "OPTIONS" and "access-control-request-method" in headers:
            await _preflight()(scope, receive, told)
        else:
            await self.app(scope, receive, told)


def _preflight() -> Response:
    return Response(
        status_code=204,
        headers={
            "Access-Control-Allow-Methods": "GET, HEAD, POST",
            "Access-Control-Allow-Headers": "Content-Type, Range",
            "Access-Control-Max-Age": str(REMEMBERED_SECONDS),
        },
    )


def _named(desk: Desk, origin: str) -> bool:
    chosen = choices.intake(desk)
    return bool(chosen.workspace_id) and origin.lower() in chosen.origins
