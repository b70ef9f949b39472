"""Nobody gets anywhere without a token of their own workspace: every endpoint there is, walked with wrong ones."""

import contextlib
import itertools
import os
import re

import httpx
import psutil
import pytest

from api.auth import SCOPE
from core.access import tokens

CSV = b"id,name\n1,Ayu\n2,Budi\n"
STATIC = {"/api/v1/health"}


@pytest.fixture(scope="module")
def theirs(server):
    """Ids of things that belong to the server's own workspace, by the name of the path parameter."""
    dataset = server.dataset("Walked", CSV)
    job = server.export({"sources": [{"dataset": dataset["id"]}], "output": {"format": "csv"}})
    template = server.http.post(
        "/api/v1/templates", json={"name": "Walked", "spec": {"sources": [{"dataset": dataset["id"]}]}}
    ).json()
    return {"dataset": dataset["id"], "job_id": job["id"], "template_id": template["id"], "n": "0"}


def operations(server):
    document = httpx.get(f"{server.url}/api/openapi.json").json()
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield method.upper(), path, operation


def body(path, theirs):
    """What would succeed with the right token."""
    spec = {"sources": [{"dataset": theirs["dataset"]}]}
    return {
        "/api/v1/datasets": {"files": {"file": ("a.csv", CSV)}},
        "/api/v1/jobs": {"json": spec},
        "/api/v1/templates": {"json": {"name": "x", "spec": spec}},
    }.get(path, {})


def test_every_endpoint_is_known_and_names_its_scope(server):
    found = {(method, path): operation for method, path, operation in operations(server)}
    assert len(found) >= 14
    for (_, path), operation in found.items():
        assert path == "/health" or operation[SCOPE] in tokens.SCOPES, path


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": "Bearer exd_" + "A" * 43},
        {"Authorization": "Bearer"},
        {"Authorization": "Basic dXNlcjpwYXNz"},
        {"X-API-Key": "wrong"},
        {"Cookie": "token=TOKEN; session=TOKEN; Authorization=Bearer TOKEN"},
    ],
    ids=["none", "wrong", "empty", "basic", "key", "cookie"],
)
def test_without_a_valid_token_every_endpoint_answers_401(server, theirs, error, headers):
    headers = {k: v.replace("TOKEN", server.token) for k, v in headers.items()}
    for method, path, _ in operations(server):
        if path == "/health":
            continue
        url = server.url + path.format(**theirs)
        with httpx.Client(headers=headers, timeout=30) as client:
            answer = client.request(method, url, **(body(path, theirs) if method == "POST" else {}))
        refused = error(answer, 401)
        assert refused["code"] == "NotAllowed"
        assert answer.headers["www-authenticate"].startswith("Bearer")


def test_another_workspaces_ids_answer_404_and_its_lists_are_empty(server, theirs, error):
    with httpx.Client(headers={"Authorization": f"Bearer {server.strangers_token}"}, timeout=90) as client:
        for method, path, _ in operations(server):
            if "{" in path:
                error(client.request(method, server.url + path.format(**theirs)), 404)
            elif method == "GET" and path != "/health":
                assert all(not v for v in client.get(server.url + path).json().values() if isinstance(v, list)), path
        spec = {"sources": [{"dataset": theirs["dataset"]}]}
        error(client.post(f"{server.url}/api/v1/jobs", json=spec), 404)
        error(client.post(f"{server.url}/api/v1/jobs", json={"template": theirs["template_id"]}), 404)
        error(client.post(f"{server.url}/api/v1/templates", json={"name": "x", "spec": spec}), 404)
    assert server.get(f"/api/v1/jobs/{theirs['job_id']}").json()["state"] == "succeeded"
    assert server.get(f"/api/v1/datasets/{theirs['dataset']}").status_code == 200


