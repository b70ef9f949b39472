"""A worker that dies in a job's last attempt: nobody else is there to say so, and to clear away what it left outside."""

import pytest
from sqlmodel import select

from core import datasets, destinations, exports, feeds
from core.choices import Outside, choose
from core.notifying import notices
from core.work import attempt, inline
from storage import jobs
from storage.tables import Job, JobKind, JobState
from tests.things import spec

ONCE = "the worker's lease ran out", "its supervisor is known to be dead"


@pytest.fixture
def dies(desk):
    """`dies(kind, how)`: the one queued job of that kind, whose worker died in the last attempt, taken over."""

    def died(kind, how):
        with desk.store.writing() as session:
            job = session.exec(select(Job).where(Job.kind == kind, Job.state == JobState.QUEUED)).one()
            job.attempt = job.max_attempts - 1
            session.add(job)
        job = attempt.take(desk, "dead")
        if how == ONCE[0]:
            with desk.store.writing() as session:
                jobs.heartbeat(session, jobs.Lease.of(job), -1.0)
            attempt.take(desk, "next")
        else:
            with desk.store.writing() as session:
                attempt.take_over(session, desk, {"dead"})
        return jobs_of(desk, Job.id == job.id)[0]

    return died


def jobs_of(desk, *where):
    with desk.store.reading() as session:
        return [*session.exec(select(Job).where(*where)).all()]


@pytest.mark.parametrize("how", ONCE)
def test_a_delivery_says_so_and_is_tidied_up_after(desk, dies, how, dataset_factory, tmp_path):
    (tmp_path / "share").mkdir()
    choose(desk, Outside, allowed_folders=(str(tmp_path / "share"),))
    place = destinations.make(desk, "Team", "folder", {"root": str(tmp_path / "share"), "folder": "team"}, {})
    wanted = spec(dataset_factory("a\n1\n").slug, "People")
    wanted = wanted.model_copy(
        update={"delivering": wanted.delivering.model_copy(update={"destinations": (place.id,)})}
    )
    exports.start(desk, wanted)
    inline.run_next(desk)
    job = dies(JobKind.DELIVERY, how)
    assert job.state == JobState.FAILED
    assert [one.title for one in notices.list(desk)[0]] == ["“People” was not delivered to Team"]
    after = jobs_of(desk, Job.kind == JobKind.DELIVERY, Job.id != job.id)
    assert [one.payload["purpose"] for one in after] == ["abandon"]


@pytest.mark.parametrize("how", ONCE)
def test_data_that_was_to_be_fetched_says_so(desk, dies, how, dataset_factory):
    data = dataset_factory("a\n1\n")
    feeds.connect(desk, data.id, "web", {"url": "https://example.org/a.csv"})
    feeds.refresh(desk, data.id)
    job = dies(JobKind.REFRESH, how)
    assert job.state == JobState.FAILED
    assert feeds.get(desk, data.id).error["message"] == attempt.VANISHED.message
    assert [one.title for one in notices.list(desk)[0]] == [f"{datasets.get(desk, data.id).name} could not be fetched"]
