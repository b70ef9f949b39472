"""The main job in a real browser: data in, rows and columns kept, the file out, and the file opened again."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from pathlib import Path

import openpyxl
from playwright.sync_api import FilePayload, Locator, Page, expect

from tests.e2e.steps import button, choose_option, photograph, press, settled, upload, visit

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
READY_SECONDS = 60  # a small export takes a moment; a machine busy with other tests takes longer


def pick_values(page: Page, field: str, *values: str) -> None:
    """Open the list of values, search each one, tick it."""
    page.get_by_role("button", name=field, exact=True).click()
    search = page.get_by_role("searchbox", name="Search the values")
    for value in values:
        search.fill(value)
        page.get_by_role("option", name=re.compile(rf"^{re.escape(value)}")).first.click()
    page.keyboard.press("Escape")
    settled(page)


def rows_kept(page: Page) -> Locator:
    return page.get_by_test_id("stMetricValue").first


def preview(page: Page) -> Locator:
    return page.get_by_role("region", name="Preview of the file")


def column_row(page: Page, name: str) -> Locator:
    return (
        page.get_by_role("list", name="Columns of the file")
        .get_by_role("listitem")
        .filter(has=page.get_by_role("checkbox", name=f"Include {name}", exact=True))
    )


def run_and_download(page: Page, folder: Path) -> Path:
    press(page, "Run export")
    expect(button(page, "Run export")).to_have_count(0)  # it is running, or ready
    link = page.get_by_role("link", name=re.compile("Download$"))
    ready = page.get_by_text(re.compile("^Ready: "))
    expect(ready).to_have_count(1, timeout=READY_SECONDS * 1000)  # that of an earlier run may go a moment later
    expect(ready).to_be_visible()
    settled(page)
    expect(link).to_have_count(1)
    with page.expect_download() as coming:
        link.click()
    saved = folder / coming.value.suggested_filename
    coming.value.save_as(saved)
    return saved


def begin_with_sample(page: Page, name: str) -> None:
    visit(page, "/new-export")
    page.locator("[class*='st-key-card_sample_']").filter(has_text=name).get_by_role("button").click()
    expect(page.get_by_text("Your export")).to_be_visible(timeout=READY_SECONDS * 1000)
    settled(page)


def test_sample_data_becomes_the_workbook_somebody_asked_for(page: Page, tmp_path: Path) -> None:
    begin_with_sample(page, "Participants")
    before = rows_kept(page).inner_text()

    press(page, "Add filter")
    choose_option(page, "Column", "Country")
    pick_values(page, "Country is any of", "Germany", "Brazil")
    expect(rows_kept(page)).not_to_have_text(before)
    kept = int(rows_kept(page).inner_text().replace(",", ""))
    expect(page.get_by_text("where Country is Germany or Brazil")).to_be_visible()

    page.get_by_role("checkbox", name="Include Phone", exact=True).uncheck()
    name = page.get_by_role("textbox", name="Name in the file for First name")
    name.fill("Given name")
    name.press("Enter")
    column_row(page, "Country").get_by_role("button", name="Move Country up").click()
    settled(page)
    expect(preview(page).get_by_role("columnheader", name=re.compile("^Given name"))).to_be_visible()
    expect(preview(page).get_by_role("columnheader", name=re.compile("^Phone"))).to_have_count(0)
    photograph(page, "builder")

    saved = run_and_download(page, tmp_path)
    photograph(page, "builder-done")

    assert saved.name == "Participants.xlsx"
    rows = list(openpyxl.load_workbook(saved).active.iter_rows(values_only=True))
    header = [str(v) for v in rows[0]]
    assert "Given name" in header
    assert "Phone" not in header
    assert header.index("Country") == header.index("City") - 1
    assert len(rows) - 1 == kept
    assert {row[header.index("Country")] for row in rows[1:]} == {"Germany", "Brazil"}
    assert all(len(str(row[header.index("Code")])) == 6 for row in rows[1:]), "leading zeros are kept"


def a_workbook() -> FilePayload:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Orders"
    sheet.append(["Order no", "Customer", "Amount", "Paid"])
    for n in range(1, 201):
        sheet.append([f"{n:05d}", ("Ayu", "Zoë", "Müller & Söhne")[n % 3], n * 1.25, n % 2 == 0])
    content = io.BytesIO()
    book.save(content)
    return {"name": "Orders of May.xlsx", "mimeType": XLSX, "buffer": content.getvalue()}


def test_an_uploaded_workbook_becomes_a_csv_for_programs(page: Page, tmp_path: Path) -> None:
    visit(page, "/new-export")
    upload(page, a_workbook())
    add = button(page, "Add to my data")
    expect(add).to_be_enabled(timeout=READY_SECONDS * 1000)
    add.click()
    expect(page.get_by_text("Your export")).to_be_visible(timeout=READY_SECONDS * 1000)
    settled(page)
    expect(rows_kept(page)).to_have_text("200")

    press(page, "Add filter")
    choose_option(page, "Column", "Amount")
    amount = page.get_by_role("textbox", name="Value", exact=True)
    amount.fill("100")
    amount.press("Enter")
    settled(page)
    expect(rows_kept(page)).to_have_text("121")

    saved = run_and_download(page, tmp_path)
    rows = list(openpyxl.load_workbook(saved).active.iter_rows(values_only=True))
    assert rows[0] == ("Order no", "Customer", "Amount", "Paid")
    assert rows[1] == ("00080", "Müller & Söhne", 100, True)
    assert len(rows) == 122

    page.get_by_role("radio", name="CSV", exact=True).click()
    settled(page)
    saved = run_and_download(page, tmp_path)
    lines = list(csv.reader(io.StringIO(saved.read_text(encoding="utf-8-sig"))))
    assert lines[1] == ["00080", "Müller & Söhne", "100", "true"]
    assert len(lines) == 122


def test_a_refresh_in_the_middle_loses_nothing(page: Page) -> None:
    begin_with_sample(page, "Payments")
    press(page, "Add filter")
    choose_option(page, "Condition", "is none of")
    first = page.get_by_role("checkbox", name=re.compile("^Include ")).first
    first.uncheck()
    expect(preview(page).get_by_role("columnheader", name=re.compile("^Payment"))).to_have_count(0)
    settled(page)
    address = page.url

    page.reload()
    settled(page)

    expect(page).to_have_url(address)
    expect(page.get_by_role("combobox", name="Condition", exact=True)).to_have_value("is none of")
    expect(first).not_to_be_checked()


def test_columns_are_moved_with_a_mouse_and_with_a_keyboard(page: Page) -> None:
    begin_with_sample(page, "Ambassadors")
    names: Callable[[], list[str]] = lambda: preview(page).get_by_role("columnheader").all_inner_texts()[1:4]  # noqa: E731
    first, second, third = (n.split("\n")[0] for n in names())

    grip = page.get_by_role("button", name=f"Move {first}", exact=True)
    target = page.get_by_role("button", name=f"Move {third}", exact=True).bounding_box()
    assert target
    grip.hover()
    page.mouse.down()
    page.mouse.move(target["x"] + 5, target["y"] + 12, steps=8)
    page.mouse.move(target["x"] + 5, target["y"] + 26, steps=4)
    page.mouse.up()
    expect(preview(page).get_by_role("columnheader").nth(3)).to_contain_text(first)

    grip = page.get_by_role("button", name=f"Move {third}", exact=True)
    grip.focus()
    page.keyboard.press("ArrowUp")
    expect(preview(page).get_by_role("columnheader").nth(1)).to_contain_text(third)
    expect(preview(page).get_by_role("columnheader").nth(2)).to_contain_text(second)


def test_on_a_phone_the_answer_and_the_button_stay_at_hand(page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 800})
    begin_with_sample(page, "Participants")

    run = button(page, "Run export")
    expect(run).to_be_in_viewport()
    press(page, "Add filter")
    expect(run).to_be_disabled()
    for control in ("Column", "Condition"):
        box = page.get_by_role("combobox", name=control, exact=True).bounding_box()
        assert box
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 390
    press(page, "Remove this filter")
    expect(run).to_be_enabled()
    width = page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth")
    assert width <= 390, "nothing sticks out of the screen"
