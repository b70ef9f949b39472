"""What programs and links do is in the audit log with where they called from; strangers are noted once a minute."""

import time

import httpx
import pytest

from core import audit, exports, links


@pytest.fixture(scope="module")
def spec(server):
    return {"sources": [{"dataset": server.dataset("Audited", b"a\n1\n2\n")["slug"]}]}


@pytest.fixture(scope="module")
def job(server, spec):
    return server.export(spec)


def downloads(server, job):
    return [
        e
        for e in audit.list(server.desk, actions=("exports.downloaded",), size=500)[0]
        if e.details["export"] == job["id"]
    ]


def test_a_download_by_token_is_noted_once_with_the_programs_name(server, job):
    path = f"/api/v1/jobs/{job['id']}/files/0"
    answer = server.http.get(path, headers={"User-Agent": "reports/1.0"})
    server.http.head(path)
    server.http.get(path, headers={"If-None-Match": answer.headers["etag"]})
    server.http.get(path, headers={"Range": "bytes=3-"})
    (entry,) = downloads(server, job)
    assert (entry.actor, entry.address, entry.agent) == ("tests", "127.0.0.1", "reports/1.0")
    server.http.get(path, headers={"Range": "bytes=0-"})
    assert len(downloads(server, job)) == 2


def test_a_download_by_link_names_the_link(server, job):
    path = links.make(server.desk, job["id"], 0, hours=30)
    before = len(downloads(server, job))
    assert httpx.get(server.url + path).status_code == 200
    found = downloads(server, job)
    assert len(found) == before + 1
    assert found[0].actor == "Owner (by link)"
    assert found[0].details["link"] in {link.id for link in links.list(server.desk, job["id"])}


def test_unknown_tokens_are_noted_once_a_minute_without_what_they_sent(server, error):
    nobody_else = httpx.HTTPTransport(
        local_address="127.0.0.45"
    )  # what other tests sent without a token is not counted
    before = time.time() // audit.ONCE_IN
    with httpx.Client(transport=nobody_else) as client:
        for _ in range(3):
            wrong = {"Authorization": "Bearer exd_secret"}
            error(client.get(f"{server.url}/api/v1/templates/some-id", headers=wrong), 401)
    minutes = time.time() // audit.ONCE_IN - before + 1  # that had begun meanwhile
    refused = audit.list(server.desk, refused=True, size=500, of_installation=True)[0]
    found = [e for e in refused if e.address == "127.0.0.45"]
    assert 1 <= len(found) <= minutes
    assert found[0].subject == "GET /api/v1/templates/{template_id}"
    assert "exd_secret" not in str(found[0].model_dump())


def test_a_forged_link_is_noted_without_its_token(server, error):
    error(httpx.get(f"{server.url}/api/files/forged.token"), 401)
    (entry, *_) = audit.list(server.desk, search="/api/files", refused=True, of_installation=True)[0]
    assert entry.subject == "GET /api/files/{token}"


def test_a_deleted_export_answers_404_until_it_is_restored(server, spec, error):
    done = server.export(spec)
    assert server.http.delete(f"/api/v1/jobs/{done['id']}").status_code == 204
    error(server.http.get(f"/api/v1/jobs/{done['id']}"), 404)
    error(server.http.get(f"/api/v1/jobs/{done['id']}/files/0"), 404)
    exports.restore(server.desk, done["id"])
    assert server.http.get(f"/api/v1/jobs/{done['id']}/files/0").status_code == 200
