"""Pages for those who come in: signing in, the first visit, an invitation."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from api.door import cookie, forms, pages
from api.door.forms import DoorRoute, Fields
from api.door.pages import desk_of
from core.access import accounts, invitations, oidc, roles, setup, sign_in
from core.errors import DeskError, NotFound

router = APIRouter(route_class=DoorRoute, include_in_schema=False)


@router.get("/sign-in")
def sign_in_page(request: Request, next: str = "/") -> Response:
    if setup.needed(desk_of(request)):
        return forms.onward("/set-up")
    return forms.onward(next) if forms.visitor(request) else _sign_in(request, {"next": next})


@router.post("/sign-in")
def enter(request: Request, form: Fields) -> Response:
    email, password = form.get("email", ""), form.get("password", "")
    try:
        secret = sign_in.with_password(desk_of(request), email, password, cookie.caller(request.scope))
    except DeskError as error:
        return _sign_in(request, form, error)
    return forms.signed_in(request, secret, form.get("next", "/"))


def _sign_in(request: Request, typed: dict[str, str], error: DeskError | None = None) -> Response:
    typed = typed | {"next": forms.local(typed.get("next", "/"))}
    return pages.page(request, "sign_in", error=error, typed=typed, provider=oidc.offered(desk_of(request).settings))


@router.get("/set-up")
def set_up_page(request: Request) -> Response:
    return _set_up(request, {}) if setup.needed(desk_of(request)) else forms.onward("/sign-in")


@router.post("/set-up")
def set_up(request: Request, form: Fields) -> Response:
    desk = desk_of(request)
    if not setup.needed(desk):
        return forms.onward("/sign-in")
    given = {part: form.get(part, "") for part in ("name", "email", "password", "workspace")}
    try:
        secret = setup.finish(desk, form.get("code", ""), **given, caller=cookie.caller(request.scope))
    except DeskError as error:
        return _set_up(request, form, error)
    return forms.signed_in(request, secret)


def _set_up(request: Request, typed: dict[str, str], error: DeskError | None = None) -> Response:
    return pages.page(request, "set_up", error=error, typed=typed, shortest=accounts.SHORTEST_PASSWORD)


@router.get("/join/{secret}")
def join_page(request: Request, secret: str) -> Response:
    return _join(request, secret, {})


@router.post("/join/{secret}")
def join(request: Request, secret: str, form: Fields) -> Response:
    desk = desk_of(request)
    known = forms.visitor(request)
    try:
        if known is not None:
            acting, here = known
            place = invitations.look(desk, secret)[1]
            invitations.join_as(acting, secret, accounts.me(acting))
            sign_in.switch(acting, here, place.id)
            return forms.onward("/")
        given = {part: form.get(part, "") for part in ("name", "email", "password")}
        return forms.signed_in(request, invitations.join(desk, secret, **given, caller=cookie.caller(request.scope)))
    except NotFound:
        raise  # the link itself does not work any more: there is no form to go back to
    except DeskError as error:
        return _join(request, secret, form, error)


def _join(request: Request, secret: str, typed: dict[str, str], error: DeskError | None = None) -> Response:
    found, place = invitations.look(desk_of(request), secret)
    known = forms.visitor(request)
    me = accounts.me(known[0]) if known else None
    return pages.page(
        request,
        "join",
        reader=me,
        error=error,
        typed={"email": found.email} | typed,
        workspace=place.name,
        role=found.role,
        about=roles.ABOUT[found.role],
        invited=found.email,
        me=me,
        here=f"/join/{secret}",
        shortest=accounts.SHORTEST_PASSWORD,
    )
