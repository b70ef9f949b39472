"""My account in a real browser: the look that follows the person, and the browsers they are signed in with."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from core.access import accounts
from storage import accounts as rows
from storage import sign_ins
from tests import people
from tests.e2e.steps import button, go, photograph, press, settled, visit

AGENTS = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:144.0) Gecko/20100101 Firefox/144.0",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Safari/604.1",
)
DARK, LIGHT = "rgb(15, 19, 28)", "rgb(246, 247, 251)"  # the grounds of .streamlit/config.toml


def ground(page: Page, colour: str) -> None:
    expect(page.get_by_test_id("stApp")).to_have_css("background-color", colour)


def test_a_chosen_look_follows_the_person_into_every_browser(as_person, ana):
    page = as_person("dora@example.org")
    visit(page, "/account")
    ground(page, LIGHT)
    with page.expect_navigation():
        page.get_by_role("radio", name="Dark").or_(page.get_by_role("button", name="Dark")).first.click()
    ground(page, DARK)
    settled(page)
    other = as_person("dora@example.org")
    other.goto("/data")
    ground(other, DARK)
    settled(other)
    go(other, "Templates")
    other.reload()
    ground(other, DARK)
    settled(page)
    with page.expect_navigation():
        page.get_by_role("radio", name="As my system").or_(
            page.get_by_role("button", name="As my system")
        ).first.click()
    ground(page, LIGHT)
    page.emulate_media(color_scheme="dark")
    ground(page, DARK)


def test_a_chosen_look_stays_against_the_systems_own(as_person):
    page = as_person("emil@example.org")
    page.emulate_media(color_scheme="dark")
    visit(page, "/account")
    ground(page, DARK)
    with page.expect_navigation():
        page.get_by_role("radio", name="Light").or_(page.get_by_role("button", name="Light")).first.click()
    ground(page, LIGHT)


def test_another_browser_is_signed_out_and_stops_at_its_next_click(as_person, ana):
    page, other = as_person("cora@example.org"), as_person("cora@example.org")
    cora = people.somebody(ana, "cora@example.org")
    with ana.store.writing() as session:  # as browsers call themselves: the picture is for the guide
        for one, agent in zip(sign_ins.of_account(session, cora.account_id), AGENTS, strict=False):
            one.agent = agent
            session.add(one)
    visit(other, "/data")
    visit(page, "/account")
    expect(page.get_by_text("This browser")).to_be_visible()
    photograph(page, "account")
    press(page, "Sign out everywhere else")
    expect(button(page, "Sign out everywhere else")).to_be_disabled()
    go(other, "Templates")
    expect(other.get_by_text("You are signed out")).to_be_visible()


def test_a_new_password_is_typed_with_its_strength_in_sight(as_person, ana):
    page = as_person("fred@example.org")
    visit(page, "/account")
    page.get_by_label("Current password").fill("correct horse battery staple")
    page.get_by_label("New password").press_sequentially("seven quiet green harbours")
    expect(page.locator(".desk-strength b")).to_have_text("Strong")
    press(page, "Change password")
    expect(page.get_by_text("Your password is changed.")).to_be_visible()
    settled(page)
    expect(page.get_by_label("New password")).to_have_value("")
    with ana.store.reading() as session:
        assert accounts.verified(rows.by_email(session, "fred@example.org"), "seven quiet green harbours")
