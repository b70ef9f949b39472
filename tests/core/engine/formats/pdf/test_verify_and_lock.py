"""A file that is not what was written never passes its check; a locked one opens with its password alone."""

from __future__ import annotations

import io
from dataclasses import replace

import pikepdf
import pypdf
import pytest

from core.engine.formats.pdf import FORMAT
from core.engine.values import Kind
from core.errors import Trouble
from tests.core.engine.formats.pdf.pdfs import pdf
from tests.core.engine.formats.xlsx.workbooks import column

COLUMNS = [column(1, "Name", Kind.TEXT), column(2, "Visits", Kind.WHOLE)]
ROWS = 200
PASSWORD = "Gürtel-日本-1"


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    values = [(f"Name {i} 中文" if i % 9 == 0 else f"Name {i}", i) for i in range(ROWS)]
    return pdf(tmp_path_factory.mktemp("verify") / "a.pdf", COLUMNS, values, totals=True)


def checked(made, content: bytes, **changes) -> int:
    rows: int = FORMAT.verify(io.BytesIO(content), replace(made.written, **changes), made.columns, None)
    return rows


def changed(made, change) -> bytes:
    """The file after `change(document)`, whole again as a PDF."""
    buffer = io.BytesIO()
    with pikepdf.open(made.path) as document:
        change(document)
        document.save(buffer)
    return buffer.getvalue()


def test_every_row_is_counted(made):
    assert made.verified() == ROWS


def test_a_missing_page_is_found(made):
    def without_last(document):
        del document.pages[-1]

    with pytest.raises(Trouble, match="pages where"):
        checked(made, changed(made, without_last))


def test_a_changed_cell_is_found(made):
    def other(document):
        page = document.pages[0]
        page.Contents = document.make_stream(page.Contents.read_bytes().replace(b"Tj 1 0 0 1", b"Tj  1 0 0 1", 1))

    with pytest.raises(Trouble, match="not the pages that were written"):
        checked(made, changed(made, other))


def test_a_changed_font_is_found(made):
    def other(document):
        font = document.pages[0].Resources.Font.F1.DescendantFonts[0].FontDescriptor
        font.FontFile2 = document.make_stream(font.FontFile2.read_bytes()[:-1] + b"\0\0")

    with pytest.raises(Trouble, match="fonts"):
        checked(made, changed(made, other))


def test_rows_that_are_not_there_are_missed(made):
    with pytest.raises(Trouble, match="200 rows where 201"):
        checked(made, made.path.read_bytes(), rows=201)


@pytest.mark.parametrize("share", [0, 0.2, 0.7])
def test_a_file_cut_short_is_found(made, share):
    content = made.path.read_bytes()
    with pytest.raises(Trouble):
        checked(made, content[: int(len(content) * share)])


def test_a_locked_file_asks_for_its_password_by_aes_256(made, tmp_path):
    locked = tmp_path / "locked.pdf"
    FORMAT.lock(made.path, locked, PASSWORD)
    reader = pypdf.PdfReader(locked)
    assert reader.is_encrypted
    encryption = reader.trailer["/Encrypt"]
    assert (encryption["/V"], encryption["/R"], encryption["/Length"]) == (5, 6, 256)
    assert not reader.decrypt("wrong")
    assert reader.decrypt(PASSWORD)
    assert "Name 199 199" in reader.pages[-1].extract_text()


@pytest.mark.parametrize("typed", ["Pa\u0308ss", "Ａｂ１", "ﬁn²", "❤\ufe0f"])
def test_readers_that_prepare_what_is_typed_open_it_and_so_do_those_that_do_not(made, tmp_path, typed):
    locked = tmp_path / "locked.pdf"
    FORMAT.lock(made.path, locked, typed)
    assert pypdf.PdfReader(locked).decrypt(typed)  # SASLprep, as Acrobat
    pikepdf.open(locked, password=typed).close()  # as it is


def test_an_unlocked_file_passes_the_check_of_the_one_that_was_locked(made, tmp_path):
    FORMAT.lock(made.path, tmp_path / "locked.pdf", PASSWORD)
    FORMAT.unlock(tmp_path / "locked.pdf", tmp_path / "open.pdf", PASSWORD)
    assert checked(made, (tmp_path / "open.pdf").read_bytes()) == ROWS


def test_a_wrong_password_or_none_at_all_is_trouble(made, tmp_path):
    FORMAT.lock(made.path, tmp_path / "locked.pdf", PASSWORD)
    with pytest.raises(Trouble, match="does not open with this password"):
        FORMAT.unlock(tmp_path / "locked.pdf", tmp_path / "open.pdf", "other")
    with pytest.raises(Trouble, match="without a password"):
        FORMAT.unlock(made.path, tmp_path / "open.pdf", PASSWORD)
    with pytest.raises(Trouble):
        checked(made, (tmp_path / "locked.pdf").read_bytes())
