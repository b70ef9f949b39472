"""Set once, it goes by itself: a template on a schedule, its file by SFTP and by mail to real servers, its link taken back."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from core import choices, datasets, exports, uploads
from core.desk import Desk, open_desk
from core.engine.spec import ExportSpec, Output, Source
from core.settings import Settings
from tests.e2e import steps
from tests.e2e.conftest import TEAM, Server, serve, stop, watched
from tests.servers import smtp
from tests.servers.sftp import SftpServer, sshd
from tests.servers.smtp import Mailbox

pytestmark = [pytest.mark.slow_real, pytest.mark.timeout(600)]  # sshd, and a minute that really passes
RUN_SECONDS = 150  # the next minute, a run of the export, and two deliveries
PERSON = "board@example.org"


@pytest.fixture(scope="module")
def sftp(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SftpServer]:
    with sshd(tmp_path_factory.mktemp("sftp") / "server") as running:
        yield running


@pytest.fixture(scope="module")
def box(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mailbox]:
    with smtp.smtp(tmp_path_factory.mktemp("smtp")) as running:
        yield running


@pytest.fixture(scope="module")
def sending(tmp_path_factory: pytest.TempPathFactory, box: Mailbox) -> Iterator[Server]:
    """A desk that people reach by an address, that may connect to this computer and that trusts the mail server here."""
    folder = tmp_path_factory.mktemp("sending")
    running = serve(
        folder / "data",
        folder / "server.log",
        DESK_PUBLIC_URL="http://127.0.0.1:{port}",
        DESK_INSIDE_NETWORKS="127.0.0.0/8",
        SSL_CERT_FILE=str(box.certificate),
    )
    yield running
    stop(running)


@pytest.fixture(scope="module")
def sender(sending: Server, box: Mailbox) -> Desk:
    desk = open_desk(Settings(data_dir=sending.data))
    mail = {"host": "localhost", "port": box.port, "user": smtp.USER, "password": smtp.PASSWORD}
    choices.choose(desk, choices.Mail, sender="desk@example.org", **mail)
    return desk


@pytest.fixture
def made(sender: Desk) -> str:
    """The id of a finished export of a small table."""
    upload = uploads.store(sender, "Team.csv", TEAM.encode())
    job = datasets.wait(sender, datasets.add(sender, upload.id, name="Team").id, 30)
    slug = str((job.result or {})["datasets"][0]["slug"])
    spec = ExportSpec(name="Team list", sources=(Source(dataset=slug),), output=Output(format="csv"))
    return exports.wait(sender, exports.start(sender, spec).id, 30).id


def test_a_template_on_a_schedule_arrives_at_two_places_and_its_link_is_taken_back(
    browser: Browser, sending: Server, sftp: SftpServer, box: Mailbox, made: str, tmp_path: Path
) -> None:
    with watched(browser, sending, ["410 (Gone)"]) as context:  # the link that is taken back
        page = context.new_page()
        _save_destinations(page, sftp)
        _save_template(page, made)
        _schedule(page)
        run = page.locator(".st-key-card_history")
        expect(run.get_by_text("worked").first).to_be_visible(timeout=RUN_SECONDS * 1000)
        steps.photograph(page, "schedule-ran")
        steps.button(page, "Pause").click()
        expect(page.get_by_text("Somebody paused it.")).to_be_visible()
        steps.button(run, "Look at it").first.click()
        steps.settled(page)
        deliveries = page.locator(".st-key-card_deliveries")
        expect(page).to_have_url(re.compile(r"/my-exports\?job="))
        expect(steps.button(deliveries, "Send again")).to_have_count(2, timeout=RUN_SECONDS * 1000)
        steps.photograph(page, "deliveries")

        arrived = [file for file in sftp.folder.iterdir() if not file.name.startswith(".")]
        assert [file.name for file in arrived] == ["Team list.csv"]
        message = box.taken[-1]
        assert message["To"] == PERSON
        assert "Team list" in message["Subject"]
        link = re.search(r"http://127\.0\.0\.1:\d+/api/files/\S+", message.get_content())
        assert link, message.get_content()
        fetched = httpx.get(link[0])
        assert fetched.status_code == 200
        assert fetched.content == arrived[0].read_bytes()
        assert fetched.text.count("Indonesia") == TEAM.count("Indonesia")

        page.reload()
        steps.settled(page)
        links = page.locator(".st-key-card_links")
        expect(links).to_contain_text("1 download")
        steps.button(links, "Revoke").first.click()
        steps.button(page.get_by_role("dialog"), "Revoke").click()
        expect(links.get_by_text("Revoked")).to_be_visible()
        steps.photograph(page, "links")
        assert httpx.get(link[0]).status_code == 410
        stranger = context.new_page()
        stranger.goto(link[0])
        expect(stranger.get_by_text("This link no longer works: it was taken back.")).to_be_visible()


def _save_destinations(page: Page, sftp: SftpServer) -> None:
    steps.visit(page, "/destinations")
    steps.press(page, "New destination")
    dialog = page.get_by_role("dialog")
    steps.choose_option(page, "How", "SFTP")
    _fill(page, "Name", "Accounting")
    _fill(page, "Server", "127.0.0.1")
    _fill(page, "Port", str(sftp.port))
    _fill(page, "User name", sftp.user)
    _fill(page, "Private key", sftp.private_key)
    steps.button(dialog, "Look at its key").click()
    dialog.get_by_text("This is the key its owner named").click()
    steps.settled(page)
    steps.photograph_dialog(page, "destination-sftp")
    steps.button(dialog, "Save").click()
    expect(dialog).to_have_count(0)
    steps.settled(page)
    steps.button(steps.item(page, "Accounting"), "Send a test file").click()
    expect(page.get_by_text(re.compile("arrived: "))).to_be_visible()
    for test_file in sftp.folder.iterdir():
        test_file.unlink()
    steps.settled(page)

    steps.press(page, "New destination")
    steps.choose_option(page, "How", "E-mail")
    _fill(page, "Name", "Board")
    _fill(page, "To", PERSON)
    _fill(page, "Attach up to (MB)", "0")
    steps.button(dialog, "Save").click()
    expect(dialog).to_have_count(0)
    steps.settled(page)
    expect(steps.item(page, "Board")).to_contain_text(PERSON)
    steps.photograph(page, "destinations")


def _save_template(page: Page, job_id: str) -> None:
    steps.visit(page, f"/my-exports?job={job_id}")
    steps.choose(page, page.get_by_test_id("stMain"), "Save as template")
    dialog = page.get_by_role("dialog")
    steps.button(dialog, "Save template").click()
    expect(dialog).to_have_count(0)
    steps.settled(page)


def _schedule(page: Page) -> None:
    steps.visit(page, "/schedules")
    steps.press(page, "New schedule")
    steps.choose_option(page, "How often", "every few minutes")
    _fill(page, "Minutes", "1")
    page.get_by_text("Delivery", exact=True).click()
    steps.settled(page)
    for name in ("Accounting", "Board"):
        steps.choose_option(page, "Send its files to", name)
    page.keyboard.press("Escape")
    steps.photograph(page, "schedule-form")
    steps.press(page, "Make the schedule")
    expect(page.get_by_role("heading", name="Team list")).to_be_visible()


def _fill(page: Page, label: str, text: str) -> None:
    field = page.get_by_label(label, exact=True).last
    field.fill(text)
    field.press("Tab")
    steps.settled(page)
