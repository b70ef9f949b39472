"""Coming in and being put out, as people see it."""

from __future__ import annotations

from playwright.sync_api import expect

from core import sign_in
from tests import people
from tests.e2e.steps import go, settled, visit


def test_ending_a_sign_in_elsewhere_stops_the_page_at_its_next_click(as_person, ana):
    page = as_person("budi@example.org")
    visit(page, "/data")
    budi = people.somebody(ana, "budi@example.org")
    for one in sign_in.open_ones(budi):
        sign_in.end(budi, one.id)
    go(page, "Templates")
    settled(page)
    expect(page.get_by_text("You are signed out")).to_be_visible()
