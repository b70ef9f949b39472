"""Datasets: added by a job, in versions that never change, in and out of the bin."""

import pytest

from core import audit, datasets, exports, samples, uploads
from core.engine.ingest.options import ImportOptions
from core.engine.spec import ExportSpec
from core.errors import BadInput, Conflict, NotFound
from core.keeping import bin
from core.work import inline

PEOPLE = "id,name,born,paid\n001,Ayu,2001-02-03,2026-01-05\n002,Zoë,1999-12-31,\n"


def replace(desk, dataset, text):
    upload = uploads.store(desk, "again.csv", text.encode())
    job = datasets.add(desk, upload.id, replace=dataset.slug)
    inline.run_queued(desk)
    done = datasets.job(desk, job.id)
    assert done.error is None
    return done.result["datasets"][0]


def test_an_upload_becomes_a_dataset_with_what_was_found(desk, dataset_factory):
    people = dataset_factory(PEOPLE, "People & Co")
    assert people.slug == "people-co"
    table = datasets.table(desk, people.slug)
    assert (table.name, table.rows, [c.name for c in table.columns]) == (
        "People & Co",
        2,
        ["id", "name", "born", "paid"],
    )
    assert datasets.rows(desk, people.id) == [
        ["001", "Ayu", "2001-02-03", "2026-01-05"],
        ["002", "Zoë", "1999-12-31", None],
    ]
    version = datasets.version(desk, people.version_id)
    assert (version.number, version.rows, version.source_name) == (1, 2, "people.csv")
    (listed,) = datasets.list(desk)
    assert (listed.rows, listed.columns, listed.used_by, listed.problems) == (2, 4, 0, 0)


def test_a_look_at_an_upload_is_a_job_that_changes_nothing(desk):
    upload = uploads.store(desk, "prices.csv", b"nama;harga\nKopi;1,5\n")
    job = datasets.inspect(desk, upload.id, ImportOptions())
    inline.run_queued(desk)
    (looked,) = datasets.wait(desk, job.id, 5).result["inspections"]
    assert looked["understood"]["delimiter"] == ";"
    assert list(datasets.list(desk)) == []


def test_replacing_makes_a_version_and_the_old_one_stays_as_it_was(desk, dataset_factory):
    people = dataset_factory(PEOPLE)
    first = datasets.version(desk, people.version_id)
    before = datasets.table(desk, first).path.read_bytes()
    replace(desk, people, PEOPLE + "003,Dao,2000-01-01,\n")
    assert [v.number for v in datasets.versions(desk, people.id)] == [2, 1]
    assert datasets.table(desk, people.id).rows == 3
    assert datasets.table(desk, first).rows == 2
    assert datasets.table(desk, first).path.read_bytes() == before
    assert datasets.get(desk, people.id).slug == people.slug


def test_reading_the_kept_original_again_with_corrections_makes_a_version(desk, dataset_factory):
    people = dataset_factory("title line\nid;name\n1;Ayu\n", "Odd")
    datasets.reread(desk, people.id, ImportOptions(delimiter=";", header_row=2))
    inline.run_queued(desk)
    assert [c.name for c in datasets.table(desk, people.id).columns] == ["id", "name"]
    assert len(datasets.versions(desk, people.id)) == 2


def test_rows_that_do_not_fit_are_kept_and_shown(desk, dataset_factory):
    people = dataset_factory("a,b\n1,2\n3,4,5,6\n7,8\n")
    version = datasets.version(desk, people.version_id)
    (problem,) = datasets.problems(desk, version.id)
    assert (problem.line, problem.text) == (3, "3,4,5,6")
    assert version.problems == 1


def test_the_date_column_is_guessed_and_may_be_changed(desk, dataset_factory):
    people = dataset_factory(PEOPLE)
    born = "c3"
    assert datasets.table(desk, people.id).date_column is not None
    datasets.set_date_column(desk, people.id, born)
    assert datasets.table(desk, people.id).date_column == born
    assert datasets.table(desk, datasets.version(desk, people.version_id)).date_column == born
    with pytest.raises(BadInput, match="no column of dates"):
        datasets.set_date_column(desk, people.id, "c2")
    with pytest.raises(BadInput):
        datasets.set_date_column(desk, people.id, "c99")
    datasets.set_date_column(desk, people.id, None)
    assert datasets.table(desk, people.id).date_column is not None


def test_a_date_column_that_went_away_with_a_new_version_is_not_used(desk, dataset_factory):
    people = dataset_factory(PEOPLE)
    datasets.set_date_column(desk, people.id, "c3")
    replace(desk, people, "a,b,c\n1,x,y\n")
    assert datasets.table(desk, people.id).date_column is None


def test_the_bin_keeps_a_dataset_until_it_is_restored(desk, dataset_factory):
    people = dataset_factory(PEOPLE)
    datasets.move_to_bin(desk, people.id)
    assert list(datasets.list(desk)) == []
    assert [(one.kind, one.thing.id) for one in bin.list(desk)] == [("dataset", people.id)]
    with pytest.raises(NotFound):
        datasets.get(desk, people.slug)
    other = dataset_factory("a\n1\n", "People")
    assert other.slug == people.slug
    assert datasets.restore(desk, people.id).slug != other.slug
    assert {d.id for d in datasets.list(desk)} == {people.id, other.id}
    with pytest.raises(Conflict):
        datasets.restore(desk, people.id)


