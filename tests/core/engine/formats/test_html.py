"""The web page as a parser of HTML reads it; what it looks like and does is seen in a real browser (tests/e2e)."""

from __future__ import annotations

import re
from base64 import b64encode
from hashlib import sha256
from html.parser import HTMLParser

import pytest
from hypothesis import given

from core.engine import formats
from core.engine.formats.base import Context
from core.engine.formats.html import MOST_ROWS
from core.engine.rendering import OutColumn
from core.engine.values import Kind
from core.errors import LimitReached
from tests.core.engine import nasty
from tests.core.engine.formats.test_golden_text import expected_text, made
from tests.core.engine.formats.test_round_trips import COLUMNS, QUICK, ROWS, as_text, exported
from tests.core.engine.making import make_table, spec_of


class Page(HTMLParser):
    """Headers, rows of cells, the plain values cells carry, styles and scripts of a page."""

    def __init__(self, content: bytes) -> None:
        super().__init__()
        self.heads: list[str] = []
        self.rows: list[list[str]] = []
        self.plain: list[list[str | None]] = []
        self.code: list[str] = []
        self.where = ""
        self.feed(content.decode())
        self.close()

    def handle_starttag(self, tag, attrs):
        self.where = tag
        if tag == "tr":
            self.rows.append([])
            self.plain.append([])
        elif tag == "td":
            self.rows[-1].append("")
            self.plain[-1].append(dict(attrs).get("data-v"))
        elif tag == "th":
            self.heads.append("")
        elif tag in ("style", "script"):
            self.code.append("")

    def handle_endtag(self, tag):
        self.where = ""

    def handle_data(self, data):
        if self.where == "td":
            self.rows[-1][-1] += data
        elif self.where == "th":
            self.heads[-1] += data
        elif self.where in ("style", "script"):
            self.code[-1] += data


def seen(column, text):
    if column.kind is Kind.YES_NO and text:
        return {"true": "yes", "false": "no"}[text]
    return expected_text(column, text)


def test_a_parser_finds_every_value_of_the_nasty_table(tmp_path):
    page = Page(made("nasty.html", tmp_path)[0])
    assert page.heads == [column.name for column in nasty.COLUMNS]
    rows = page.rows[1:]  # the first is the header's
    for i, column in enumerate(nasty.COLUMNS):
        assert [row[i] for row in rows] == [seen(column, text) for text in nasty.cells(column)]


@QUICK
@given(ROWS)
def test_any_values_come_back_through_a_parser(rows):
    page = Page(exported(rows, "html"))
    words = {"True": "yes", "False": "no"}
    for cells, row in zip(page.rows[1:], rows, strict=True):
        for name, cell, value in zip(COLUMNS, cells, row, strict=True):
            if isinstance(value, float):
                assert repr(float(cell)) == repr(value)
            else:
                assert cell == (words[str(value)] if isinstance(value, bool) else as_text(value)), name


def test_the_page_allows_its_own_style_and_scripts_alone(tmp_path):
    content, _ = made("nasty.html", tmp_path)
    page = Page(content)
    [policy] = re.findall(r'http-equiv="Content-Security-Policy" content="([^"]*)"', content.decode())
    hashes = [f"'sha256-{b64encode(sha256(code.encode()).digest()).decode()}'" for code in page.code]
    style, *scripts = hashes
    assert policy == f"default-src 'none'; style-src {style}; script-src {' '.join(scripts)}"
    assert not re.search(rb"\b(src|href)=|url\(|@import|https?://", content)


def test_titles_and_headers_are_never_markup(tmp_path, exported):
    table = make_table(tmp_path / "t", {"<script>x</script>": (Kind.TEXT, ["</table>"])})
    page = Page(exported(table, spec_of("html", {"about": True}, name="<b>&</b>")).content)
    assert (page.heads, page.rows[1:]) == (["<script>x</script>"], [["</table>"]])
    assert len(page.code) == 3


def test_a_cell_in_a_display_format_is_sorted_by_its_plain_value(tmp_path, exported):
    table = make_table(tmp_path / "t", {"n": (Kind.FLOAT, [1234.5]), "day": (Kind.DATE, [None])})
    columns = [{"column": "n", "format": "thousands_decimals"}, {"column": "day", "format": "dmy_slash"}]
    page = Page(exported(table, spec_of("html", columns=columns)).content)
    assert (page.rows[1], page.plain[1]) == (["1,234.50", ""], ["1234.5", None])


def test_nul_is_replaced_and_counted(tmp_path, exported):
    made = exported(make_table(tmp_path / "t", {"a": (Kind.TEXT, ["x\0y", "z"])}), spec_of("html"))
    assert Page(made.content).rows[1:] == [["x\ufffdy"], ["z"]]
    assert [(note.code, note.count) for note in made.receipt.notes] == [("forbidden_characters", 1)]


@pytest.mark.parametrize("step", ["prologue", "epilogue"])
def test_more_rows_than_a_browser_bears_are_refused(step):
    format = formats.get("html")
    write = getattr(format, step)
    columns = (OutColumn("o1", "a", Kind.TEXT),)
    assert write(columns, format.Options(), Context("x", rows=MOST_ROWS))
    with pytest.raises(LimitReached, match=r"would have 100,001 rows; with more than 100,000 browsers hang"):
        write(columns, format.Options(), Context("x", rows=MOST_ROWS + 1))
