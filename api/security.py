"""Who may speak to the desk at all, and what every answer tells the browser to refuse.

On one person's own computer nobody signs in, so the address is the lock: a request that came by another name than this
computer's (DNS rebinding) or through a proxy (forwarding headers) is refused before anything reads it.
"""

from __future__ import annotations

import base64
import hashlib
import re
from pathlib import Path
from urllib.parse import urlsplit

import streamlit
from fastapi import FastAPI
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.errors import envelope
from core.errors import BadInput, DeskError, Forbidden, NotFound

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
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

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

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

        refusal = refused(scope)
        if refusal and scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})  # before it was accepted: the server answers 403
            return
        await (envelope(refusal) if refusal else self.app)(scope, receive, sealed)


def refused(scope: Scope) -> DeskError | None:
    """Why this request is not heard, or None."""
    headers = Headers(scope=scope)
    hosts = headers.getlist("host")
    if len(hosts) != 1 or _host(hosts[0]) not in LOOPBACK:
        return Forbidden(
            "This desk runs for one person on one computer and answers only there.",
            "Open it as http://127.0.0.1 or http://localhost, with its port.",
        )
    if any(name in headers for name in FORWARDING):
        return Forbidden(
            "This request came through a proxy. Without sign-in, this desk answers only its own computer.",
            "Open it directly on the computer it runs on.",
        )
    origin = headers.get("origin")
    if scope["type"] == "websocket" and origin and _host(urlsplit(origin).netloc) not in LOOPBACK:
        return Forbidden("Another website tried to open this desk.", "Open the desk in a tab of its own.")
    if "\0" in scope["path"] or b"%00" in scope["query_string"]:
        return BadInput("An address cannot hold the character NUL.")  # no text in the store may
    if any(inside in scope["path"] for inside in INSIDE):
        return NotFound("There is nothing at this address.")
    return None


def _host(value: str) -> str:
    """The name in a Host header, without the port: `[::1]:8501` gives `::1`."""
    try:
        return (urlsplit(f"//{value}").hostname or "").lower()
    except ValueError:
        return ""


def install(app: FastAPI) -> None:
    app.add_middleware(Guard)
