"""Many datasets in one batch: each its own file, by month where it has dates, in a zip whose manifest knows them all."""

from __future__ import annotations

import json
import zipfile

import pytest

from core import bulk, datasets, exports, sharing
from core.engine.names import file_name
from core.errors import BadInput, BadSpec, NotFound
from core.work import inline
from pages.builder.draft import ExportDraft
from storage.tables import utc_now
from tests.things import add_person

ORDERS = "order,paid_at\n1,2026-01-05\n2,2026-01-30\n3,2026-03-01\n4,\n"
PEOPLE = "name,n\nAnn,1\nBob,2\n"


@pytest.fixture
def both(dataset_factory):
    return dataset_factory(ORDERS, name="Orders", file="orders.csv"), dataset_factory(PEOPLE, name="People")


def run(desk, **parts):
    job = bulk.start(desk, **parts)
    inline.run_queued(desk)
    done = exports.get(desk, job.id)
    assert done.state == "succeeded", done.error
    return done


def members(desk, job):
    with zipfile.ZipFile(exports.file(desk, job.id).path) as archive:
        return {name: archive.read(name).decode("utf-8-sig") for name in archive.namelist()}


@pytest.mark.parametrize("format", ["csv", "xlsx", "json", "parquet"])
def test_all_datasets_come_by_month_where_they_have_dates_and_whole_where_not(desk, both, format):
    job = run(desk, format=format, by_month=True)
    with zipfile.ZipFile(exports.file(desk, job.id).path) as archive:
        names = archive.namelist()
        manifest = json.loads(archive.read("manifest.json"))
    parts = ["Orders (empty)", "Orders 2026-01", "Orders 2026-03", "People"]
    assert sorted(names) == sorted([f"{part}.{format}" for part in parts] + ["manifest.json"])
    assert {file["name"]: file["rows"] for file in manifest["files"]} == {
        f"Orders (empty).{format}": 1, f"Orders 2026-01.{format}": 2, f"Orders 2026-03.{format}": 1, f"People.{format}": 2,
    }  # fmt: skip
    receipt = exports.receipt(desk, job.id)
    assert [(table.name, table.rows) for table in receipt.tables] == [("Orders", 4), ("People", 2)]
    assert (receipt.rows, exports.file(desk, job.id).name) == (6, "Data of My workspace.zip")


def test_a_batch_opened_in_the_builder_stays_what_it_was(desk, both):
    spec = bulk.spec(desk, by_month=True)
    tables = {source.dataset: datasets.table(desk, datasets.get(desk, source.dataset)) for source in spec.sources}
    draft, left_out = ExportDraft.from_spec(spec, [(one, tables[one]) for one in tables])
    assert (left_out, draft.to_spec(tables).packaging) == ([], spec.packaging)


def test_without_months_each_is_one_file(desk, both):
    assert sorted(members(desk, run(desk))) == ["Orders.csv", "People.csv", "manifest.json"]


def test_only_the_chosen_come_and_twice_chosen_once(desk, both):
    job = run(desk, chosen=[both[1].slug, both[1].id], name="Some")
    assert members(desk, job)["Some.csv"].splitlines() == ["name,n", "Ann,1", "Bob,2"]
    assert (job.name, len(members(desk, job))) == ("Some", 2)


def test_a_batch_runs_again_like_any_export_and_says_what_it_holds(desk, both):
    job = run(desk, by_month=True)
    assert "a part for every month of the main date of each that has one" in exports.receipt(desk, job.id).sentence
    assert exports.run_again(desk, job.id).state == "queued"


def test_somebody_gets_what_they_see_and_nothing_else(desk, both):
    budi = add_person(desk, "Budi", "editor")
    with pytest.raises(BadInput, match="these are 0"):
        bulk.spec(budi)
    sharing.share(desk, "dataset", both[0].id)
    assert [source.dataset for source in bulk.spec(budi).sources] == [both[0].id]
    with pytest.raises(NotFound):
        bulk.spec(budi, [both[1].id])


def test_an_unknown_format_is_refused_before_anything_starts(desk, both):
    with pytest.raises(BadSpec, match="Unknown format"):
        bulk.start(desk, format="xslx")


def test_a_pattern_of_parts_alone_is_the_name_where_there_are_none():
    assert file_name("{part}", "zip", name="Data", rows=1, now=utc_now(), zone="UTC") == "Data.zip"
