"""A program gets its token, uses it, and is put out again; who may not make one reads why."""

from __future__ import annotations

import httpx
from playwright.sync_api import expect

from tests.e2e.steps import button, item, press, settled, visit


def test_an_editor_makes_a_token_a_program_uses_it_and_it_ends_at_once(as_person, served):
    page = as_person("tina@example.org")
    visit(page, "/tokens")
    press(page, "New token")
    page.get_by_label("Name").fill("Warehouse sync")
    page.keyboard.press("Tab")
    settled(page)
    press(page, "Make token")
    secret = page.get_by_label("Token", exact=True).inner_text()
    headers = {"Authorization": f"Bearer {secret}"}
    assert httpx.get(f"{served.url}/api/v1/datasets", headers=headers).status_code == 200
    press(page, "Done")
    expect(page.get_by_text(secret)).to_have_count(0)
    expect(item(page, "Warehouse sync")).to_contain_text("Everything")
    button(item(page, "Warehouse sync"), "Revoke").click()
    settled(page)
    button(page.get_by_role("dialog"), "Revoke").click()
    settled(page)
    expect(page.get_by_text("No tokens yet")).to_be_visible()
    assert httpx.get(f"{served.url}/api/v1/datasets", headers=headers).status_code == 401


def test_a_viewer_reads_who_makes_tokens(as_person):
    page = as_person("vera@example.org", role="viewer")
    visit(page, "/tokens")
    expect(button(page, "New token")).to_be_disabled()
    expect(page.get_by_text("Only an editor, admin or owner may make tokens.")).to_be_visible()
    expect(page.get_by_text("Ask Ana")).to_be_visible()
