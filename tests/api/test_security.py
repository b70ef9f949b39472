"""The guard in front of everything: only this computer, by its own name, and never through a proxy."""

import pytest

from api.security import CONTENT_SECURITY_POLICY, FORWARDING, refused


def request(path="/", *, kind="http", **headers):
    told = {"host": "127.0.0.1:8501"} | {name.replace("_", "-"): value for name, value in headers.items()}
    return {
        "type": kind,
        "scheme": "ws" if kind == "websocket" else "http",
        "path": path,
        "query_string": b"",
        "headers": [(n.encode(), v.encode()) for n, v in told.items() if v is not None],
    }


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.1:8501", "localhost:9999", "LOCALHOST", "[::1]:8501"])
def test_this_computers_own_names_are_heard(host):
    assert refused(request(host=host)) is None


@pytest.mark.parametrize(
    "host",
    ["evil.example", "evil.example:8501", "127.0.0.1.evil.example", "localhost.evil.example", "0.0.0.0:8501",
     "10.0.0.7:8501", "", "[", "127.0.0.1@evil.example", None],
)  # fmt: skip
def test_any_other_host_is_refused(host):
    assert refused(request(host=host)).status == 403


def test_two_host_headers_are_refused():
    asked = request()
    asked["headers"].append((b"host", b"evil.example"))
    assert refused(asked).status == 403


@pytest.mark.parametrize("header", FORWARDING)
def test_a_request_through_a_proxy_is_refused(header):
    assert "proxy" in refused(request(**{header: "for=1.2.3.4"})).message


@pytest.mark.parametrize("sender", ["http://evil.example", "http://127.0.0.1:3000", "https://127.0.0.1:8501", "null"])
def test_another_website_cannot_open_the_socket_even_of_this_computer(sender):
    assert refused(request("/_stcore/stream", kind="websocket", origin=sender)).status == 403


@pytest.mark.parametrize("host", ["127.0.0.1:8501", "localhost:8501", "[::1]:8501", "localhost"])
def test_the_page_of_this_desk_opens_the_socket_by_whichever_name_it_has(host):
    assert refused(request("/_stcore/stream", kind="websocket", host=host, origin=f"http://{host}")) is None


@pytest.mark.parametrize(
    "path", ["/_stcore/metrics", "/_stcore/agent/mcp", "/_stcore/agent/openapi.json", "/data/_stcore/metrics"]
)
def test_the_inner_doors_of_the_screens_are_closed(path):
    assert refused(request(path)).status == 404


def test_an_address_with_nul_in_it_is_refused():
    assert refused(request("/api/v1/jobs/\0")).status == 400
    assert refused(request("/api/v1/jobs") | {"query_string": b"search=%00"}).status == 400


def test_the_policy_allows_no_inline_script_but_the_known_one_and_no_other_host():
    rules = dict(rule.split(" ", 1) for rule in CONTENT_SECURITY_POLICY.split("; "))
    assert "'unsafe-inline'" not in rules["script-src"]
    assert "'unsafe-eval'" not in rules["script-src"]
    assert rules["script-src"].count("'sha256-") == 1
    assert "http" not in CONTENT_SECURITY_POLICY
