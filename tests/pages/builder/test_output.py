"""What file it will be: split, packed, protected, and looked at before it is made."""

from __future__ import annotations

import json

import pytest
from streamlit.testing.v1 import AppTest

from core import exports, file_passwords
from core.desk import Desk
from core.engine.receipt import Receipt
from core.work import inline
from tests.pages.driving import address, button, component, draft_of, field, texts


@pytest.fixture
def csv(builder: AppTest) -> AppTest:
    return field(builder.get("pills"), "Format").set_value("csv").run()


def labels(app: AppTest) -> list[str]:
    return [e.label for e in app.expander]


def split(app: AppTest, by: str) -> AppTest:
    return field(app.selectbox, "Split into several").set_value(by).run()


def options(app: AppTest, label: str) -> list[str]:
    return list(field(app.selectbox, label).options)


def test_packing_is_offered_where_it_makes_sense(builder: AppTest) -> None:
    assert options(builder, "Packing") == ["As it is", "Zip"]
    field(builder.get("pills"), "Format").set_value("csv").run()
    assert options(builder, "Packing") == ["As it is", "Zip", "Gzip (.gz)", "Bzip2 (.bz2)", "Zstandard (.zst)"]


def test_a_packing_reaches_the_name_and_the_label(csv: AppTest, page_desk: Desk) -> None:
    field(csv.selectbox, "Packing").set_value("zstd").run()
    assert "Team.csv.zst" in texts(csv)
    assert "Zstandard" in labels(csv)
    assert draft_of(csv, page_desk)["compression"] == "zstd"


def test_a_split_asks_for_its_column_and_shows_what_comes_out(csv: AppTest, page_desk: Desk) -> None:
    split(csv, "value")
    assert button(csv, "Run export").help == "It is not said yet which column’s values to split by."

    field(csv.selectbox, "Column to split by").set_value("country").run()
    assert "Split by country" in labels(csv)
    assert "2 CSV files in one zip" in labels(csv)
    shown = " ".join(h.proto.body for h in csv.get("html"))
    assert "Indonesia" in shown
    assert "50 rows" in shown
    assert not button(csv, "Run export").disabled


def test_a_split_by_months_takes_the_date_column_there_is(csv: AppTest) -> None:
    split(csv, "month")
    assert not [s for s in csv.selectbox if s.label == "Date column"]
    assert "9 CSV files in one zip" in labels(csv)


def test_a_split_by_so_many_rows_counts_the_files(csv: AppTest) -> None:
    split(csv, "rows")
    field(csv.number_input, "Rows in each").set_value(30).run()
    assert "4 CSV files in one zip" in labels(csv)


def test_sizes_are_offered_for_text_only(builder: AppTest) -> None:
    assert "by size" not in options(builder, "Split into several")
    field(builder.get("pills"), "Format").set_value("csv").run()
    assert "by size" in options(builder, "Split into several")


