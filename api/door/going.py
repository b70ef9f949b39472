"""Going out, and from one workspace to another."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from api.door import cookie, forms, pages
from api.door.forms import DoorRoute, Fields
from core.access import accounts, sign_in
from core.errors import NotAllowed
from core.texts import N_

router = APIRouter(route_class=DoorRoute, include_in_schema=False)


@router.get("/sign-out")
@router.get("/sign-out-everywhere")
def sign_out_page(request: Request) -> Response:
    """For whoever typed the address: an address alone signs nobody out, another website could open it."""
    known = forms.visitor(request)
    if known is None:
        return forms.onward("/sign-in")
    return pages.page(request, "sign_out", reader=accounts.me(known[0]))


@router.post("/sign-out")
def sign_out(request: Request) -> Response:
    known = forms.visitor(request)
    if known is not None:
        acting, here = known
        sign_in.end(acting, here.id)
    return cookie.drop(forms.onward("/sign-in"))


@router.post("/sign-out-everywhere")
def sign_out_everywhere(request: Request) -> Response:
    known = forms.visitor(request)
    if known is not None:
        sign_in.end_everywhere(known[0])
    return cookie.drop(forms.onward("/sign-in"))


@router.post("/workspace")
def workspace(request: Request, form: Fields) -> Response:
    """Look at another workspace from now on, in every tab of this browser."""
    known = forms.visitor(request)
    if known is None:
        raise NotAllowed(N_("You are signed out."), N_("Sign in again."))
    acting, here = known
    sign_in.switch(acting, here, form.get("id", ""))
    return forms.onward(form.get("next", "/"))
