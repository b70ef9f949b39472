"""The builder's state: what goes into a spec comes out of it again, and nothing unfinished reaches a run."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.engine.spec import ExportSpec
from core.engine.table import Table
from core.engine.values import Column, Kind
from pages.draft import (
    ColumnPick,
    ExportDraft,
    FilterGroup,
    FilterRow,
    KeyRow,
    MeasureRow,
    SortRow,
    SourceDraft,
    TimeChoice,
    date_columns,
    usual_operator,
)

COLUMNS = (
    ("c1", "country", Kind.TEXT),
    ("c2", "amount", Kind.DECIMAL),
    ("c3", "paid_at", Kind.TIMESTAMP),
    ("c4", "born", Kind.DATE),
    ("c5", "active", Kind.YES_NO),
)


@pytest.fixture
def table() -> Table:
    columns = tuple(Column(id=i, name=name, kind=kind) for i, name, kind in COLUMNS)
    return Table(Path("d1/table.parquet"), "Payments", columns, 100, "c3")


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


def named(spec: ExportSpec) -> object:
    """The spec without the ids the draft adds to names."""

    def strip(value: object) -> object:
        if isinstance(value, dict):
            return {k: strip(v) for k, v in value.items() if k != "id"}
        return [strip(v) for v in value] if isinstance(value, list) else value

    return strip(spec.model_dump(mode="json"))


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


@pytest.fixture
def people() -> Table:
    columns = (Column(id="c1", name="name", kind=Kind.TEXT), Column(id="c2", name="country", kind=Kind.TEXT))
    return Table(Path("d2/table.parquet"), "People", columns, 7, None)


def test_a_draft_stored_when_an_export_had_one_dataset_still_opens(table: Table) -> None:
    flat = {
        "id": "0b7c",
        "dataset": "payments",
        "name": "Old",
        "filters": {"id": "f", "match": "all", "items": [{"id": "r", "column": "c1", "operator": "is_empty"}]},
        "time": {"choice": "any"},
        "columns": [{"column": "c2"}, {"column": "c1", "on": False, "label": "Land"}],
        "sort": [{"column": "c2", "descending": True}],
        "limit": 9,
        "format": "csv",
        "options": {"csv": {"delimiter": ";"}},
        "gzip": True,
        "job": "j1",
    }

    draft = ExportDraft.load(flat, {"payments": table})

    assert (draft.id, draft.name, draft.job, draft.compression) == ("0b7c", "Old", "j1", "gzip")
    spec = draft.to_spec({"payments": table})
    assert [c.column.name for c in spec.sources[0].columns] == ["amount", "paid_at", "born", "active"]
    assert spec.sources[0].limit == 9
    assert spec.output.options == {"delimiter": ";"}
    assert ExportDraft.load(flat | {"gzip": False}, {"payments": table}).compression == "auto"


def test_every_dataset_of_a_spec_comes_back_the_same_with_how_it_is_packed(table: Table, people: Table) -> None:
    spec = ExportSpec.model_validate(
        {
            "name": "Both",
            "sources": [
                {"dataset": "payments", "name": "Paid", "sort": [{"column": "amount"}]},
                {"dataset": "people", "columns": [{"column": "country"}]},
                {"dataset": "people", "name": "Again", "limit": 2},
            ],
            "output": {"format": "csv", "layout": "apart", "file_name": "{name} {part}"},
            "packaging": {
                "compression": "zip",
                "split": {"by": "value", "column": "country"},
                "password": "p1",
                "lock": "zip",
            },
        }
    )

    draft, left_out = ExportDraft.from_spec(spec, [("payments", table), ("people", people), ("people", people)])

    assert not left_out
    assert named(draft.to_spec({"payments": table, "people": people})) == named(spec)


@pytest.mark.parametrize(
    "split",
    [
        {"by": "rows", "rows": 500},
        {"by": "size", "megabytes": 2.5},
        {"by": "value", "column": {"name": "country"}},
        {"by": "month", "column": {"name": "born"}},
        {"by": "week"},
    ],
)
def test_every_way_of_splitting_comes_back_the_same(table: Table, split: dict[str, object]) -> None:
    spec = ExportSpec.model_validate({"sources": [{"dataset": "payments"}], "packaging": {"split": split}})
    draft, _ = ExportDraft.from_spec(spec, [("payments", table)])
    assert draft.to_spec({"payments": table}).packaging.split == spec.packaging.split


def test_what_is_missing_in_a_dataset_out_of_sight_names_it(table: Table, people: Table) -> None:
    draft = ExportDraft.new("payments", table)
    draft.sources.append(SourceDraft.new("people", people))
    draft.sources[1].filters.items = [FilterRow(column="c1", operator="contains")]
    tables = {"payments": table, "people": people}

    assert [m.message for m in draft.unfinished(tables)] == ["“People”: The filter on “name” has no value yet."]

    draft.current = draft.sources[1].id
    assert [m.message for m in draft.unfinished(tables)] == ["The filter on “name” has no value yet."]


def test_a_dataset_that_is_gone_leaves_the_others(table: Table, people: Table) -> None:
    draft = ExportDraft.new("payments", table)
    draft.sources.append(SourceDraft.new("people", people))
    draft.current = draft.sources[1].id

    left = ExportDraft.load(draft.dump(), {"payments": table})

    assert [s.dataset for s in left.sources] == ["payments"]
    assert left.source.dataset == "payments"


def test_protection_without_a_password_keeps_it_from_running(table: Table) -> None:
    draft = ExportDraft.new("payments", table)
    draft.protect = True
    assert [m.field for m in draft.unfinished({"payments": table})] == ["password"]

    draft.password = "p1"
    assert not draft.unfinished({"payments": table})
    assert draft.to_spec({"payments": table}).packaging.password == "p1"

    draft.protect = False
    assert draft.to_spec({"payments": table}).packaging.password is None


def test_a_split_by_values_asks_for_its_column(table: Table) -> None:
    draft = ExportDraft.new("payments", table)
    draft.split.by = "value"
    assert [m.field for m in draft.unfinished({"payments": table})] == ["split"]
    assert draft.to_spec({"payments": table}).packaging.split is None

    draft.split.column = "country"
    assert not draft.unfinished({"payments": table})


def test_a_packing_that_makes_no_sense_for_the_format_waits(table: Table) -> None:
    draft = ExportDraft.new("payments", table)
    draft.compression = "gzip"
    assert draft.to_spec({"payments": table}).packaging.compression == "auto"

    draft.format = "csv"
    assert draft.to_spec({"payments": table}).packaging.compression == "gzip"
