"""Starting an export, following it, and everything its page can do, with the jobs run in this process."""

import csv
import hashlib
import json
import zipfile
from datetime import date, timedelta

import pytest

from core import datasets, exports, uploads
from core.engine.spec import (
    ColumnRef,
    Condition,
    ExportSpec,
    Group,
    Limits,
    Output,
    OutputColumn,
    Resolved,
    Source,
    TimeRange,
)
from core.errors import BadSpec, Conflict, NotFound
from core.work import inline
from storage.tables import JobState

PEOPLE = "name,country,born\nAnn,Kenya,2001-05-04\nBó,Indonesia,1999-12-31\nCy,Kenya,2020-01-01\n"


@pytest.fixture
def people(dataset_factory):
    return dataset_factory(PEOPLE)


def spec(**parts):
    return ExportSpec(sources=(Source(dataset="people"),), output=Output(format="csv"), **parts)


def kenya(value="Kenya"):
    condition = Condition(column=ColumnRef(name="country"), operator="is", values=(value,))
    return ExportSpec(
        sources=(Source(dataset="people", filters=Group(items=(condition,))),), output=Output(format="csv")
    )


def finished(desk, wanted):
    job = exports.start(desk, wanted)
    inline.run_queued(desk)
    return exports.get(desk, job.id)


def test_an_export_ends_with_a_file_that_is_what_its_receipt_says(desk, people):
    job = finished(desk, kenya())
    assert (job.state, job.error) == (JobState.SUCCEEDED, None)
    file = exports.file(desk, job.id, 0)
    content = file.path.read_bytes()
    assert (file.bytes, file.sha256) == (len(content), hashlib.sha256(content).hexdigest())
    rows = list(csv.reader(content.decode("utf-8-sig").splitlines()))
    assert rows == [["name", "country", "born"], ["Ann", "Kenya", "2001-05-04"], ["Cy", "Kenya", "2020-01-01"]]
    receipt = exports.receipt(desk, job.id)
    assert (receipt.source_rows, receipt.rows, job.rows, job.bytes) == (3, 2, 2, len(content))
    assert not [*desk.files.scratches.iterdir()]


def test_the_receipt_can_be_downloaded(desk, people):
    job = finished(desk, spec())
    file = exports.receipt_file(desk, job.id)
    assert file.name == "People.csv.receipt.json"
    assert json.loads(file.path.read_bytes())["rows"] == 3


def test_a_spec_that_cannot_run_is_refused_before_there_is_a_job(desk, people):
    wrong = ExportSpec(
        sources=(Source(dataset="people", columns=(OutputColumn(column=ColumnRef(name="town")),)),),
        output=Output(format="xslx"),
    )
    with pytest.raises(BadSpec) as refused:
        exports.start(desk, wrong)
    assert "town" in str(refused.value.as_dict())
    assert "xslx" in str(refused.value.as_dict())
    assert exports.list(desk) == ([], 0)


def test_a_dataset_that_is_not_there_is_named(desk):
    with pytest.raises(NotFound, match="people"):
        exports.start(desk, spec())


def test_too_many_rows_fail_with_a_sentence_and_no_file(desk, people):
    job = finished(desk, spec(limits=Limits(rows=2)))
    assert job.state == JobState.FAILED
    assert job.error["code"] == "LimitReached"
    assert "3" in job.error["message"]
    assert not [*desk.files.exports.iterdir()]


def test_a_run_reads_the_version_it_pinned_even_after_a_replacement(desk, people):
    job = exports.start(desk, spec())
    upload = uploads.store(desk, "new.csv", b"name,country,born\nOnly,Peru,2000-01-01\n")
    replacing = datasets.add(desk, upload.id, replace="people")
    inline.run_queued(desk)
    assert datasets.job(desk, replacing.id).state == JobState.SUCCEEDED
    assert exports.get(desk, job.id).rows == 3

    again = exports.run_again(desk, job.id)
    inline.run_queued(desk)
    assert exports.get(desk, again.id).rows == 1
    assert again.resolved["versions"] != job.resolved["versions"]


def test_a_retry_keeps_the_moment_and_the_versions_and_a_new_run_does_not(desk, people):
    job = exports.start(desk, spec())
    exports.cancel(desk, job.id)
    retried = exports.retry(desk, job.id)
    assert retried.id == job.id
    assert (retried.state, retried.resolved) == (JobState.QUEUED, job.resolved)
    again = exports.run_again(desk, job.id)
    assert again.id != job.id
    assert again.resolved["now"] > job.resolved["now"]


def test_a_relative_date_counts_from_the_moment_the_run_was_asked_for(desk, people):
    wanted = ExportSpec(
        sources=(Source(dataset="people", time_range=TimeRange(relative="today")),), output=Output(format="csv")
    )
    job = exports.start(desk, wanted)
    with desk.store.writing() as session:
        row = session.get(type(job), job.id)
        row.resolved = {**row.resolved, "now": "2001-05-04T12:00:00Z"}
        session.add(row)
    inline.run_queued(desk)
    assert exports.get(desk, job.id).rows == 1  # Ann, born that day


def test_the_main_date_column_is_pinned_too(desk, dataset_factory):
    dataset_factory("first,second\n2001-01-01,2002-01-01\n", name="Dates")
    datasets.set_date_column(desk, "dates", "c2")
    spans = TimeRange(start=date(2002, 1, 1), end=date(2002, 1, 1))
    wanted = ExportSpec(sources=(Source(dataset="dates", time_range=spans),), output=Output(format="csv"))
    job = exports.start(desk, wanted)
    datasets.set_date_column(desk, "dates", "c1")
    inline.run_queued(desk)
    assert exports.get(desk, job.id).rows == 1


