"""Several datasets, how they are split, packed and locked: what of the draft belongs to the whole export, and old drafts."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.engine.spec import ExportSpec
from core.engine.table import Table
from core.engine.values import Column, Kind
from pages.builder.draft import ExportDraft, FilterRow, SourceDraft, SplitChoice
from tests.pages.driving import named


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


def test_several_tables_go_together_or_apart_as_the_spec_means_it(table: Table, people: Table) -> None:
    draft = ExportDraft.new("payments", table)
    assert not draft.several

    draft.sources.append(SourceDraft.new("people", people))
    assert (draft.several, draft.together) == (True, True)

    draft.format = "csv"
    assert not draft.together

    by_value = draft.model_copy(update={"format": "xlsx", "split": SplitChoice(by="value", column="country")})
    assert (by_value.can_be_together, by_value.together) == (True, False)
    assert by_value.model_copy(update={"layout": "together"}).together

    by_rows = by_value.model_copy(update={"layout": "together", "split": SplitChoice(by="rows")})
    assert (by_rows.can_be_together, by_rows.together) == (False, False)
    assert by_rows.to_spec({"payments": table, "people": people}).output.layout == "auto"


def test_a_password_locks_the_file_where_it_is_alone_and_can_be_locked_else_a_zip(table: Table) -> None:
    draft = ExportDraft.new("payments", table)
    draft.protect, draft.password = True, "p1"
    assert draft.lock_means == "file"

    zipped = draft.model_copy(update={"lock": "zip"})
    assert zipped.lock_means == "zip"

    parted = draft.model_copy(update={"split": SplitChoice(by="year")})
    assert parted.lock_means == "zip"

    draft.format, draft.lock = "csv", "file"
    assert draft.lock_means == "zip"
    assert draft.to_spec({"payments": table}).packaging.lock == "auto"


def test_a_packing_that_makes_no_sense_for_the_format_waits(table: Table) -> None:
    draft = ExportDraft.new("payments", table)
    draft.compression = "gzip"
    assert draft.to_spec({"payments": table}).packaging.compression == "auto"

    draft.format = "csv"
    assert draft.to_spec({"payments": table}).packaging.compression == "gzip"
