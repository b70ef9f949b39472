"""Signing in with another provider (OpenID Connect), by Authlib: state, nonce and PKCE (RFC 7636).

What must survive the way there and back is in a cookie of its own, signed, for ten minutes. It ends in the same sign-in as a
password does. docs/decisions/sign-in.md says why `st.login` is not used.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

import httpx2
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.starlette_client import OAuth
from fastapi import APIRouter, FastAPI, Request, Response
from joserfc.errors import JoseError
from starlette.concurrency import run_in_threadpool

from api import origins
from api.door import cookie, forms
from api.door.forms import DoorRoute
from api.door.pages import desk_of, rules_of
from core import signing
from core.access import oidc
from core.access.oidc import Claims
from core.errors import NotAllowed
from core.settings import Settings
from core.texts import N_

COOKIE, PURPOSE = "export_desk_oidc", "oidc"
SECONDS = 10 * 60  # for the whole way there and back
ANSWER_SECONDS = 10.0  # what the provider may take for one answer
CALLBACK = "/sign-in/oidc/callback"
TROUBLE = (AuthlibBaseError, JoseError, httpx2.HTTPError, ValueError, KeyError, RuntimeError)

_log = logging.getLogger(__name__)


def install(app: FastAPI, settings: Settings) -> None:
    """Add the two routes, where a provider is named."""
    if not oidc.offered(settings):
        return
    issuer = settings.oidc_issuer
    provider = OAuth().register(
        "provider",
        client_id=settings.oidc_client_id,
        client_secret=settings.oidc_client_secret or None,
        server_metadata_url=f"{issuer.rstrip('/')}/.well-known/openid-configuration",
        client_kwargs={
            "scope": "openid email profile",
            "code_challenge_method": "S256",
            "timeout": ANSWER_SECONDS,
            "trust_env": False,
        },
    )
    router = APIRouter(route_class=DoorRoute, include_in_schema=False)

    @router.get("/sign-in/oidc")
    async def leave(request: Request, next: str = "/") -> Response:
        request.scope["session"] = {"next": forms.local(next)}
        try:
            answer: Response = await provider.authorize_redirect(request, _callback(request))
        except TROUBLE as trouble:
            raise _refused(trouble) from trouble
        return _remember(answer, request)

    @router.get(CALLBACK)
    async def back(request: Request) -> Response:
        request.scope["session"] = session = _remembered(request)
        try:
            token = await provider.authorize_access_token(
                request,
                claims_options={
                    "iss": {"essential": True, "value": issuer},
                    "aud": {"essential": True, "value": settings.oidc_client_id},
                },
            )
            claims = await _claims(provider, issuer, token)
        except TROUBLE as trouble:
            raise _refused(trouble) from trouble
        caller = cookie.caller(request.scope)
        secret = await run_in_threadpool(oidc.sign_in_with, desk_of(request), claims, caller)
        answer = forms.signed_in(request, secret, session.get("next", "/"))
        answer.delete_cookie(_name(request), path="/", secure=_secure(request), httponly=True, samesite="lax")
        return answer

    app.include_router(router)


async def _claims(provider: Any, issuer: str, token: Mapping[str, Any]) -> Claims:
    """What the ID token says; of the e-mail also the provider's userinfo, where the token says nothing of it."""
    said = dict(token["userinfo"])  # of the ID token, whose signature, nonce, issuer and audience were checked
    if "email" not in said:
        more = await provider.userinfo(token=token)
        if more.get("sub") != said["sub"]:  # OpenID Connect Core, 5.3.2
            raise ValueError("userinfo is about somebody else")
        said = {**more, **said}
    return Claims(
        issuer=issuer,
        subject=str(said["sub"]),
        email=str(said.get("email") or ""),
        email_verified=said.get("email_verified") is True,
        name=str(said.get("name") or ""),
    )


def _callback(request: Request) -> str:
    """Where the provider sends people back to: it has to be told this address beforehand."""
    own = origins.own(request.scope, rules_of(request))
    assert own is not None  # the guard has looked at the Host header
    scheme, name, port = own
    host = f"[{name}]" if ":" in name else name
    return f"{scheme}://{host}{'' if port == origins.PORTS[scheme] else f':{port}'}{CALLBACK}"


def _secure(request: Request) -> bool:
    return origins.secure(request.scope, rules_of(request))


def _name(request: Request) -> str:
    return f"__Host-{COOKIE}" if _secure(request) else COOKIE


def _remember(answer: Response, request: Request) -> Response:
    value = signing.sign_for_now(desk_of(request), PURPOSE, request.session)
    answer.set_cookie(
        _name(request), value, max_age=SECONDS, path="/", secure=_secure(request), httponly=True, samesite="lax"
    )
    return answer


def _remembered(request: Request) -> dict[str, Any]:
    try:
        value: dict[str, Any] = signing.read_fresh(
            desk_of(request), PURPOSE, request.cookies.get(_name(request), ""), SECONDS
        )
    except NotAllowed as lost:
        raise NotAllowed(N_("This sign-in took too long, or began in another browser."), N_("Begin again.")) from lost
    return value


def _refused(trouble: Exception) -> NotAllowed:
    _log.warning("signing in with the provider did not work: %s: %s", type(trouble).__name__, trouble)
    return NotAllowed(
        N_("Signing in with your provider did not work."),
        N_("Begin again. If it happens again, the log of the desk says why."),
    )
