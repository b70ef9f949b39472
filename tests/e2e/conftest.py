"""A real server and a real Chromium. An error in the browser's console, or a request to another host, fails the journey."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Playwright, expect, sync_playwright

from core import datasets, exports, uploads
from core.desk import Desk, open_desk
from core.engine.spec import ColumnRef, Condition, ExportSpec, Group, Output, Source
from core.settings import Settings
from tests.e2e.steps import ROOT, WIDE

TEAM = "id,name,country,joined\n" + "".join(
    f"{n:04d},Person {n},{('Indonesia', 'Malaysia', 'México')[n % 3]},2026-0{1 + n % 9}-1{n % 9}\n"
    for n in range(1, 241)
)
INDONESIA = Condition(column=ColumnRef(name="country"), operator="is", values=("Indonesia",))
ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# On a deep link Streamlit asks below the page's own path first, to find out where it is served: two 404s, by its design.
FINDING_HOME = re.compile(r"/(data|my-exports|templates)/_stcore/(health|host-config)$")
START_SECONDS, STEP_SECONDS = 60, 20

expect.set_options(timeout=STEP_SECONDS * 1000)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.xdist_group("browser"))


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])


def run_command(port: int) -> list[str]:
    """The recipe of `make run`, word for word, with this interpreter and this port."""
    recipe = re.search(r"^run:.*\n\t(.+)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert recipe, "the Makefile has no recipe called run"
    line = recipe[1].lstrip("@").replace("$(PYTHON)", sys.executable).replace("$(PORT)", str(port))
    words = line.split()
    return words[next(n for n, w in enumerate(words) if w == sys.executable) :]


@dataclass(frozen=True)
class Server:
    url: str
    data: Path  # its DESK_DATA_DIR
    log: Path
    process: subprocess.Popen[bytes]


def serve(data: Path, log: Path, **settings: str) -> Server:
    """Start the desk as `make run` does and wait until it answers. Stop it with `stop`."""
    port = free_port()
    env = os.environ | {"DESK_DATA_DIR": str(data), "PORT": str(port)} | settings
    with log.open("wb") as out:
        process = subprocess.Popen(
            run_command(port), cwd=ROOT, env=env, stdout=out, stderr=subprocess.STDOUT, start_new_session=True
        )
    server = Server(f"http://127.0.0.1:{port}", data, log, process)
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        assert process.poll() is None, f"the server ended by itself:\n{log.read_text()}"
        try:
            with urllib.request.urlopen(f"{server.url}/_stcore/health", timeout=1) as answer:
                if answer.status == 200:
                    return server
        except OSError:
            pass
    raise AssertionError(f"the server did not answer within {START_SECONDS} s:\n{log.read_text()}")


def stop(server: Server) -> None:
    server.process.send_signal(signal.SIGINT)
    try:
        server.process.wait(15)
    except subprocess.TimeoutExpired:
        os.killpg(server.process.pid, signal.SIGKILL)
        server.process.wait(5)


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("desk")
    running = serve(folder / "data", folder / "server.log")
    yield running
    stop(running)


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as p:
        yield p


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    chromium = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=ARGS)
    yield chromium
    chromium.close()


@pytest.fixture
def forgiven() -> list[str]:
    """Parts of console errors that the journey itself provokes (a cut connection); empty for nearly all."""
    return []


@pytest.fixture
def page(browser: Browser, server: Server, forgiven: list[str]) -> Iterator[Page]:
    """A fresh browser profile on the desk."""
    context = browser.new_context(viewport={"width": WIDE, "height": 900}, base_url=server.url, locale="en-GB")
    context.grant_permissions(["clipboard-read", "clipboard-write"], origin=server.url)
    page = context.new_page()
    errors: list[str] = []
    strangers: list[str] = []

    def heard(message: ConsoleMessage) -> None:
        finding_home = FINDING_HOME.search(message.location.get("url", ""))
        if message.type == "error" and not finding_home and not any(f in message.text for f in forgiven):
            errors.append(f"{message.text} ({message.location.get('url', '')})")

    page.on("console", heard)
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("request", lambda r: None if r.url.startswith((server.url, "data:", "blob:")) else strangers.append(r.url))
    yield page
    context.close()
    assert not errors, "the browser's console said: " + "; ".join(errors)
    assert not strangers, "the page asked another host: " + "; ".join(strangers)


@pytest.fixture(scope="session")
def desk(server: Server) -> Desk:
    """The server's own desk, to put something on it before a journey begins."""
    return open_desk(Settings(data_dir=server.data))


@pytest.fixture
def participants(desk: Desk) -> str:
    """The slug of a small table, added once."""
    for there in datasets.list(desk):
        if there.name == "Team":
            return there.slug
    upload = uploads.store(desk, "Team.csv", TEAM.encode())
    job = datasets.wait(desk, datasets.add(desk, upload.id, name="Team").id, 30)
    assert job.state == "succeeded", job.error
    return str((job.result or {})["datasets"][0]["slug"])


@pytest.fixture
def exported(desk: Desk, participants: str, request: pytest.FixtureRequest) -> str:
    """The name of a finished CSV export of that table, made for this test alone."""
    name = f"Report {abs(hash(request.node.name)) % 10_000}"
    spec = ExportSpec(
        name=name,
        sources=(Source(dataset=participants, filters=Group(items=(INDONESIA,))),),
        output=Output(format="csv"),
    )
    job = exports.start(desk, spec)
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and exports.get(desk, job.id).state in ("queued", "running"):
        time.sleep(0.05)
    assert exports.get(desk, job.id).state == "succeeded", exports.get(desk, job.id).error
    return name
