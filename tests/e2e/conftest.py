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
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Playwright, expect, sync_playwright

from core import datasets, exports, uploads
from core.desk import Desk, open_desk
from core.engine.spec import ColumnRef, Condition, ExportSpec, Group, Output, Source
from core.settings import Settings
from tests import people
from tests.e2e.steps import LISTENING, ROOT, WIDE

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
FINDING_HOME = re.compile(r"/[a-z][a-z-]*/_stcore/(health|host-config)$")
START_SECONDS, STEP_SECONDS = 60, 20

expect.set_options(timeout=STEP_SECONDS * 1000)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)
    items.sort(key=lambda item: here not in item.path.parents)  # they take longest, so they begin


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])


def recipe(target: str, port: int) -> tuple[dict[str, str], list[str]]:
    """The recipe of `make run` or `make serve`, word for word, with this interpreter and port: its settings, its command."""
    found = re.search(rf"^{target}:.*\n\t(.+)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert found, f"the Makefile has no recipe called {target}"
    words = found[1].lstrip("@").replace("$(PYTHON)", sys.executable).replace("$(PORT)", str(port)).split()
    begin = words.index(sys.executable)
    return dict(word.split("=", 1) for word in words[:begin]), words[begin:]


@dataclass(frozen=True)
class Server:
    url: str
    data: Path  # its DESK_DATA_DIR
    log: Path
    process: subprocess.Popen[bytes]


def serve(data: Path, log: Path, target: str = "run", **settings: str) -> Server:
    """Start the desk as `make run` (or another target) does and wait until it answers. Stop it with `stop`.

    `{port}` in a setting is the port it got.
    """
    port = free_port()
    own, command = recipe(target, port)
    settings = {name: value.replace("{port}", str(port)) for name, value in settings.items()}
    env = os.environ | own | {"DESK_DATA_DIR": str(data)} | settings
    with log.open("wb") as out:
        process = subprocess.Popen(
            command, cwd=ROOT, env=env, stdout=out, stderr=subprocess.STDOUT, start_new_session=True
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


@pytest.fixture(
    scope="module"
)  # its event loop goes on while it is there, and other files' tests have loops of their own
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as p:
        yield p


@pytest.fixture(scope="module")
def browser(playwright: Playwright) -> Iterator[Browser]:
    chromium = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=ARGS)
    yield chromium
    chromium.close()


@pytest.fixture
def forgiven() -> list[str]:
    """Parts of console errors that the journey itself provokes (a cut connection); empty for nearly all."""
    return []


@contextmanager
def watched(browser: Browser, server: Server, forgiven: list[str]) -> Iterator[BrowserContext]:
    """A fresh browser profile on a desk; what its console says, and whom it asks, is looked at when it closes."""
    context = browser.new_context(viewport={"width": WIDE, "height": 900}, base_url=server.url, locale="en-GB")
    context.grant_permissions(["clipboard-read", "clipboard-write"], origin=server.url)
    context.add_init_script(LISTENING)
    errors: list[str] = []
    strangers: list[str] = []

    def heard(message: ConsoleMessage) -> None:
        finding_home = FINDING_HOME.search(message.location.get("url", ""))
        if message.type == "error" and not finding_home and not any(f in message.text for f in forgiven):
            errors.append(f"{message.text} ({message.location.get('url', '')})")

    context.on("console", heard)
    context.on("weberror", lambda failure: errors.append(str(failure.error)))
    context.on(
        "request", lambda r: None if r.url.startswith((server.url, "data:", "blob:")) else strangers.append(r.url)
    )
    yield context
    context.close()
    assert not errors, "the browser's console said: " + "; ".join(errors)
    assert not strangers, "the page asked another host: " + "; ".join(strangers)


@pytest.fixture
def page(browser: Browser, server: Server, forgiven: list[str]) -> Iterator[Page]:
    """A fresh browser profile on the desk."""
    with watched(browser, server, forgiven) as context:
        yield context.new_page()


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A desk for a team, as `make serve` starts it, set up by Ana (tests.people.OWNER)."""
    folder = tmp_path_factory.mktemp("served")
    running = serve(folder / "data", folder / "server.log", "serve", DESK_HOST="127.0.0.1")
    people.set_up(open_desk(Settings(data_dir=running.data, sign_in="required")))
    yield running
    stop(running)


@pytest.fixture(scope="session")
def ana(served: Server) -> Desk:
    """The served desk as its owner sees it: `people.somebody(ana, "budi@example.org", "viewer")` is one of hers."""
    return people.somebody(open_desk(Settings(data_dir=served.data, sign_in="required")), people.OWNER)


@pytest.fixture
def as_person(browser: Browser, served: Server, ana: Desk, forgiven: list[str]) -> Iterator[Callable[..., Page]]:
    """`as_person("budi@example.org", role="viewer")`: a browser of their own in which they are signed in.

    Somebody new gets that role in the workspace of `ana` (or of `where`, the Desk of another owner); call it again for a
    second browser of the same person.
    """
    with ExitStack() as open_ones:

        def opened(email: str, role: str = "editor", where: Desk | None = None) -> Page:
            theirs = people.somebody(where or ana, email, role)
            context = open_ones.enter_context(watched(browser, served, forgiven))
            held = people.cookie(theirs, email)
            context.add_cookies([{"name": n, "value": v, "url": served.url, "httpOnly": True} for n, v in held.items()])
            return context.new_page()

        yield opened


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
