"""Where a dataset comes from, on its page; and data that is added from elsewhere."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

from core import choices, datasets, feeds
from core.choices import Outside
from core.work import inline
from tests.pages.driving import button, field, texts

CSV = "id,name\n1,Ayu\n"


@pytest.fixture
def shared(page_desk, tmp_path: Path) -> Path:
    """A folder that an administrator allowed, with a file in it."""
    folder = tmp_path / "shared"
    folder.mkdir()
    (folder / "team.csv").write_text(CSV)
    choices.choose(page_desk, Outside, allowed_folders=(str(folder),))
    return folder


def test_a_dataset_added_by_hand_is_connected_and_fetched(open_page, page_desk, team, shared: Path):
    page = open_page("data/data.py", dataset=team)
    assert "From a file that was added by hand" in texts(page)
    button(page, "Fetch it from elsewhere").click().run()
    field(page.selectbox, "From").set_value("folder").run()
    field(page.text_input, "File").set_value("team.csv").run()
    button(page, "Save and fetch").click().run()
    assert not page.error
    inline.run_queued(page_desk)
    page.run()
    assert f"{shared}/team.csv · as of" in texts(page)
    assert "replaced versions stay 30 days" in texts(page)
    assert "Missing: “country”, “joined”." in page.warning[0].value.replace("\\", "")
    assert len(datasets.versions(page_desk, team)) == 2


def test_what_went_wrong_stands_there_until_it_works_again(open_page, page_desk, team, shared: Path):
    feeds.connect(page_desk, team, "folder", {"root": str(shared), "file": "gone.csv"})
    page = open_page("data/data.py", dataset=team)
    assert "not fetched yet" in texts(page)
    button(page, "Fetch now").click().run()
    inline.run_queued(page_desk)
    page.run()
    assert "There is no “gone.csv”" in texts(page)
    assert "The data stays as it was fetched before" in texts(page)
    (shared / "gone.csv").write_text(CSV)
    button(page, "Fetch now").click().run()
    inline.run_queued(page_desk)
    assert not page.run().error


def test_it_is_fetched_no_more(open_page, page_desk, team, shared: Path):
    feeds.connect(page_desk, team, "folder", {"root": str(shared), "file": "team.csv"})
    page = open_page("data/data.py", dataset=team)
    button(page, "Change").click().run()
    assert field(page.text_input, "File").value == "team.csv"
    button(page, "Fetch it no more").click().run()
    assert feeds.get(page_desk, team) is None


def test_data_from_elsewhere_is_there_once_it_was_fetched(open_page, page_desk, shared: Path):
    page = open_page("data/data.py", adding="yes")
    button(page, "From elsewhere").click().run()
    assert button(page, "Fetch it").disabled
    field(page.text_input, "Name").set_value("Team").run()
    field(page.selectbox, "From").set_value("folder").run()
    field(page.text_input, "File").set_value("gone.csv").run()
    button(page, "Fetch it").click().run()
    inline.run_queued(page_desk)
    page.run()
    assert "There is no “gone.csv”" in texts(page)
    field(page.text_input, "File").set_value("team.csv").run()
    button(page, "Fetch it").click().run()
    inline.run_queued(page_desk)
    page.run()
    assert page.query_params["dataset"] in ("team", ["team"])
    assert datasets.table(page_desk, "team").rows == 1


def test_of_a_workbook_the_sheet_that_is_named_is_taken(open_page, page_desk, shared: Path):
    book = openpyxl.Workbook()
    book.active.title = "May"
    for sheet in ("May", "June"):
        there = book[sheet] if sheet in book.sheetnames else book.create_sheet(sheet)
        there.append(["name"])
        there.append([f"of {sheet}"])
    book.save(shared / "book.xlsx")
    page = open_page("data/data.py", adding="yes")
    button(page, "From elsewhere").click().run()
    field(page.text_input, "Name").set_value("Book").run()
    field(page.selectbox, "From").set_value("folder").run()
    field(page.text_input, "File").set_value("book.xlsx").run()
    field(page.text_input, "Sheet").set_value("June").run()
    button(page, "Fetch it").click().run()
    inline.run_queued(page_desk)
    assert datasets.rows(page_desk, "book") == [["of June"]]
    again = open_page("data/data.py", dataset="book")
    button(again, "Change").click().run()
    assert field(again.text_input, "Sheet").value == "June"
    field(again.text_input, "Sheet").set_value("May").run()
    button(again, "Save and fetch").click().run()
    inline.run_queued(page_desk)
    assert datasets.rows(page_desk, "book") == [["of May"]]


@pytest.mark.parametrize("way", ["web", "s3", "sftp", "ftp", "folder", "postgresql", "sqlite"])
def test_every_way_has_a_form(open_page, page_desk, shared: Path, way: str):
    page = open_page("data/data.py", adding="yes")
    button(page, "From elsewhere").click().run()
    field(page.text_input, "Name").set_value("Team").run()
    field(page.selectbox, "From").set_value(way).run()
    assert not page.exception
    button(page, "Fetch it").click().run()
    assert len(page.error) == 1  # what is missing is said, and nothing was begun
    assert datasets.list(page_desk) == []
