"""YAML as PyYAML's two safe loaders read it (YAML 1.1), and a reader with the tags of YAML 1.2's core schema."""

from __future__ import annotations

import json
import math
import re
from datetime import date, datetime, time
from decimal import Decimal

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from core.engine import formats
from core.engine.formats.naming import keys
from core.engine.rendering import OutColumn
from core.engine.values import Kind
from core.errors import BadSpec
from tests.core.engine import nasty
from tests.core.engine.formats.test_golden_text import expected_text, made
from tests.core.engine.formats.test_round_trips import COLUMNS, QUICK, ROWS, as_text, exported
from tests.core.engine.making import make_table, spec_of


class Core(yaml.SafeLoader):
    """YAML 1.2.2, section 10.3.2: what `yq` and readers in JavaScript, Go and Rust make of plain scalars."""

    yaml_implicit_resolvers: dict[str | None, list[tuple[str, re.Pattern[str]]]] = {}


for tag, pattern in {
    "null": r"null|Null|NULL|~|",
    "bool": r"true|True|TRUE|false|False|FALSE",
    "int": r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+",
    "float": r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?(\.inf|\.Inf|\.INF)|\.nan|\.NaN|\.NAN",
}.items():
    Core.add_implicit_resolver(f"tag:yaml.org,2002:{tag}", re.compile(rf"^(?:{pattern})$"), None)

TROUBLED = st.sampled_from(["yes", "No", "null", "=", "-", "1", "NaN", "1e5", "a: b", "# x", "~", "é", "", " a"])
READERS = [yaml.CSafeLoader, yaml.SafeLoader, Core]


def value(column, text):
    """What a reader of YAML must find for the plain text of a value."""
    if text is None:
        return None
    if column.kind is Kind.WHOLE:
        return int(text) if abs(int(text)) < 2**53 else text
    if column.kind is Kind.DECIMAL:
        number = float(text) if "." in text else int(text)
        return number if len(text.lstrip("-0.").replace(".", "")) <= 15 else text
    if column.kind is Kind.FLOAT:
        return float(text)
    if column.kind is Kind.YES_NO:
        return text == "true"
    if column.kind is Kind.NESTED:
        return json.loads(text)
    if column.kind in (Kind.TIMESTAMP, Kind.TIMESTAMP_TZ):
        return expected_text(column, text).replace(" ", "T")
    return text


@pytest.mark.parametrize("reader", READERS)
def test_every_reader_finds_every_value_of_the_nasty_table(reader, tmp_path):
    content, written = made("nasty.yaml", tmp_path)
    rows = yaml.load(content, reader)
    names = keys(nasty.out_columns())
    assert all(list(row) == names for row in rows)
    for name, column in zip(names, nasty.COLUMNS, strict=True):
        wanted = [value(column, text) for text in nasty.cells(column)]
        assert repr([row[name] for row in rows]) == repr(wanted)  # in repr NaN equals itself, and 1 is not 1.0 or true
    assert {note.code for note in written.notes} == {"long_number_as_text", "renamed_column"}


@QUICK
@given(ROWS, st.sampled_from(READERS))
def test_yaml_comes_back_through_every_reader(rows, reader):
    found = yaml.load(exported(rows, "yaml"), reader)
    for item, row in zip(found, rows, strict=True):
        assert list(item) == list(COLUMNS)
        for read, wanted in zip(item.values(), row, strict=True):
            if isinstance(wanted, float):
                assert read == wanted or (math.isnan(wanted) and math.isnan(read))
            elif isinstance(wanted, int) and not isinstance(wanted, bool):
                assert read == (wanted if abs(wanted) < 2**53 else str(wanted))
            elif isinstance(wanted, Decimal):
                assert read == float(wanted)
            elif isinstance(wanted, (date, time)):
                assert read == as_text(wanted).replace(" ", "T")
            else:
                assert (read, type(read)) == (wanted, type(wanted))


@QUICK
@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=12) | TROUBLED, min_size=1, unique=True))
def test_any_header_is_a_key_for_every_reader(labels):
    content = exported([(1,) * len(labels)], "yaml", columns=dict.fromkeys(labels, COLUMNS["whole"]))
    for reader in READERS:
        assert yaml.load(content, reader) == [dict.fromkeys(labels, 1)]


@QUICK
@given(
    st.lists(st.tuples(st.none() | st.dates(date(1, 1, 1)), st.none() | st.datetimes(datetime(1, 1, 1))), min_size=1)
)
def test_yaml_dates_are_dates_to_pyyaml(rows):
    columns = {"day": COLUMNS["day"], "moment": COLUMNS["moment"]}
    found = yaml.load(exported(rows, "yaml", {"dates": "dates"}, columns), yaml.CSafeLoader)
    assert [tuple(item.values()) for item in found] == rows


def test_a_date_that_yaml_does_not_have_stays_text(con, tmp_path):
    table, format = nasty.table(tmp_path), formats.get("yaml")
    options = formats.parse_options("yaml", {"dates": "dates"})
    path = tmp_path / "dates.yaml"
    format.write(nasty.rows(con, table, "Asia/Jakarta"), path, options, formats.base.Context("Nasty"))
    found = yaml.load(path.read_bytes(), yaml.CSafeLoader)
    days = {str(item["Day"]): type(item["Day"]) for item in found}
    assert (days["infinity"], days["1850-01-01"]) == (str, date)
    instants = {str(item["Instant"]): type(item["Instant"]) for item in found}
    assert (instants["10000-01-01T00:30:00+07:00"], instants["2024-06-01 19:00:00+07:00"]) == (str, datetime)


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize(
    "document",
    ['[1e5, -2E3, 1.5e3, 1.5E+3, 1e-7, 12]', r'{"a": "\ud83d\ude00 1e5 \"x\" \\"}', r'"slash \/ and \u0085"',
     '{"a":1,\n\t"b":[true,null,{}]}', r'["1e5", {"2e3": 4e2}]', '{"a":{"b":{"c":[[[]]]}}}', '12', '"e\u2028 1e5"',
     r'"https:\/\/example.org"'],
)  # fmt: skip
def test_nested_values_read_as_their_json_says(reader, document, tmp_path, exported):
    made = exported(make_table(tmp_path / "t", {"n": (Kind.NESTED, [document])}), spec_of("yaml"))
    assert yaml.load(made.content, reader) == [{"n": json.loads(document)}]


def test_long_numbers_may_stay_numbers(tmp_path, exported):
    table = make_table(tmp_path / "t", {"id": (Kind.WHOLE, [2**60, 1])})
    made = exported(table, spec_of("yaml", {"long_numbers": "number"}))
    assert (made.text, made.receipt.notes) == (f"- id: {2**60}\n- id: 1\n", ())


def test_no_rows_are_an_empty_list(tmp_path, exported):
    made = exported(make_table(tmp_path / "t", {"a": (Kind.TEXT, [])}), spec_of("yaml"))
    assert yaml.safe_load(made.content) == []


def test_a_name_longer_than_a_key_may_be_is_refused():
    columns = (OutColumn("o1", "x" * 1001, Kind.TEXT),)
    with pytest.raises(BadSpec, match="has a name of 1,001 signs"):
        formats.get("yaml").check(columns, formats.parse_options("yaml", {}))