def test_a_token_without_the_scope_is_refused_and_told_which(server, theirs, error):
    _, reader = tokens.create(server.desk, "reader", ["jobs:read"])
    with httpx.Client(headers={"Authorization": f"Bearer {reader}"}, timeout=30) as client:
        for method, path, operation in operations(server):
            if path == "/health" or operation[SCOPE] == "jobs:read":
                continue
            more = body(path, theirs) if method == "POST" else {}
            refused = error(client.request(method, server.url + path.format(**theirs), **more), 403)
            assert refused["field"] == operation[SCOPE]
        assert client.get(f"{server.url}/api/v1/jobs").status_code == 200


def test_a_revoked_token_stops_working_at_once(server, error):
    token, secret = tokens.create(server.desk, "short", ["*"])
    headers = {"Authorization": f"Bearer {secret}"}
    assert httpx.get(f"{server.url}/api/v1/jobs", headers=headers).status_code == 200
    tokens.revoke(server.desk, token.id)
    error(httpx.get(f"{server.url}/api/v1/jobs", headers=headers), 401)


def test_a_strangers_gigabytes_are_neither_kept_nor_written(server, error):
    kind = {"Content-Type": "multipart/form-data; boundary=x"}
    head = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n'
    body = itertools.chain([head], itertools.repeat(b"x" * 1024**2, 200))
    process = psutil.Process(server.process.pid)
    before, there = process.memory_info().rss, set(os.listdir(server.data_dir / "uploads"))
    with contextlib.suppress(httpx.TransportError):  # the server may hang up, which is an answer too
        error(httpx.post(f"{server.url}/api/v1/datasets", content=body, headers=kind, timeout=30), 401)
    assert set(os.listdir(server.data_dir / "uploads")) <= there
    assert process.memory_info().rss - before < 60 * 1024**2


@pytest.mark.parametrize(
    "path",
    ["/api", "/api/", "/api/nothing", "/api/v1", "/api/v1/nothing", "/api/v2/jobs", "/v1/jobs", "/exports", "/exports/7",
     "/projects/x", "/tasks", "/health/deep", "/api/files", "/api/docs/x"],
)  # fmt: skip
def test_an_unknown_api_address_answers_json_404_for_every_method(server, error, path):
    for method in ("GET", "POST", "PUT", "PATCH", "DELETE"):
        error(httpx.request(method, server.url + path), 404)


def test_a_known_address_with_another_method_says_which_ones(server, error):
    answer = httpx.put(f"{server.url}/api/v1/jobs")
    error(answer, 405)
    assert answer.headers["allow"] == "GET, POST"


@pytest.mark.parametrize(
    "path", ["/", "/new-export", "/my-exports", "/data", "/templates", "/recently-deleted", "/activity"]
)
def test_every_other_address_is_a_page_with_the_safety_headers(server, path):
    answer = httpx.get(server.url + path)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/html")
    assert "script-src 'self'" in answer.headers["content-security-policy"]
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_a_foreign_name_or_a_proxy_is_refused_everywhere(server, error):
    for path in ("/", "/health", "/api/v1/jobs", "/_stcore/health"):
        error(httpx.get(server.url + path, headers={"Host": "evil.example"}), 403)
        error(httpx.get(server.url + path, headers={"X-Forwarded-For": "203.0.113.9"}), 403)


def test_the_inner_doors_of_the_screens_are_closed(server, error):
    for path in ("/_stcore/metrics", "/_stcore/agent/openapi.json"):
        error(httpx.get(server.url + path), 404)


def test_health_needs_no_token_and_says_nothing_of_anybody(server):
    for path in ("/health", "/api/v1/health"):
        assert set(httpx.get(server.url + path).json()) == {"status", "version"}


def test_the_reference_opens_without_any_other_host(server):
    page = httpx.get(f"{server.url}/api/docs")
    assert page.status_code == 200
    for asset in re.findall(r'(?:src|href)="([^"]+)"', page.text):
        assert "//" not in asset
        found = httpx.get(httpx.URL(f"{server.url}/api/docs").join(asset))
        assert found.status_code == 200, asset
        assert found.headers["x-content-type-options"] == "nosniff"
    assert httpx.get(f"{server.url}/api/openapi.json").json()["openapi"].startswith("3.1")
