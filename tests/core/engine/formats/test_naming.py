"""Columns that would be called the same are told apart, and the receipt says which."""

from __future__ import annotations

import pytest

from core.engine.formats.naming import NAMED, different, keys, renaming, second_names
from core.engine.rendering import OutColumn
from core.engine.values import Kind


def columns(*labels: str) -> tuple[OutColumn, ...]:
    return tuple(OutColumn(f"o{number}", label, Kind.TEXT) for number, label in enumerate(labels, 1))


@pytest.mark.parametrize(
    ("labels", "found"),
    [
        (["a", "b"], ["a", "b"]),
        (["a", "a", "a"], ["a", "a (2)", "a (3)"]),
        (["a", "a", "a (2)"], ["a", "a (3)", "a (2)"]),  # the only one of its kind keeps its name, wherever it stands
        (["a (2)", "a", "a"], ["a (2)", "a", "a (3)"]),
        (["", ""], ["", " (2)"]),
        (["Name", "name"], ["Name", "name"]),
    ],
)
def test_the_second_of_a_name_gets_a_number(labels, found):
    assert keys(columns(*labels)) == found


def test_names_may_be_kept_free_and_taken_for_the_same_without_case():
    assert different(["row", "Row", "x"], "{}_{}", taken=["row"], same=str.casefold) == ["row_2", "Row_3", "x"]


def test_a_receipt_names_each_second_column():
    [note] = second_names(columns("id", "name", "name"), "JSON")
    assert (note.code, note.count, note.column) == ("renamed_column", 1, "name (2)")
    assert note.message == "A second column called “name” is called “name (2)”: JSON needs different names."
    assert second_names(columns("id", "name"), "JSON") == ()


def test_renamed_columns_are_one_note_that_lists_the_first_of_them():
    labels = [f"a b {number}" for number in range(NAMED + 2)]
    [note] = renaming(columns("id", *labels), ["id", *(label.replace(" ", "_") for label in labels)], "of the blanks")
    assert note.count == NAMED + 2
    assert note.message.startswith(
        "52 columns are called otherwise in the file, because of the blanks: “a b 0” is a_b_0, "
    )
    assert note.message.endswith("“a b 49” is a_b_49 and 2 more.")
    assert renaming(columns("id"), ["id"], "of the blanks") == ()
