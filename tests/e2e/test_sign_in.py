"""Coming in and being put out, as people see it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from core import exports, workspaces
from core.access import invitations, recovery, sign_in
from core.desk import Desk
from storage import jobs
from storage.tables import JobKind, Role
from tests import people
from tests.e2e.conftest import Server, serve, stop, watched
from tests.e2e.steps import PHONE, PICTURES, WIDE, button, settled, visit
from tests.people import OWNER, PASSWORD

BUDI = "budi@example.org"


@pytest.fixture
def forgiven() -> list[str]:
    """A form that is refused answers 401, a link that does not work 404, and the browser says so in its console."""
    return ["401 (Unauthorized)", "404 (Not Found)"]


@pytest.fixture
def unvisited(tmp_path: Path) -> Iterator[Server]:
    """A desk for a team that nobody has set up yet."""
    running = serve(tmp_path / "data", tmp_path / "server.log", "serve", DESK_HOST="127.0.0.1")
    yield running
    stop(running)


@pytest.fixture
def stranger(browser: Browser, served: Server, forgiven: list[str]) -> Iterator[Page]:
    """A browser in which nobody is signed in."""
    with watched(browser, served, forgiven) as context:
        yield context.new_page()


def fill(page: Page, **values: str) -> None:
    for label, value in values.items():
        page.get_by_label(label.replace("_", " "), exact=True).fill(value)


def submit(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def photograph_door(page: Page, name: str) -> None:
    """Pictures of a page of the door, light and dark, wide and on a phone: nothing sticks out, nobody is kept out."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    for look in ("light", "dark"):
        page.emulate_media(color_scheme=look)
        for width, where in ((WIDE, ""), (PHONE, "-phone")):
            page.set_viewport_size({"width": width, "height": 900})
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            found = Axe().run(page)
            assert not found.response["violations"], found.generate_report()
            page.screenshot(path=PICTURES / f"door-{name}-{look}{where}.png", full_page=True, animations="disabled")
    page.emulate_media(color_scheme="light")
    page.set_viewport_size({"width": WIDE, "height": 900})


def end_every_sign_in(ana: Desk, email: str) -> None:
    assert sign_in.end_everywhere(people.somebody(ana, email)) >= 1


def test_the_first_visit_takes_the_code_of_the_log_and_ends_on_the_home_page(browser, unvisited, forgiven):
    with watched(browser, unvisited, forgiven) as context:
        page = context.new_page()
        page.goto("/")
        expect(page.get_by_role("heading", name="Set up this desk")).to_be_visible()
        photograph_door(page, "set-up")
        code = re.search(r"enter the code (\S+)", unvisited.log.read_text())[1]
        page.get_by_label("Set-up code").fill("aaaa-bbbb-cccc")
        fill(page, Your_name="Ana", Password=PASSWORD, Name_of_your_workspace="Team")
        page.get_by_label("E-mail").fill(OWNER)
        submit(page, "Set up and sign in")
        expect(page.get_by_role("alert")).to_contain_text("This is not the set-up code.")
        expect(page.get_by_label("Set-up code")).to_be_focused()
        expect(page.get_by_label("Your name")).to_have_value("Ana")
        expect(page.get_by_label("Password")).to_have_value("")
        photograph_door(page, "set-up-refused")
        page.get_by_label("Set-up code").fill(code)
        fill(page, Password=PASSWORD)
        submit(page, "Set up and sign in")
        settled(page)
        expect(button(page, "Ana")).to_be_visible()


def test_a_deep_link_survives_signing_in(stranger, ana):
    stranger.goto("/my-exports?job=no-such-job")
    expect(stranger.get_by_role("heading", name="Sign in")).to_be_visible()
    photograph_door(stranger, "sign-in")
    stranger.get_by_label("E-mail").fill(OWNER)
    fill(stranger, Password="not the password")
    submit(stranger, "Sign in")
    expect(stranger.get_by_role("alert")).to_contain_text("do not belong together")
    photograph_door(stranger, "sign-in-refused")
    fill(stranger, Password=PASSWORD)
    submit(stranger, "Sign in")
    expect(stranger).to_have_url(re.compile(r"/my-exports\?job=no-such-job$"))
    expect(stranger.get_by_text("Not found")).to_be_visible()


