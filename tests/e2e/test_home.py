"""A newcomer's first minutes, and the way back from Recently deleted."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from core import audit, exports
from core.desk import Desk
from core.engine.spec import ExportSpec
from core.templating import templates
from tests.e2e import steps
from tests.e2e.conftest import Server, serve, stop, watched

READY_SECONDS = 60


@pytest.fixture(scope="module")
def new(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A desk nobody has used yet."""
    folder: Path = tmp_path_factory.mktemp("newcomer")
    running = serve(folder / "data", folder / "server.log")
    yield running
    stop(running)


@pytest.fixture
def newcomer(browser: Browser, new: Server) -> Iterator[Page]:
    with watched(browser, new, []) as context:
        yield context.new_page()


def test_a_newcomer_takes_the_tour_and_tries_the_sample(newcomer: Page, new: Server) -> None:
    page = newcomer
    steps.visit(page)
    for words in ("Bring a file", "Try sample data", "One-minute tour"):
        expect(page.get_by_role("heading", name=words)).to_be_visible()
    steps.photograph(page, "home-newcomer")

    steps.press(page, "Take the tour")
    dialog = page.get_by_role("dialog")
    for n in range(1, 6):
        expect(dialog).to_contain_text(f"{n} of 5")
        steps.settled(page)
        steps.photograph_dialog(page, f"tour-{n}")
        if n < 5:
            dialog.get_by_role("button", name="Next").click()
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)

    steps.press(page, "Try it")
    expect(page.get_by_text("Your export")).to_be_visible(timeout=READY_SECONDS * 1000)
    expect(page).to_have_url(re.compile(r"/new-export\?draft="))
    steps.settled(page)
    steps.go(page, "Home")
    expect(page.get_by_text("The export you left")).to_be_visible()
    expect(page.get_by_text("New here?")).to_have_count(0)
    steps.press(page, "Go on with it")
    expect(page.get_by_text("Your export")).to_be_visible()


def test_home_offers_what_one_would_go_on_with(page: Page, desk: Desk, exported: str) -> None:
    job = next(job for job in exports.list(desk, search=exported)[0])
    spec = ExportSpec.model_validate(job.payload["spec"])
    template = templates.save(desk, f"Weekly {exported}", "", spec)
    templates.pin(desk, template.id)
    refused = spec.model_copy(
        update={"name": f"Too long {exported}", "limits": spec.limits.model_copy(update={"rows": 2})}
    )
    assert exports.wait(desk, exports.start(desk, refused).id, 30).state == "failed"
    steps.visit(page)
    failed = page.locator(".st-key-card_failed")
    expect(failed).to_contain_text(f"Too long {exported}")
    expect(failed).to_contain_text("at most 2 are allowed")
    pinned = page.locator("[class*='st-key-card_pinned_']").filter(has_text=f"Weekly {exported}")
    expect(pinned).to_be_visible()
    expect(steps.item(page, exported)).to_contain_text("Ready")
    steps.photograph(page, "home")

    steps.button(pinned, "Run").click()
    expect(page).to_have_url(re.compile("/my-exports"))
    steps.go(page, "Home")
    steps.button(failed.filter(has_text=f"Too long {exported}"), "Open in the builder").first.click()
    expect(page).to_have_url(re.compile(r"/new-export\?draft="))


def test_old_links_to_the_builder_still_open_it(page: Page, participants: str) -> None:
    steps.visit(page, f"/?dataset={participants}")
    expect(page.get_by_text("Your export")).to_be_visible()
    expect(page).to_have_url(re.compile(r"/new-export\?draft="))


def test_a_deleted_export_comes_back_with_its_file(page: Page, exported: str) -> None:
    steps.visit(page, "/my-exports")
    steps.choose(page, steps.item(page, exported), "Delete")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("can be restored under Recently deleted for 30 days")
    dialog.get_by_role("button", name="Delete").click()
    expect(steps.item(page, exported)).to_have_count(0)
    steps.settled(page)

    steps.go(page, "Recently deleted")
    expect(steps.item(page, exported)).to_contain_text("30 days left")
    steps.photograph(page, "recently-deleted")
    steps.button(steps.item(page, exported), "Restore").click()
    expect(steps.item(page, exported)).to_have_count(0)
    steps.settled(page)

    steps.go(page, "My exports")
    with page.expect_download() as download:
        steps.item(page, exported).get_by_role("link", name="Download").click()
    assert download.value.path().read_text("utf-8-sig").count("Indonesia") == 80


def test_what_is_deleted_for_good_does_not_come_back(page: Page, exported: str) -> None:
    steps.visit(page, "/my-exports")
    steps.choose(page, steps.item(page, exported), "Delete")
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(steps.item(page, exported)).to_have_count(0)
    steps.settled(page)
    steps.go(page, "Recently deleted")
    steps.button(steps.item(page, exported), "Delete for good").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("This cannot be undone")
    dialog.get_by_role("button", name="Delete for good").click()
    expect(dialog).to_have_count(0)
    expect(steps.item(page, exported)).to_have_count(0)


def test_what_uses_a_dataset_is_named_before_it_is_deleted(
    page: Page, desk: Desk, participants: str, exported: str
) -> None:
    spec = ExportSpec.model_validate(exports.list(desk, search=exported)[0][0].payload["spec"])
    template = templates.save(desk, f"Uses {exported}", "", spec)
    steps.visit(page, "/data")
    steps.choose(page, steps.item(page, "Team"), "Delete")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text(f"Uses {exported}")
    expect(dialog).to_contain_text("Used by")
    steps.photograph_dialog(page, "used-by")
    dialog.get_by_role("button", name="Keep it").click()
    templates.delete(desk, template.id)


def test_activity_is_searched_and_taken_along(page: Page, desk: Desk, exported: str) -> None:
    with desk.store.writing() as session:
        audit.note(desk, session, "refused", "read the audit log", refused=True)
    steps.visit(page, "/activity")
    expect(page.locator(".desk-log").first).to_contain_text("was refused")
    steps.photograph(page, "activity")
    page.get_by_placeholder("Search names and addresses").fill(exported)
    expect(page.locator(".desk-log li")).to_have_count(1)
    expect(page.locator(".desk-log li")).to_contain_text(f"ran the export {exported}")
    steps.button(page, "Download as").click()
    page.get_by_role("menuitem", name="CSV").or_(page.get_by_role("option", name="CSV")).first.click()
    link = page.get_by_role("link", name=re.compile("file is ready"))
    expect(link).to_be_visible()
    with page.expect_download() as download:
        link.click()
    text = download.value.path().read_text("utf-8-sig")
    assert download.value.suggested_filename.startswith("Activity 20")
    (line,) = text.splitlines()[1:]
    assert f"ran the export {exported}" in line
