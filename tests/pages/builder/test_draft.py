"""The builder's state: what goes into a spec comes out of it again, and nothing unfinished reaches a run."""

from __future__ import annotations

import pytest

from core.engine.spec import ExportSpec
from core.engine.table import Table
from core.engine.values import Column, Kind
from pages.builder.draft import (
    ColumnPick,
    ExportDraft,
    FilterGroup,
    FilterRow,
    KeyRow,
    MeasureRow,
    SortRow,
    TimeChoice,
    date_columns,
    usual_operator,
)
from tests.pages.driving import named


@pytest.fixture
def full() -> ExportSpec:
    """A spec that uses everything, with groups three deep."""
    return ExportSpec.model_validate(
        {
            "name": "Large payments",
            "sources": [
                {
                    "dataset": "payments",
                    "filters": {
                        "match": "all",
                        "items": [
                            {"column": "country", "operator": "is_any_of", "values": ["Indonesia", "Malaysia"]},
                            {
                                "match": "any",
                                "items": [
                                    {"column": "amount", "operator": "at_least", "values": ["100.50"]},
                                    {
                                        "match": "all",
                                        "items": [
                                            {"column": "active", "operator": "is_yes"},
                                            {
                                                "match": "any",
                                                "items": [{"column": "country", "operator": "is_empty"}],
                                            },
                                        ],
                                    },
                                ],
                            },
                        ],
                    },
                    "time_range": {"column": "born", "relative": "last_month"},
                    "columns": [
                        {"column": "amount", "label": "Sum", "format": "two_decimals"},
                        {"column": "country"},
                    ],
                    "sort": [{"column": "amount", "descending": True}, {"column": "country"}],
                    "distinct": True,
                    "limit": 50,
                }
            ],
            "output": {"format": "csv", "options": {"delimiter": ";"}, "file_name": "{name} {date}"},
            "packaging": {"compression": "gzip"},
            "limits": {"rows": 1000},
        }
    )


def test_a_spec_that_uses_everything_comes_back_the_same(full: ExportSpec, table: Table) -> None:
    draft, left_out = ExportDraft.from_spec(full, [("payments", table)])

    assert not left_out
    assert named(draft.to_spec({"payments": table})) == named(full)


def test_a_summary_comes_back_the_same(table: Table) -> None:
    spec = ExportSpec.model_validate(
        {
            "sources": [
                {
                    "dataset": "payments",
                    "summary": {
                        "group_by": [{"column": "country"}, {"column": "paid_at", "unit": "month", "label": "Month"}],
                        "measures": [{"function": "count"}, {"function": "sum", "column": "amount", "label": "Total"}],
                    },
                    "sort": [{"column": "Total", "descending": True}],
                }
            ]
        }
    )

    draft, left_out = ExportDraft.from_spec(spec, [("payments", table)])

    assert not left_out
    assert named(draft.to_spec({"payments": table})) == named(spec)


def test_stored_and_loaded_again_a_draft_says_the_same(full: ExportSpec, table: Table) -> None:
    draft, _ = ExportDraft.from_spec(full, [("payments", table)])
    draft.source.filters.items.append(FilterRow(column="c2", operator="between", values=["1", None]))
    draft.source.columns[0].on = False

    assert ExportDraft.load(draft.dump(), {"payments": table}) == draft


def test_all_columns_untouched_mean_all_columns_of_whatever_it_runs_on(table: Table) -> None:
    assert ExportDraft.new("payments", table).to_spec({"payments": table}).sources[0].columns == ()


def test_an_unticked_column_keeps_its_place_and_its_name(table: Table) -> None:
    draft = ExportDraft.new("payments", table)
    draft.source.columns[1] = ColumnPick(column="c2", on=False, label="Sum")

    spec = draft.to_spec({"payments": table})

    assert [c.column.name for c in spec.sources[0].columns] == ["country", "paid_at", "born", "active"]
    assert ExportDraft.load(draft.dump(), {"payments": table}).source.columns[1].label == "Sum"


def test_a_filter_without_its_value_keeps_every_row_and_is_asked_for(table: Table) -> None:
    draft = ExportDraft.new("payments", table)
    draft.source.filters.items = [
        FilterRow(column="c1", operator="is_any_of"),
        FilterGroup(items=[FilterRow(column="c2", operator="between", values=["1", None])]),
    ]

    assert draft.to_spec({"payments": table}).sources[0].filters.items == ()
    assert [p.message for p in draft.unfinished({"payments": table})] == [
        "The filter on “country” has no value yet.",
        "The filter on “amount” has no value yet.",
    ]


