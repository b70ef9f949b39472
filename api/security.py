"""Who may speak to the desk at all, and what every answer tells the browser to refuse.

Without sign-in the address is the lock: a request that came by another name than this computer's (DNS rebinding) or through
a proxy (forwarding headers) is refused before anything reads it. With sign-in the desk answers to the names it was given;
a screen asks a stranger to sign in, and what belongs to the screens (their socket, their media) wants a sign-in that holds.
"""

from __future__ import annotations

import base64
import hashlib
import re
from pathlib import Path
from urllib.parse import quote

import streamlit
from fastapi import FastAPI
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from api import door, origins
from api.cross_origin import CrossOrigin
from api.door import cookie
from api.errors import PREFIXES, envelope
from api.origins import Rules
from core import choices
from core.access import sign_in
from core.desk import Desk
from core.errors import BadInput, DeskError, Forbidden, NotAllowed, NotFound
from core.settings import Settings, listed

FORWARDING = (
    "forwarded",
    "x-forwarded-for",
    "x-forwarded-host",
    "x-forwarded-proto",
    "x-forwarded-port",
    "x-forwarded-prefix",
    "x-real-ip",
    "via",
)
# what a stranger may ask for: the door itself, what checks its callers by itself, and files that are the same for everybody
OPEN = re.compile(
    rf"{door.PATHS}|/({'|'.join(PREFIXES)}|static|app/static|_stcore/health|_stcore/host-config)(/.*)?"
    r"|/(favicon\.\w+|manifest\.json)"
)
BEHIND = re.compile(r"/(media|component|_stcore)/.*")  # parts of the screens that are no screens
INSIDE = ("_stcore/metrics", "_stcore/agent")  # Streamlit's own figures, and its door for programs: not ours to offer


def _own_scripts() -> str:
    """Hashes of the scripts that stand in Streamlit's own page: those may run inline, no other (CSP level 2)."""
    page = (Path(streamlit.__file__).parent / "static" / "index.html").read_text(encoding="utf-8")
    digests = (hashlib.sha256(s.encode()).digest() for s in re.findall(r"<script>(.*?)</script>", page, re.DOTALL))
    return " ".join(f"'sha256-{base64.b64encode(d).decode()}'" for d in digests)


CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'self'",
        f"script-src 'self' blob: {_own_scripts()}",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        "worker-src 'self' blob:",
        "connect-src 'self'",
        "object-src 'none'",
        "base-uri 'self'",
        "form-action 'self'",
        "frame-ancestors 'self'",
    )
)
HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "SAMEORIGIN",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
}


class Guard:
    """Refuses strangers' addresses and Streamlit's inner doors, and adds the headers to every answer."""

    def __init__(self, app: ASGIApp, rules: Rules) -> None:
        self.app = app
        self.rules = rules

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return

        async def sealed(message: Message) -> None:
            if message["type"] in ("http.response.start", "websocket.http.response.start"):
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        scope["state"] = {**scope.get("state", {}), "rules": self.rules}
        answer = await self._answer(scope)
        if answer is None:
            await self.app(scope, receive, sealed)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})  # before it was accepted: the server answers 403
        else:
            await answer(scope, receive, sealed)

    async def _answer(self, scope: Scope) -> Response | None:
        """What a request gets that goes no further; None for one that may go on."""
        refusal = refused(scope, self.rules)
        if refusal:
            return envelope(refusal)
        if not self.rules.sign_in:
            return None
        scope["headers"] = [
            (name, value) for name, value in scope["headers"] if name.decode("latin1") not in FORWARDING
        ]
        refusal = await run_in_threadpool(choices.refusal, scope["app"].state.desk, cookie.caller(scope).address)
        if refusal:
            return envelope(refusal)
        if OPEN.fullmatch(scope["path"]):
            return None
        if await run_in_threadpool(_signed_in, scope, self.rules):
            return None
        if scope["type"] == "http" and scope["method"] in ("GET", "HEAD") and not BEHIND.fullmatch(scope["path"]):
            return to_the_door(scope)
        return envelope(NotAllowed("You are signed out.", "Sign in again."))


def refused(scope: Scope, rules: Rules = Rules()) -> DeskError | None:  # noqa: B008  (it is frozen)
    """Why this request is not heard, or None."""
    headers = Headers(scope=scope)
    hosts = headers.getlist("host")
    if len(hosts) != 1 or origins.name(hosts[0]) not in rules.hosts:
        return _unknown_name(rules)
    if not rules.sign_in and any(name in headers for name in FORWARDING):
        return Forbidden(
            "This request came through a proxy. Without sign-in, this desk answers only its own computer.",
            "Open it directly on the computer it runs on.",
        )
    sender = headers.get("origin")
    if scope["type"] == "websocket" and sender is not None and not _of_ours(scope, sender, rules):
        return Forbidden("Another website tried to open this desk.", "Open the desk in a tab of its own.")
    if "\0" in scope["path"] or b"%00" in scope["query_string"]:
        return BadInput("An address cannot hold the character NUL.")  # no text in the store may
    if any(inside in scope["path"] for inside in INSIDE):
        return NotFound("There is nothing at this address.")
    return None


def to_the_door(scope: Scope) -> Response:
    """On to the sign-in page, and from there back to where they wanted to go."""
    wanted = quote(scope["path"]) + (f"?{scope['query_string'].decode('latin1')}" if scope["query_string"] else "")
    where = "/sign-in" if wanted == "/" else f"/sign-in?next={quote(wanted, safe='')}"
    return RedirectResponse(where, 303, {"Cache-Control": "no-store"})


def _signed_in(scope: Scope, rules: Rules) -> bool:
    desk: Desk = scope["app"].state.desk
    try:
        sign_in.resume(desk, cookie.read(scope, rules), cookie.caller(scope))
    except NotAllowed:
        return False
    return True


def _of_ours(scope: Scope, sender: str, rules: Rules) -> bool:
    found = origins.origin(sender)
    return found is not None and found == origins.own(scope, rules)


def _unknown_name(rules: Rules) -> DeskError:
    if rules.sign_in:
        return Forbidden(
            "This desk does not answer to that name.",
            "Open it by its own address; whoever runs it names further ones in DESK_HOSTS.",
        )
    return Forbidden(
        "This desk runs for one person on one computer and answers only there.",
        "Open it as http://127.0.0.1 or http://localhost, with its port.",
    )


def install(app: FastAPI, settings: Settings) -> None:
    app.add_middleware(CrossOrigin)  # within the guard: what is refused says nothing to other websites
    app.add_middleware(Guard, rules=Rules.of(settings))
    proxies = listed(settings.trusted_proxies)
    if proxies and settings.sign_in == "required":
        # the outermost: what it says of the caller is true for everything inside
        app.add_middleware(ProxyHeadersMiddleware, trusted_hosts=proxies)
