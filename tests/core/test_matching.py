"""Match this sample: compared in a job of its own, and the proposal put into a spec without touching the rest."""

from __future__ import annotations

import pytest

from core import datasets, exports, matching, uploads
from core.engine.spec import Condition, ExportSpec, Group, Measure, Source, Summary
from core.errors import BadFile, BadInput, BadSpec, Conflict, NotFound
from core.work import inline
from storage.tables import JobState

DATA = "Id,Customer name,Amount,Due date\n" + "".join(f"{n},Person {n},{n}.50,2026-01-{n:02d}\n" for n in range(1, 21))
SAMPLE = "Due_Date;BETRAG;customer name\r\n01.02.2026;1,50;Zoë\r\n02.02.2026;2,50;Ana\r\n".encode("cp1252")


@pytest.fixture
def payments(desk):
    job = datasets.add(desk, uploads.store(desk, "Payments.csv", DATA.encode()).id, name="Payments")
    inline.run_queued(desk)
    return datasets.job(desk, job.id).result["datasets"][0]["slug"]


def compared(desk, dataset, content=SAMPLE, name="bank.csv"):
    job = matching.match_sample(desk, uploads.store(desk, name, content).id, dataset)
    inline.run_queued(desk)
    return datasets.job(desk, job.id)


def test_a_sample_is_compared_and_what_is_proposed_exports_a_file_like_it(desk, payments):
    match = matching.found(compared(desk, payments))
    assert [pair.column for pair in match.pairs] == ["Due date", "Amount", "Customer name"]
    spec = matching.apply(ExportSpec(sources=(Source(dataset=payments, limit=2),)), match)
    job = exports.start(desk, spec)
    inline.run_queued(desk)
    done = exports.get(desk, job.id)
    assert done.state == JobState.SUCCEEDED, done.error
    [file] = [path for path in desk.files.exports.iterdir() if path.suffix == ".csv"]
    assert file.read_bytes() == (
        b"Due_Date;BETRAG;customer name\r\n01.01.2026;1,50;Person 1\r\n02.01.2026;2,50;Person 2\r\n"
    )


def test_filters_sorting_and_other_sources_stay(desk, payments):
    match = matching.found(compared(desk, payments))
    kept = Group(items=(Condition(column="Id", operator="is", values=(7,)),))
    before = ExportSpec(
        name="Kept", sources=(Source(dataset="other"), Source(dataset=payments, filters=kept, sort=("Amount",)))
    )
    after = matching.apply(before, match, source=1)
    assert after.sources[0] == before.sources[0]
    assert (after.name, after.sources[1].filters, after.sources[1].sort) == ("Kept", kept, before.sources[1].sort)
    assert [column.label for column in after.sources[1].columns] == ["Due_Date", "BETRAG", "customer name"]
    assert after.output.format == "csv"
    assert after.output.options["encoding"] == "windows-1252"


def test_a_summary_is_not_overwritten_and_nothing_matched_is_not_applied(desk, payments):
    match = matching.found(compared(desk, payments))
    summed = ExportSpec(sources=(Source(dataset=payments, summary=Summary(measures=(Measure(function="count"),))),))
    with pytest.raises(BadSpec, match="summary has columns of its own"):
        matching.apply(summed, match)
    strange = matching.found(compared(desk, payments, b"colour,shape\nred,round\ngreen,square\n", "odd.csv"))
    assert not strange.columns
    assert [one.sample for one in strange.missing] == ["colour", "shape"]
    with pytest.raises(BadSpec, match=r"No column of “odd\.csv” was found"):
        matching.apply(ExportSpec(sources=(Source(dataset=payments),)), strange)


def test_a_sample_that_cannot_be_read_says_why(desk, payments):
    job = compared(desk, payments, b"%PDF-1.7 nothing else", "bank.pdf")
    assert job.state == JobState.FAILED
    with pytest.raises(BadFile, match="is a PDF, not a table"):
        matching.found(job)


def test_what_is_not_there_is_named(desk, payments):
    upload = uploads.store(desk, "bank.csv", SAMPLE)
    with pytest.raises(NotFound):
        matching.match_sample(desk, upload.id, "nothing")
    with pytest.raises(NotFound):
        matching.match_sample(desk, "nothing", payments)
    waiting = matching.match_sample(desk, upload.id, payments)
    with pytest.raises(Conflict, match="still being read"):
        matching.found(waiting)
    datasets.cancel(desk, waiting.id)
    inline.run_queued(desk)
    look = datasets.inspect(desk, upload.id)
    with pytest.raises(BadInput, match="compared no sample"):
        matching.found(datasets.job(desk, look.id))


def test_a_sample_taken_away_before_its_turn_ends_the_job_with_a_sentence(desk, payments):
    upload = uploads.store(desk, "bank.csv", SAMPLE)
    job = matching.match_sample(desk, upload.id, payments)
    desk.files.upload(upload.id).unlink()
    inline.run_queued(desk)
    with pytest.raises(NotFound, match="no longer there"):
        matching.found(datasets.job(desk, job.id))
