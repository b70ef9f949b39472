"""Storage on the screen, and what an export's page says of how long its file is there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlmodel import update

from core import choices, exports
from core.keeping import retention, space
from storage.tables import Job, Role, utc_now
from tests.pages.driving import button, field, texts


@pytest.fixture(autouse=True)
def _choices_hold_at_once(monkeypatch):
    monkeypatch.setattr(choices, "FRESH_SECONDS", 0.0)


def over(desk, job_id):
    with desk.store.writing() as session:
        session.exec(update(Job).where(Job.id == job_id).values(expires_at=utc_now()))


def test_a_page_of_storage_names_what_takes_most(open_page, exported):
    page = open_page("settings/storage.py")
    assert {"Team", "Indonesians"} <= set(page.dataframe[0].value["Name"])
    assert "Nothing’s time is over just now." in texts(page)
    assert [metric.label for metric in page.metric][:2] == ["Datasets", "Files of exports"]


def test_a_page_looks_at_the_disk_once_for_every_version(open_page, page_desk, exported, monkeypatch):
    looked: list[str] = []
    iterdir = Path.iterdir

    def counted(folder: Path) -> Iterator[Path]:
        looked.extend([folder.name] if folder.parent == page_desk.files.datasets else [])
        return iterdir(folder)

    monkeypatch.setattr(Path, "iterdir", counted)
    open_page("settings/storage.py")
    assert looked
    assert len(looked) == len(set(looked))


def test_what_goes_next_is_listed_with_its_bytes_before_it_goes(open_page, page_desk, exported):
    over(page_desk, exported)
    page = open_page("settings/storage.py")
    assert list(page.dataframe[0].value["Name"]) == ["Indonesians"]
    assert "The files of **1** export, **" in texts(page)
    button(page, "Clean up now").click().run()
    assert exports.get(page_desk, exported).expired_at is not None
    assert "Nothing’s time is over just now." in texts(page)


def test_an_administrator_of_the_installation_says_how_much_a_workspace_may_take(open_page, page_desk, exported):
    page = open_page("settings/storage.py")
    assert button(page, "Save").disabled
    field(page.number_input, "May take (MB)").set_value(500).run()
    button(page, "Save").click().run()
    assert page_desk.workspace().quota_mb == 500
    assert space.of_workspace(page_desk).quota == 500 * 10**6


def test_an_editor_is_told_that_storage_is_for_administrators(open_as):
    page = open_as("budi@example.org", "settings/storage.py", role=Role.EDITOR)
    assert "This is for administrators" in texts(page)
    assert not page.dataframe


def test_an_export_says_until_when_its_file_is_there_and_is_kept_in_one_click(open_page, page_desk, exported):
    page = open_page("exports/my_exports.py", job=exported)
    assert "then it goes by itself." in texts(page)
    button(page, "Keep").click().run()
    assert exports.get(page_desk, exported).kept
    assert "Kept until somebody lets it go" in texts(page)
    button(page, "Let it go").click().run()
    assert not exports.get(page_desk, exported).kept


def test_an_export_whose_file_went_says_so_and_runs_again(open_page, page_desk, exported):
    over(page_desk, exported)
    retention.sweep(page_desk)
    page = open_page("exports/my_exports.py")
    assert "Download" not in [link.proto.label for link in page.get("link_button")]
    page = open_page("exports/my_exports.py", job=exported)
    assert "is gone. The receipt below stays." in "".join(info.value for info in page.info).replace("\\", "")
    assert "Receipt" in texts(page)
    button(page, "Run again").click().run()
    assert exports.list(page_desk)[1] == 2


def test_a_workspace_says_how_long_files_stay(open_page, page_desk):
    page = open_page("settings/workspace_settings.py")
    field(page.number_input, "Days the files of an export stay").set_value(7)
    button(page, "Save").click().run()
    assert page_desk.workspace().keep_days == 7
