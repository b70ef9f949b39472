"""Every failure as one JSON shape: `{"error": {"code", "title", "message", "next_step", "field", "final", "details"}}`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from fastapi import APIRouter, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.routing import Match, Mount

from api.auth import caller
from core import audit
from core.errors import BadInput, BadSpec, DeskError, NotAllowed, NotFound

PREFIXES = ("api", "v1", "exports", "projects", "tasks", "health")  # what begins like an API's is never a page
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
HIDDEN = frozenset(
    {"body", "query", "path", "header", "function-after", "spec", "template"}
)  # steps of a place that say nothing


class Problem(BaseModel):
    """What went wrong, and what to do about it."""

    code: str
    title: str
    message: str
    next_step: str
    field: str | None = None
    final: bool
    details: dict[str, Any] = {}


class Failure(BaseModel):
    """The body of every answer that is not a success."""

    error: Problem


def envelope(error: DeskError) -> JSONResponse:
    headers = {"Cache-Control": "no-store"}
    if error.status == 401:
        headers["WWW-Authenticate"] = 'Bearer realm="Export Desk"'
    if wait := error.details.get("retry_after"):
        headers["Retry-After"] = str(wait)  # seconds (RFC 9110, 10.2.3)
    return JSONResponse({"error": error.as_dict()}, error.status, headers)


def from_validation(problems: Iterable[Any], kind: type[BadInput] = BadSpec) -> BadInput:
    """pydantic's findings as one sentence about the first, all of them in `details.problems`."""
    found = [{"field": _place(p["loc"]), "message": _sentence(p)} for p in problems]
    first = found[0]
    where = f"“{first['field']}”: " if first["field"] else ""
    more = f" ({len(found) - 1} more in details)" if len(found) > 1 else ""
    return kind(
        f"{where}{first['message']}{more}",
        "Correct it and send the request again; the reference at /api/docs lists every field.",
        field=first["field"] or None,
        problems=found,
    )


def _place(loc: Iterable[str | int]) -> str:
    return ".".join(str(step) for step in loc if step not in HIDDEN)


def _sentence(problem: Any) -> str:
    match problem["type"]:
        case "extra_forbidden":
            return "there is no such field here."
        case "missing":
            return "this field is missing."
        case "json_invalid":
            return "the body is not valid JSON."
        case _:
            return str(problem["msg"]).removeprefix("Value error, ").rstrip(".") + "."


async def _desk_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, DeskError)
    if isinstance(error, NotAllowed):
        await run_in_threadpool(_note, request, error)
    return envelope(error)


def _note(request: Request, error: NotAllowed) -> None:
    """Somebody nobody knows was turned away. Of the address only what the route says: the rest may be a secret."""
    names = {str(value): f"{{{name}}}" for name, value in request.path_params.items()}
    route = "/".join(names.get(step, step) for step in request.scope["path"].split("/"))
    desk = getattr(request.state, "desk", None) or request.app.state.desk.of_installation()
    audit.refused_request(desk, caller(request), f"{request.method} {route}", error.message)


async def _validation(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    return envelope(from_validation(error.errors()))


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    plain = NotFound("There is nothing at this address.") if error.status_code == 404 else BadInput(str(error.detail))
    answer = envelope(plain)
    answer.status_code = error.status_code
    answer.headers.update(error.headers or {})
    return answer


async def _gone(request: Request, error: Exception) -> Response:
    return Response(status_code=499)  # nobody is listening any more


async def _unexpected(request: Request, error: Exception) -> Response:
    # the server writes the traceback to the log; nothing of it goes out
    return envelope(
        DeskError("The desk met a problem of its own making.", "Try again; the log of the desk has the details.")
    )


def install(app: FastAPI) -> None:
    app.add_exception_handler(DeskError, _desk_error)
    app.add_exception_handler(RequestValidationError, _validation)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(ClientDisconnect, _gone)
    app.add_exception_handler(Exception, _unexpected)


unknown = APIRouter(include_in_schema=False)


async def _nothing_here(request: Request) -> Response:
    """404, or 405 where the address exists for other methods."""
    known = [
        r for r in request.app.routes if getattr(r, "original_router", None) is not unknown and not isinstance(r, Mount)
    ]
    allowed = {
        method
        for method in METHODS
        if any(route.matches({**request.scope, "method": method})[0] is Match.FULL for route in known)
    }
    if allowed:
        raise HTTPException(405, "This address exists, but not for this method.", {"Allow": ", ".join(sorted(allowed))})
    raise NotFound("There is nothing at this address.", "The reference at /api/docs lists every address there is.")


for _prefix in PREFIXES:
    for _path in (f"/{_prefix}", f"/{_prefix}/{{rest:path}}"):
        unknown.add_api_route(_path, _nothing_here, methods=list(METHODS))
