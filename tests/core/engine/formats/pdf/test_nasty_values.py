"""The nasty table: its golden file, and what pypdf and qpdf read in it.

After a change that is meant: `python -m tests.core.engine.formats.pdf.test_nasty_values` writes the golden file anew.
"""

from __future__ import annotations

import re
import tempfile
from pathlib import Path

import pytest

from core.engine.formats.base import Context
from core.engine.formats.pdf import FORMAT
from core.engine.formats.pdf.typesetting import PARAGRAPHS
from core.engine.session import open_session
from tests.core.engine import nasty
from tests.core.engine.formats.pdf.pdfs import NOW, Made
from tests.core.engine.formats.test_golden_text import expected_text

ZONE = "Asia/Jakarta"
GOLDEN = Path(__file__).parents[4] / "golden" / "nasty.pdf"
RIGHT_TO_LEFT = re.compile("[\u0590-\u06ff]")


def nasty_pdf(folder: Path) -> Made:
    table = nasty.table(folder)
    path = folder / "made.pdf"
    with open_session(None) as connection:
        rows = nasty.rows(connection, table, ZONE)
        written = FORMAT.write(rows, path, FORMAT.Options(totals=True), Context("Nasty", (), NOW, ZONE))
    return Made(path, written, nasty.out_columns())


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return nasty_pdf(tmp_path_factory.mktemp("nasty"))


def test_the_bytes_of_the_nasty_table_are_the_golden_ones(made):
    assert made.verified() == nasty.COUNT
    assert made.path.read_bytes() == GOLDEN.read_bytes()


def in_lines(text: str) -> list[str]:
    """What is drawn of a text: its lines without empty ones, letters sorted where a line is not drawn in their order."""
    lines = [line for line in PARAGRAPHS.split(text) if line]
    return ["".join(sorted(line)) if RIGHT_TO_LEFT.search(line) else line for line in lines]


def test_every_value_of_the_nasty_table_is_drawn_whole_and_in_its_row(made):
    """14 columns do not fit on a page: they go on on the page beside it, where the first column stands again."""
    pages = [made.rows(page) for page in range(made.written.extra["pages"])]
    left = [row for page in pages[::2] for row in page]
    right = [row for page in pages[1::2] for row in page]
    assert len(left) == len(right) == nasty.COUNT
    texts = [[expected_text(column, text) for text in nasty.cells(column)] for column in nasty.COLUMNS]
    for values, first, second in zip(zip(*texts, strict=True), left, right, strict=True):
        wanted = [line for text in values for line in in_lines(text)]
        again = in_lines(values[0])
        drawn = [line for text in (*first, *second) for line in in_lines(text)]
        split = len(in_lines("\n".join(first)))
        assert drawn[split : split + len(again)] == again
        assert drawn[:split] + drawn[split + len(again) :] == wanted


def test_pypdf_reads_arabic_and_hebrew_in_the_order_they_are_spoken(made):
    assert "مرحبا بالعالم" in made.text
    assert "日本語のテキスト" in made.text
    assert "emoji 🎉 👩‍👩‍👧 😀" in made.text


def test_what_has_no_letter_shape_is_counted_once_though_its_column_is_drawn_twice(made):
    note = next(note for note in made.written.notes if note.code == "missing_character")
    boxes = [c for text in nasty.TEXTS for c in text or "" if c in "🎉👩👧😀\x01\x02\x1f\ufffe\uffff\x7f"]
    assert note.count == len(boxes)
    assert "👩 (U+1F469)" in note.message


def test_a_column_that_cannot_be_added_has_no_total_and_a_note(made):
    left_out = {note.column: note.count for note in made.written.notes if note.code == "no_total"}
    assert set(left_out) == {"Long id", "Exact", "Float"}
    assert str(sum(int(text) for text in nasty.cells(nasty.COLUMNS[2]) if text)) in made.text


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as golden_folder:
        GOLDEN.write_bytes(nasty_pdf(Path(golden_folder)).path.read_bytes())