def test_more_parts_than_anybody_can_use_are_refused_before_the_run(
    csv: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    from core.engine import cuts

    monkeypatch.setattr(cuts, "FILES", cuts.Most(20, "files"))
    split(csv, "value")
    field(csv.selectbox, "Column to split by").set_value("id").run()
    assert "“id” has 100 different values" in texts(csv)
    assert button(csv, "Run export").disabled


def test_parts_become_sheets_of_one_workbook_when_that_is_chosen(builder: AppTest) -> None:
    split(builder, "value")
    field(builder.selectbox, "Column to split by").set_value("country").run()
    assert "2 Excel files in one zip" in labels(builder)

    field(builder.get("segmented_control"), "The parts become").set_value("together").run()
    assert "2 sheets in one Excel file" in labels(builder)


def test_the_name_may_hold_the_part_only_where_there_are_several_files(csv: AppTest, page_desk: Desk) -> None:
    assert "Part" not in [o.content for o in field(csv.get("pills"), "Add to the name").proto.options]
    split(csv, "month")
    field(csv.get("pills"), "Add to the name").set_value(["part", "rows"]).run()
    assert draft_of(csv, page_desk)["file_name"] == "{name} {part} {rows}"


def test_a_split_runs_into_a_zip_whose_files_are_listed(csv: AppTest, page_desk: Desk) -> None:
    split(csv, "value")
    field(csv.selectbox, "Column to split by").set_value("country").run()
    button(csv, "Run export").click().run()
    inline.run_queued(page_desk)
    csv.run()

    assert not csv.exception
    assert csv.link_button[0].label == "Download"
    assert "2 files in the zip" in labels(csv)
    assert "Team Indonesia.csv" in " ".join(h.proto.body for h in csv.get("html"))


def test_files_one_by_one_are_downloaded_with_one_press(csv: AppTest, page_desk: Desk) -> None:
    split(csv, "value")
    field(csv.selectbox, "Column to split by").set_value("country").run()
    field(csv.selectbox, "Packing").set_value("none").run()
    button(csv, "Run export").click().run()
    inline.run_queued(page_desk)
    csv.run()

    offered = component(csv, "download_all")
    assert offered["label"] == "Download all 2 files"
    assert [f["name"] for f in offered["files"]] == ["Team Indonesia.csv", "Team Malaysia.csv"]
    assert all(f["url"].startswith("/api/files/") for f in offered["files"])


def test_the_name_of_files_one_by_one_leaves_room_for_the_part(csv: AppTest) -> None:
    split(csv, "value")
    field(csv.selectbox, "Column to split by").set_value("country").run()
    assert "Team.zip" in texts(csv)
    field(csv.selectbox, "Packing").set_value("none").run()
    assert "Team ….csv" in texts(csv)


def test_how_many_options_are_changed_is_said_at_once(csv: AppTest) -> None:
    field(csv.toggle, "Header row").set_value(False).run()
    assert "CSV options (1 changed)" in labels(csv)
    field(csv.toggle, "Header row").set_value(True).run()
    assert "CSV options" in labels(csv)


# ---------------------------------------------------------------- passwords


@pytest.fixture
def protected(builder: AppTest) -> AppTest:
    return field(builder.toggle, "Protect with a password").set_value(True).run()


def test_nothing_runs_until_the_password_is_chosen(protected: AppTest) -> None:
    assert button(protected, "Run export").help == "There is no password yet."
    assert button(protected, "Use this password").disabled


def test_a_typed_password_shows_its_strength(protected: AppTest) -> None:
    typed = field(protected.text_input, "Password")
    typed.set_value("password1").run()
    assert "Very weak" in " ".join(h.proto.body for h in protected.get("html"))
    typed.set_value("otter plum quiet harbour 81").run()
    assert "Strong" in " ".join(h.proto.body for h in protected.get("html"))


def test_a_generated_password_is_shown_once_and_only_its_id_stays(protected: AppTest, page_desk: Desk) -> None:
    button(protected, "Generate one").click().run()
    password = component(protected, "copy")["text"]
    assert len(password) >= 20

    button(protected, "Use this password").click().run()

    assert "A password is set" in texts(protected)
    assert not [t for t in protected.text_input if t.label == "Password"]
    kept = draft_of(protected, page_desk)
    assert password not in json.dumps(kept)
    assert f"b{address(protected)[:8]}_typed" not in protected.session_state
    with page_desk.store.reading() as session:
        assert file_passwords.opened(page_desk, session, page_desk.workspace_id, kept["password"]) == password
    assert not button(protected, "Run export").disabled


def test_typing_over_a_generated_password_hides_it(protected: AppTest) -> None:
    button(protected, "Generate one").click().run()
    field(protected.text_input, "Password").set_value("something of mine").run()
    assert not [c for c in protected.get("bidi_component") if c.proto.component_name.endswith("copy")]


def test_a_password_is_changed_kept_or_removed(protected: AppTest, page_desk: Desk) -> None:
    field(protected.text_input, "Password").set_value("first of all of them").run()
    button(protected, "Use this password").click().run()
    first = draft_of(protected, page_desk)["password"]

    button(protected, "Change", 1).click().run()
    assert field(protected.text_input, "Password").value == ""
    button(protected, "Keep the one that is set").click().run()
    assert draft_of(protected, page_desk)["password"] == first

    button(protected, "Remove").click().run()
    kept = draft_of(protected, page_desk)
    assert (kept["password"], kept["protect"]) == (None, False)
    assert not field(protected.toggle, "Protect with a password").value


def test_nothing_runs_with_the_old_password_while_a_new_one_waits(protected: AppTest, page_desk: Desk) -> None:
    field(protected.text_input, "Password").set_value("first of all of them").run()
    button(protected, "Use this password").click().run()
    button(protected, "Change", 1).click().run()
    button(protected, "Generate one").click().run()
    assert button(protected, "Run export").disabled
    assert "The new password is not in use yet" in texts(protected)
    button(protected, "Keep the one that is set").click().run()
    assert not button(protected, "Run export").disabled


def test_what_it_locks_is_said_with_who_can_open_it(protected: AppTest, page_desk: Desk) -> None:
    assert "Excel and LibreOffice ask for it" in texts(protected)
    field(protected.get("segmented_control"), "What it locks").set_value("zip").run()
    assert "7-Zip opens it" in texts(protected)
    assert draft_of(protected, page_desk)["lock"] == "zip"


def test_a_locked_file_says_so_when_it_is_ready(protected: AppTest, page_desk: Desk) -> None:
    button(protected, "Generate one").click().run()
    button(protected, "Use this password").click().run()
    button(protected, "Run export").click().run()
    inline.run_queued(page_desk)
    protected.run()

    assert "opens only with its password" in texts(protected)
    job = exports.get(page_desk, draft_of(protected, page_desk)["job"])
    assert Receipt.model_validate(job.result).files[0].locked


# ---------------------------------------------------------------- the file itself


def look_at_the_file(app: AppTest) -> AppTest:
    return field(app.get("segmented_control"), "Look at").set_value("file").run()


def test_text_is_shown_as_it_will_be_written(csv: AppTest) -> None:
    look_at_the_file(csv)
    view = component(csv, "file")
    assert (view["kind"], view["name"]) == ("text", "Team.csv")
    assert view["text"].lstrip("\ufeff").startswith("id,name,country,joined\n0001,Person 1,Malaysia,")


def test_what_keeps_a_file_from_being_written_is_told_instead(csv: AppTest) -> None:
    look_at_the_file(csv)
    field(csv.text_input, "File name").set_value("{nmae}").run()
    assert csv.error
    assert address(csv)


def test_a_workbook_is_shown_as_its_sheets(builder: AppTest) -> None:
    look_at_the_file(builder)
    sheet = component(builder, "file")["sheets"][0]
    assert [c["text"] for c in sheet["rows"][0]] == ["id", "name", "country", "joined"]
    assert sheet["rows"][0][0]["bold"]
    assert sheet["rows"][1][0]["text"] == "0001"


def test_options_know_the_columns_of_the_file(builder: AppTest) -> None:
    field(builder.get("pills"), "Format").set_value("pdf").run()
    assert options(builder, "Group by") == ["None", "id", "name", "country", "joined"]
    field(builder.get("pills"), "Format").set_value("more").run()
    field(builder.get("pills"), "Format").set_value("fixed").run()
    field(builder.text_input, "Widths: id").set_value("8").run()
    look_at_the_file(builder)
    assert component(builder, "file")["text"].splitlines()[0].startswith("0001    Person 1")


def test_an_export_says_how_long_its_file_is_kept(builder, page_desk):
    assert draft_of(builder, page_desk)["keep_hours"] is None
    field(builder.selectbox, "Keep the file").set_value(24).run()
    assert draft_of(builder, page_desk)["keep_hours"] == 24
