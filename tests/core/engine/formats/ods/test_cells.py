"""White space, markup and control characters of a cell, whatever the text: SQL and its Python twin say the same."""

from __future__ import annotations

from xml.etree.ElementTree import Element, fromstring

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.engine.formats.markup import without_markup
from core.engine.formats.ods.cells import ODD, escape_text, spaced

TEXT_NS = "urn:oasis:names:tc:opendocument:xmlns:text:1.0"
AWKWARD = st.lists(
    st.sampled_from(
        [" ", "  ", "\t", "\n", "\r", "\r\n", "&", "<text:p> ", "</text:p>", "\x01", "\ufffe", "é", "😀", "A"]
    ),
    max_size=8,
).map("".join)
TEXT = st.one_of(AWKWARD, st.text(st.characters(exclude_categories=["Cs"]), max_size=30))


@pytest.fixture(scope="module")
def connection():
    with duckdb.connect() as connection:
        yield connection


def read(paragraphs: str) -> str:
    """What a reader makes of the paragraphs of a cell, spaces collapsed as OpenDocument 6.1.3 says (tabs kept)."""
    cell = fromstring(f'<cell xmlns:text="{TEXT_NS}">{paragraphs}</cell>')
    return "\n".join(paragraph(p) for p in cell)


def paragraph(element: Element) -> str:
    text = element.text or ""
    for child in element:
        assert child.tag == f"{{{TEXT_NS}}}s"
        text += "\0" + (child.tail or "")
    while "  " in text:
        text = text.replace("  ", " ")
    return text.strip(" ").replace("\0", " ")


def meant(text: str) -> str:
    """The text as far as a cell can hold it."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join("\ufffd" if (c < " " and c not in "\n\t") or c in "\ufffe\uffff" else c for c in lines)


@settings(max_examples=300)
@given(text=TEXT)
def test_paragraphs_mean_the_text_and_sql_writes_them_as_python_does(connection, text):
    marked = f"'<text:p>' || {without_markup('v')} || '</text:p>'"
    [(written,)] = connection.execute(f"select {spaced(marked)} from (select $1::varchar v)", [text]).fetchall()
    assert written == escape_text(text)
    assert read(written) == meant(text)


@settings(max_examples=300)
@given(texts=st.lists(TEXT, min_size=1, max_size=3))
def test_a_row_that_is_not_looked_at_twice_needs_nothing(connection, texts):
    [(odd,)] = connection.execute("select regexp_matches($1::varchar, $2)", ["\x7f".join(texts), ODD]).fetchall()
    assert odd or all(escape_text(text) == f"<text:p>{text}</text:p>" for text in texts)
