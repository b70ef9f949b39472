"""The door: signing in and out, the first visit, invitations, forgotten passwords. Plain pages that need no script."""

from __future__ import annotations

from fastapi import FastAPI

from core.settings import Settings

PATHS = (  # every address of the door that a stranger may knock at, as a pattern
    "/(sign-in|sign-in/oidc|sign-in/oidc/callback|set-up|forgot|sign-out|sign-out-everywhere|door/door.css"
    "|(join|new-password)/[^/]+)"
)


def install(app: FastAPI, settings: Settings) -> None:
    """Add the door's routes; only a desk that asks for sign-in has one."""
    from api.door import coming_in, going, passwords, provider

    app.include_router(coming_in.router)
    app.include_router(passwords.router)
    app.include_router(going.router)
    provider.install(app, settings)
