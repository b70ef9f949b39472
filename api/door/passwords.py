"""Pages for those who forgot their password."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from starlette.background import BackgroundTask

from api.door import cookie, forms, pages
from api.door.forms import DoorRoute, Fields
from api.door.pages import desk_of
from core.access import accounts, installation, recovery
from core.errors import DeskError, NotFound
from core.texts import N_

router = APIRouter(route_class=DoorRoute, include_in_schema=False)


@router.get("/forgot")
def forgot_page(request: Request) -> Response:
    desk = desk_of(request)
    return pages.page(request, "forgot", by_mail=recovery.by_mail(desk), whom=installation.whom_to_ask(desk))


@router.post("/forgot")
def forgot(request: Request, form: Fields) -> Response:
    """The same answer, in the same time, whether there is such an account or not: the rest happens afterwards."""
    answer = pages.page(
        request,
        "message",
        title=N_("Look into your e-mail"),
        sentence=N_(
            "If somebody here has that address, a link for a new password is on its way. It works for an hour."
        ),
        action=N_("Back to sign-in"),
        href="/sign-in",
    )
    wanted = desk_of(request), form.get("email", ""), cookie.caller(request.scope)
    answer.background = BackgroundTask(recovery.request, *wanted)
    return answer


@router.get("/new-password/{secret}")
def new_password_page(request: Request, secret: str) -> Response:
    return _new_password(request, secret)


@router.post("/new-password/{secret}")
def new_password(request: Request, secret: str, form: Fields) -> Response:
    try:
        held = recovery.use(desk_of(request), secret, form.get("password", ""), cookie.caller(request.scope))
    except NotFound:
        raise  # the link itself does not work any more: there is no form to go back to
    except DeskError as error:
        return _new_password(request, secret, error)
    return forms.signed_in(request, held)


def _new_password(request: Request, secret: str, error: DeskError | None = None) -> Response:
    account = recovery.look(desk_of(request), secret)
    return pages.page(
        request,
        "new_password",
        reader=account,
        error=error,
        who=account.name,
        email=account.email or "",
        shortest=accounts.SHORTEST_PASSWORD,
    )
