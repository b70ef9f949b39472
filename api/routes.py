"""Every route, in the order they are asked."""

from __future__ import annotations

from fastapi import FastAPI

from api import errors, files, health, reference, security, uploads, v1


def install(app: FastAPI, parts: set[str]) -> None:
    """Add the routes and the guards. The screens are mounted after this, for every path that is left."""
    security.install(app)
    errors.install(app)
    app.include_router(health.router)
    app.include_router(uploads.router)
    app.include_router(files.router)
    if "api" in parts:
        app.include_router(v1.router)
        reference.install(app)
    app.include_router(errors.unknown)  # after every API route: an unknown one answers JSON, not a page
