"""How an upload becomes datasets: whole or not at all, as many as the file holds, a replacement as the next version."""

import io

import openpyxl
import pytest

from core import datasets, uploads
from core.engine.ingest.options import ImportOptions
from core.work import inline
from storage.tables import JobState


def workbook(**sheets):
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@pytest.fixture
def add(desk):
    def add(file, content, **more):
        upload = uploads.store(desk, file, content)
        job = datasets.add(desk, upload.id, **more)
        inline.run_queued(desk)
        return datasets.job(desk, job.id)

    return add


def test_each_sheet_becomes_a_dataset_with_the_original_beside_it(desk, add):
    content = workbook(Ann=[["a"], [1]], Bob=[["b"], [2], [3]])
    job = add("two.xlsx", content)
    assert job.state == JobState.SUCCEEDED, job.error
    made = job.result["datasets"]
    assert [(d["rows"], d["columns"]) for d in made] == [(1, 1), (2, 1)]
    for one in made:
        assert desk.files.original(one["version"]).read_bytes() == content
        assert datasets.table(desk, one["id"]).rows == one["rows"]
    assert not [*desk.files.scratches.iterdir()]


def test_a_replacement_is_the_next_version_of_the_same_dataset(desk, add):
    first = add("a.csv", b"n\n1\n", name="Counts").result["datasets"][0]
    second = add("b.csv", b"n\n1\n2\n", replace="counts").result["datasets"][0]
    assert (second["id"], second["slug"], second["rows"]) == (first["id"], "counts", 2)
    assert [v.number for v in datasets.versions(desk, "counts")] == [2, 1]
    assert datasets.table(desk, datasets.version(desk, first["version"])).rows == 1  # the old one is still whole


def test_a_workbook_replaces_a_dataset_by_the_sheet_it_was_made_from_and_names_the_rest(desk, add):
    made = add("a.xlsx", workbook(One=[["a"], [1]], Two=[["b"], [2]])).result["datasets"]
    before = {path.name for path in desk.files.datasets.iterdir()}
    job = add("b.xlsx", workbook(One=[["a"], [7]], Two=[["b"], [8], [9]]), replace=made[1]["id"])
    assert job.state == JobState.SUCCEEDED, job.error
    assert [d["rows"] for d in job.result["datasets"]] == [2]
    assert len(job.result["left_out"]) == 1
    assert len({path.name for path in desk.files.datasets.iterdir()} - before) == 1


def test_reading_again_uses_the_kept_original(desk, add):
    job = add("a.csv", b"n;m\n1;2\n", name="Counts")
    again = datasets.reread(desk, "counts", ImportOptions(delimiter=","))
    inline.run_queued(desk)
    done = datasets.job(desk, again.id)
    assert done.state == JobState.SUCCEEDED, done.error
    assert done.result["datasets"][0]["columns"] == 1
    assert done.result["datasets"][0]["id"] == job.result["datasets"][0]["id"]


def test_a_damaged_file_fails_with_a_sentence_and_no_dataset(desk, add):
    before = {path.name for path in desk.files.datasets.iterdir()}
    job = add("cut.xlsx", workbook(One=[["a"], [1]])[:-300])
    assert job.state == JobState.FAILED
    assert job.error["message"]
    assert job.attempt == 1
    assert {path.name for path in desk.files.datasets.iterdir()} == before


def test_a_dataset_removed_while_its_replacement_is_read_leaves_nothing_behind(desk, add):
    add("a.csv", b"n\n1\n", name="Counts")
    upload = uploads.store(desk, "b.csv", b"n\n2\n")
    job = datasets.add(desk, upload.id, replace="counts")
    folders = {path.name for path in desk.files.datasets.iterdir()}
    with desk.store.writing() as session:
        row = session.get(type(job), job.id)
        assert row is not None
        row.payload = {**row.payload, "dataset": "gone"}
        session.add(row)
    inline.run_queued(desk)
    failed = datasets.job(desk, job.id)
    assert (failed.state, failed.error["code"]) == (JobState.FAILED, "NotFound")
    assert {path.name for path in desk.files.datasets.iterdir()} == folders


def test_an_inspection_leaves_the_upload_for_the_import_that_follows(desk):
    upload = uploads.store(desk, "a.csv", b"n,m\n1,2\n")
    looked = datasets.inspect(desk, upload.id)
    inline.run_queued(desk)
    found = datasets.job(desk, looked.id)
    assert found.state == JobState.SUCCEEDED, found.error
    assert [c["name"] for c in found.result["inspections"][0]["columns"]] == ["n", "m"]
    added = datasets.add(desk, upload.id)
    inline.run_queued(desk)
    assert datasets.job(desk, added.id).state == JobState.SUCCEEDED
