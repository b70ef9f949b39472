"""Every option does what it says, as a reader of the file sees it."""

from __future__ import annotations

import base64
import io
from datetime import date, datetime
from decimal import Decimal

import pytest
from PIL import Image
from pydantic import ValidationError

from core.engine.formats.base import Part
from core.engine.formats.pdf import FORMAT
from core.engine.formats.pdf.options import PdfOptions
from core.engine.values import Kind
from core.errors import BadSpec
from tests.core.engine.formats.pdf.pdfs import pdf
from tests.core.engine.formats.xlsx.workbooks import column

COLUMNS = [
    column(1, "Name", Kind.TEXT),
    column(2, "Visits", Kind.WHOLE),
    column(3, "Price", Kind.DECIMAL, precision=12, scale=2),
    column(4, "Day", Kind.DATE),
]
ROWS = [(f"Name {i}", i, Decimal(i) / 4, date(2026, 10, 1 + i % 30)) for i in range(120)]
WIDE = [column(n, f"A column called {n}", Kind.TEXT) for n in range(1, 41)]


def png(width: int = 40, height: int = 20) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGBA", (width, height), (20, 90, 160, 120)).save(buffer, "PNG")
    return buffer.getvalue()


def uri(data: bytes, kind: str = "png") -> str:
    return f"data:image/{kind};base64,{base64.b64encode(data).decode()}"


@pytest.fixture
def made(tmp_path):
    def make(columns=COLUMNS, rows=ROWS, **more):
        return pdf(tmp_path / "made.pdf", columns, rows, **more)

    return make


def size(made) -> tuple[int, int]:
    box = made.reader.pages[0].mediabox
    return round(box.width), round(box.height)


@pytest.mark.parametrize(
    ("name", "points"),
    [("A4", (595, 842)), ("A3", (842, 1191)), ("A5", (420, 595)), ("Letter", (612, 792)), ("Legal", (612, 1008))],
)
def test_the_page_has_the_size_asked_for_upright_or_sideways(made, tmp_path, name, points):
    assert size(made(page_size=name, orientation="portrait")) == points
    (tmp_path / "made.pdf").unlink()
    assert size(made(page_size=name, orientation="landscape")) == points[::-1]


def test_the_paper_is_turned_by_itself_where_columns_need_it(made, tmp_path):
    assert size(made()) == (595, 842)
    (tmp_path / "made.pdf").unlink()
    assert size(made(WIDE[:14], [["some words here"] * 14])) == (842, 595)


def test_the_title_is_that_of_the_export_unless_another_is_given(made, tmp_path):
    assert made(title="Orders").pages()[0][0] == "Orders"
    (tmp_path / "made.pdf").unlink()
    with_title = made(title="Orders").reader.metadata
    assert (with_title.title, with_title.author, with_title.creator) == ("Orders", "Export Desk", "Export Desk")


def test_the_line_under_the_title_says_when_and_how_many(made, tmp_path):
    assert "31 October 2026, 14:08 · 120 rows" in made(zone="Asia/Jakarta").text
    (tmp_path / "made.pdf").unlink()
    assert "October" not in made(subtitle=False).text


def test_every_page_repeats_the_header_and_says_which_it_is(made):
    pages = made().pages()
    assert len(pages) == 3
    for number, lines in enumerate(pages, 1):
        text = " ".join(lines)
        assert "Name Visits Price Day" in text
        assert f"Page {number}" in text
        assert " of 3" in text


def test_page_numbers_can_be_left_out(made):
    assert "Page 1" not in made(page_numbers=False).text


def test_numbers_end_at_one_edge_and_texts_begin_at_one(made):
    rows = made().places(0)
    assert len({row[0][0] for row in rows}) == 1  # the name
    assert len({row[3][0] for row in rows}) == 1  # the day
    assert rows[5][1][0] > rows[15][1][0]  # 5 begins right of 15


@pytest.mark.parametrize("lines", ["lines", "zebra", "plain"])
def test_what_leads_the_eye_is_drawn_beneath_the_rows(made, lines):
    first = made(lines=lines).reader.pages[0].get_contents().get_data()
    assert (b"0.965 0.972 0.98 rg" in first) == (lines == "zebra")
    assert (b"0.87 0.885 0.90 RG" in first) == (lines == "lines")


def test_the_font_size_asked_for_is_used(made):
    assert b" 12 Tf" in made(font_size=12).reader.pages[0].get_contents().get_data()


def test_print_shrinks_before_columns_go_on_elsewhere(made):
    content = made(WIDE[:14], [["some words here"] * 14]).reader.pages[0].get_contents().get_data()
    assert any(f" {points:g} Tf".encode() in content for points in (7.5, 7, 6.5, 6))


