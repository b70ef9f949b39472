"""Options are drawn from their model: each sort of field gets its widget, and only what was changed is kept."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest


def form(values: dict) -> None:  # type: ignore[type-arg]  # run from its source: names of this module are not there
    from enum import StrEnum
    from typing import Literal

    import streamlit as st
    from pydantic import BaseModel, Field

    from pages.components import options_form

    class Audience(StrEnum):
        PEOPLE = "people"
        PROGRAMS = "programs"

    class Options(BaseModel):
        delimiter: Literal[",", ";"] = Field(
            ",", title="Between values", json_schema_extra={"choices": {",": "comma", ";": "semicolon"}}
        )
        audience: Audience = Field(Audience.PEOPLE, title="For whom", description="Spreadsheets show it as written.")
        header: bool = Field(True, title="Names in the first row")
        null_text: str = Field("", title="Empty cells as", max_length=20)
        layout: str = Field("", title="A row", json_schema_extra={"lines": 3, "placeholder": "{Id};{Name}"})
        width: int | None = Field(None, title="Width", ge=1, le=10, json_schema_extra={"group": "More"})

    kept = options_form.show(Options, values, key="o")
    st.json(kept)


def test_untouched_options_keep_nothing() -> None:
    page = AppTest.from_function(form, args=({},)).run()

    assert not page.exception
    assert page.json[0].value == "{}"


def test_each_sort_of_field_has_its_widget_and_its_words() -> None:
    page = AppTest.from_function(form, args=({},)).run()

    assert [s.label for s in page.selectbox] == ["Between values", "For whom"]
    assert page.selectbox[0].options == ["comma", "semicolon"]
    assert page.selectbox[1].options == ["People", "Programs"]
    assert page.toggle[0].value is True
    assert page.expander[0].label == "More options"
    assert page.expander[0].number_input[0].label == "Width"
    assert "Spreadsheets show it as written." in [c.value for c in page.caption]


def test_what_is_changed_is_kept_and_what_is_changed_back_is_not() -> None:
    page = AppTest.from_function(form, args=({},)).run()

    page.selectbox[0].set_value(";")
    page.toggle[0].set_value(False)
    page.number_input[0].set_value(4).run()
    assert page.json[0].value == '{"delimiter": ";", "header": false, "width": 4}'

    page.toggle[0].set_value(True).run()
    assert page.json[0].value == '{"delimiter": ";", "width": 4}'


def test_the_form_begins_with_what_was_chosen_before() -> None:
    page = AppTest.from_function(form, args=({"delimiter": ";", "audience": "programs", "null_text": "-"},)).run()

    assert (page.selectbox[0].value, page.selectbox[1].value) == (";", "programs")
    assert page.text_input[0].value == "-"


def test_a_text_of_several_lines_has_room_for_them_and_keeps_its_line_breaks() -> None:
    page = AppTest.from_function(form, args=({},)).run()

    assert (page.text_area[0].label, page.text_area[0].placeholder) == ("A row", "{Id};{Name}")
    page.text_area[0].set_value("{Id}\n{Name}").run()
    assert page.json[0].value == '{"layout": "{Id}\\n{Name}"}'
