from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from core.engine.formats.sheets.options import SheetOptions
from core.engine.formats.sheets.titles import FORBIDDEN, sheet_name


@pytest.mark.parametrize("name", ["a/b", "a\\b", "what?", "a*", "[x]", "a:b", "tab\there"])
def test_a_sheet_name_with_a_forbidden_character_is_refused(name):
    with pytest.raises(ValidationError, match="cannot contain"):
        SheetOptions(sheet_name=name)


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("x" * 32, "at most 31"),
        ("😀" * 16, "at most 31"),
        ("'quoted", "apostrophe"),
        ("quoted'", "apostrophe"),
        ("history", "History"),
    ],
)
def test_a_sheet_name_excel_would_not_take_is_refused_with_the_reason(name, why):
    with pytest.raises(ValidationError, match=why):
        SheetOptions(sheet_name=name)


def test_a_legal_sheet_name_is_kept_as_written():
    assert SheetOptions(sheet_name="Été 2026 — 日本").sheet_name == "Été 2026 — 日本"


@given(st.text(max_size=60))
def test_any_title_makes_a_legal_sheet_name(title):
    name = sheet_name(title)
    assert name
    assert not set(name) & set(FORBIDDEN)
    assert len(name.encode("utf-16-le")) <= 62
    assert SheetOptions(sheet_name=name).sheet_name == name


def test_a_totals_row_over_text_is_refused():
    with pytest.raises(ValidationError, match="real numbers"):
        SheetOptions(totals=True, real_values=False)


def test_every_option_has_a_title_and_a_line_that_explains_it():
    for name, field in SheetOptions.model_fields.items():
        assert field.title, name
        assert field.description, name
