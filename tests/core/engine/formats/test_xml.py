"""XML as lxml reads it: every value, every header, whatever they hold."""

from __future__ import annotations

import math
from datetime import date, datetime, time
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from core.engine import formats
from core.engine.formats.xml import INSTANCE, names
from core.engine.rendering import OutColumn
from core.engine.values import Kind
from core.errors import BadSpec
from tests.core.engine import nasty
from tests.core.engine.formats.test_golden_text import expected_text, made
from tests.core.engine.formats.test_round_trips import COLUMNS, QUICK, ROWS, exported
from tests.core.engine.making import make_table, spec_of

FORBIDDEN = dict.fromkeys([*range(9), 11, 12, *range(14, 32), 0xFFFE, 0xFFFF], "\ufffd")
SPACE = "{urn:example:nasty}"
WORDS = {"Infinity": "INF", "-Infinity": "-INF"}  # as XML Schema says them


def xsd(column, text):
    """What a float, a date or a text of the nasty table is in XML."""
    if column.kind is Kind.FLOAT:
        return WORDS.get(text, text)
    if column.kind in (Kind.TIMESTAMP, Kind.TIMESTAMP_TZ):
        return expected_text(column, text).replace(" ", "T")
    return text.translate(FORBIDDEN)


def test_lxml_reads_every_value_of_the_nasty_table(tmp_path):
    content, written = made("nasty.xml", tmp_path)
    root = etree.fromstring(content)
    wanted = names(nasty.out_columns(), formats.parse_options("xml", {}))
    assert wanted[:4] == ["Text", "Other_text", "Whole", "Long_id"]
    assert wanted[-1] == "Text_2"
    for i, column in enumerate(nasty.COLUMNS):
        for row, text in zip(root, nasty.cells(column), strict=True):
            assert row[i].tag == SPACE + wanted[i]
            if text is None:
                assert row[i].get(f"{{{INSTANCE}}}nil") == "true"
            else:
                assert (row[i].text or "", len(row[i].attrib)) == (xsd(column, text), 0)
    notes = {note.code: note.count for note in written.notes}
    assert notes == {"renamed_column": 5, "forbidden_characters": 3, "not_finite": 9}
    assert '“Other, "text"” is Other_text, “=Whole” is Whole' in written.notes[0].message


def same(text, value):
    """Whether the text of an element is that value, as XML Schema writes it."""
    if isinstance(value, bool):
        return text == str(value).lower()
    if isinstance(value, float):
        return float(text) == value or (text == "NaN" and math.isnan(value))
    if isinstance(value, datetime):
        return datetime.fromisoformat(text) == value and "T" in text
    if isinstance(value, (date, time)):
        return type(value).fromisoformat(text) == value
    return text == (value.translate(FORBIDDEN) if isinstance(value, str) else str(value))


@QUICK
@given(ROWS, st.sampled_from([("elements", "omit"), ("elements", "nil"), ("attributes", "omit")]), st.booleans())
def test_xml_comes_back_through_lxml_and_null_is_not_empty_text(rows, how, pretty):
    values, missing = how
    content = exported(rows, "xml", {"values": values, "missing": missing, "pretty": pretty})
    root = etree.fromstring(content)
    assert len(root) == len(rows)
    for element, row in zip(root, rows, strict=True):
        nil = f"{{{INSTANCE}}}nil"
        found: dict[str, str] = dict(element.attrib.items())
        found |= {child.tag: child.text or "" for child in element if child.get(nil) != "true"}
        assert set(found) == {name for name, value in zip(COLUMNS, row, strict=True) if value is not None}
        assert all(same(found[n], value) for n, value in zip(COLUMNS, row, strict=True) if value is not None)


