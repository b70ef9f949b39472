"""The pages there are, as pages/navigation.py lists them: what is tested of every page is tested of a new one too."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from pathlib import Path

from pages import routes

SOURCE = Path(__file__).parents[1] / "pages" / "navigation.py"


@dataclass(frozen=True)
class Page:
    script: str  # in pages/, such as "data.py"
    address: str  # such as "/data"


def _pages() -> list[Page]:
    calls = (n for n in ast.walk(ast.parse(SOURCE.read_text(encoding="utf-8"))) if isinstance(n, ast.Call))
    return [_page(call) for call in calls if ast.unparse(call.func) == "st.Page"]


def _page(call: ast.Call) -> Page:
    script = ast.unparse(call.args[0])  # routes.DATA
    given = {k.arg: ast.literal_eval(k.value) for k in call.keywords if k.arg in ("url_path", "default")}
    address = "/" if given.get("default") else f"/{given['url_path']}"
    return Page(getattr(routes, script.removeprefix("routes.")), address)


PAGES = _pages()
