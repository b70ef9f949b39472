"""The composition root: the API and the screens as one app on one port. `python app.py` serves it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import streamlit as st
from fastapi import FastAPI

from api import routes, server
from api.housekeeping import tidying
from core.desk import open_desk
from core.settings import Settings
from core.work import launcher

settings = Settings()
parts = {part.strip() for part in settings.parts.split(",")}
ui = st.App(Path(__file__).parent / "pages" / "navigation.py")
screens = ui.lifespan()


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Open the store (and migrate it), start the supervisor and the clock; end them in the reverse order."""
    app.state.desk = desk = open_desk(settings)
    work = launcher.start(settings) if "work" in parts else None
    try:
        with tidying(desk):
            async with screens(app):
                yield
    finally:
        if work:
            launcher.stop(work)


app = FastAPI(title="Export Desk", lifespan=lifespan, openapi_url=None, docs_url=None, redoc_url=None)
routes.install(app, parts, settings)
if "web" in parts:
    app.mount("/", ui)  # last: it answers every path nobody else has

if __name__ == "__main__":
    server.run(app, settings)
