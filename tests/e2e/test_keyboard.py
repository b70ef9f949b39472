"""The whole job without a mouse, and the focus in sight at every step of the way."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from core import datasets, exports, uploads
from core.desk import Desk
from tests import people
from tests.e2e import everyone, steps
from tests.e2e.conftest import Server, watched

READY_SECONDS = 60
GUESTS = "name,country,born\n" + "".join(
    f"Guest {n},{('Indonesia', 'Peru')[n % 2]},19{50 + n}-03-01\n" for n in range(40)
)
STOPS = 250  # more presses of Tab than any page has stops


@pytest.fixture(scope="module")
def guests(ana: Desk) -> str:
    """The slug of a table, added once."""
    upload = uploads.store(ana, "Keyboard guests.csv", GUESTS.encode())
    job = datasets.wait(ana, datasets.add(ana, upload.id, name="Keyboard guests").id, 60)
    assert job.state == "succeeded", job.error
    return str((job.result or {})["datasets"][0]["slug"])


@pytest.fixture
def page(browser: Browser, served: Server) -> Iterator[Page]:
    """A browser in which nobody is signed in."""
    with watched(browser, served, []) as context:
        yield context.new_page()


@pytest.fixture
def calm(as_person: Callable[..., Page]) -> Page:
    """A browser in which Ana is signed in and nothing moves by itself."""
    page = as_person(people.OWNER)
    page.emulate_media(reduced_motion="reduce")
    return page


def press(page: Page, wanted: Locator, key: str = "Enter", way: str = "Tab") -> None:
    """Go there and press it, as a person without a mouse does."""
    everyone.tab_to(page, wanted, key=way)
    page.keyboard.press(key)
    steps.settled(page)


def sign_in(page: Page) -> None:
    page.goto("/sign-in")
    everyone.tab_to(page, page.get_by_label("E-mail"))
    page.keyboard.type(people.OWNER)
    everyone.tab_to(page, page.get_by_label("Password", exact=True))
    page.keyboard.type(people.PASSWORD)
    page.keyboard.press("Enter")
    steps.settled(page)


def test_the_whole_job_is_done_by_keyboard_alone(page: Page, ana: Desk, guests: str, tmp_path: Path) -> None:
    sign_in(page)
    sidebar = page.get_by_test_id("stSidebarNav")
    press(page, sidebar.get_by_role("link", name="New export"))
    tile = page.locator("[class*='st-key-card_tile_']").filter(has_text="Keyboard guests")
    press(page, tile.get_by_role("button"))
    expect(page.get_by_text("Your export")).to_be_visible(timeout=READY_SECONDS * 1000)
    steps.settled(page)

    press(page, steps.button(page, "Add filter"))
    everyone.tab_to(page, page.get_by_role("combobox", name="Column", exact=True), key="Shift+Tab")
    page.keyboard.type("country")
    page.keyboard.press("Enter")
    steps.settled(page)
    press(page, page.get_by_role("button", name="country is any of", exact=True))
    page.keyboard.type("Indo")
    page.keyboard.press("ArrowDown")  # at once: it means the list of what was typed, when that is there
    expect(page.get_by_role("option", name=re.compile("^Indonesia"))).to_be_focused()
    page.keyboard.press("Space")
    steps.settled(page)
    expect(page.get_by_role("option", name=re.compile("^Indonesia"), selected=True)).to_be_focused()
    page.keyboard.press("Escape")
    steps.settled(page)
    expect(page.get_by_text("where country is Indonesia")).to_be_visible()

    press(page, page.get_by_role("checkbox", name="Include born", exact=True), "Space")
    press(page, page.get_by_role("button", name="Move country", exact=True), "ArrowUp", way="Shift+Tab")
    press(page, page.get_by_role("radio", name="Excel"), "ArrowRight")
    page.keyboard.press("Space")
    steps.settled(page)
    expect(page.get_by_role("radio", name="CSV", exact=True)).to_be_checked()
    press(page, steps.button(page, "Run export"))
    expect(page.get_by_text(re.compile("^Ready: "))).to_be_visible(timeout=READY_SECONDS * 1000)
    steps.settled(page)
    everyone.tab_to(page, page.get_by_role("link", name=re.compile("Download$")))
    with page.expect_download() as coming:
        page.keyboard.press("Enter")
    saved = tmp_path / "got.csv"
    coming.value.save_as(saved)
    rows = list(csv.reader(saved.read_text(encoding="utf-8-sig").splitlines()))
    assert rows[0] == ["country", "name"]
    assert [row[0] for row in rows[1:]] == ["Indonesia"] * 20

    press(page, sidebar.get_by_role("link", name="My exports"))
    press(page, steps.item(page, "Keyboard guests").get_by_role("button").first)
    everyone.tab_to(page, page.get_by_role("combobox", name="Seen by", exact=True))
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Everybody in Team sees")).to_be_visible()
    assert [job.shared for job in exports.list(ana)[0] if job.name.startswith("Keyboard guests")] == [True]


@pytest.mark.parametrize("where", ["/new-export?dataset={}", "/workspace"])
def test_the_focus_is_seen_at_every_stop_and_never_caught(calm: Page, guests: str, where: str) -> None:
    steps.visit(calm, where.format(guests))
    if where.startswith("/new-export"):
        steps.press(calm, "Add filter")
    stops = list(everyone.walk(calm, STOPS))
    assert len(stops) < STOPS, f"the focus is caught at {stops[-1]}"
    assert len(stops) > 10
    assert [stop.html for stop in stops if not stop.seen] == []


def test_a_word_is_explained_where_tab_stops_at_its_question_mark(calm: Page) -> None:
    steps.visit(calm, "/workspace")
    everyone.tab_to(calm, calm.locator(".st-key-page_header").get_by_role("button", name="Help"))
    expect(calm.get_by_role("tooltip")).to_contain_text("room of one group of people")
    calm.keyboard.press("Tab")
    expect(calm.get_by_role("tooltip")).to_have_count(0)


def test_a_dialog_takes_the_focus_keeps_it_and_gives_it_back(calm: Page) -> None:
    steps.visit(calm, "/all-projects")
    press(calm, steps.button(calm, "New project"))
    dialog = calm.get_by_role("dialog")
    expect(dialog).to_be_visible()
    steps.settled(calm)
    for _press in range(8):
        calm.keyboard.press("Tab")
        assert dialog.evaluate("dialog => dialog.contains(document.activeElement)"), everyone.focus(calm)
    calm.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(steps.button(calm, "New project")).to_be_focused()


def test_a_stop_that_nobody_sees_is_noticed(calm: Page) -> None:
    steps.visit(calm, "/data")
    calm.get_by_test_id("stMainBlockContainer").evaluate(
        "main => main.insertAdjacentHTML('afterbegin', '<button style=\"all: unset\">Planted</button>')"
    )
    unseen = [stop.html for stop in everyone.walk(calm, STOPS) if not stop.seen]
    assert len(unseen) == 1
    assert "Planted" in unseen[0]


def test_nothing_moves_for_somebody_who_asked_for_calm(calm: Page, guests: str) -> None:
    steps.visit(calm, f"/new-export?dataset={guests}")
    assert everyone.moving(calm) == []
    calm.emulate_media(reduced_motion="no-preference")
    assert everyone.moving(calm) != [], "it tells movement from calm"
