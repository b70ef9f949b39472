"""New export: what is chosen reaches the spec, what is asked of the data is answered, and a run ends in a file."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from core import exports
from core.desk import Desk
from core.engine.formats import FORMATS
from core.engine.spec import ExportSpec
from core.templating import templates
from core.work import inline
from tests.pages.driving import address, answer, button, component, draft_of, field, pick_values, texts

Open = Callable[..., AppTest]


def test_without_data_the_first_screen_offers_the_ways_in(open_page: Open) -> None:
    app = open_page("builder/builder.py")

    assert "Choose data, keep the rows and columns you need" in texts(app)
    assert [b.label for b in app.button].count("Try it") == 3


def test_data_that_is_there_is_offered_and_one_press_begins(open_page: Open, team: str) -> None:
    app = open_page("builder/builder.py")
    assert "Team" in texts(app)

    button(app, "Use this").click().run()

    assert not app.exception
    assert app.metric[0].value == "100"
    assert "All 4 columns of Team" in texts(app)


def test_a_dataset_by_its_address_becomes_a_draft_of_its_own(builder: AppTest, page_desk: Desk) -> None:
    assert "dataset" not in builder.query_params
    assert draft_of(builder, page_desk)["format"] == "xlsx"


def test_a_filter_changes_the_count_the_sentence_and_the_preview_at_once(builder: AppTest) -> None:
    button(builder, "Add filter").click().run()
    field(builder.selectbox, "Column").set_value("c3").run()
    pick_values(builder, "Indonesia")

    assert not builder.exception
    assert builder.metric[0].value == "50"
    assert "All 4 columns of Team where country is Indonesia" in texts(builder)
    assert "−50 rows" in texts(builder)
    assert "**50** of 100 rows" in texts(builder)
    rows = component(builder, "preview")["rows"]
    assert {row[2] for row in rows} == {"Indonesia"}
    assert rows[0][0] == "0002"


def test_the_value_picker_asks_the_data_only_once_it_is_opened(builder: AppTest) -> None:
    button(builder, "Add filter").click().run()
    field(builder.selectbox, "Column").set_value("c3").run()
    assert component(builder, "values")["choices"] is None

    answer(builder, "values", search="")
    assert component(builder, "values")["choices"] == [["Indonesia", 50], ["Malaysia", 50]]

    answer(builder, "values", search="mal")
    assert component(builder, "values")["choices"] == [["Malaysia", 50]]


def test_a_filter_without_a_value_says_so_and_keeps_the_button_shut(builder: AppTest) -> None:
    button(builder, "Add filter").click().run()

    run = button(builder, "Run export")
    assert run.disabled
    assert run.help == "The filter on “id” has no value yet."
    assert builder.metric[0].value == "100"
    assert "Give it a value or remove it." in texts(builder)

    button(builder, "Remove this filter").click().run()
    assert not button(builder, "Run export").disabled


def test_a_wrong_value_is_told_beside_its_filter(builder: AppTest) -> None:
    button(builder, "Add filter").click().run()
    field(builder.selectbox, "Column").set_value("c4").run()
    field(builder.selectbox, "Condition").set_value("between").run()
    field(builder.date_input, "From").set_value("2026-05-01")
    field(builder.date_input, "To").set_value("2026-04-01").run()

    assert not builder.exception
    assert builder.metric[0].value == "–"
    assert "comes after" in texts(builder)
    assert "The preview comes back" in texts(builder)
    assert button(builder, "Run export").disabled


def test_relative_dates_are_followed_by_the_days_they_mean(builder: AppTest) -> None:
    from datetime import UTC, datetime

    from core.engine.moments import resolve_relative, span_words

    field(builder.selectbox, "Time range").set_value("this_year").run()

    span = span_words(*resolve_relative("this_year", datetime.now(UTC), "UTC"))
    assert span in texts(builder)
    assert f"where joined is in this year ({span})" in texts(builder)


def test_groups_join_their_filters_by_the_other_word(builder: AppTest, page_desk: Desk) -> None:
    button(builder, "Add filter").click().run()
    field(builder.selectbox, "Condition").set_value("starts_with").run()
    field(builder.text_input, "Value").set_value("00").run()
    button(builder, "Add group").click().run()
    field(builder.selectbox, "Condition", 1).set_value("contains").run()
    field(builder.text_input, "Value", 1).set_value("9").run()

    assert not builder.exception
    filters = draft_of(builder, page_desk)["sources"][0]["filters"]
    assert [filters["match"], filters["items"][1]["match"]] == ["all", "any"]
    assert "where id starts with 00 and" in texts(builder)


def test_match_any_keeps_rows_that_fit_one_of_the_filters(builder: AppTest) -> None:
    for n, value in enumerate(("0001", "0002")):
        button(builder, "Add filter").click().run()
        field(builder.selectbox, "Column", n).set_value("c1").run()
        field(builder.selectbox, "Condition", n).set_value("starts_with").run()
        field(builder.text_input, "Value", n).set_value(value).run()
    assert builder.metric[0].value == "0"
    assert "No row is left" in texts(builder)

    field(builder.get("segmented_control"), "Which filters must match").set_value("any").run()
    assert builder.metric[0].value == "2"


def test_columns_are_chosen_ordered_renamed_and_formatted(builder: AppTest) -> None:
    stamp = component(builder, "columns")["stamp"]
    answer(
        builder,
        "columns",
        picked={
            "stamp": stamp,
            "columns": [
                ["c4", True, "Since", "dmy_slash"],
                ["c2", True, None, None],
                ["c1", False, None, None],
                ["c3", False, None, None],
            ],
        },
    )

    preview = component(builder, "preview")
    assert [c["label"] for c in preview["columns"]] == ["Since", "name"]
    assert preview["rows"][0] == ["11/02/2026", "Person 1"]
    assert "2 of 4 columns" in texts(builder)


def test_no_column_at_all_is_refused_with_what_to_do(builder: AppTest) -> None:
    picked = {
        "stamp": component(builder, "columns")["stamp"],
        "columns": [[f"c{n}", False, None, None] for n in (1, 2, 3, 4)],
    }
    answer(builder, "columns", picked=picked)

    assert "Tick at least one column." in texts(builder)
    assert button(builder, "Run export").disabled


def test_rows_are_sorted_and_limited(builder: AppTest) -> None:
    button(builder, "Add sort").click().run()
    field(builder.selectbox, "Direction").set_value("down").run()
    field(builder.number_input, "No more than this many rows").set_value(3).run()

    assert [row[0] for row in component(builder, "preview")["rows"]] == ["0100", "0099", "0098"]
    assert builder.metric[0].value == "3"
    assert "sorted by id (Z to A), the first 3 rows only" in texts(builder)
    assert "Sorted, at most 3 rows" in texts(builder)


def test_rows_are_grouped_and_summarised(builder: AppTest) -> None:
    field(builder.toggle, "Group & summarise").set_value(True).run()
    button(builder, "Add a group").click().run()
    field(builder.selectbox, "Group by").set_value("c3").run()
    button(builder, "Add a figure").click().run()

    assert not builder.exception
    preview = component(builder, "preview")
    assert [c["label"] for c in preview["columns"]] == ["country", "Rows"]
    assert preview["rows"] == [["Indonesia", "50"], ["Malaysia", "50"]]
    assert not button(builder, "Run export").disabled


def test_the_preview_turns_its_pages(builder: AppTest) -> None:
    assert component(builder, "preview")["first"] == 1

    builder.pagination[0].set_value(3).run()

    assert component(builder, "preview")["first"] == 31
    assert component(builder, "preview")["rows"][0][0] == "0031"


def test_formats_that_few_people_need_are_a_press_away(builder: AppTest, page_desk: Desk) -> None:
    offered = [option.content for option in field(builder.get("pills"), "Format").proto.options]
    assert offered == ["Excel", "CSV", "PDF", "OpenDocument", "Web page", "JSON", "More…"]

    field(builder.get("pills"), "Format").set_value("more").run()

    assert [o.content for o in field(builder.get("pills"), "Format").proto.options] == [
        f.label for f in FORMATS.values()
    ]
    assert draft_of(builder, page_desk)["format"] == "xlsx"

    field(builder.get("pills"), "Format").set_value("yaml").run()

    assert draft_of(builder, page_desk)["format"] == "yaml"


def test_only_the_chosen_format_shows_its_options(builder: AppTest, page_desk: Desk) -> None:
    assert [e.label for e in builder.expander if "options" in e.label and "More" not in e.label] == ["Excel options"]

    field(builder.get("pills"), "Format").set_value("json").run()

    assert [e.label for e in builder.expander if "options" in e.label and "More" not in e.label] == ["JSON options"]
    assert draft_of(builder, page_desk)["format"] == "json"
    assert "Team.json" in texts(builder)


def test_the_file_name_is_shown_as_it_will_be(builder: AppTest, page_desk: Desk) -> None:
    field(builder.text_input, "File name").set_value("People of today").run()
    field(builder.get("pills"), "Add to the name").set_value(["rows"]).run()

    assert "People of today 100.xlsx" in texts(builder)
    kept = draft_of(builder, page_desk)
    assert (kept["name"], kept["file_name"]) == ("People of today", "{name} {rows}")


def test_a_file_name_with_an_unknown_part_says_what_there_is(builder: AppTest) -> None:
    field(builder.text_input, "File name").set_value("{nmae}").run()

    assert "Known parts" in texts(builder)
    assert button(builder, "Run export").disabled


def test_a_run_ends_in_a_download_and_its_receipt(builder: AppTest, page_desk: Desk) -> None:
    button(builder, "Run export").click().run()
    inline.run_queued(page_desk)
    builder.run()

    assert not builder.exception
    assert builder.link_button[0].label == "Download"
    assert "**Ready: 100 rows**" in texts(builder)
    assert "100 in the file ✓" in texts(builder)
    assert "Run export" not in [b.label for b in builder.button]


def test_after_a_change_there_is_something_to_run_again(builder: AppTest, page_desk: Desk) -> None:
    button(builder, "Run export").click().run()
    inline.run_queued(page_desk)
    field(builder.number_input, "No more than this many rows").set_value(5).run()

    assert not button(builder, "Run export").disabled
    assert "before your last changes" in texts(builder)
    assert builder.link_button[0].label == "Download"


def test_run_again_starts_another_export_of_the_same(builder: AppTest, page_desk: Desk) -> None:
    button(builder, "Run export").click().run()
    inline.run_queued(page_desk)
    builder.run()
    first = draft_of(builder, page_desk)["job"]

    button(builder, "Run again").click().run()

    assert draft_of(builder, page_desk)["job"] != first
    assert exports.list(page_desk)[1] == 2


def test_a_refresh_loses_nothing(builder: AppTest, open_page: Open) -> None:
    button(builder, "Add filter").click().run()
    field(builder.selectbox, "Condition").set_value("contains").run()
    field(builder.text_input, "Value").set_value("9").run()
    button(builder, "Add filter").click().run()
    field(builder.get("pills"), "Format").set_value("csv").run()

    again = open_page("builder/builder.py", draft=address(builder))

    assert again.metric[0].value == builder.metric[0].value
    assert field(again.text_input, "Value").value == "9"
    assert [s.value for s in again.selectbox if s.label == "Condition"] == ["contains", "is_any_of"]
    assert field(again.get("pills"), "Format").value == "csv"


def test_a_switch_of_pages_loses_nothing(builder: AppTest) -> None:
    field(builder.number_input, "No more than this many rows").set_value(7).run()

    builder.switch_page("data/data.py").run()
    builder.switch_page("builder/builder.py").run()

    assert builder.metric[0].value == "7"
    assert field(builder.number_input, "No more than this many rows").value == 7


def test_an_export_opens_in_the_builder(open_page: Open, exported: str) -> None:
    for name in ("job", "export"):
        app = open_page("builder/builder.py", **{name: exported})
        assert "where country is Indonesia" in texts(app)
        assert field(app.text_input, "File name").value == "Indonesians"


def test_a_template_opens_in_the_builder_with_all_it_says(
    open_page: Open, page_desk: Desk, indonesians: ExportSpec
) -> None:
    saved = templates.save(page_desk, "Indonesians", "", indonesians)

    app = open_page("builder/builder.py", template=saved.id)

    assert "where country is Indonesia" in texts(app)
    assert draft_of(app, page_desk)["template"] == saved.id


def test_an_address_that_leads_nowhere_says_so_and_offers_a_beginning(open_page: Open) -> None:
    for name in ("dataset", "template", "job", "draft"):
        app = open_page("builder/builder.py", **{name: "no-such-thing"})
        assert app.error
        assert [b.label for b in app.button].count("Try it") == 3


def test_an_export_is_kept_as_a_template(builder: AppTest, page_desk: Desk) -> None:
    button(builder, "Run export").click().run()
    inline.run_queued(page_desk)
    builder.run()
    button(builder, "Save as template").click().run()

    assert field(builder.text_input, "Name").value == "Team"


def test_what_was_left_is_one_press_away(builder: AppTest, open_page: Open) -> None:
    field(builder.text_input, "File name").set_value("Half done").run()

    fresh = open_page("builder/builder.py")
    assert "Half done" in texts(fresh)
    button(fresh, "Go on with it").click().run()

    assert field(fresh.text_input, "File name").value == "Half done"


def test_a_count_that_takes_too_long_keeps_nobody_from_running(
    builder: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    from core import preview_sessions

    monkeypatch.setattr(preview_sessions, "SECONDS", 0.0)
    field(builder.toggle, "Leave out repeated rows").set_value(True).run()

    assert not builder.exception
    assert builder.metric[0].value in ("–", "100")
    assert not button(builder, "Run export").disabled