@QUICK
@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=12), min_size=1, max_size=6))
def test_any_headers_become_different_names_that_expat_and_lxml_take(labels):
    columns = tuple(OutColumn(f"o{i}", label, Kind.TEXT) for i, label in enumerate(labels))
    found = names(columns, formats.parse_options("xml", {}))
    assert len(set(found)) == len(labels)
    document = "<row>" + "".join(f"<{name}/>" for name in found) + "</row>"
    assert [child.tag for child in ElementTree.fromstring(document)] == found
    assert [child.tag for child in etree.fromstring(document)] == found


@pytest.mark.parametrize(
    ("label", "name"),
    [("Unit price (€)", "Unit_price"), ("2024", "_2024"), ("Tên hàng", "Tên_hàng"), ("", "column"), ("xml id", "_xml_id"),
     ("row", "row_2"), ("a:b", "a_b"), ("Ελλάδα", "Ελλάδα"), ("日付", "日付"), ("a-b.c_d", "a-b.c_d")],
)  # fmt: skip
def test_a_header_keeps_what_a_name_can_hold(label, name):
    columns = (OutColumn("o1", label, Kind.TEXT),)
    assert names(columns, formats.parse_options("xml", {})) == [name]


def test_attributes_keep_tabs_newlines_and_quotes(tmp_path, exported):
    text = 'tab\there\r\n"said"\n<&> \x02'
    table = make_table(tmp_path / "t", {"a": (Kind.TEXT, [text, None, ""]), "row": (Kind.WHOLE, [1, 2, 3])})
    root = etree.fromstring(exported(table, spec_of("xml", {"values": "attributes", "row": "r"})).content)
    assert [dict(row.attrib) for row in root] == [
        {"a": text.replace("\x02", "\ufffd"), "row": "1"}, {"row": "2"}, {"a": "", "row": "3"},
    ]  # fmt: skip


def test_a_column_called_like_its_row_ends_no_row(tmp_path, exported):
    table = make_table(tmp_path / "t", {"row": (Kind.TEXT, ["x\n  ", "</row>\n", None])})
    made = exported(table, spec_of("xml", {"pretty": True}))
    assert [[(c.tag, c.text) for c in row] for row in etree.fromstring(made.content)] == [
        [("row_2", "x\n  ")], [("row_2", "</row>\n")], [],
    ]  # fmt: skip


def test_no_rows_make_an_empty_root(tmp_path, exported):
    table = make_table(tmp_path / "t", {"a": (Kind.TEXT, [])})
    content = exported(table, spec_of("xml", {"root": "orders", "row": "order"})).content
    assert content == b'<?xml version="1.0" encoding="UTF-8"?>\n<orders>\n</orders>\n'


def test_the_cells_of_a_wide_table_stay_in_their_places(tmp_path, exported):
    columns = {f"c{n}": (Kind.TEXT, [f"<{n}>", None, f"{n}\r\x01"]) for n in range(300)}
    made = exported(make_table(tmp_path / "t", columns), spec_of("xml"))
    first, empty, odd = etree.fromstring(made.content)
    assert [(c.tag, c.text) for c in first] == [(f"c{n}", f"<{n}>") for n in range(300)]
    assert len(empty) == 0
    assert [c.text for c in odd] == [f"{n}\r\ufffd" for n in range(300)]
    assert [(note.code, note.count) for note in made.receipt.notes] == [("forbidden_characters", 300)]


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("root", "two words"),
        ("root", "xmlroot"),
        ("row", ""),
        ("row", "a:b"),
        ("row", "a/"),
        ("namespace", "not a URI"),
    ],
)
def test_names_that_are_no_xml_are_refused(option, value):
    with pytest.raises(BadSpec, match=f"“{option}” cannot be"):
        formats.parse_options("xml", {option: value})


def test_nil_is_for_elements_alone():
    options = formats.parse_options("xml", {"values": "attributes", "missing": "nil"})
    with pytest.raises(BadSpec, match="only elements have it"):
        formats.get("xml").check((OutColumn("o1", "a", Kind.TEXT),), options)
