import json
from decimal import Decimal

import pytest

from core.errors import BadFile


def test_a_list_of_objects_becomes_rows(take):
    taken = take('[{"id": 1, "name": "Ann"}, {"id": 2, "name": "Bob"}]', "people.json")
    assert taken.kinds == {"id": "whole", "name": "text"}
    assert taken.values("name") == ["Ann", "Bob"]


def test_numbers_are_taken_as_they_are_written(take):
    taken = take('[{"a": 0.10, "b": 12345678901234567890123, "c": 1e3, "d": 0.12345678901234567890}]', "n.json")
    assert taken.values("a") == [Decimal("0.10")]
    assert taken.values("b") == [Decimal("12345678901234567890123")]
    assert taken.values("c") == [1000.0]
    assert taken.values("d") == [Decimal("0.12345678901234567890")]


def test_digits_in_quotes_stay_text_and_dates_in_quotes_become_dates(take):
    taken = take('[{"zip": "01067", "n": "5", "on": "2024-01-05", "at": "2024-01-05T10:00:00Z"}]', "n.json")
    assert taken.kinds == {"zip": "text", "n": "text", "on": "date", "at": "timestamp_tz"}


def test_nested_objects_become_dotted_columns_and_lists_stay_json(take):
    taken = take('[{"a": {"b": 1, "c": {"d": "x"}}, "tags": [1.50, "y"]}, {"a": {"b": 2}}]', "n.json")
    assert taken.kinds == {"a.b": "whole", "a.c.d": "text", "tags": "nested"}
    assert json.loads(taken.values("tags")[0]) == [1.5, "y"]
    assert "1.50" in taken.values("tags")[0]


def test_keys_that_come_late_are_empty_before(take):
    rows = [{"a": n} for n in range(30_000)] + [{"a": 1, "late": "x"}]
    taken = take(json.dumps(rows), "n.json")
    assert taken.rows == 30_001
    assert taken.values("late")[-2:] == [None, "x"]


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ('{"meta": {"n": 1}, "data": [{"a": 1}]}', "data"),
        ('{"note": [1, 2], "result": {"page": 1, "rows": [{"a": 1}]}}', "result.rows"),
        ('{"x": {"y": [{"a": 1}]}}', None),
    ],
)
def test_the_list_is_found_under_its_key(take, text, path):
    taken = take(text, "n.json", **({} if path else {"json_path": "x.y"}))
    assert taken.values("a") == [1]
    assert taken.understood.json_path == (path or "x.y")


def test_a_path_that_is_not_there_is_refused(take):
    with pytest.raises(BadFile, match=r"under “no\.such”"):
        take('{"data": [{"a": 1}]}', "n.json", json_path="no.such")


def test_a_list_of_lists_has_its_first_as_header(take):
    taken = take('[["id", "name"], [1, "Ann"], [2, "Bob"]]', "n.json")
    assert taken.values("id") == [1, 2]


def test_values_of_several_kinds_stay_text_and_say_so(take):
    taken = take('[{"a": 1}, {"a": "x"}, {"a": true}]', "n.json")
    assert taken.values("a") == ["1", "x", "true"]
    assert "several kinds" in taken.columns["a"].why


def test_json_lines_keep_bad_lines_aside(take):
    taken = take('{"a": 1}\n{"a": 2\n\n{"a": 3}\n5\n', "n.jsonl")
    assert taken.values("a") == [1, 3]
    assert [(p.line, p.text) for p in taken.problems] == [(2, '{"a": 2'), (5, "5")]


def test_json_that_breaks_names_the_line(take):
    with pytest.raises(BadFile, match="line 3"):
        take('[\n{"a": 1},\n{"a": oops}\n]', "n.json")


def test_a_list_never_closed_is_refused(take):
    with pytest.raises(BadFile, match="never closed"):
        take('[{"a": 1},', "n.json")


def test_nesting_without_end_is_refused_not_fatal(take):
    with pytest.raises(BadFile, match="nested too deeply"):
        take("[" + "[" * 200_000, "n.json")


def test_a_file_without_records_is_refused(take):
    with pytest.raises(BadFile, match="no list of records"):
        take('{"a": 1}', "n.json")


@pytest.mark.parametrize("codec", ["utf-8-sig", "utf-16"])
def test_other_encodings_of_json_are_read(take, codec):
    assert take('[{"name": "Zoë"}]'.encode(codec), "n.json").values("name") == ["Zoë"]


def test_records_are_recognised_without_an_ending(take):
    assert take('[{"a": 1}]', "export").understood.format == "json"
    assert take('{"a": 1}\n{"a": 2}\n', "export").understood.format == "jsonl"


def test_a_number_that_ends_where_a_block_ends_is_whole(take):
    padding = " " * ((1 << 20) - 8)
    assert take(f'[{padding}{{"a": 123456789}}]', "n.json").values("a") == [123456789]


def test_a_first_look_reads_only_the_beginning(look):
    text = "[" + ",".join(f'{{"a": {n}, "b": "some text"}}' for n in range(100_000)) + "]"
    (seen,) = look(text, "n.json")
    assert not seen.complete
    assert 50_000 < seen.row_estimate < 200_000
    assert seen.rows[0] == ["0", "some text"]


@pytest.mark.parametrize("name", ["n.json", "n.jsonl"])
def test_half_a_sign_is_named_and_not_met_as_a_fault_of_ours(take, name):
    record = '{"id": 1, "name": "here \\ud83d"}'
    with pytest.raises(BadFile, match=r"half a sign \('\\ud83d'\).*ends in 'here \\ud83d'"):
        take(record if name == "n.jsonl" else f"[{record}]", name)


def test_half_a_sign_in_a_key_is_named_too(take):
    with pytest.raises(BadFile, match="half a sign"):
        take('[{"na\\ud800me": 1}]', "n.json")
