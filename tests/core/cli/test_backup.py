"""`python -m core backup` and `restore`: a workspace out into one file, and back."""

import zipfile

import pytest

from core import datasets, uploads, workspaces
from core.work import inline
from tests.things import add_person


@pytest.fixture
def filled(opened):
    """A desk with a dataset that somebody else keeps to themselves."""
    desk = opened()
    budi = add_person(desk, "Budi", "editor")
    datasets.add(budi, uploads.store(budi, "secret.csv", b"name\nAnn\n").id, name="Secret")
    inline.run_queued(desk)
    return desk


def test_a_workspace_goes_into_one_file_with_all_it_has_and_comes_back_as_a_new_one(done, filled, tmp_path):
    file = tmp_path / "mine.zip"
    (line,) = done("backup", "My workspace", file)
    assert line.startswith(f"{file}: 1 datasets, ")
    assert zipfile.is_zipfile(file)
    assert [path.name for path in filled.files.exports.iterdir()] == []
    said, place = done("restore", file, "--new", "Again")
    assert said == "Restored into “Again”: 1 datasets."
    assert workspaces.named(filled, "Again").id == place
    assert [one.name for one in datasets.list(filled.itself(place))] == ["Secret"]


def test_a_file_that_is_there_is_not_written_over(refusal, filled, tmp_path):
    file = tmp_path / "mine.zip"
    file.write_text("something else")
    assert "is there already" in refusal("backup", "My workspace", file)
    assert file.read_text() == "something else"


def test_a_workspace_with_something_in_it_is_not_restored_into(done, refusal, filled, tmp_path):
    file = tmp_path / "mine.zip"
    done("backup", "My workspace", file)
    assert "not empty" in refusal("restore", file, "--into", "My workspace")


def test_a_file_that_is_no_backup_is_refused_and_its_copy_is_gone(refusal, filled, tmp_path):
    file = tmp_path / "other.zip"
    file.write_bytes(b"no zip")
    before = {path.name for path in filled.files.uploads.iterdir()}
    assert "cannot be restored" in refusal("restore", file, "--new", "Again")
    assert "There is no file" in refusal("restore", tmp_path / "none.zip", "--new", "Again")
    assert {path.name for path in filled.files.uploads.iterdir()} == before
