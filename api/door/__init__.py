"""The door: signing in and out, the first visit, invitations, forgotten passwords. Plain pages that need no script."""

from __future__ import annotations

from fastapi import FastAPI

from core.settings import Settings


def install(app: FastAPI, settings: Settings) -> None:
    """Add the door's routes; only a desk that asks for sign-in has one."""
