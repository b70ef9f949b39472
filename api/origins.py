"""Where a request really came from: which name it was sent to, over http or https, and whether a page of ours sent it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import Scope

from core.settings import Settings, listed

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
SECURE = ("https", "wss")
HOST = re.compile(r"[^/?#@\\\s]*")
PORTS = {"http": 80, "https": 443}

Origin = tuple[str, str, int]  # scheme, name, port


@dataclass(frozen=True)
class Rules:
    """Who may speak to this desk."""

    sign_in: bool = False  # False: one person on one computer, and nothing that came from elsewhere is heard
    hosts: frozenset[str] = LOOPBACK  # names it answers to, without ports
    public: Origin | None = None  # where people reach it, if that is known

    @classmethod
    def of(cls, settings: Settings) -> Rules:
        if settings.sign_in == "off":
            return cls()
        public = origin(settings.public_url)
        names = {name(host) for host in listed(settings.hosts)} | ({public[1]} if public else set())
        return cls(True, LOOPBACK | names - {""}, public)


def name(host: str) -> str:
    """The name in a Host header, without the port: `[::1]:8501` gives `::1`; "" for what is none, as RFC 9110 writes it."""
    if not HOST.fullmatch(host):
        return ""  # user@name, name/path: an address may hold those, this header never does
    try:
        return (urlsplit(f"//{host}").hostname or "").lower()
    except ValueError:
        return ""


def origin(url: str) -> Origin | None:
    """Scheme, name and port of an address; None for what is none, such as the “null” of a sandboxed page."""
    try:
        parts = urlsplit(url)
        port = parts.port or PORTS.get(parts.scheme, 0)
    except ValueError:
        return None
    return (parts.scheme, parts.hostname.lower(), port) if parts.hostname and port else None


def secure(scope: Scope, rules: Rules) -> bool:
    """Did the browser ask by https? Said by the connection or a trusted proxy, or known of the public address."""
    if scope["scheme"] in SECURE:
        return True
    return bool(rules.public and rules.public[0] == "https" and _host(scope) == rules.public[1])


def own(scope: Scope, rules: Rules) -> Origin | None:
    """The origin of the pages this request was sent from, if it was sent from ours."""
    found = origin(f"{'https' if secure(scope, rules) else 'http'}://{Headers(scope=scope).get('host', '')}")
    # behind a proxy that ends TLS the port in Host may be left out or be the proxy's: the public address is the known one
    return rules.public if found and rules.public and found[1] == rules.public[1] else found


def from_our_page(scope: Scope, rules: Rules, *, cookie: bool) -> bool:
    """Was this sent by a page of this very desk? Browsers say so in Sec-Fetch-Site, and in Origin.

    Where neither is said, no browser of today sent it: it is believed only where there is no cookie to abuse.
    """
    headers = Headers(scope=scope)
    site, sender = headers.get("sec-fetch-site"), headers.get("origin")
    if site is not None and site != "same-origin":
        return False
    if sender is not None:
        return origin(sender) is not None and origin(sender) == own(scope, rules)
    return site is not None or not cookie


def _host(scope: Scope) -> str:
    return name(Headers(scope=scope).get("host", ""))
