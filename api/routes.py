"""Every route, in the order they are asked."""

from __future__ import annotations

from fastapi import FastAPI

from api import door, errors, files, health, reference, security, uploads, v1
from api.door import pages
from core.settings import Settings


def install(app: FastAPI, parts: set[str], settings: Settings) -> None:
    """Add the routes and the guards. The screens are mounted after this, for every path that is left."""
    security.install(app, settings)
    errors.install(app)
    app.include_router(health.router)
    app.include_router(uploads.router)
    app.include_router(files.router)
    app.add_api_route(
        "/door/door.css", pages.style, include_in_schema=False
    )  # of the door, and of links without a file
    if "api" in parts:
        app.include_router(v1.router)
        reference.install(app)
    if "web" in parts and settings.sign_in == "required":
        door.install(app, settings)
    app.include_router(errors.unknown)  # after every API route: an unknown one answers JSON, not a page
