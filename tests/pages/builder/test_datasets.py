"""Several datasets in one export: each is edited alone, all of them run together."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from core import datasets, exports
from core.desk import Desk
from core.engine.receipt import Receipt
from core.work import inline
from tests.pages.driving import answer, button, component, draft_of, field, pick_values, texts


@pytest.fixture
def both(builder: AppTest, orders: str) -> AppTest:
    """People and orders; the orders are on screen."""
    button(builder, "Add another dataset").click().run()
    button(builder, "Add it").click().run()
    assert not builder.exception
    return builder


def tabs(app: AppTest) -> list[str]:
    return [str(o.content) for o in field(app.get("button_group"), "Datasets of this export").proto.options]


def show(app: AppTest, place: int) -> None:
    pills = field(app.get("pills"), "Datasets of this export")
    pills.set_value(app.session_state["builder_draft"].sources[place].id).run()


def test_one_dataset_needs_no_tabs(builder: AppTest) -> None:
    assert not [g for g in builder.get("pills") if g.label == "Datasets of this export"]
    assert not [t for t in builder.text_input if t.label == "Name of its sheet or file"]


def test_another_dataset_joins_and_comes_on_screen(both: AppTest, page_desk: Desk) -> None:
    assert [s["dataset"] for s in draft_of(both, page_desk)["sources"]] == ids(page_desk, "Team", "Orders")
    assert [c["name"] for c in component(both, "columns")["columns"]] == ["order", "country", "amount"]
    assert both.metric[0].value == "110"
    assert "Team :gray[100 rows]" in texts(both)
    assert "2 sheets in one Excel file" in [e.label for e in both.expander]


def ids(desk: Desk, *names: str) -> list[str]:
    there = {d.name: d.id for d in datasets.list(desk)}
    return [there[name] for name in names]


def test_filters_columns_and_limits_belong_to_the_dataset_they_were_chosen_for(both: AppTest) -> None:
    button(both, "Add filter").click().run()
    field(both.selectbox, "Column").set_value("c2").run()
    pick_values(both, "Malaysia")
    assert both.metric[0].value == "105"

    show(both, 0)
    assert not [s for s in both.selectbox if s.label == "Condition"]
    field(both.number_input, "No more than this many rows").set_value(7).run()
    assert both.metric[0].value == "12"
    assert len(component(both, "preview")["rows"]) == 7

    show(both, 1)
    assert field(both.selectbox, "Condition").value == "is_any_of"
    assert field(both.number_input, "No more than this many rows").value is None


def test_a_renamed_column_is_still_renamed_when_its_dataset_comes_back(both: AppTest) -> None:
    picked = [["c3", True, "Sum", None], ["c1", True, None, None], ["c2", False, None, None]]
    answer(both, "columns", picked={"stamp": component(both, "columns")["stamp"], "columns": picked})
    show(both, 0)
    show(both, 1)
    assert [c["label"] for c in component(both, "preview")["columns"]] == ["Sum", "order"]


def test_a_sheet_is_renamed_moved_and_removed(both: AppTest, page_desk: Desk) -> None:
    field(both.text_input, "Name of its sheet or file").set_value("Bestellungen").run()
    button(both, "Move it one place to the front").click().run()
    assert [s["name"] for s in draft_of(both, page_desk)["sources"]] == ["Bestellungen", ""]

    button(both, "Remove this dataset from the export").click().run()
    assert [s["dataset"] for s in draft_of(both, page_desk)["sources"]] == ids(page_desk, "Team")
    assert both.metric[0].value == "100"


def test_what_is_unfinished_out_of_sight_keeps_the_button_shut_and_says_where(both: AppTest) -> None:
    button(both, "Add filter").click().run()
    show(both, 0)
    assert button(both, "Run export").help == "“Orders”: The filter on “order” has no value yet."


def test_a_format_with_one_table_a_file_makes_a_file_each(both: AppTest) -> None:
    field(both.get("pills"), "Format").set_value("csv").run()
    assert "2 CSV files in one zip" in [e.label for e in both.expander]
    assert not [g for g in both.get("segmented_control") if g.label == "The datasets become"]


def test_sheets_of_one_workbook_can_be_files_of_their_own(both: AppTest, page_desk: Desk) -> None:
    field(both.get("segmented_control"), "The datasets become").set_value("apart").run()
    assert draft_of(both, page_desk)["layout"] == "apart"
    assert "2 Excel files in one zip" in [e.label for e in both.expander]


def test_both_run_into_one_workbook_and_the_receipt_counts_each(both: AppTest, page_desk: Desk) -> None:
    button(both, "Run export").click().run()
    inline.run_queued(page_desk)
    both.run()

    assert not both.exception
    job = exports.get(page_desk, draft_of(both, page_desk)["job"])
    receipt = Receipt.model_validate(job.result)
    assert [(t.name, t.rows) for t in receipt.tables] == [("Team", 100), ("Orders", 10)]
    assert "**Ready: 110 rows**" in texts(both)


def test_the_same_dataset_may_be_two_sheets(both: AppTest, page_desk: Desk) -> None:
    button(both, "Add").click().run()
    field(both.selectbox, "It becomes a sheet or a file of its own").set_value(ids(page_desk, "Team")[0]).run()
    button(both, "Add it").click().run()

    assert not both.exception
    assert both.metric[0].value == "210"


def test_a_dataset_that_went_to_the_bin_leaves_the_others(both: AppTest, page_desk: Desk) -> None:
    datasets.move_to_bin(page_desk, ids(page_desk, "Orders")[0])
    both.run()

    assert not both.exception
    assert [s["dataset"] for s in draft_of(both, page_desk)["sources"]] == ids(page_desk, "Team")
    assert any("left out of this export" in t.value for t in both.toast)
