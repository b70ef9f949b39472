"""The API reference at /api/docs: Swagger UI from this machine alone, no other host is asked for anything."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.responses import HTMLResponse, JSONResponse, Response
from starlette.staticfiles import StaticFiles

from core import __version__

ABOUT = """
Programs do here what people do on the screens: upload data, start exports, wait, download.

Make a token with `python -m core tokens create NAME --scopes '*'` on the computer the desk runs on, and send it as
`Authorization: Bearer exd_…` or as `X-API-Key: exd_…`.
"""
PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Export Desk API</title>
<link rel="icon" href="/app/static/icon.svg">
<link rel="stylesheet" href="reference/swagger-ui.css">
</head>
<body>
<div id="swagger-ui"></div>
<script src="reference/swagger-ui-bundle.js"></script>
<script src="reference/start.js"></script>
</body>
</html>
"""  # the scripts are files, so the content security policy can forbid inline ones
START = "window.ui = SwaggerUIBundle({url: 'openapi.json', dom_id: '#swagger-ui', deepLinking: true, docExpansion: 'list'})\n"


def schema(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI 3.1 document of /api/v1, made once."""
    if app.openapi_schema is None:
        app.openapi_schema = get_openapi(
            title="Export Desk API", version=__version__, description=ABOUT.strip(), routes=app.routes
        )
    return app.openapi_schema


def install(app: FastAPI) -> None:
    @app.get("/api/openapi.json", include_in_schema=False)
    def document() -> JSONResponse:
        return JSONResponse(schema(app))

    @app.get("/api/docs", include_in_schema=False)
    def page() -> HTMLResponse:
        return HTMLResponse(PAGE)

    @app.get("/api/reference/start.js", include_in_schema=False)
    def start() -> Response:
        return Response(START, media_type="text/javascript")

    app.mount("/api/reference", StaticFiles(directory=str(files("fastapi_offline") / "static")))
