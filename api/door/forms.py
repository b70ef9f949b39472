"""What every route of the door does before and after its own work: who sent the form, what is in it, where to go then."""

from __future__ import annotations

import re
from collections.abc import Callable, Coroutine
from typing import Annotated, Any
from urllib.parse import parse_qsl

from fastapi import Depends, Request, Response
from fastapi.routing import APIRoute
from starlette.responses import RedirectResponse

from api import origins
from api.door import cookie, pages
from core.access import sign_in
from core.access.sign_in import SignIn
from core.desk import Desk
from core.errors import BadInput, DeskError, Forbidden, LimitReached, NotAllowed
from core.texts import N_

MAX_BYTES = 32 * 1024  # of a form: names, addresses, passwords
MAX_FIELDS = 20
MAX_NEXT = 2000  # characters
LOCAL = re.compile(r"/(?![/\\])[^\\\x00-\x20\x7f]*")  # a path of this desk: never //elsewhere, /\elsewhere or https://…
FORM = "application/x-www-form-urlencoded"


class DoorRoute(APIRoute):
    """A form is heard only from a page of this desk; nothing is kept in a cache; what goes wrong is a page."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def answered(request: Request) -> Response:
            try:
                if request.method == "POST":
                    _from_our_page(request)
                answer = await handle(request)
            except DeskError as error:
                answer = pages.message(request, error)
            answer.headers.setdefault("Cache-Control", "no-store")
            return answer

        return answered


async def fields(request: Request) -> dict[str, str]:
    """The fields of the form that was sent. Raises LimitReached for more than a form of ours can hold, BadInput."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != FORM:
        raise BadInput(N_("This is not one of our forms."), N_("Open the page again."))
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > MAX_BYTES:
            raise LimitReached(N_("This is more than the form can hold."), N_("Shorten it."))
    try:
        found = dict(parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=MAX_FIELDS, errors="strict"))
    except ValueError as wrong:
        raise BadInput(N_("This form cannot be read."), N_("Open the page again.")) from wrong
    if any("\0" in text for field in found.items() for text in field):
        raise BadInput(N_("A form cannot hold the character NUL."), N_("Type it again."))  # no text in the store may
    return found


Fields = Annotated[dict[str, str], Depends(fields)]


def local(path: str) -> str:
    """Where to go afterwards: a path of this desk, or its start."""
    return path if len(path) <= MAX_NEXT and LOCAL.fullmatch(path) else "/"


def onward(path: str) -> Response:
    return RedirectResponse(local(path), 303)


def signed_in(request: Request, secret: str, path: str = "/") -> Response:
    """Give the browser the secret of its new sign-in and go on."""
    desk = pages.desk_of(request)
    return cookie.put(onward(path), request.scope, pages.rules_of(request), secret, desk.settings.session_days)


def visitor(request: Request) -> tuple[Desk, SignIn] | None:
    """Whoever is signed in in this browser."""
    try:
        held = cookie.read(request.scope, pages.rules_of(request))
        return sign_in.resume(pages.desk_of(request), held, cookie.caller(request.scope))
    except NotAllowed:
        return None


def _from_our_page(request: Request) -> None:
    rules = pages.rules_of(request)
    held = cookie.read(request.scope, rules) is not None
    if not origins.from_our_page(request.scope, rules, cookie=held):
        raise Forbidden(
            N_("This was not sent from a page of this desk."), N_("Open the desk in a tab of its own and try again.")
        )
