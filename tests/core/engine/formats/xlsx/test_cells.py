from __future__ import annotations

import re
from xml.etree.ElementTree import fromstring

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.engine.formats.markup import without_markup
from core.engine.formats.xlsx.cells import ODD, escape_text, escaped
from tests.core.engine.formats.xlsx.workbooks import decoded

AWKWARD = st.lists(
    st.sampled_from(
        ["_x0041", "_x005F_", "_", "x0042", "\x01", "\x1f", "\ufffe", "\r", "\n", "&", "<", "]]>", "é", "😀", "A"]
    ),
    max_size=8,
).map("".join)
TEXT = st.one_of(AWKWARD, st.text(st.characters(exclude_categories=["Cs"]), max_size=30))


@pytest.fixture(scope="module")
def connection():
    with duckdb.connect() as connection:
        yield connection


@settings(max_examples=300)
@given(text=TEXT)
def test_escaped_text_is_xml_that_means_the_same(connection, text):
    [(safe,)] = connection.execute(
        f"select {escaped(without_markup('v'))} from (select $1::varchar v)", [text]
    ).fetchall()
    assert decoded(fromstring(f"<t>{safe}</t>").text or "") == text
    assert escape_text(text) == safe


@settings(max_examples=300)
@given(text=TEXT)
def test_text_that_is_not_looked_at_twice_needs_no_escape(connection, text):
    [(odd,)] = connection.execute("select regexp_matches($1::varchar, $2)", [text, ODD]).fetchall()
    assert odd or escape_text(text) == text
    assert odd or not re.search(r"[\x00-\x08\x0b-\x1f&<>]", text)