def test_only_a_failed_or_cancelled_export_can_be_tried_again(desk, people):
    job = finished(desk, spec())
    with pytest.raises(Conflict):
        exports.retry(desk, job.id)


def test_a_queued_export_says_its_place_and_can_be_cancelled(desk, people):
    first, second = exports.start(desk, spec()), exports.start(desk, spec())
    assert [exports.queue_place(desk, j) for j in (first, second)] == [1, 2]
    assert exports.cancel(desk, first.id).state == JobState.CANCELLED
    assert exports.queue_place(desk, second) == 1
    inline.run_queued(desk)
    assert exports.get(desk, first.id).state == JobState.CANCELLED
    assert exports.get(desk, second.id).state == JobState.SUCCEEDED


def test_there_is_no_file_before_the_end_and_none_beyond_the_last(desk, people):
    job = exports.start(desk, spec())
    with pytest.raises(Conflict):
        exports.file(desk, job.id, 0)
    inline.run_queued(desk)
    for n in (-1, 1):
        with pytest.raises(NotFound):
            exports.file(desk, job.id, n)


def test_deleting_moves_an_export_out_of_sight_and_keeps_its_files(desk, people):
    job = finished(desk, spec())
    files = sorted(desk.files.exports.iterdir())
    exports.delete(desk, job.id)
    assert exports.list(desk) == ([], 0)
    for ask in (exports.get, exports.file, exports.receipt, exports.retry, exports.run_again, exports.delete):
        with pytest.raises(NotFound):
            ask(desk, job.id)
    assert datasets.list(desk)[0].used_by == 0
    assert sorted(desk.files.exports.iterdir()) == files


def test_a_restored_export_is_as_it_was(desk, people):
    job = finished(desk, spec())
    exports.delete(desk, job.id)
    exports.restore(desk, job.id)
    assert exports.list(desk)[1] == 1
    assert exports.file(desk, job.id).path.is_file()
    with pytest.raises(NotFound):
        exports.restore(desk, job.id)


def test_a_job_that_read_a_file_is_forgotten_at_once(desk, people):
    from storage import jobs
    from storage.tables import JobKind

    with desk.store.reading() as session:
        (read,), _ = jobs.list(session, desk.scope, kinds=(JobKind.INGEST,))
    exports.delete(desk, read.id)
    with pytest.raises(NotFound):
        datasets.job(desk, read.id)
    with pytest.raises(NotFound):
        exports.restore(desk, read.id)


def test_an_export_on_its_way_is_not_deleted(desk, people):
    job = exports.start(desk, spec())
    with pytest.raises(Conflict, match="on its way"):
        exports.delete(desk, job.id)


def test_the_list_searches_and_filters(desk, people):
    done = finished(desk, spec(name="Monthly report"))
    waiting = exports.start(desk, ExportSpec(sources=(Source(dataset="people"),), output=Output(format="jsonl")))
    assert [j.id for j in exports.list(desk)[0]] == [waiting.id, done.id]
    assert exports.list(desk, search="monthly")[0][0].id == done.id
    assert exports.list(desk, states=("queued",))[0][0].id == waiting.id
    assert exports.list(desk, formats=("jsonl",))[0][0].id == waiting.id
    assert exports.list(desk, search="monthly", formats=("jsonl",)) == ([], 0)
    assert exports.list(desk, size=1)[1] == 2


def test_another_workspace_gets_nowhere(desk, stranger, people):
    job = finished(desk, spec())
    for ask in (exports.get, exports.cancel, exports.retry, exports.run_again, exports.delete, exports.receipt):
        with pytest.raises(NotFound):
            ask(stranger, job.id)
    with pytest.raises(NotFound):
        exports.file(stranger, job.id, 0)
    with pytest.raises(NotFound):
        exports.start(stranger, spec())
    assert exports.list(stranger) == ([], 0)


def test_a_version_that_is_gone_fails_with_what_to_do(desk, people):
    job = exports.start(desk, spec())
    desk.files.table(people.version_id).unlink()
    inline.run_queued(desk)
    failed = exports.get(desk, job.id)
    assert failed.state == JobState.FAILED
    assert failed.error["code"] == "NotFound"
    assert "Run it again" in failed.error["next_step"]


def test_the_moment_of_a_run_is_now(desk, people):
    job = exports.start(desk, spec())
    now = Resolved.model_validate(job.resolved).now
    assert abs(now - job.created_at) < timedelta(seconds=5)


def test_several_datasets_come_in_one_zip_each_pinned_to_its_version(desk, people, dataset_factory):
    towns = dataset_factory("town\nKisumu\nBogor\n", "Towns")
    both = ExportSpec(sources=(Source(dataset="people"), Source(dataset="towns")), output=Output(format="csv"))
    job = finished(desk, both)
    assert job.error is None
    with zipfile.ZipFile(exports.file(desk, job.id, 0).path) as archive:
        texts = {
            name: archive.read(name).decode("utf-8-sig").split()
            for name in archive.namelist()
            if "manifest" not in name
        }
    assert list(texts) == ["People.csv", "Towns.csv"]
    assert texts["Towns.csv"] == ["town", "Kisumu", "Bogor"]
    receipt = exports.receipt(desk, job.id)
    assert (receipt.source_rows, receipt.rows) == (5, 5)
    assert [table.name for table in receipt.tables] == ["People", "Towns"]
    pinned = set(Resolved.model_validate(job.resolved).versions.values())
    assert pinned == {people.version_id, towns.version_id}
