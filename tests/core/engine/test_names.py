"""File names: whatever people write becomes a name every file system takes."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from core.engine.names import MAX_BYTES, RESERVED, Names, check_pattern, file_name, sanitised
from core.errors import BadSpec
from tests.core.engine.making import NOW


@given(st.text(max_size=400), st.sampled_from(["", ".csv", ".json.gz"]))
@example("CON", ".csv")
@example("a" * 178 + "é" * 10, ".csv")
@example("e\u0301" * 200, "")
@example("..", "")
@example("\u202etxt.exe", "")
@example("/etc/passwd\x00", ".csv")
@example("\ud800", "")
@example("con\u200d", ".csv")
@example("\u200cnul", "")
def test_any_text_becomes_a_name_any_file_system_takes(text, ending):
    name = sanitised(text, ending)
    assert name.endswith(ending)
    stem = name[: len(name) - len(ending)]
    assert stem
    assert 0 < len(name.encode()) <= MAX_BYTES
    assert unicodedata.normalize("NFC", stem) == stem
    assert not re.search(r'[\\/:*?"<>|\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]', stem)
    assert stem == stem.strip(" .")
    assert not RESERVED.match(name)


@given(st.text(max_size=100))
def test_a_good_name_stays_as_it_is(text):
    name = sanitised(text)
    assert sanitised(name) == name


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("Teilnehmer Übersicht", "Teilnehmer Übersicht"),
        ("قائمة المشاركين", "قائمة المشاركين"),
        ("参加者 🎉", "参加者 🎉"),
        ("a/b\\c:d", "a_b_c_d"),
        ("nul.txt", "_nul.txt"),
        ("con .x", "_con .x"),
        ("AUX\u200d", "_AUX"),
        ("  .hidden. ", "hidden"),
        ("two\nlines", "two lines"),
        ("", "export"),
    ],
)
def test_names_keep_what_they_can(written, name):
    assert sanitised(written) == name


@pytest.mark.parametrize(
    ("pattern", "name"),
    [
        ("{name}", "people.csv"),
        ("{name} {date} {time}", "people 2026-11-15 10-30.csv"),
        ("{rows} rows of {name}", "1234 rows of people.csv"),
        ("fixed.CSV", "fixed.csv"),
        ("", "people.csv"),
    ],
)
def test_a_pattern_is_filled_in_the_zone_of_the_workspace(pattern, name):
    made = file_name(pattern, "csv", name="people", rows=1234, now=NOW, zone="Asia/Jakarta")
    assert made == name


def test_a_name_with_braces_does_not_become_a_pattern():
    assert file_name("{name}", "csv", name="{rows}", rows=5, now=NOW, zone="UTC") == "{rows}.csv"


def test_an_unknown_part_names_the_known_ones():
    with pytest.raises(BadSpec, match=r"\{month\}") as caught:
        check_pattern("{name}-{month}")
    assert "{name} {rows} {date} {time}" in caught.value.next_step


@pytest.mark.timeout(20)  # counting from 2 anew for each takes a quarter of an hour
def test_thousands_of_files_that_share_a_name_are_numbered_in_a_moment():
    names = Names(["manifest.json"])
    given = [names.unique("Report.csv", ".csv") for _ in range(20_000)]
    assert given[:3] == ["Report.csv", "Report (2).csv", "Report (3).csv"]
    assert given[-1] == "Report (20000).csv"
    assert names.unique("Report (7).csv", ".csv") == "Report (7) (2).csv"
