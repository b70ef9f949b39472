"""A real desk on a free port of this computer, as `make run` starts it; tests speak HTTP to it and nothing else."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from core import tokens
from core.desk import Desk, open_desk
from core.settings import Settings
from storage import accounts

ROOT = Path(__file__).parents[2]
START_SECONDS = 60


@dataclass
class Server:
    """A running desk: its address, its process, and the same desk opened from the test for set-up."""

    url: str
    process: subprocess.Popen[str]
    data_dir: Path
    desk: Desk
    token: str = ""
    strangers_token: str = ""
    http: httpx.Client = field(default_factory=httpx.Client)

    def get(self, path: str, **more: Any) -> httpx.Response:
        return self.http.get(path, **more)

    def until_ended(self, job_id: str, seconds: float = 60) -> dict[str, Any]:
        """Poll as a program would, until the job has ended."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            job = self.http.get(f"/api/v1/jobs/{job_id}").json()
            if job["state"] not in ("queued", "running"):
                return job
        raise AssertionError(f"the job did not end within {seconds} s: {job}")

    def dataset(self, name: str, contents: bytes, file: str = "data.csv") -> dict[str, Any]:
        answer = self.http.post("/api/v1/datasets", files={"file": (file, contents)}, data={"name": name}, timeout=90)
        assert answer.status_code == 201, answer.text
        return answer.json()

    def export(self, spec: dict[str, Any]) -> dict[str, Any]:
        answer = self.http.post("/api/v1/jobs", json=spec)
        assert answer.status_code == 202, answer.text
        return self.until_ended(answer.json()["id"])


def start(data_dir: Path, **settings: str) -> tuple[subprocess.Popen[str], str]:
    """Start the desk on a free port and wait for the line that says where it is."""
    env = os.environ | {"PORT": "0", "DESK_DATA_DIR": str(data_dir), "DESK_LEASE_SECONDS": "5"} | settings
    process = subprocess.Popen(
        [sys.executable, "app.py"],
        cwd=ROOT,
        env=env,
        stdout=subprocess.PIPE,
        stderr=open(data_dir.parent / "server.log", "a"),  # noqa: SIM115  (the process keeps it)
        text=True,
        start_new_session=True,
    )
    assert process.stdout
    for line in process.stdout:
        if found := re.search(r"http://127\.0\.0\.1:\d+", line):
            return process, found[0]
    raise AssertionError(f"the desk did not start:\n{(data_dir.parent / 'server.log').read_text()}")


def stop(process: subprocess.Popen[str]) -> int:
    process.send_signal(signal.SIGTERM)
    try:
        return process.wait(20)
    except subprocess.TimeoutExpired:
        process.kill()
        raise


def stranger(desk: Desk) -> Desk:
    """Somebody of another workspace of the same installation."""
    with desk.store.writing() as session:
        workspace, account = accounts.create(session, "Another workspace", "UTC", "Somebody else")
    return desk.acting_as(workspace.id, account.id)


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    data_dir = tmp_path_factory.mktemp("desk") / "data"
    process, url = start(data_dir)
    desk = open_desk(Settings(data_dir=data_dir))
    _, token = tokens.create(desk, "tests", ["*"])
    _, strange = tokens.create(stranger(desk), "stranger", ["*"])
    http = httpx.Client(base_url=url, headers={"Authorization": f"Bearer {token}"}, timeout=30)
    yield Server(url, process, data_dir, desk, token, strange, http)
    http.close()
    assert stop(process) == 0


@pytest.fixture
def error():
    """The error of an answer, checked to be one of ours."""

    def read(answer: httpx.Response, status: int) -> dict[str, Any]:
        assert answer.status_code == status, answer.text
        assert answer.headers["content-type"].startswith("application/json")
        found = json.loads(answer.content)["error"]
        assert found["message"]
        return found

    return read
