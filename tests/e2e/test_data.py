"""Data in, as a person does it: drop files, correct what was understood, look at the dataset, put it away and back."""

from __future__ import annotations

import pytest
from playwright.sync_api import FilePayload, Page, Route, expect

from tests.e2e import steps

ORDERS = "order;customer;amount;ordered on;paid\n" + "".join(
    f"{n:05d};Ann, {n};{n},50;{1 + n % 28:02d}.03.2026;{'yes' if n % 3 else 'no'}\n" for n in range(1, 301)
)
PEOPLE = "name,country,age\nAyu,Indonesia,31\nJosé,México,45\nZoë,Nederland,28\n"


def csv(name: str, text: str) -> FilePayload:
    return {"name": name, "mimeType": "text/csv", "buffer": text.encode()}


def add_page(page: Page) -> None:
    steps.visit(page, "/data?adding=yes")


def added(page: Page, name: str) -> None:
    """Add what the import panel shows and wait for the dataset in the list."""
    steps.button(page, "Add to my data").click()
    expect(steps.item(page, name)).to_be_visible()
    steps.settled(page)


def test_a_file_travels_is_understood_corrected_and_becomes_a_dataset(page: Page) -> None:
    add_page(page)
    steps.photograph(page, "data-add")
    steps.upload(page, csv("orders.csv", ORDERS))
    panel = page.locator("[class*='st-key-card_import_']")
    expect(panel).to_contain_text("separated by semicolons")
    expect(panel).to_contain_text("5 columns")
    steps.photograph(page, "import-panel")

    page.get_by_text("Not right? Correct how it was read").click()
    steps.select(page, "Columns are separated by", "Comma")
    expect(panel).to_contain_text("separated by commas")
    steps.select(page, "Columns are separated by", "Semicolon")
    expect(panel).to_contain_text("separated by semicolons")

    page.get_by_label("Call it").fill("Spring orders")
    added(page, "Spring orders")
    expect(steps.item(page, "Spring orders")).to_contain_text("300 rows · 5 columns")
    steps.photograph(page, "data")

    steps.button(steps.item(page, "Spring orders"), "Spring orders").click()
    columns = page.locator(".desk-columns")
    expect(columns).to_contain_text("ordered on")
    expect(columns.locator("tr", has_text="order").first).to_contain_text("text")  # 00001 keeps its zeros
    expect(page.get_by_text("Main date column").first).to_be_visible()
    steps.photograph(page, "dataset")


def test_several_files_travel_one_after_the_other_and_are_added_together(page: Page) -> None:
    add_page(page)
    steps.upload(page, csv("north.csv", PEOPLE), csv("south.csv", PEOPLE), csv("empty.csv", ""))
    expect(page.get_by_text("This file is empty. Choose another one.")).to_be_visible()
    expect(page.locator("[class*='st-key-card_import_']")).to_have_count(2)
    steps.button(page, "Add 2 tables to my data").click()
    expect(steps.item(page, "north")).to_be_visible()
    expect(steps.item(page, "south")).to_be_visible()


@pytest.mark.parametrize("forgiven", [["net::ERR_FAILED"]])
def test_an_upload_goes_on_where_a_lost_connection_stopped_it(page: Page, forgiven: list[str]) -> None:
    add_page(page)
    text = "n,text\n" + "".join(f"{n},{'x' * 90}\n" for n in range(200_000))  # 19 MB: three chunks
    offsets: list[str] = []

    def second_chunk_fails(route: Route) -> None:
        offsets.append(route.request.url.partition("offset=")[2])
        route.abort() if offsets[-1] != "0" else route.continue_()

    page.route("**/api/uploads/*?offset=*", second_chunk_fails)
    steps.upload(page, csv("long.csv", text))
    waiting = page.locator("li.paused")
    expect(waiting).to_contain_text("The connection was lost", timeout=60_000)
    assert len(set(offsets[1:])) == 1, "the same chunk is tried again before the person is asked"
    assert len(offsets) > 4
    page.unroute("**/api/uploads/*?offset=*")
    sent: list[str] = []
    page.on("request", lambda r: sent.append(r.url) if r.method == "PUT" else None)
    page.get_by_role("button", name="Continue").click()
    expect(page.locator("[class*='st-key-card_import_']")).to_contain_text("long.csv")
    assert sent[0].endswith(offsets[-1]), "what had arrived is not sent again"
    steps.press(page, "Remove")


