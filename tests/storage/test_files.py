"""The data folder: names that cannot leave it, files that become visible whole, secrets made once."""

import stat
from concurrent.futures import ThreadPoolExecutor

import pytest

from storage.files import Files, attempt_of, publish, publish_folder, remove, stored_name


@pytest.fixture
def files(tmp_path):
    files = Files(tmp_path / "data")
    files.prepare()
    return files


def test_preparing_twice_changes_nothing_and_nobody_else_may_look(files):
    files.prepare()
    assert stat.S_IMODE(files.root.stat().st_mode) == 0o700
    assert stat.S_IMODE((files.root / "keys").stat().st_mode) == 0o700


def test_a_stored_name_says_whose_it_is():
    assert attempt_of(stored_name("job", 3, 1, "csv.gz")) == ("job", 3)
    assert attempt_of("job.3") == ("job", 3)
    assert attempt_of(".job.3.1.csv.part") == ("job", 3)


@pytest.mark.parametrize("name", ["", "notes.txt", "lost+found", ".hidden"])
def test_a_name_of_nobodys_is_nobodys(name):
    assert attempt_of(name) is None


@pytest.mark.parametrize("name", ["", "..", ".", "../keys/secret", "a/b", "a\\b", "a\0b"])
def test_no_name_leaves_its_folder(files, name):
    with pytest.raises(ValueError, match="not a name of ours"):
        files.upload(name)


def test_publishing_moves_a_finished_file_into_place(files):
    part = files.scratches / "part"
    part.write_bytes(b"whole")
    publish(part, files.exports / "final")
    assert (files.exports / "final").read_bytes() == b"whole"
    assert not part.exists()


def test_publishing_a_folder_shows_all_its_files_at_once(files):
    part = files.scratches / "out"
    part.mkdir()
    (part / "a").write_text("a")
    (part / "b").write_text("b")
    publish_folder(part, files.dataset("v"))
    assert sorted(p.name for p in files.dataset("v").iterdir()) == ["a", "b"]


def test_removing_what_is_gone_is_no_error(files):
    folder = files.scratch("job", 1)
    folder.mkdir()
    (folder / "x").write_text("x")
    assert remove(folder)
    assert not remove(folder)
    assert not remove(files.export("none"))


def test_a_secret_is_made_once_however_many_ask_at_the_same_time(files):
    with ThreadPoolExecutor(8) as threads:
        secrets = set(threads.map(lambda _: files.secret("signing"), range(32)))
    assert len(secrets) == 1
    assert len(secrets.pop()) == 32
    keys = [*(files.root / "keys").iterdir()]
    assert [k.name for k in keys] == ["signing"]
    assert stat.S_IMODE(keys[0].stat().st_mode) == 0o600