def test_an_invitation_and_a_new_password_are_pages_anybody_can_use(stranger, ana):
    dodo = people.somebody(ana, "dodo@example.org")
    _, invited = invitations.invite(ana, Role.VIEWER, "erna@example.org")
    for name, path in (
        ("join", invited),
        ("forgot", "/forgot"),
        ("link-that-does-not-work", "/join/nothing"),
        ("new-password", recovery.make_link(ana, dodo.account_id)),
    ):
        stranger.goto(path)
        photograph_door(stranger, name)
    fill(stranger, New_password="a wholly different sentence")
    submit(stranger, "Save and sign in")
    settled(stranger)
    expect(button(stranger, "Dodo")).to_be_visible()
    stranger.goto("/sign-out")
    photograph_door(stranger, "sign-out")


def test_the_whole_way_in_is_walked_by_keyboard_alone(stranger, ana):
    stranger.goto("/templates")
    expect(stranger.get_by_label("E-mail")).to_be_focused()  # the first field has the focus
    stranger.keyboard.type(OWNER)
    stranger.keyboard.press("Tab")
    expect(stranger.get_by_label("Password")).to_be_focused()
    stranger.keyboard.type(PASSWORD)
    stranger.keyboard.press("Enter")
    expect(stranger).to_have_url(re.compile("/templates$"))


def test_ending_a_sign_in_elsewhere_stops_the_page_at_its_next_click_and_leads_back(as_person, ana):
    page = as_person(BUDI)
    visit(page, "/data")
    end_every_sign_in(ana, BUDI)
    page.get_by_test_id("stSidebarNav").get_by_role("link", name="Templates").click()
    expect(page.get_by_text("You are signed out")).to_be_visible()
    expect(button(page, "Budi")).to_have_count(0)
    page.get_by_role("link", name="Sign in").click()
    page.get_by_label("E-mail").fill(BUDI)
    fill(page, Password=PASSWORD)
    submit(page, "Sign in")
    expect(page).to_have_url(re.compile("/templates$"))


def test_ending_a_sign_in_elsewhere_stops_a_page_that_only_watches(as_person, ana):
    budi = people.somebody(ana, BUDI)
    with budi.store.writing() as session:  # in a queue that nobody serves: the page goes on looking
        waiting = jobs.enqueue(
            session, budi.workspace_id, budi.account_id, kind=JobKind.EXPORT, name="Watched", payload={}, queue="none"
        )
    page = as_person(BUDI)
    visit(page, f"/my-exports?job={waiting.id}")
    end_every_sign_in(ana, BUDI)
    expect(page.get_by_text("You are signed out")).to_be_visible()  # and nobody has clicked anything
    exports.cancel(budi, waiting.id)


def test_signing_out_in_the_menu_leaves_the_desk_and_its_cookie_behind(as_person, served):
    page = as_person(BUDI)
    visit(page)
    button(page, "Budi").click()
    submit(page, "Sign out")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    assert not [c for c in page.context.cookies() if c["name"] == sign_in.COOKIE]
    page.goto("/data")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def test_signing_out_of_every_browser_stops_the_other_one_too(as_person):
    here, there = as_person(BUDI), as_person(BUDI)
    visit(there, "/data")
    visit(here)
    button(here, "Budi").click()
    submit(here, "Sign out of every browser")
    expect(here.get_by_role("heading", name="Sign in")).to_be_visible()
    there.get_by_test_id("stSidebarNav").get_by_role("link", name="Templates").click()
    expect(there.get_by_text("You are signed out")).to_be_visible()


def test_a_workspace_chosen_in_one_tab_is_the_workspace_of_the_other_and_nothing_of_the_old_one_stays(as_person, ana):
    page = as_person(OWNER)
    visit(page, "/my-exports?job=of-this-workspace")
    place = workspaces.make(ana, "Second place")
    held = next(c["value"] for c in page.context.cookies() if c["name"] == sign_in.COOKIE)
    acting, row = sign_in.resume(ana, held, people.CALLER)
    sign_in.switch(acting, row, place.id)
    page.get_by_test_id("stSidebarNav").get_by_role("link", name="My exports").click()
    expect(page).not_to_have_url(re.compile("of-this-workspace"))
    expect(page.locator(".st-key-switcher")).to_contain_text("Second place")
