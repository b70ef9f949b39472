"""The paper and the code say the same: every address, every scope, every error class of the API is in docs/api.md."""

import re
from pathlib import Path

from fastapi import FastAPI

from api import routes
from api.auth import SCOPE
from api.reference import schema
from core.access.tokens import SCOPES
from core.settings import Settings

PAPER = (Path(__file__).parents[2] / "docs" / "api.md").read_text(encoding="utf-8")


def test_every_address_is_in_the_table_with_its_scope():
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    routes.install(app, {"web", "api"}, Settings())
    for path, methods in schema(app)["paths"].items():
        for method, operation in methods.items():
            row = re.search(rf"^\| .*`{method.upper()} {re.escape(path)}`.*\|$", PAPER, re.MULTILINE)
            assert row, f"{method.upper()} {path} is not in docs/api.md"
            assert f"`{operation[SCOPE]}`" in row[0] if SCOPE in operation else "without a token" in row[0]


def test_every_scope_is_explained():
    for scope in [*SCOPES, "*"]:
        assert f"| `{scope}` |" in PAPER


def test_every_operation_says_in_a_line_what_it_does():
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    routes.install(app, {"web", "api"}, Settings())
    operations = [o for methods in schema(app)["paths"].values() for o in methods.values()]
    assert all(len(o["summary"]) > 10 for o in operations)
    assert len({o["operationId"] for o in operations}) == len(operations)
