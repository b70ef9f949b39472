"""`python -m core tidy`: the files of exports whose time is over; first only said, then gone."""

import pytest
from sqlmodel import update

from core import datasets, exports, uploads
from core.engine.spec import ExportSpec, Output, Source
from core.work import inline
from storage.tables import Job, utc_now


@pytest.fixture
def finished(opened):
    """A desk, and an export in it that has its file."""
    desk = opened()
    upload = uploads.store(desk, "people.csv", b"name\nAnn\n")
    job = datasets.add(desk, upload.id)
    inline.run_queued(desk)
    made = (datasets.job(desk, job.id).result or {})["datasets"][0]["id"]
    started = exports.start(desk, ExportSpec(sources=(Source(dataset=made),), output=Output(format="csv")))
    inline.run_queued(desk)
    return desk, exports.get(desk, started.id)


def test_a_dry_run_says_what_would_go_and_takes_nothing(done, finished):
    desk, job = finished
    path = exports.file(desk, job.id).path
    assert done("tidy", "--dry-run") == ["The files of 0 exports would go, 0 bytes."]
    with desk.store.writing() as session:
        session.exec(update(Job).where(Job.id == job.id).values(expires_at=utc_now()))
    *listed, total = done("tidy", "--dry-run")
    assert job.id in listed[0]
    assert f"{job.bytes:,} bytes" in listed[0]
    assert total == f"The files of 1 export would go, {job.bytes} bytes."
    assert path.exists()
    assert done("tidy")[-1] == f"The files of 1 export are gone, {job.bytes} bytes."
    assert not path.exists()
    assert done("tidy") == ["The files of 0 exports are gone, 0 bytes."]
