"""How the door's pages are drawn: autoescaped templates, and one style sheet in the colours of .streamlit/config.toml."""

from __future__ import annotations

import hashlib
import tomllib
from pathlib import Path
from typing import Any

from fastapi import Request
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse, Response

from api.origins import Rules
from core.desk import Desk
from core.errors import DeskError

HERE = Path(__file__).parent
THEME = tomllib.loads((HERE.parents[1] / ".streamlit" / "config.toml").read_text(encoding="utf-8"))["theme"]
YEAR = 365 * 24 * 60 * 60  # seconds

_templates = Environment(
    loader=FileSystemLoader(HERE / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
STYLE = _templates.get_template("door.css").render(light=THEME["light"], dark=THEME["dark"], faces=THEME["fontFaces"])
VERSION = hashlib.sha256(STYLE.encode()).hexdigest()[:12]


def page(template: str, *, error: DeskError | None = None, typed: Any = None, **words: Any) -> Response:
    """A page of the door. `error` stands above the form, which keeps what was `typed` (never a password)."""
    kept = {field: value for field, value in (typed or {}).items() if "password" not in field}
    text = _templates.get_template(f"{template}.html").render(version=VERSION, error=error, typed=kept, **words)
    wait = error.details.get("retry_after") if error else None
    headers = {"Retry-After": str(wait)} if wait else None  # seconds (RFC 9110, 10.2.3)
    return HTMLResponse(text, error.status if error else 200, headers)


def message(error: DeskError) -> Response:
    """A page that only says what is the matter."""
    return page("message", error=error, title=error.title, sentence="", action="", href="")


def style() -> Response:
    return Response(STYLE, media_type="text/css", headers={"Cache-Control": f"public, max-age={YEAR}, immutable"})


def desk_of(request: Request) -> Desk:
    desk: Desk = request.app.state.desk
    return desk


def rules_of(request: Request) -> Rules:
    rules: Rules = request.state.rules
    return rules
