"""Several datasets, splits, passwords and the file itself, in a real browser; what comes out is opened by other programs."""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from pathlib import Path

import msoffcrypto
import openpyxl
from playwright.sync_api import Download, Page, expect

from core.engine.archive import MANIFEST
from tests.e2e.steps import button, choose_option, photograph, press, settled
from tests.e2e.test_export_journey import READY_SECONDS, begin_with_sample, run_and_download


def choose_format(page: Page, label: str) -> None:
    page.get_by_role("radio", name=label, exact=True).click()
    settled(page)


def unfold(page: Page, label: str) -> None:
    page.locator("summary").filter(has_text=label).first.click()
    settled(page)


def test_two_datasets_become_two_sheets_of_one_workbook(page: Page, tmp_path: Path) -> None:
    begin_with_sample(page, "Participants")
    begin_with_sample(page, "Payments")
    press(page, "Add another dataset")
    dialog = page.get_by_role("dialog")
    choose_option(page, "It becomes a sheet or a file of its own", "Participants (3,200 rows)")
    button(dialog, "Add it").click()
    expect(dialog).to_have_count(0)
    settled(page)
    title = page.get_by_role("textbox", name="Name of its sheet or file")
    title.fill("People")
    title.press("Enter")
    expect(page.get_by_role("radio", name="People", exact=True)).to_be_visible()
    expect(page.get_by_text("2 sheets in one Excel file")).to_be_visible()
    photograph(page, "builder-datasets")

    saved = run_and_download(page, tmp_path)

    book = openpyxl.load_workbook(saved, read_only=True)
    assert book.sheetnames[:2] == ["Payments", "People"]
    rows = [sum(1 for _ in book[name].iter_rows()) - 1 for name in book.sheetnames[:2]]
    assert rows == [2600, 3200]


def test_a_split_by_country_comes_as_a_zip_with_its_manifest(page: Page, tmp_path: Path) -> None:
    begin_with_sample(page, "Participants")
    choose_format(page, "CSV")
    unfold(page, "Split and compress")
    choose_option(page, "Split into several", "by the values of a column")
    choose_option(page, "Column to split by", "Country")
    expect(page.get_by_text("CSV files in one zip")).to_be_visible()
    unfold(page, "CSV files in one zip")
    photograph(page, "builder-split")

    saved = run_and_download(page, tmp_path)
    unfold(page, "files in the zip")
    photograph(page, "builder-split-done")

    assert saved.suffix == ".zip"
    with zipfile.ZipFile(saved) as archive:
        assert archive.testzip() is None
        manifest = json.loads(archive.read(MANIFEST))
        names = [n for n in archive.namelist() if n != MANIFEST]
        assert [f["name"] for f in manifest["files"]] == names
        rows = 0
        for name in names:
            lines = list(csv.DictReader(io.StringIO(archive.read(name).decode("utf-8-sig"))))
            assert len({line["Country"] for line in lines}) == 1
            rows += len(lines)
    assert rows == 3200


def test_files_one_by_one_are_saved_one_after_the_other_with_one_press(page: Page) -> None:
    begin_with_sample(page, "Participants")
    choose_format(page, "CSV")
    unfold(page, "Split and compress")
    choose_option(page, "Split into several", "by month")
    choose_option(page, "Packing", "One by one")
    press(page, "Run export")
    download_all = page.get_by_role("button", name=re.compile(r"^Download all \d+ files$"))
    expect(download_all).to_be_visible(timeout=READY_SECONDS * 1000)
    expect(page.get_by_text("If your browser asks, allow several downloads.")).to_be_visible()
    count = int(re.sub(r"\D", "", download_all.inner_text()))
    assert count > 1
    saved: set[str] = set()

    def complete(download: Download) -> bool:
        saved.add(download.suggested_filename)
        return len(saved) == count

    with page.expect_download(complete):
        download_all.click()
    expect(page.get_by_text("All are on their way to your downloads folder.")).to_be_visible()
    expect(download_all).to_be_enabled()


def test_a_generated_password_opens_the_workbook_and_is_shown_once(page: Page, tmp_path: Path) -> None:
    begin_with_sample(page, "Ambassadors")
    page.get_by_text("Protect with a password").click()
    typed = page.get_by_label("Password", exact=True)
    expect(typed).to_be_visible()
    settled(page)
    expect(button(page, "Run export")).to_be_disabled()
    typed.press_sequentially("summer2024")
    expect(page.locator(".desk-strength")).to_be_visible()
    photograph(page, "builder-password")
    press(page, "Generate one")
    shown = page.get_by_label("The generated password")
    expect(shown).to_be_visible()
    password = shown.inner_text()
    page.get_by_role("button", name="Copy", exact=True).click()
    assert page.evaluate("navigator.clipboard.readText()") == password
    photograph(page, "builder-password-generated")
    press(page, "Use this password")
    expect(page.get_by_text("A password is set")).to_be_visible()
    settled(page)
    assert password not in page.content()

    saved = run_and_download(page, tmp_path)
    photograph(page, "builder-password-done")

    opened = io.BytesIO()
    with saved.open("rb") as file:
        locked = msoffcrypto.OfficeFile(file)
        assert locked.is_encrypted()
        locked.load_key(password=password)
        locked.decrypt(opened)
    assert openpyxl.load_workbook(opened).active.max_row == 2001


def test_the_file_itself_is_seen_before_it_is_made(page: Page) -> None:
    begin_with_sample(page, "Payments")
    page.get_by_role("radio", name="File", exact=True).click()
    settled(page)
    view = page.get_by_role("region", name="The file itself")
    for label, kind in (
        ("CSV", "csv"),
        ("Excel", "xlsx"),
        ("OpenDocument", "ods"),
        ("Web page", "html"),
        ("PDF", "pdf"),
    ):
        choose_format(page, label)
        if kind == "csv":
            page.get_by_label("Show invisible characters").check()
            expect(view.get_by_text("LF").first).to_be_visible()
        elif kind in ("xlsx", "ods"):
            expect(view.get_by_role("cell", name="PAY-00001", exact=True)).to_be_visible()
            expect(page.get_by_role("tab").first).to_be_visible()
        elif kind == "html":
            expect(view.frame_locator("iframe[sandbox='']").get_by_text("PAY-00001", exact=True)).to_be_visible()
        else:
            expect(view.get_by_role("img")).to_be_visible()
            assert view.get_by_role("img").evaluate("image => image.naturalWidth") > 600
        photograph(page, f"builder-file-{kind}")
