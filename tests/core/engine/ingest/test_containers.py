import gzip
import io
import zipfile

import pytest

from core.engine.progress import Progress
from core.errors import BadFile

CSV = b"Name,Age\nAnn,31\nBob,25\n"


def zipped(**members):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name.replace("__", "/").replace("_csv", ".csv"), data)
    return out.getvalue()


def test_a_gzipped_file_is_read_as_what_is_inside(take):
    taken = take(gzip.compress(CSV), "people.csv.gz")
    assert taken.values("Age") == [31, 25]
    assert (taken.ingested.name, taken.understood.compression) == ("people", "gzip")


def test_each_file_of_a_zip_is_a_table_of_its_own(take_all):
    tables = take_all(zipped(a_csv=CSV, folder__b_csv=CSV), "all.zip")
    assert [(t.ingested.name, t.understood.member, t.rows) for t in tables] == [
        ("a", "a.csv", 2),
        ("b", "folder/b.csv", 2),
    ]
    assert [t.ingested.path.parent.name for t in tables] == ["1", "2"]


def test_a_member_s_path_never_decides_where_anything_is_written(take_all, tmp_path):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("../../../evil.csv", CSV)
    (taken,) = take_all(out.getvalue(), "x.zip")
    assert taken.ingested.path.is_relative_to(tmp_path)
    assert not list(tmp_path.parent.glob("evil*"))


def test_what_operating_systems_leave_in_archives_is_passed_over(take_all):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("a.csv", CSV)
        archive.writestr("__MACOSX/._a.csv", b"\0\1")
        archive.writestr(".DS_Store", b"\0")
    assert len(take_all(out.getvalue(), "x.zip")) == 1


def test_an_archive_without_anything_readable_says_so(take):
    with pytest.raises(BadFile, match="no file that can be read"):
        take(zipped(readme=b"hello"), "x.zip")


def test_a_gzip_bomb_is_refused_in_the_act(take):
    bomb = gzip.compress(b"\0" * (200 << 20), 9)
    assert len(bomb) < 300_000
    with pytest.raises(BadFile, match="200 times"):
        take(bomb, "x.csv.gz")


def test_a_zip_bomb_is_refused_in_the_act(take):
    with pytest.raises(BadFile, match="200 times"):
        take(zipped(a_csv=b"0,0\n" * (50 << 20)), "x.zip")


@pytest.mark.parametrize("cut", [20, 60, -8])
def test_a_damaged_gzip_is_refused_with_a_sentence(take, cut):
    with pytest.raises(BadFile, match="damaged"):
        take(gzip.compress(CSV * 1_000)[:cut], "x.csv.gz")


def test_a_damaged_zip_is_refused_with_a_sentence(take):
    data = bytearray(zipped(a_csv=CSV * 1_000))
    data[40:60] = b"\xff" * 20
    with pytest.raises(BadFile, match="damaged"):
        take(bytes(data), "x.zip")


def test_a_zip_with_a_password_says_so(take):
    data = bytearray(zipped(a_csv=CSV))
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(mark) + at] |= 1
    with pytest.raises(BadFile, match="password"):
        take(bytes(data), "x.zip")


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"%PDF-1.7 ...", "a PDF"),
        (b"\x89PNG\r\n\x1a\n", "a picture"),
        (b"<!DOCTYPE html><html><table></table></html>", "a web page"),
        (b'<?xml version="1.0"?><a/>', "XML"),
        (b"SQLite format 3\0", "a database"),
        (b"", "is empty"),
    ],
)
def test_what_is_no_table_is_named(take, data, words):
    with pytest.raises(BadFile, match=words):
        take(data, "x.bin")


def test_text_that_calls_itself_a_workbook_is_read_as_text(take):
    taken = take(CSV, "export.xls")
    assert taken.values("Age") == [31, 25]
    assert taken.understood.format == "csv"


def test_progress_names_its_steps_and_counts_rows(tmp_path):
    from core.engine.ingest import ingest

    (tmp_path / "a.csv").write_bytes(CSV)
    said: list[Progress] = []
    ingest(tmp_path / "a.csv", "a.csv", tmp_path / "o", report=said.append, scratch=tmp_path)
    assert [p.phase for p in said] == [
        "Reading the file",
        "Looking at every value",
        "Writing the dataset",
        "Summing up the columns",
    ]
    assert all(p.steps == 4 for p in said)
    assert (said[-1].rows, said[-1].total) == (2, 2)


def test_nothing_is_left_in_scratch(tmp_path):
    from core.engine.ingest import ingest

    (tmp_path / "a.csv.gz").write_bytes(gzip.compress(CSV))
    (tmp_path / "scratch").mkdir()
    ingest(tmp_path / "a.csv.gz", "a.csv.gz", tmp_path / "o", scratch=tmp_path / "scratch")
    assert list((tmp_path / "scratch").iterdir()) == []
