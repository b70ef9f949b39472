"""Installation settings and status, as an administrator sees them; and the banner."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from core import choices
from core.choices import Limits
from tests import people
from tests.e2e.steps import button, go, photograph, press, settled, visit


@pytest.mark.parametrize("section", ["Mail", "Limits", "Retention", "Storage", "Access"])
def test_every_section_of_the_settings_has_an_address(as_person, section):
    page = as_person(people.OWNER)
    visit(page, f"/settings?section={section}")
    expect(button(page, "Save").first).to_be_visible()
    photograph(page, f"settings-{section.lower()}")


def test_a_limit_is_chosen_and_taken_back(as_person, ana):
    page = as_person(people.OWNER)
    visit(page, "/settings?section=Limits")
    field = page.get_by_role("spinbutton", name="Rows of one export")
    field.fill("5000")
    field.press("Tab")
    settled(page)
    press(page, "Save")
    expect(page.get_by_text(re.compile("Chosen here"))).to_be_visible()
    assert choices.origins(ana, Limits)["max_rows"] == "chosen"
    press(page, "Back to 0")
    expect(page.get_by_text(re.compile("Chosen here"))).to_have_count(0)


def test_a_desk_that_runs_is_well_but_for_its_mail(as_person):
    page = as_person(people.OWNER)
    visit(page, "/status")
    for title in ("Queue", "Workers", "Clock", "Disk"):
        row = page.locator("[class*='st-key-item_']").filter(has_text=title)
        expect(row.get_by_text("Fine")).to_be_visible()
    photograph(page, "status")
    expect(page.get_by_text("Mail is not set up").first).to_be_visible()
    press(page, "Not now")
    expect(page.locator(".st-key-banner_mail")).to_have_count(0)
    go(page, "Templates")
    expect(page.locator(".st-key-banner_mail")).to_have_count(0)


def test_others_find_no_way_there_and_a_deep_link_says_whom_to_ask(as_person):
    page = as_person("budi@example.org", role="owner")
    visit(page, "/status")
    expect(
        page.get_by_text("Only an administrator of this installation may see how it is doing. Ask Ana.")
    ).to_be_visible()
    expect(page.get_by_test_id("stSidebarNav").get_by_role("link", name="Status")).to_have_count(0)
