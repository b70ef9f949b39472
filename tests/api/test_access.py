"""Nobody gets anywhere without a token of their own workspace: every endpoint there is, walked with wrong ones."""

import contextlib
import dataclasses
import itertools
import os
import re
from contextlib import ExitStack

import httpx
import psutil
import pytest

from api.auth import SCOPE
from core import choices
from core.access import tokens
from tests.api.everybody import NOWHERE, V1, WITH_TOKEN, ask, bearer, make_things


@pytest.fixture(scope="module")
def theirs(server):
    """Ids of things that belong to the server's own workspace, by the name of the path parameter."""
    choices.choose(server.desk, choices.Outside, allowed_folders=(NOWHERE,))
    yield make_things(server, shared=False)
    choices.choose(server.desk, choices.Outside, allowed_folders=None)


@pytest.fixture
def speaking(server):
    """`speaking(headers)`: the same desk, asked with these headers alone."""
    with ExitStack() as clients:

        def made(headers):
            http = clients.enter_context(httpx.Client(base_url=server.url, headers=headers, timeout=90))
            return dataclasses.replace(server, http=http)

        yield made


def refusal(answer, error, status):
    """The error of an answer; of a HEAD, which has no body, that there is one."""
    if answer.request.method == "HEAD":
        assert answer.status_code == status
        return {}
    return error(answer, status)


def test_the_reference_names_every_endpoint_with_its_scope(server):
    paths = httpx.get(f"{server.url}/api/openapi.json").json()["paths"]
    found = {
        (method.upper(), path): one.get(SCOPE) for path, methods in paths.items() for method, one in methods.items()
    }
    assert {(method, path): scope for method, path, scope in WITH_TOKEN if method != "HEAD"}.items() <= found.items()
    assert {*found.values()} <= {*tokens.SCOPES, None}


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
def test_without_a_valid_token_every_endpoint_answers_401(server, theirs, speaking, error, headers):
    nobody = speaking({k: v.replace("TOKEN", server.token) for k, v in headers.items()})
    for method, path, _ in WITH_TOKEN:
        answer = ask(nobody, method, path, theirs)
        assert refusal(answer, error, 401).get("code", "NotAllowed") == "NotAllowed"
        assert answer.headers["www-authenticate"].startswith("Bearer")


def test_another_workspaces_ids_answer_404_and_nothing_that_is_listed_names_them(server, theirs, speaking, error):
    stranger = speaking(bearer(server.strangers_token))
    for method, path, _ in WITH_TOKEN:
        if "{" in path:
            refusal(ask(stranger, method, path, theirs), error, 404)
        elif method == "GET":
            answer = stranger.get(path)
            assert answer.status_code == 200, (path, answer.text)
            assert not [thing for thing in theirs.values() if thing in answer.text], path
    spec = {"sources": [{"dataset": theirs["dataset"]}]}
    for path, wanted in (
        ("jobs", spec),
        ("jobs", {"template": theirs["template_id"]}),
        ("templates", {"name": "x", "spec": spec}),
        ("schedules", {"template": theirs["template_id"], "cadence": {"every": "day"}}),
    ):
        error(stranger.http.post(f"{V1}/{path}", json=wanted), 404)
    assert server.get(f"{V1}/jobs/{theirs['job_id']}").json()["state"] == "succeeded"
    assert server.get(f"{V1}/datasets/{theirs['dataset']}").status_code == 200


def test_a_token_without_the_scope_is_refused_and_told_which(server, theirs, speaking, error):
    reader = speaking(bearer(tokens.create(server.desk, "reader", ["jobs:read"])[1]))
    for method, path, scope in WITH_TOKEN:
        if scope != "jobs:read":
            assert refusal(ask(reader, method, path, theirs), error, 403).get("field", scope) == scope
    assert reader.get(f"{V1}/jobs").status_code == 200


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