def test_columns_that_do_not_fit_go_on_on_pages_beside_with_the_first_repeated(made):
    made = made(WIDE, [[f"cell {row}.{n} with words" for n in range(1, 41)] for row in range(3)])
    assert made.written.extra["pages"] > 1
    drawn = [made.rows(page) for page in range(made.written.extra["pages"])]
    assert all(page[1][0] == "cell 1.1 with words" for page in drawn)
    joined = " ".join(text for page in drawn for text in page[2])
    assert all(f"cell 2.{n} with" in joined for n in range(1, 41))
    assert "columns 1–" in made.text
    assert "of 40" in made.text


def test_or_they_are_refused_with_a_sentence(made, tmp_path):
    with pytest.raises(BadSpec, match="40 columns do not fit on one A5 page"):
        made(WIDE, [["some words"] * 40], too_wide="refuse", page_size="A5")
    assert not (tmp_path / "made.pdf").exists()


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_a_logo_is_drawn_once_beside_the_title(made, kind):
    buffer = io.BytesIO()
    Image.new("RGB", (300, 100), (20, 90, 160)).save(buffer, kind)
    made = made(logo=uri(buffer.getvalue(), kind.lower()))
    assert [len(page.images) for page in made.reader.pages] == [1, 0, 0]
    assert made.reader.pages[0].images[0].image.size == (300, 100)


@pytest.mark.parametrize(
    ("logo", "said"),
    [
        ("https://example.com/logo.png", "begins with data:image"),
        ("data:image/svg+xml;base64,AAAA", "begins with data:image"),
        ("data:image/png;base64,AAA", "base64 text is damaged"),
        (uri(b"no picture at all"), "not a PNG or JPEG"),
        (uri(png()[:60]), "not a PNG or JPEG"),
        (uri(png(3000, 2000)), "4,000,000 pixels"),
        (uri(png() + bytes(500_000)), "at most 500 KB"),
    ],
)
def test_a_logo_that_is_no_modest_picture_is_refused(logo, said):
    with pytest.raises(ValidationError, match=said):
        PdfOptions(logo=logo)


def test_dates_and_decimals_are_shown_as_asked(made):
    text = made(date_format="dmy_dot", decimal_comma=True).text
    assert "02.10.2026" in text
    assert "29,75" in text


def test_a_display_format_of_a_column_wins(made):
    shown = [
        column(1, "At", Kind.TIMESTAMP, format="dmy_words"),
        column(2, "Sum", Kind.FLOAT, format="thousands_decimals"),
    ]
    assert made(shown, [(datetime(2026, 10, 31, 8, 5), 1234567.891)]).rows(0) == [
        ["31 Oct 2026 08:05:00", "1,234,567.89"]
    ]


def test_the_language_is_declared(made):
    assert made(language="vi").reader.trailer["/Root"]["/Lang"] == "vi"
    with pytest.raises(ValidationError, match="a tag such as"):
        PdfOptions(language="not a tag!")


def test_tables_follow_each_other_on_one_page_where_that_is_asked(made, tmp_path):
    parts = (Part("North", 5), Part("South", 5))
    assert len(made(rows=ROWS[:10], parts=parts).pages()) == 2
    (tmp_path / "made.pdf").unlink()
    together = made(rows=ROWS[:10], parts=parts, new_page=False)
    assert len(together.pages()) == 1
    assert together.outline() == ["North", "South"]


def test_more_columns_than_anybody_reads_are_refused_before_anything_runs():
    with pytest.raises(BadSpec, match="251 columns; a PDF shows at most 250"):
        FORMAT.check(tuple(column(n, f"c{n}", Kind.TEXT) for n in range(251)), PdfOptions())


def test_a_header_that_would_fill_the_page_is_cut_and_a_note_says_so(made):
    made = made([column(1, "word " * 300, Kind.TEXT), *COLUMNS[1:]], [("x", 1, Decimal(1), date(2026, 1, 1))])
    assert made.codes() == {"header_cut": 1}
    assert "…" in made.text
    assert made.rows(0) == [["x", "1", "1.00", "2026-01-01"]]


def test_a_title_in_letters_nobody_has_is_counted(made):
    assert made(title="Sales 🎉").codes() == {"missing_character": 1}


def test_an_empty_export_is_a_page_that_says_so(made):
    made = made(rows=[], totals=True)
    assert "No rows." in made.text
    assert made.written.rows == 0


def test_a_row_taller_than_a_page_goes_on_on_the_next_and_counts_once(made):
    text = "\n".join(f"line {i}" for i in range(150))
    made = made(rows=[("before", 1, None, None), (text, 2, None, None), ("after", 3, None, None)])
    assert made.written.extra["pages"] > 2
    found = [line for page in range(made.written.extra["pages"]) for row in made.rows(page) for line in row]
    assert [line for line in found if line.startswith("line")] == text.split("\n")


def test_the_same_export_gives_the_same_bytes(tmp_path):
    first, second = (pdf(tmp_path / name, COLUMNS, ROWS, logo=uri(png())) for name in ("a.pdf", "b.pdf"))
    assert first.path.read_bytes() == second.path.read_bytes()
