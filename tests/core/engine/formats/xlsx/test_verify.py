"""A file that is not what was written never passes its check."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace

import pytest

from core.engine.formats.base import Written
from core.engine.formats.sheets.reading import Frame
from core.engine.formats.xlsx import Xlsx
from core.engine.values import Kind
from core.errors import Trouble
from tests.core.engine.formats.xlsx.workbooks import column, workbook

COLUMNS = [column(1, "Name", Kind.TEXT), column(2, "Visits", Kind.WHOLE), column(3, "Paid", Kind.YES_NO)]
SHEET = "xl/worksheets/sheet1.xml"
ROWS = 1_000


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    values = [(f"Name {i}", i, i % 2 == 0) for i in range(ROWS)]
    path = tmp_path_factory.mktemp("verify") / "a.xlsx"
    return workbook(path, COLUMNS, values, totals=True, format=Xlsx(sheet_rows=902))


def checked(made, content: bytes, **changes) -> int:
    """Check other bytes against what was written, as though those were the bytes written."""
    import hashlib

    written = replace(made.written, sha256=hashlib.sha256(content).hexdigest(), **changes)
    rows: int = made.format.verify(io.BytesIO(content), written, made.columns, made.options)
    return rows


def rewritten(made, change) -> tuple[bytes, dict[str, str]]:
    """The workbook with one sheet's XML changed, and the hashes its members then have."""
    import hashlib

    buffer, hashes = io.BytesIO(), {}
    with zipfile.ZipFile(made.path) as old, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = old.read(name)
            content = change(content) if name == SHEET else content
            new.writestr(name, content)
            hashes[name] = hashlib.sha256(content).hexdigest()
    return buffer.getvalue(), hashes


def test_every_row_of_every_sheet_is_counted(made):
    assert made.verified() == ROWS
    assert made.written.extra["sheets"] == {
        SHEET: Frame(900, True, False, 3),
        "xl/worksheets/sheet2.xml": Frame(100, True, True, 3),
    }


def test_a_changed_byte_is_found(made):
    content = bytearray(made.path.read_bytes())
    content[500] ^= 1  # within the first sheet
    with pytest.raises(Trouble, match="bytes are not the bytes"):
        made.format.verify(io.BytesIO(content), made.written, made.columns, made.options)
    with pytest.raises(Trouble):
        checked(made, bytes(content))


@pytest.mark.parametrize("share", [0, 0.3, 0.9, 0.999])
def test_a_file_cut_short_is_found(made, share):
    content = made.path.read_bytes()
    with pytest.raises(Trouble, match="whole workbook"):
        checked(made, content[: int(len(content) * share)])


def test_a_missing_part_is_found(made):
    with pytest.raises(Trouble, match="missing"):
        checked(made, made.path.read_bytes(), members={**made.written.members, "xl/more.xml": "0"})


def test_a_sheet_that_differs_from_what_was_rendered_is_found(made):
    content, _ = rewritten(made, lambda xml: xml.replace(b"Name 5<", b"Name 6<"))
    with pytest.raises(Trouble, match=r"sheet1\.xml is not what was written"):
        checked(made, content)


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        (b"<v>7</v>", b"<v>seven</v>", "no reader would accept"),
        (b"<v>7</v>", b"<f>1+1</f><v>7</v>", "no reader would accept"),
        (b"<v>898</v></c><c", b"<v>898</v></c><c/><c", "4 cells where there are 3 columns"),
        (b"Name 899<", b"Name & 899<", "cannot be parsed"),
        (b"Name 500</t></is></c>", b"Name 500</t></is></c></row><row>", "902 rows where 901"),
    ],
)
def test_rows_no_reader_would_accept_are_found(made, old, new, why):
    content, hashes = rewritten(made, lambda xml: xml.replace(old, new))
    with pytest.raises(Trouble, match=why):
        checked(made, content, members=hashes)


def test_rows_split_by_the_reading_are_counted_once(made, monkeypatch):
    for size in (7, 4_096):
        monkeypatch.setattr("core.engine.formats.sheets.reading.INFLATED", size)
        assert made.verified() == ROWS


@pytest.mark.parametrize("ends", [1, 1_000])
def test_rows_larger_than_what_is_kept_of_the_ends_are_checked_too(made, monkeypatch, ends):
    monkeypatch.setattr("core.engine.formats.sheets.reading.ENDS", ends)
    monkeypatch.setattr("core.engine.formats.sheets.reading.INFLATED", 50)
    assert made.verified() == ROWS


def test_what_was_written_is_a_plain_value(made):
    assert isinstance(made.written, Written)
    assert made.written.bytes == made.path.stat().st_size
