"""Notices, keeping, bulk, storage and backups, as programs use them."""

import io
import json
import zipfile

import httpx
import pytest

from core.backup import backups
from core.notifying import scan
from tests.helpers import wait_until

CSV = b"name,paid_at\nAnn,2026-01-05\nBob,2026-02-05\n"


@pytest.fixture(scope="module")
def job(server):
    dataset = server.dataset("Kept", CSV)
    done = server.export({"sources": [{"dataset": dataset["id"]}], "output": {"format": "csv"}})
    assert done["state"] == "succeeded", done["error"]
    return done


def test_an_export_says_until_when_its_files_are_there_and_is_kept(server, job):
    assert (job["kept"], job["expired_at"]) == (False, None)
    assert job["expires_at"] > job["finished_at"]
    kept = server.http.post(f"/api/v1/jobs/{job['id']}/keep", json={"kept": True})
    assert kept.json()["kept"] is True
    assert server.http.post(f"/api/v1/jobs/{job['id']}/keep", json={"kept": False}).json()["kept"] is False


def test_many_datasets_come_in_one_zip(server, job):
    started = server.http.post("/api/v1/bulk", json={"by_month": True, "name": "All"})
    assert started.status_code == 202
    done = server.until_ended(started.json()["id"])
    content = server.get(done["files"][0]["url"]).content
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        endings = {name.rpartition(" ")[2] for name in archive.namelist()}
    assert {"2026-01.csv", "2026-02.csv", "manifest.json"} <= endings


def test_storage_is_told_by_what_takes_most(server, job):
    said = server.get("/api/v1/storage").json()
    assert said["datasets"] > 0
    assert {"dataset", "export"} <= {thing["kind"] for thing in said["largest"]}
    assert server.get("/api/v1/storage/leaving").json() == {"leaving": [], "bytes": 0}
    assert server.http.post("/api/v1/storage/clean").json() == {"leaving": [], "bytes": 0}


def test_notices_are_listed_and_read(server, job):
    scan.scan(server.desk)
    page = server.get("/api/v1/notices").json()
    assert page["unread"] >= 1
    (about,) = [one for one in page["notices"] if job["id"] in one["path"]]
    assert server.http.post("/api/v1/notices/read", json={"ids": [about["id"]]}).json() == {"read": 1}
    server.http.post("/api/v1/notices/read", json={})
    assert server.get("/api/v1/notices").json()["unread"] == 0


def test_a_workspace_is_backed_up_and_restored_as_a_new_one(server, job):
    started = server.http.post("/api/v1/backups").json()
    done = follow(server, started["id"])
    content = server.get(done["url"]).content
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert json.loads(archive.read("manifest.json"))["format"] == "export-desk backup"
    link = server.url + backups.link(server.desk, done["id"])
    assert httpx.get(link).content == content
    begun = server.http.post("/api/v1/backups/restore", data={"into": "Restored"}, files={"file": ("b.zip", content)})
    assert begun.status_code == 202, begun.text
    restored = follow(server, begun.json()["id"])
    assert (restored["state"], restored["counts"]["datasets"]) == ("succeeded", done["counts"]["datasets"])
    assert {one["kind"] for one in server.get("/api/v1/backups").json()["backups"]} == {"backup", "restore"}


def follow(server, job_id):
    wait_until(
        lambda: server.get(f"/api/v1/backups/{job_id}").json()["state"] not in ("queued", "running"), 60, what="it ends"
    )
    done = server.get(f"/api/v1/backups/{job_id}").json()
    assert done["state"] == "succeeded", done["error"]
    return done
