"""What the sweep takes away, and what it must leave alone."""

import os
import time
from datetime import timedelta

import pytest

from core import datasets, destinations, exports, uploads
from core.errors import NotFound
from core.work import inline
from core.work.sweep import sweep
from storage import jobs
from storage.files import stored_name
from storage.tables import JobKind, JobState, Upload, new_id, utc_now
from tests.core.work.supervised import quick


def names(folder):
    return sorted(path.name for path in folder.iterdir())


@pytest.fixture
def running(desk, job_factory):
    """A job that somebody is working on just now: attempt 1."""
    job_factory()
    with desk.store.writing() as session:
        return jobs.claim(session, "somebody", 60)


def test_a_finished_exports_file_and_receipt_stay(desk):
    job = exports.start(desk, quick())
    inline.run_queued(desk)
    before = names(desk.files.exports)
    assert sweep(desk).files == 0
    assert names(desk.files.exports) == before == [f"{job.id}.1.1.csv", f"{job.id}.1.receipt.json"]


def test_files_of_a_job_nobody_knows_go(desk):
    desk.files.export(stored_name(new_id(), 1, 1, "csv")).write_text("lost")
    (desk.files.exports / f".{new_id()}.1.1.csv.part").write_text("half")
    desk.files.scratch(new_id(), 1).mkdir()
    swept = sweep(desk)
    assert (swept.files, swept.scratch) == (2, 1)
    assert names(desk.files.exports) == names(desk.files.scratches) == []


def test_what_a_running_attempt_writes_stays_and_what_an_earlier_one_left_goes(desk, running):
    mine, old = stored_name(running.id, 1, 1, "csv"), stored_name(running.id, 0, 1, "csv")
    for name in (mine, old):
        desk.files.export(name).write_text("x")
    desk.files.scratch(running.id, 1).mkdir()
    desk.files.scratch(running.id, 0).mkdir()
    sweep(desk)
    assert names(desk.files.exports) == [mine]
    assert names(desk.files.scratches) == [f"{running.id}.1"]


def test_a_queued_or_failed_jobs_leftovers_go(desk, running):
    desk.files.export(stored_name(running.id, 1, 1, "csv")).write_text("x")
    with desk.store.writing() as session:
        jobs.fail(session, jobs.Lease.of(running), {"code": "Trouble"}, 60.0)
    assert sweep(desk).files == 1


def test_a_strangers_file_is_left_alone_for_a_while(desk):
    note = desk.files.exports / "notes.txt"
    note.write_text("mine")
    assert sweep(desk).files == 0
    old = time.time() - 7200
    os.utime(note, (old, old))
    assert sweep(desk).files == 1


def test_a_version_folder_without_a_row_goes_unless_its_attempt_still_runs(desk, running):
    for name, attempt in (("published", f"{running.id}.1"), ("orphan", f"{new_id()}.1")):
        folder = desk.files.dataset(name)
        folder.mkdir()
        (folder / "attempt").write_text(attempt)
    known = {listed.version_id for listed in datasets.list(desk)}
    assert sweep(desk).versions == 1
    assert set(names(desk.files.datasets)) == {*known, "published"}


def test_an_expired_upload_goes_unless_a_job_reads_it(desk, job_factory):
    free, held, fresh = (uploads.store(desk, "a.csv", b"a\n1\n") for _ in range(3))
    job_factory(kind=JobKind.INGEST, payload={"upload": held.id})
    with desk.store.writing() as session:
        for upload_id in (free.id, held.id):
            row = session.get(Upload, upload_id)
            assert row is not None
            row.expires_at = utc_now() - timedelta(minutes=1)
            session.add(row)
    assert sweep(desk).uploads == 1
    assert names(desk.files.uploads) == sorted([held.id, fresh.id])


def test_a_dataset_long_in_the_bin_goes_with_its_files(desk):
    gone = datasets.move_to_bin(desk, "few")
    sweep(desk)
    assert desk.files.table(gone.version_id or "").exists()
    with desk.store.writing() as session:
        row = session.get(type(gone), gone.id)
        assert row is not None
        row.deleted_at = utc_now() - timedelta(days=desk.settings.bin_days + 1)
        session.add(row)
    assert sweep(desk).versions == 1
    assert not desk.files.dataset(gone.version_id or "").exists()
    assert datasets.get(desk, "many")


def test_a_look_at_a_file_is_forgotten_when_its_upload_would_be(desk):
    looked = [datasets.inspect(desk, uploads.store(desk, "a.csv", b"a\n1\n").id) for _ in range(2)]
    inline.run_queued(desk)
    with desk.store.writing() as session:
        row = session.get(type(looked[0]), looked[0].id)
        assert row is not None
        row.finished_at = utc_now() - timedelta(hours=desk.settings.upload_hours + 1)
        session.add(row)
    sweep(desk)
    assert datasets.job(desk, looked[1].id)
    with pytest.raises(NotFound):
        datasets.job(desk, looked[0].id)


def test_of_test_files_the_last_of_each_destination_stays_and_removals_go_after_a_day(desk):
    here, there = (destinations.make(desk, name, "email", {"to": ["a@b.example"]}, {}).id for name in ("Here", "There"))
    made = {}
    with desk.store.writing() as session:
        for name, to, purpose, days, state in (
            ("first", here, "test", 3, "failed"),
            ("second", here, "test", 2, "succeeded"),
            ("third", here, "test", 1, "queued"),
            ("alone", there, "test", 300, "succeeded"),
            ("gone", here, "abandon", 2, "succeeded"),
            ("fresh", here, "abandon", 0, "succeeded"),
            ("waits", here, "abandon", 2, "queued"),
            ("sent", here, "deliver", 300, "succeeded"),
        ):
            job = jobs.enqueue(
                session, desk.workspace_id, desk.account_id, kind=JobKind.DELIVERY, name=name,
                payload={"purpose": purpose, "destination": to},
            )  # fmt: skip
            job.created_at = utc_now() - timedelta(days=days)
            job.state, job.finished_at = JobState(state), None if state == "queued" else job.created_at
            session.add(job)
            made[name] = job.id
    latest = destinations.tests(desk, [here, there])
    assert {to: job.name for to, job in latest.items()} == {here: "third", there: "alone"}
    sweep(desk)
    with desk.store.reading() as session:
        left = jobs.of_ids(session, made.values())
    assert {job.name for job in left.values()} == {"third", "alone", "fresh", "waits", "sent"}


def test_sweeping_twice_finds_nothing(desk):
    desk.files.export(stored_name(new_id(), 1, 1, "csv")).write_text("lost")
    sweep(desk)
    swept = sweep(desk)
    assert (swept.files, swept.scratch, swept.versions, swept.uploads) == (0, 0, 0, 0)
