"""Who may reach a desk that asks for sign-in: the networks an administrator allowed, and the computer itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from api import routes
from core import choices
from core.choices import Access
from core.desk import Desk


@pytest.fixture
def asked(desk: Desk) -> Callable[..., int]:
    """`asked("203.0.113.9", "/health")`: the status that caller gets."""
    team = replace(desk, settings=desk.settings.model_copy(update={"sign_in": "required", "hosts": "desk.example.org"}))
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    routes.install(app, {"web", "api"}, team.settings)
    app.state.desk = team

    def status(address: str, path: str, **headers: str) -> int:
        with TestClient(app, base_url="http://desk.example.org", client=(address, 50_000)) as http:
            return http.get(path, headers=headers, follow_redirects=False).status_code

    return status


PATHS = ("/health", "/sign-in", "/api/v1/datasets", "/")


def test_without_a_choice_every_address_is_heard(asked):
    assert [asked("203.0.113.9", path) for path in PATHS] == [200, 303, 401, 303]


@pytest.mark.parametrize("path", PATHS)
def test_an_address_of_no_allowed_network_is_refused_everywhere(asked, desk, path):
    choices.choose(desk, Access, networks=("192.168.1.0/24",))
    assert asked("203.0.113.9", path) == 403


def test_allowed_networks_and_the_computer_itself_are_heard(asked, desk):
    choices.choose(desk, Access, networks=("192.168.1.0/24",))
    for address in ("192.168.1.77", "127.0.0.1", "::1"):
        assert asked(address, "/health") == 200


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "X-Real-IP"])
def test_an_address_that_nobody_trusted_forwards_opens_nothing(asked, desk, header):
    choices.choose(desk, Access, networks=("192.168.1.0/24",))
    assert asked("203.0.113.9", "/health", **{header: "192.168.1.77"}) == 403
