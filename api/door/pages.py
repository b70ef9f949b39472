"""How the door's pages are drawn: autoescaped templates, and one style sheet in the colours of .streamlit/config.toml."""

from __future__ import annotations

import hashlib
import tomllib
from functools import cache, partial
from pathlib import Path
from typing import Any

from fastapi import Request
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse, Response

from api.door import languages
from api.origins import Rules
from core import texts
from core.access.accounts import Account
from core.desk import Desk
from core.errors import DeskError

HERE = Path(__file__).parent
THEME = tomllib.loads((HERE.parents[1] / ".streamlit" / "config.toml").read_text(encoding="utf-8"))["theme"]
YEAR = 365 * 24 * 60 * 60  # seconds


@cache
def _templates(language: str) -> Environment:
    """Templates as somebody reads them in `language`. They translate as Python does: `_("Join {name}").format(name=…)`, with
    the slots translators know from the screens, which Jinja's own {% trans %} would write another way."""
    made = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals |= {
        "_": partial(texts.translated, language=language),
        "n_": partial(texts.counted, language=language),
        "language": languages.tag(language),
        "direction": languages.direction(language),
    }
    return made


STYLE = (
    _templates(texts.SOURCE)
    .get_template("door.css")
    .render(light=THEME["light"], dark=THEME["dark"], faces=THEME["fontFaces"])
)
VERSION = hashlib.sha256(STYLE.encode()).hexdigest()[:12]


def page(
    request: Request,
    template: str,
    *,
    reader: Account | None = None,
    error: DeskError | None = None,
    typed: Any = None,
    **words: Any,
) -> Response:
    """A page of the door, in the language of `reader` where it is known who that is, else of the browser.

    `error` stands above the form, which keeps what was `typed` (never a password).
    """
    kept = {field: value for field, value in (typed or {}).items() if "password" not in field}
    drawn = _templates(languages.of(request, reader)).get_template(f"{template}.html")
    wait = error.details.get("retry_after") if error else None
    headers = {"Retry-After": str(wait)} if wait else None  # seconds (RFC 9110, 10.2.3)
    text = drawn.render(version=VERSION, error=error, typed=kept, **words)
    return HTMLResponse(text, error.status if error else 200, headers)


def message(request: Request, error: DeskError) -> Response:
    """A page that only says what is the matter."""
    return page(request, "message", error=error, title=error.title, sentence="", action="", href="")


def style() -> Response:
    return Response(STYLE, media_type="text/css", headers={"Cache-Control": f"public, max-age={YEAR}, immutable"})


def desk_of(request: Request) -> Desk:
    desk: Desk = request.app.state.desk
    return desk


def rules_of(request: Request) -> Rules:
    rules: Rules = request.state.rules
    return rules
