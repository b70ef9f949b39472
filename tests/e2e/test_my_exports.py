"""What was exported: download it, hand out a link, run it again, delete it; and what was saved as a template."""

from __future__ import annotations

import csv
import io
import re

from playwright.sync_api import Page, expect

from tests.e2e import steps


def test_a_finished_export_is_downloaded_whole(page: Page, exported: str) -> None:
    steps.visit(page, "/my-exports")
    row = steps.item(page, exported)
    expect(row).to_contain_text("80 rows")
    steps.photograph(page, "my-exports")
    with page.expect_download() as download:
        row.get_by_role("link", name="Download").click()
    text = download.value.path().read_text("utf-8-sig")
    assert download.value.suggested_filename.startswith(exported)
    assert [r["country"] for r in csv.DictReader(io.StringIO(text))] == ["Indonesia"] * 80


def test_the_receipt_tells_how_many_rows_were_left_after_each_step(page: Page, exported: str) -> None:
    steps.visit(page, "/my-exports")
    steps.button(steps.item(page, exported), "Details").click()
    receipt = page.locator(".st-key-card_receipt")
    expect(receipt).to_contain_text("240")
    expect(receipt).to_contain_text("80")
    expect(receipt).to_contain_text(re.compile(r"SHA-256\s+[0-9a-f]{64}"))
    steps.photograph(page, "export-detail")
    page.reload()
    expect(page.locator(".st-key-card_receipt")).to_be_visible()


def test_a_link_is_copied_and_works_for_somebody_else(page: Page, exported: str) -> None:
    steps.visit(page, "/my-exports")
    steps.choose(page, steps.item(page, exported), "Copy link")
    page.get_by_role("radio", name="1 week").or_(page.get_by_role("button", name="1 week")).first.click()
    steps.settled(page)
    page.get_by_role("button", name="Make the link").click()
    page.get_by_role("button", name="Copy link", exact=True).click()
    expect(page.get_by_text("Copied.")).to_be_visible()
    link = str(page.evaluate("navigator.clipboard.readText()"))
    answer = page.request.get(link)
    assert answer.status == 200
    assert answer.text().count("Indonesia") == 80


def test_an_export_is_run_again_and_announced_when_it_is_ready(page: Page, exported: str) -> None:
    steps.visit(page, "/my-exports")
    steps.choose(page, steps.item(page, exported), "Run again")
    expect(page.locator("[class*='st-key-item_']").filter(has_text=exported)).to_have_count(2)
    expect(page.locator("[class*='st-key-item_']").filter(has_text=exported).filter(has_text="Ready")).to_have_count(2)
    expect(page.get_by_test_id("stToast").filter(has_text="is ready")).to_be_visible()


def test_a_filtered_list_is_a_link(page: Page, exported: str) -> None:
    steps.visit(page, "/my-exports")
    page.get_by_placeholder("Search by name").fill(exported)
    expect(page.locator("[class*='st-key-item_']")).to_have_count(1)
    page.reload()
    steps.settled(page)
    expect(page.locator("[class*='st-key-item_']")).to_have_count(1)
    page.get_by_placeholder("Search by name").fill("no export is called this")
    expect(page.get_by_text("No export matches")).to_be_visible()


def test_a_template_is_saved_run_renamed_and_deleted(page: Page, exported: str) -> None:
    steps.visit(page, "/my-exports")
    steps.choose(page, steps.item(page, exported), "Save as template")
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name").fill(f"Weekly {exported}")
    dialog.get_by_label("Description").fill("For the office in Jakarta")
    dialog.get_by_role("button", name="Save template").click()
    expect(dialog).to_have_count(0)

    steps.go(page, "Templates")
    tile = page.locator("[class*='st-key-card_template_']").filter(has_text=f"Weekly {exported}")
    expect(tile).to_contain_text("For the office in Jakarta")
    expect(tile).to_contain_text("Indonesia")
    steps.photograph(page, "templates")
    steps.choose(page, tile, "Name and tags")
    dialog.get_by_label("Name").fill(f"Monthly {exported}")
    dialog.get_by_role("button", name="Save").click()
    tile = page.locator("[class*='st-key-card_template_']").filter(has_text=f"Monthly {exported}")
    steps.button(tile, "Run").click()
    expect(page.locator("[class*='st-key-item_']").filter(has_text=exported).filter(has_text="Ready")).to_have_count(2)

    steps.go(page, "Templates")
    steps.choose(page, tile, "Delete")
    dialog.get_by_role("button", name="Delete").click()
    expect(tile).to_have_count(0)
