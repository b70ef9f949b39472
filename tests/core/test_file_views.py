"""The file before it is made: the first rows, written by the format's own writer, in a shape a screen can show."""

import pytest

from core import file_views
from core.engine.formats import FORMATS
from core.engine.spec import ExportSpec
from core.errors import BadSpec

PEOPLE = "name,country,n\n" + "".join(f"Ä{n},{('Peru', 'Laos')[n % 2]},{n}\n" for n in range(500))


@pytest.fixture
def people(dataset_factory):
    return dataset_factory(PEOPLE)


def view(desk, format, options=None, **more):
    spec = {"sources": [{"dataset": "people"}], "output": {"format": format, "options": options or {}}} | more
    return file_views.file_view(desk, ExportSpec.model_validate(spec))


def test_text_formats_show_their_first_lines_as_they_will_be(desk, people):
    shown = view(desk, "csv", {"delimiter": ";"})
    assert (shown.kind, shown.name) == ("text", "People.csv")
    assert shown.text.lstrip("\ufeff").splitlines()[:2] == ["name;country;n", "Ä0;Peru;0"]
    assert len(shown.text.splitlines()) == file_views.ROWS + 1
    assert "first 20 rows" in shown.note


def test_another_encoding_is_shown_as_the_text_it_is(desk, people):
    assert "Ä0,Peru" in view(desk, "csv", {"encoding": "windows-1252"}).text


@pytest.mark.parametrize(
    ("format", "kind"),
    [("xlsx", "sheets"), ("ods", "sheets"), ("pdf", "picture"), ("html", "html"), ("parquet", "text")],
)
def test_every_kind_of_file_has_its_own_look(desk, people, format, kind):
    shown = view(desk, format)
    assert shown.kind == kind
    assert {"sheets": shown.sheets, "picture": shown.picture.startswith(b"\x89PNG"), "html": "Ä0" in shown.text,
            "text": "country: string" in shown.text}[kind]  # fmt: skip


@pytest.mark.parametrize("format", FORMATS)
def test_no_format_is_without_an_answer(desk, people, format):
    assert view(desk, format).note


@pytest.mark.parametrize("format", ["xlsx", "ods"])
def test_sheets_show_cells_as_their_program_would(desk, people, format):
    [sheet] = view(desk, format).sheets
    assert sheet.name == "People"
    assert [cell.text for cell in sheet.rows[1]] == ["Ä0", "Peru", "0"]
    assert sheet.rows[0][0].bold


def test_several_datasets_in_a_workbook_show_a_sheet_each(desk, people, dataset_factory):
    dataset_factory("x\n1\n", name="Other", file="other.csv")
    shown = view(desk, "xlsx", sources=[{"dataset": "people"}, {"dataset": "other", "name": "Second"}])
    assert [sheet.name for sheet in shown.sheets] == ["People", "Second"]


def test_several_files_show_the_first_one(desk, people, dataset_factory):
    dataset_factory("x\n1\n", name="Other", file="other.csv")
    shown = view(desk, "csv", sources=[{"dataset": "people"}, {"dataset": "other"}])
    assert shown.name == "People.csv"
    assert "of People" in shown.note


def test_a_split_and_a_password_do_not_hide_the_file(desk, people):
    split = {"by": "value", "column": "n"}
    assert view(desk, "csv", packaging={"split": split, "password": "some-id"}).kind == "text"


def test_what_cannot_run_cannot_be_shown(desk, people):
    with pytest.raises(BadSpec, match="no option"):
        view(desk, "csv", {"colour": "red"})
