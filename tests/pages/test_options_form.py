"""Options are drawn from their model: each sort of field gets its widget, and only what was changed is kept."""

from __future__ import annotations

import base64
import json

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


LOGO = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="


def richer_form(values: dict, columns: list) -> None:  # type: ignore[type-arg]
    import streamlit as st
    from pydantic import BaseModel, Field

    from pages.components import options_form

    class Options(BaseModel):
        group_by: str = Field("", title="Group by", json_schema_extra={"field": "column"})
        widths: str = Field("", title="Widths", json_schema_extra={"field": "each column", "each": "from the data"})
        logo: str = Field("", title="Logo", json_schema_extra={"field": "picture"})

    st.json(options_form.show(Options, values, key="o", columns=columns))


def test_a_column_is_chosen_from_those_of_the_file() -> None:
    page = AppTest.from_function(richer_form, args=({}, ["Id", "Name"])).run()

    assert page.selectbox[0].options == ["None", "Id", "Name"]
    page.selectbox[0].set_value("Name").run()
    assert page.json[0].value == '{"group_by": "Name"}'


def test_a_column_that_is_no_longer_there_stays_chosen() -> None:
    page = AppTest.from_function(richer_form, args=({"group_by": "Gone"}, ["Id"])).run()

    assert page.selectbox[0].value == "Gone"
    assert page.json[0].value == '{"group_by": "Gone"}'


def test_each_column_has_a_field_of_its_own() -> None:
    page = AppTest.from_function(richer_form, args=({"widths": "6,,<20"}, ["Id", "Name", "City"])).run()

    assert [(t.label, t.value) for t in page.text_input] == [
        ("Widths: Id", "6"), ("Widths: Name", ""), ("Widths: City", "<20"),
    ]  # fmt: skip
    page.text_input[1].set_value("8,5").run()  # a comma does not make two of one
    assert page.json[0].value == '{"widths": "6, 8 5, <20"}'
    for field in page.text_input:
        field.set_value("")
    page.run()
    assert page.json[0].value == "{}"


def test_entries_that_do_not_go_with_the_columns_stay_as_they_were_typed() -> None:
    for columns in (["Id"], []):
        page = AppTest.from_function(richer_form, args=({"widths": "6, 30"}, columns)).run()

        assert [t.value for t in page.text_input if t.label == "Widths"] == ["6, 30"]
        assert page.json[0].value == '{"widths": "6, 30"}'


def test_a_picture_is_uploaded_shown_and_removed() -> None:
    page = AppTest.from_function(richer_form, args=({}, [])).run()

    assert page.file_uploader[0].label == "Logo"
    page.file_uploader[0].set_value(("logo.png", base64.b64decode(LOGO.partition(",")[2]), "image/png")).run()
    assert json.loads(page.json[0].value) == {"logo": LOGO}

    page = AppTest.from_function(richer_form, args=({"logo": LOGO}, [])).run()
    assert not page.file_uploader
    page.button[0].click().run()
    assert page.json[0].value == "{}"