@pytest.mark.parametrize(
    ("operator", "values", "finished"),
    [
        ("is_empty", [], True),
        ("at_least", ["0"], True),
        ("at_least", [0], True),
        ("at_least", [""], False),
        ("between", ["1"], False),
        ("between", ["1", "2"], True),
        ("is_any_of", ["x"], True),
        ("is_any_of", [], False),
        ("no_such_operator", ["x"], False),
    ],
)
def test_a_filter_is_finished_when_it_has_the_values_its_operator_takes(
    operator: str, values: list[object], finished: bool
) -> None:
    assert FilterRow(column="c1", operator=operator, values=values).finished is finished


def test_no_ticked_column_is_asked_for(table: Table) -> None:
    draft = ExportDraft.new("payments", table)
    for pick in draft.source.columns:
        pick.on = False

    assert [p.field for p in draft.unfinished({"payments": table})] == ["columns"]


def test_two_dates_that_were_not_given_are_asked_for(table: Table) -> None:
    draft = ExportDraft.new("payments", table)
    draft.source.time = TimeChoice(choice="between")

    assert draft.to_spec({"payments": table}).sources[0].time_range is None
    assert [p.field for p in draft.unfinished({"payments": table})] == ["time"]

    draft.source.time.start = "2026-10-01"
    span = draft.to_spec({"payments": table}).sources[0].time_range
    assert span is not None
    assert (str(span.start), span.end) == ("2026-10-01", None)
    assert not draft.unfinished({"payments": table})


def test_parts_on_columns_that_are_not_there_are_left_out_and_told(full: ExportSpec, table: Table) -> None:
    fewer = Table(table.path, "Other", tuple(c for c in table.columns if c.name != "amount"), 5, None)

    draft, left_out = ExportDraft.from_spec(full, [("other", fewer)])

    assert len(left_out) == 3
    assert all("“amount”" in sentence for sentence in left_out)
    assert [c.column.name for c in draft.to_spec({"other": fewer}).sources[0].columns] == ["country"]
    assert [k.column.name for k in draft.to_spec({"other": fewer}).sources[0].sort] == ["country"]


def test_a_replaced_file_brings_its_new_columns_and_takes_the_lost_ones_along(full: ExportSpec, table: Table) -> None:
    draft, _ = ExportDraft.from_spec(full, [("payments", table)])
    columns = (*(c for c in table.columns if c.id != "c2"), Column(id="c6", name="note", kind=Kind.TEXT))

    draft.refit({"payments": Table(table.path, "Payments", columns, 100, "c3")})

    assert [p.column for p in draft.source.columns] == ["c1", "c3", "c4", "c5", "c6"]
    assert {row.column for row in draft.source.filters.rows()} == {"c1", "c5"}
    assert [s.column for s in draft.source.sort] == ["c1"]


def test_options_of_another_format_wait_until_it_is_chosen_again(full: ExportSpec, table: Table) -> None:
    draft, _ = ExportDraft.from_spec(full, [("payments", table)])

    draft.format = "xlsx"
    assert draft.to_spec({"payments": table}).output.options == {}

    draft.format = "csv"
    assert draft.to_spec({"payments": table}).output.options == {"delimiter": ";"}


def test_a_summary_that_is_switched_off_waits_as_well(table: Table) -> None:
    draft = ExportDraft.new("payments", table)
    draft.source.keys, draft.source.measures = [KeyRow(column="c1")], [MeasureRow(function="sum", column="c2")]
    assert draft.to_spec({"payments": table}).sources[0].summary is None

    draft.source.summarise = True
    summary = draft.to_spec({"payments": table}).sources[0].summary
    assert summary is not None
    assert summary.group_by[0].column.name == "country"
    assert summary.measures[0].column is not None
    assert summary.measures[0].column.name == "amount"


def test_a_column_sorted_by_twice_over_is_sorted_in_that_order(table: Table) -> None:
    draft = ExportDraft.new("payments", table)
    draft.source.sort = [SortRow(column="c2", descending=True), SortRow(column="c1")]

    assert [(k.column.name, k.descending) for k in draft.to_spec({"payments": table}).sources[0].sort] == [
        ("amount", True),
        ("country", False),
    ]


def test_every_kind_of_column_has_an_operator_to_begin_with() -> None:
    from core.engine.filters import OPERATORS

    for kind in Kind:
        assert kind in OPERATORS[usual_operator(kind)].kinds


def test_the_main_date_column_comes_first(table: Table) -> None:
    assert date_columns(table) == ["c3", "c4"]