@pytest.mark.parametrize("forgiven", [["net::ERR_FAILED"]])
def test_a_cancelled_upload_leaves_nothing_behind(page: Page, forgiven: list[str]) -> None:
    add_page(page)
    page.route("**/api/uploads/*?offset=*", lambda route: route.abort())
    with page.expect_response(lambda r: r.request.method == "DELETE") as gone:
        steps.upload(page, csv("unwanted.csv", PEOPLE))
        page.get_by_role("button", name="Cancel unwanted.csv").click()
    assert gone.value.status == 204
    expect(page.locator(".files li")).to_have_count(0)


def test_a_page_loaded_again_still_has_the_file_that_had_arrived(page: Page) -> None:
    add_page(page)
    steps.upload(page, csv("kept.csv", PEOPLE))
    expect(page.locator("[class*='st-key-card_import_']")).to_contain_text("kept.csv")
    page.reload()
    steps.settled(page)
    expect(page.locator("[class*='st-key-card_import_']")).to_contain_text("kept.csv")
    added(page, "kept")


def test_a_table_is_pasted_from_the_clipboard(page: Page) -> None:
    add_page(page)
    page.get_by_label("Cells copied from a spreadsheet").fill("city\tvisits\nJakarta\t12\nBandung\t9\n")
    steps.press(page, "Use this table")
    expect(page.locator("[class*='st-key-card_import_']")).to_contain_text("separated by tabs")
    page.get_by_label("Call it").fill("Pasted cities")
    added(page, "Pasted cities")


def test_a_dataset_goes_to_the_bin_and_comes_back(page: Page) -> None:
    add_page(page)
    steps.upload(page, csv("fleeting.csv", PEOPLE))
    expect(page.get_by_label("Call it")).to_be_visible()
    added(page, "fleeting")
    steps.choose(page, steps.item(page, "fleeting"), "Delete")
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(steps.item(page, "fleeting")).to_have_count(0)
    steps.go(page, "Recently deleted")
    expect(steps.item(page, "fleeting")).to_contain_text("30 days left")
    steps.button(steps.item(page, "fleeting"), "Restore").click()
    expect(steps.item(page, "fleeting")).to_have_count(0)
    steps.settled(page)
    steps.go(page, "Data")
    expect(steps.item(page, "fleeting")).to_be_visible()


def test_sample_data_is_one_press_away(page: Page) -> None:
    add_page(page)
    page.locator("[class*='st-key-card_sample_participants']").get_by_role("button").click()
    expect(steps.item(page, "articipants")).to_be_visible()


def test_keyboard_alone_reaches_the_upload_box(page: Page) -> None:
    add_page(page)
    choose = page.get_by_role("button", name="Choose files")  # its script names it when it begins to listen
    with page.expect_file_chooser() as chooser:
        choose.press("Enter")
    assert chooser.value.is_multiple()


def test_a_new_file_makes_a_new_version(page: Page) -> None:
    add_page(page)
    steps.upload(page, csv("prices.csv", "item,price\nTea,3\nCoffee,4\n"))
    expect(page.get_by_label("Call it")).to_be_visible()
    added(page, "prices")
    steps.choose(page, steps.item(page, "prices"), "Replace file")
    dialog = page.get_by_role("dialog")
    steps.upload(dialog, csv("prices of june.csv", "item,price\nTea,3\nCoffee,5\nMilk,2\n"))
    steps.button(dialog, "Replace the file").click()
    expect(dialog).to_have_count(0)
    expect(steps.item(page, "prices")).to_contain_text("3 rows")
    steps.button(steps.item(page, "prices"), "prices").click()
    page.get_by_role("tab", name="Versions").click()
    expect(page.get_by_text("Version 2")).to_be_visible()
    expect(page.get_by_text("Version 1")).to_be_visible()


def test_a_dataset_is_read_again_with_another_answer(page: Page) -> None:
    add_page(page)
    steps.upload(page, csv("codes.csv", "code;n\n01;1,5\n02;2,5\n"))
    expect(page.get_by_label("Call it")).to_be_visible()
    added(page, "codes")
    steps.button(steps.item(page, "codes"), "codes").click()
    page.get_by_text("Read again with other settings").click()
    expect(page.get_by_role("button", name="Read again", exact=False).last).to_be_disabled()
    steps.select(page, "Columns are separated by", "Comma")
    steps.press(page, "Read again")
    expect(page.get_by_text("Read again: this is the new version.")).to_be_visible()
    page.get_by_role("tab", name="Versions").click()
    expect(page.get_by_text("Version 2")).to_be_visible()
    expect(page.get_by_text("separated by commas")).to_be_visible()
