"""Schedules whose files are sent somewhere: a run has worked once they have arrived, and what is tried again settles it anew."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pytest
from sqlmodel import select

from core import choices, deliveries, destinations, exports
from core.choices import Outside
from core.desk import Desk
from core.engine.spec import Delivering
from core.scheduling import agenda, clock, schedules
from core.scheduling.cadence import Daily
from core.scheduling.schedules import Plan, Schedule
from core.templating import templates
from core.work import inline
from storage import jobs
from storage import schedules as rows
from storage.tables import Notice, Occurrence
from tests.things import spec

AT = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
Sending = Callable[..., Schedule]


@pytest.fixture
def share(desk: Desk, tmp_path: Path) -> Path:
    """A folder of this computer that an administrator allowed."""
    (tmp_path / "share").mkdir()
    choices.choose(desk, Outside, allowed_folders=(str(tmp_path / "share"),))
    return tmp_path / "share"


@pytest.fixture
def sending(desk: Desk, share: Path, dataset_factory) -> Sending:
    """`sending("here", "there", hold="ask")`: every day at 08:00 into these folders of the share."""

    def made(*folders: str, pause_after: int = 5, **delivering: object) -> Schedule:
        places = [
            destinations.make(desk, name.title(), "folder", {"root": str(share), "folder": name}, {}).id
            for name in folders
        ]
        template = templates.save(desk, "Report", "", spec(dataset_factory("n\n1\n").slug))
        plan = Plan(
            cadence=Daily(at=time(8)),
            zone="UTC",
            pause_after=pause_after,
            delivering=Delivering.model_validate({"destinations": places, **delivering}),
        )
        one = schedules.make(desk, template.id, plan)
        with desk.store.writing() as session:
            held = rows.hold(session, one.id)
            assert held is not None
            held.done_until, held.next_at = AT - MINUTE, AT
            session.add(held)
        return held

    return made


def run_at(desk: Desk, schedule: Schedule, moment: datetime) -> Occurrence:
    """Until nothing moves any more; what it came to."""
    clock.tick(desk, moment)
    while inline.run_queued(desk) or clock.tick(desk, moment).moved:
        pass
    return schedules.history(desk, schedule.id)[0][0]


def failures(desk: Desk, schedule: Schedule) -> tuple[int, bool]:
    now = schedules.get(desk, schedule.id)
    return now.failures, now.paused_at is not None


def told(desk: Desk) -> list[str]:
    with desk.store.reading() as session:
        return [one.title for one in session.exec(select(Notice).order_by(Notice.created_at)).all()]


def test_a_run_has_worked_once_its_file_has_arrived(desk: Desk, sending: Sending, share: Path):
    schedule = sending("here")
    clock.tick(desk, AT)
    inline.run_next(desk)  # the export
    for _ in range(2):
        clock.tick(desk, AT)
    assert schedules.history(desk, schedule.id)[0][0].state == "delivering"
    assert run_at(desk, schedule, AT).state == "succeeded"
    assert [*(share / "here").iterdir()]


def test_what_cannot_be_delivered_is_a_failure_that_names_where_and_pauses_it_at_the_end(
    desk: Desk, sending: Sending, share: Path
):
    (share / "there").write_text("in the way")
    schedule = sending("here", "there", pause_after=2)
    run = run_at(desk, schedule, AT)
    assert (run.state, run.error["message"]) == ("undelivered", "It was made, but not delivered to “There”.")
    assert failures(desk, schedule) == (1, False)
    clock.tick(desk, AT)
    assert failures(desk, schedule) == (1, False)
    assert told(desk) == ["“All” was not delivered to There"]  # once: not of the run as well
    run_at(desk, schedule, AT + DAY)
    assert failures(desk, schedule) == (2, True)
    assert told(desk)[-1] == "“Report” is paused: it failed too often"
    (day,) = [there for day, there in agenda.month(desk, 2026, 3, "UTC").items() if day == AT.date()]
    assert day[0].done == {"undelivered": 1}


def test_a_delivery_that_waits_for_a_yes_keeps_no_run_from_beginning(desk: Desk, sending: Sending):
    schedule = sending("here", hold="ask")
    assert run_at(desk, schedule, AT).state == "delivering"
    later = run_at(desk, schedule, AT + DAY)
    assert (later.at, later.state) == (AT + DAY, "delivering")
    (asked,) = deliveries.list(desk, later.job_id)
    deliveries.send_now(desk, asked.id)
    assert run_at(desk, schedule, AT + DAY).state == "succeeded"
    deliveries.undo(desk, deliveries.list(desk, schedules.history(desk, schedule.id)[0][1].job_id)[0].id)
    run_at(desk, schedule, AT + DAY)
    assert [str(one.state) for one in schedules.history(desk, schedule.id)[0]] == ["succeeded", "succeeded"]
    assert failures(desk, schedule) == (0, False)


def test_what_is_kept_back_by_its_conditions_has_worked(desk: Desk, sending: Sending):
    assert run_at(desk, sending("here", when="no_rows"), AT).state == "succeeded"


def test_sent_again_the_run_is_settled_anew(desk: Desk, sending: Sending, share: Path):
    (share / "here").write_text("in the way")
    schedule = sending("here")
    run = run_at(desk, schedule, AT)
    (lost,) = deliveries.list(desk, run.job_id)
    deliveries.send_again(desk, lost.id)
    assert run_at(desk, schedule, AT).state == "undelivered"
    assert failures(desk, schedule) == (1, False)  # whoever sent it again sees it fail
    (share / "here").unlink()
    deliveries.send_again(desk, lost.id)
    assert schedules.history(desk, schedule.id)[0][0].state == "delivering"
    again = run_at(desk, schedule, AT)
    assert (again.id, again.state, again.error) == (run.id, "succeeded", None)
    assert failures(desk, schedule) == (0, False)


def test_an_export_that_is_tried_again_settles_its_run_anew(desk: Desk, sending: Sending):
    schedule = sending("here")
    clock.tick(desk, AT)
    with desk.store.writing() as session:
        job = jobs.claim(session, "tests", 60)
        jobs.fail(session, jobs.Lease.of(job), {"code": "DiskFull", "message": "Full.", "next_step": ""}, None)
    clock.tick(desk, AT)
    assert schedules.history(desk, schedule.id)[0][0].state == "failed"
    assert failures(desk, schedule) == (1, False)
    exports.retry(desk, job.id)
    assert schedules.history(desk, schedule.id)[0][0].state == "started"
    run = run_at(desk, schedule, AT)
    assert (run.state, run.error, run.asked_by) == ("succeeded", None, desk.account_id)
    assert failures(desk, schedule) == (0, False)


def test_what_is_in_the_bin_still_says_what_became_of_its_file(desk: Desk, sending: Sending, share: Path):
    (share / "here").write_text("in the way")
    schedule = sending("here")
    clock.tick(desk, AT)
    inline.run_next(desk)
    clock.tick(desk, AT)
    schedules.delete(desk, schedule.id)
    inline.run_queued(desk)
    clock.tick(desk, AT)
    schedules.restore(desk, schedule.id)
    assert schedules.history(desk, schedule.id)[0][0].state == "undelivered"
