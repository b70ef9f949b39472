"""A disk that is really full (a small tmpfs): a clear sentence, other jobs go on, nothing is left lying about."""

import os
import shutil
import subprocess
import time
from contextlib import ExitStack
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError

from core import choices, datasets, exports, uploads
from core.choices import Storage
from core.desk import open_desk
from core.engine.spec import ColumnRef, ExportSpec, Output, SortKey, Source
from core.engine.values import Kind
from core.errors import DiskFull
from core.settings import Settings
from core.work import inline
from storage.tables import JobState
from tests.core.engine.making import export, make_table
from tests.core.work.supervised import Work, ended

pytestmark = [pytest.mark.slow_real, pytest.mark.timeout(600)]

ROWS = 300_000
DISK_MB = 64


@pytest.fixture
def small_disk(tmp_path):
    """A file system of its own; mounting needs root, and a machine without it fails here rather than passing for nothing."""
    folder = tmp_path / "disk"
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK_MB}m", "tmpfs", str(folder)], check=True)
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


@pytest.fixture
def desk(small_disk):
    desk = open_desk(Settings(data_dir=small_disk / "data", zone="UTC", workers=2, lease_seconds=5))
    choices.choose(desk, Storage, low_disk_mb=0)  # else nothing begins on a disk this small
    lines = "".join(f"{i},name {i * 31 % 99991} of {i},{i * 7919 % 1_000_003}\n" for i in range(ROWS))
    for name, text in (("many", lines), ("few", "1,Ann,2\n")):
        upload = _stored(desk, name, f"id,name,shuffled\n{text}")
        job = datasets.add(desk, upload, name=name)
        inline.run_queued(desk)
        assert datasets.job(desk, job.id).state == JobState.SUCCEEDED, datasets.job(desk, job.id).error
        uploads.cancel(desk, upload)
    yield desk
    desk.store.close()


def _stored(desk, name, text):
    """An upload put on this disk directly: the front door keeps 256 MB free, and this disk is smaller."""
    from datetime import timedelta

    from storage import uploads as rows
    from storage.tables import utc_now

    content = text.encode()
    with desk.store.writing() as session:
        upload = rows.add(
            session,
            desk.workspace_id,
            desk.account_id,
            name=f"{name}.csv",
            size=len(content),
            expires_at=utc_now() + timedelta(days=1),
        )
        rows.set_received(session, desk.scope, upload.id, len(content))
    desk.files.upload(upload.id).write_bytes(content)
    return upload.id


@pytest.fixture
def working(desk):
    """`working()`: a supervisor begins. What was accepted before may meet a disk that is full meanwhile."""
    with ExitStack() as supervisors:

        def begin():
            running = Work(desk)
            supervisors.callback(end, running)
            return running

        def end(running):
            if running.process.poll() is None:
                running.kill()

        yield begin


def large(format):
    return ExportSpec(
        sources=(Source(dataset="many", sort=(SortKey(column=ColumnRef(name="shuffled")),)),),
        output=Output(format=format),
    )


SMALL = ExportSpec(sources=(Source(dataset="few"),), output=Output(format="csv"))


def leave_free(folder: Path, kilobytes: int) -> Path:
    """Fill the disk but for so much."""
    ballast = folder / "ballast"
    size = shutil.disk_usage(folder).free - kilobytes * 1024
    with ballast.open("wb") as out:
        os.posix_fallocate(out.fileno(), 0, max(size, 1))
    return ballast


@pytest.mark.parametrize("kilobytes", [512, 1500, 3000, 5000])
@pytest.mark.parametrize("format", ["csv", "xlsx"])
def test_a_full_disk_fails_the_job_with_a_sentence_and_others_go_on(small_disk, desk, working, format, kilobytes):
    job = exports.start(desk, large(format))
    other = exports.start(desk, SMALL)
    leave_free(small_disk, kilobytes)
    work = working()

    failed = ended(desk, job)
    assert (failed.state, failed.error["code"], failed.attempt) == (JobState.FAILED, "DiskFull", 1), failed.error
    assert "disk" in failed.error["message"].lower()
    assert failed.error["next_step"]
    assert not [p for p in desk.files.exports.iterdir() if job.id in p.name]
    assert not [p for p in desk.files.scratches.iterdir() if job.id in p.name]

    assert ended(desk, other).state in (JobState.SUCCEEDED, JobState.FAILED)  # it may have met the full disk itself
    assert ended(desk, exports.start(desk, SMALL)).state == JobState.SUCCEEDED
    assert work.process.poll() is None


@pytest.mark.parametrize("kilobytes", [100, 300, 600])
@pytest.mark.parametrize("packaging", [{}, {"password": "x", "lock": "zip"}, {"password": "x", "lock": "file"}])
@pytest.mark.parametrize("format", ["xlsx", "parquet", "sql"])
def test_a_disk_that_fills_up_within_a_zip_is_named_too(small_disk, tmp_path, format, packaging, kilobytes):
    if packaging.get("lock") == "file" and format != "xlsx":
        packaging = {"compression": "zip"}
    lines = 20_000
    noise = [os.urandom(40).hex() for _ in range(lines)]
    table = make_table(tmp_path / "t", {"noise": (Kind.TEXT, noise), "k": (Kind.WHOLE, [i % 9 for i in range(lines)])})
    split = {"by": "value", "column": "k"}
    spec = ExportSpec.model_validate(
        {"sources": [{"dataset": "t"}], "output": {"format": format}, "packaging": {"split": split, **packaging}}
    )
    leave_free(small_disk, kilobytes)
    with pytest.raises(DiskFull, match="not enough free disk space"):
        export(table, spec, small_disk / "out", password="secret")


def test_what_will_not_fit_is_refused_before_it_begins(small_disk, desk):
    leave_free(small_disk, 1500)
    with pytest.raises(DiskFull, match="There is no room for “many”"):
        exports.start(desk, large("csv"))


def test_a_full_disk_at_ingest_leaves_no_dataset_behind(small_disk, desk, working):
    working()
    lines = "".join(f"{i},{time.time_ns()},{os.urandom(40).hex()}\n" for i in range(60_000))
    upload = _stored(desk, "more", f"id,when,noise\n{lines}")
    before = {path.name for path in desk.files.datasets.iterdir()}
    leave_free(small_disk, 1500)
    job = datasets.wait(desk, datasets.add(desk, upload).id, 60)
    assert (job.state, job.error["code"]) == (JobState.FAILED, "DiskFull"), job.error
    assert {path.name for path in desk.files.datasets.iterdir()} == before
    assert not [*desk.files.scratches.iterdir()]


def test_with_room_again_the_same_job_succeeds(small_disk, desk, working):
    job = exports.start(desk, large("csv"))
    ballast = leave_free(small_disk, 1500)
    working()
    assert ended(desk, job).state == JobState.FAILED
    ballast.unlink()
    exports.retry(desk, job.id)
    assert ended(desk, job).state == JobState.SUCCEEDED


def test_a_database_on_a_full_disk_recovers_by_itself(small_disk, desk, working):
    working()
    job = exports.start(desk, SMALL)
    ended(desk, job)
    few = datasets.get(desk, "few").id
    ballast = leave_free(small_disk, 0)

    def go_on() -> None:
        for n in range(1000):  # until the write-ahead log must grow
            datasets.rename(desk, few, f"few {n}")

    with pytest.raises(OperationalError, match="full"):
        go_on()
    ballast.unlink()
    assert ended(desk, exports.start(desk, SMALL)).state == JobState.SUCCEEDED
