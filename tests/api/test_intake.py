"""Requests without a token: refused unless an administrator opened a workspace to them, and then for very little."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from api import routes
from core import audit, exports, sharing, workspaces
from core.access import intake
from core.desk import Desk
from core.engine.spec import ExportSpec
from storage.tables import Dataset

SITE = "https://www.example.org"
ADDRESS = "203.0.113.9"


@pytest.fixture
def http(desk: Desk) -> Iterator[TestClient]:
    """A program elsewhere, which has no token."""
    team = replace(desk, settings=desk.settings.model_copy(update={"sign_in": "required", "hosts": "desk.example.org"}))
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    routes.install(app, {"web", "api"}, team.settings)
    app.state.desk = team
    with TestClient(app, base_url="http://desk.example.org", client=(ADDRESS, 50_000)) as client:
        yield client


@pytest.fixture
def orders(desk: Desk, dataset_factory: Any) -> Dataset:
    """A table everybody of the workspace sees."""
    made: Dataset = dataset_factory(b"id,name\n001,Ana\n002,Budi\n", "Orders", "orders.csv")
    sharing.share(desk, "dataset", made.id)
    return made


def spec(dataset: Dataset) -> dict[str, Any]:
    return {"sources": [{"dataset": dataset.slug}], "output": {"format": "csv"}}


def test_without_a_choice_nobody_comes_in_without_a_token(http, orders):
    assert http.post("/api/v1/jobs", json=spec(orders)).status_code == 401
    assert http.get("/api/v1/jobs/anything").status_code == 401


def test_an_export_is_started_followed_and_fetched_without_a_token(desk, http, orders, running_work):
    intake.open(desk, desk.workspace_id)
    begun = http.post("/api/v1/jobs", json=spec(orders))
    assert begun.status_code == 202, begun.text
    id = begun.json()["id"]
    assert exports.wait(desk, id, 60).state == "succeeded", "whoever belongs to the workspace sees it too"
    assert http.get(f"/api/v1/jobs/{id}").json()["state"] == "succeeded"
    assert b"001,Ana" in http.get(f"/api/v1/jobs/{id}/files/0").content
    assert http.get(f"/api/v1/jobs/{id}/receipt").json()["rows"] == 2
    newest = audit.list(desk, search="Open intake")[0][0]
    assert (newest.actor, newest.address) == ("Open intake", ADDRESS)


def test_what_others_began_is_not_there_for_those_without_a_token(desk, http, orders, running_work):
    intake.open(desk, desk.workspace_id, per_minute=50)
    theirs = exports.start(desk, ExportSpec.model_validate(spec(orders)))
    sharing.share(desk, "export", theirs.id)
    for path in ("", "/files/0", "/receipt"):
        assert http.get(f"/api/v1/jobs/{theirs.id}{path}").status_code == 404
    assert http.get("/api/v1/jobs/nonsense").status_code == 404


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "jobs"), ("DELETE", "jobs/x"), ("GET", "datasets"), ("POST", "datasets"), ("GET", "templates")],
)
def test_everything_else_wants_a_token_all_the_same(desk, http, method, path):
    intake.open(desk, desk.workspace_id)
    assert http.request(method, f"/api/v1/{path}").status_code == 401


def test_a_wrong_token_is_not_taken_for_none(desk, http, orders):
    intake.open(desk, desk.workspace_id)
    answer = http.post("/api/v1/jobs", json=spec(orders), headers={"Authorization": "Bearer exd_wrong"})
    assert answer.status_code == 401


def test_what_is_private_or_of_another_workspace_is_not_exported(desk, http, dataset_factory):
    private = dataset_factory(b"id\n1\n", "Private", "private.csv")
    intake.open(desk, desk.workspace_id)
    assert http.post("/api/v1/jobs", json=spec(private)).status_code == 404
    sharing.share(desk, "dataset", private.id)
    intake.open(desk, workspaces.make(desk, "Elsewhere").id)
    assert http.post("/api/v1/jobs", json=spec(private)).status_code == 404


def test_one_address_may_ask_so_often_and_is_told(desk, http):
    intake.open(desk, desk.workspace_id, per_minute=2)
    answers = [http.get("/api/v1/jobs/nonsense") for _ in range(3)]
    assert [a.status_code for a in answers] == [404, 404, 429]
    assert "your address may make 2 requests a minute" in answers[-1].text
    assert int(answers[-1].headers["retry-after"]) <= 60


def test_once_it_is_closed_nobody_comes_in(desk, http, orders):
    intake.open(desk, desk.workspace_id)
    id = http.post("/api/v1/jobs", json=spec(orders)).json()["id"]
    intake.close(desk)
    assert http.post("/api/v1/jobs", json=spec(orders)).status_code == 401
    assert http.get(f"/api/v1/jobs/{id}").status_code == 401


def preflight(http: TestClient, origin: str, path: str = "/api/v1/jobs") -> Any:
    return http.options(path, headers={"Origin": origin, "Access-Control-Request-Method": "POST"})


def test_scripts_of_the_websites_that_were_named_may_ask(desk, http, orders):
    intake.open(desk, desk.workspace_id, [SITE + "/", "http://localhost:3000"])
    for origin in (SITE, "http://localhost:3000"):
        asked = preflight(http, origin)
        assert (asked.status_code, asked.headers["access-control-allow-origin"]) == (204, origin)
        assert "POST" in asked.headers["access-control-allow-methods"]
        assert "access-control-allow-credentials" not in asked.headers
    begun = http.post("/api/v1/jobs", json=spec(orders), headers={"Origin": SITE})
    assert (begun.status_code, begun.headers["access-control-allow-origin"]) == (202, SITE)
    assert "Origin" in begun.headers["vary"]


@pytest.mark.parametrize("origin", ["https://evil.example", "null", SITE + ".evil.example", "http://www.example.org"])
def test_scripts_of_other_websites_may_not(desk, http, origin):
    intake.open(desk, desk.workspace_id, [SITE])
    assert "access-control-allow-origin" not in preflight(http, origin).headers
    assert "access-control-allow-origin" not in http.get("/api/v1/jobs/x", headers={"Origin": origin}).headers


def test_no_website_is_named_to_a_browser_while_it_is_closed_or_elsewhere(desk, http):
    intake.open(desk, desk.workspace_id, [SITE])
    assert "access-control-allow-origin" not in preflight(http, SITE, "/api/v1/datasets").headers
    intake.close(desk)
    assert "access-control-allow-origin" not in preflight(http, SITE).headers
