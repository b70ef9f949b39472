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

from core.access import tokens
from core.desk import Desk, open_desk
from core.settings import Settings
from storage import workspaces
from tests import people

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


def start(data_dir: Path, root: Path = ROOT, **settings: str) -> tuple[subprocess.Popen[str], str]:
    """Start the desk on a free port and wait for the line that says where it is.

    With DESK_PUBLIC_URL it says that one, so PORT has to be chosen beforehand.
    """
    env = os.environ | {"PORT": "0", "DESK_DATA_DIR": str(data_dir), "DESK_LEASE_SECONDS": "5"} | settings
    process = subprocess.Popen(
        [sys.executable, "app.py"],
        cwd=root,
        env=env,
        stdout=subprocess.PIPE,
        stderr=open(data_dir.parent / "server.log", "a"),  # noqa: SIM115  (the process keeps it)
        text=True,
        start_new_session=True,
    )
    assert process.stdout
    for line in process.stdout:
        if "is ready" in line:
            found = re.search(r"http://127\.0\.0\.1:\d+", line)
            return process, found[0] if found else f"http://127.0.0.1:{env['PORT']}"
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
        workspace, account = workspaces.create(session, "Another workspace", "UTC", "Somebody else")
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


@dataclass
class Door:
    """A desk that asks for sign-in, and the same desk opened from the test, as its owner sees it."""

    url: str
    ana: Desk

    def browser(self, email: str = "") -> httpx.Client:
        """A browser, signed in where an address is given; it says where its forms come from, as browsers do."""
        made = httpx.Client(base_url=self.url, headers={"Origin": self.url}, timeout=20)
        if email:
            made.cookies.update(people.cookie(self.ana, email))
        return made


@pytest.fixture(scope="session")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    """A desk for a team with Ana, its owner, and Budi, an editor; this computer counts as its trusted proxy."""
    folder = tmp_path_factory.mktemp("door")
    process, url = start(
        folder / "data",
        DESK_SIGN_IN="required",
        DESK_HOST="127.0.0.1",
        DESK_HOSTS="desk.example.org",
        DESK_TRUSTED_PROXIES="127.0.0.0/8",
    )
    ana = people.set_up(open_desk(Settings(data_dir=folder / "data", sign_in="required")))
    people.somebody(ana, "budi@example.org")
    yield Door(url, ana)
    assert stop(process) == 0


@pytest.fixture
def visitor(door: Door) -> Iterator[httpx.Client]:
    """A browser in which nobody is signed in."""
    with door.browser() as client:
        yield client


@pytest.fixture
def budi(door: Door) -> Iterator[httpx.Client]:
    """A browser in which Budi is signed in."""
    with door.browser("budi@example.org") as client:
        yield client


def enter(
    client: httpx.Client, email: str = people.OWNER, password: str = people.PASSWORD, **more: str
) -> httpx.Response:
    """Send the sign-in form."""
    return client.post("/sign-in", data={"email": email, "password": password} | more)


def is_signed_in(client: httpx.Client) -> bool:
    """A screen answers with itself, not with the way to the door."""
    return client.get("/data").status_code == 200