def test_an_earlier_version_becomes_the_current_one_again_and_none_is_lost(desk, dataset_factory):
    people = dataset_factory(PEOPLE)
    first = people.version_id
    replace(desk, people, "id,name\n9,New\n")
    back = datasets.use_version(desk, people.slug, first)
    assert back.version_id == first
    assert datasets.table(desk, people.id).rows == 2
    assert [v.number for v in datasets.versions(desk, people.id)] == [2, 1]
    replace(desk, people, "id,name\n1,A\n")
    assert [v.number for v in datasets.versions(desk, people.id)] == [3, 2, 1]
    assert [e.action for e in audit.list(desk)[0]][:3] == ["data.replaced", "data.version", "data.replaced"]


def test_a_version_of_another_dataset_is_refused(desk, stranger, dataset_factory):
    people, towns = dataset_factory(PEOPLE), dataset_factory("town\nBogor\n", "Towns")
    with pytest.raises(NotFound):
        datasets.use_version(desk, people.id, towns.version_id)
    with pytest.raises(NotFound):
        datasets.use_version(stranger, people.id, people.version_id)


def test_an_export_that_pinned_a_version_still_reads_it_after_replace_and_bin(desk, dataset_factory):
    people = dataset_factory(PEOPLE)
    spec = ExportSpec.model_validate({"sources": [{"dataset": people.slug}], "output": {"format": "csv"}})
    job = exports.start(desk, spec)
    replaced = replace(desk, people, "id,name\n9,New\n")  # runs the export too: it is queued first
    assert replaced["rows"] == 1
    assert exports.get(desk, job.id).rows == 2
    assert datasets.list(desk)[0].used_by == 1


def test_a_new_name_leaves_the_slug_programs_use(desk, dataset_factory):
    people = dataset_factory(PEOPLE)
    assert datasets.rename(desk, people.id, "  Members  2026 ").name == "Members 2026"
    assert datasets.get(desk, people.slug).name == "Members 2026"
    assert datasets.table(desk, people.id).name == "Members 2026"
    with pytest.raises(BadInput):
        datasets.rename(desk, people.id, "  ")


def test_a_half_upload_cannot_become_a_dataset(desk):
    upload = uploads.begin(desk, "a.csv", 10)
    for action in (datasets.add, datasets.inspect):
        with pytest.raises(Conflict, match="not arrived whole"):
            action(desk, upload.id)


def test_reading_a_file_can_be_cancelled(desk):
    job = datasets.add(desk, uploads.store(desk, "a.csv", b"a\n1\n").id)
    datasets.cancel(desk, job.id)
    datasets.cancel(desk, job.id)
    assert datasets.wait(desk, job.id, 0).state == "cancelled"


def test_nobody_reaches_another_workspaces_dataset(desk, stranger, dataset_factory):
    people = dataset_factory(PEOPLE)
    upload = uploads.store(desk, "a.csv", b"a\n1\n")
    job = datasets.add(desk, upload.id)
    for attempt in (
        lambda: datasets.get(stranger, people.slug),
        lambda: datasets.get(stranger, people.id),
        lambda: datasets.version(stranger, people.version_id),
        lambda: datasets.versions(stranger, people.id),
        lambda: datasets.table(stranger, people.id),
        lambda: datasets.rows(stranger, people.id),
        lambda: datasets.problems(stranger, people.version_id),
        lambda: datasets.rename(stranger, people.id, "Mine"),
        lambda: datasets.set_date_column(stranger, people.id, None),
        lambda: datasets.move_to_bin(stranger, people.id),
        lambda: datasets.restore(stranger, people.id),
        lambda: datasets.reread(stranger, people.id, ImportOptions()),
        lambda: datasets.inspect(stranger, upload.id),
        lambda: datasets.add(stranger, upload.id),
        lambda: datasets.job(stranger, job.id),
        lambda: datasets.cancel(stranger, job.id),
    ):
        with pytest.raises(NotFound):
            attempt()
    assert list(datasets.list(stranger)) == []
    assert datasets.get(desk, people.id).deleted_at is None


@pytest.mark.parametrize("key", samples.SAMPLES)
def test_every_sample_becomes_a_dataset_without_a_lost_row(desk, key):
    job = samples.add_sample(desk, key)
    inline.run_queued(desk)
    done = datasets.job(desk, job.id)
    assert done.error is None
    (made,) = done.result["datasets"]
    assert (made["rows"], made["problems"]) == (samples.SAMPLES[key].rows, 0)


def test_an_unknown_sample_names_the_known_ones(desk):
    with pytest.raises(NotFound, match="participantz") as refused:
        samples.add_sample(desk, "participantz")
    assert "participants" in refused.value.next_step
