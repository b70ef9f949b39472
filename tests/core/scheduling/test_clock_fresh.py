"""Schedules that fetch their data first: what they do when it came, when it did not, and when its columns are others."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pytest

from core import exports, feeds
from core.desk import Desk
from core.scheduling import clock, schedules
from core.scheduling.cadence import Daily
from core.scheduling.schedules import Schedule
from core.settings import Settings
from core.templating import templates
from core.work import inline
from storage import schedules as rows
from storage.tables import Job, JobKind, Occurrence
from tests.servers.website import Page, Website
from tests.things import spec

AT = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
ADDRESS = "/orders.csv"
GONE = Page(status=404)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path / "data", zone="UTC", inside_networks="127.0.0.0/8,::1/128")


@pytest.fixture
def orders(desk: Desk, site: Website) -> str:
    """The id of a dataset that came from the website."""
    site.pages[ADDRESS] = Page(b"code,amount\n1,10\n")
    job = feeds.add(desk, "Orders", "web", {"url": f"{site.url}{ADDRESS}"}, {})
    inline.run_queued(desk)
    return str((feeds.job(desk, job.id).result or {})["datasets"][0]["id"])


def scheduled(desk: Desk, dataset: str, refresh: str) -> Schedule:
    template = templates.save(desk, "Report", "", spec(dataset))
    plan = schedules.checked({"cadence": Daily(at=time(8)), "zone": "UTC", "refresh": refresh})
    made = schedules.make(desk, template.id, plan)
    with desk.store.writing() as session:
        held = rows.hold(session, made.id)
        assert held is not None
        held.done_until, held.next_at = AT - MINUTE, AT
        session.add(held)
    return held


def run_at(desk: Desk, schedule: Schedule, moment: datetime) -> tuple[Occurrence, Job | None]:
    """The clock ticks and work is done until the run of that moment has ended; its export, where there is one."""
    clock.tick(desk, moment)
    while inline.run_queued(desk) or clock.tick(desk, moment).moved:
        pass
    found = schedules.history(desk, schedule.id)[0][0]
    with desk.store.reading() as session:
        job = rows.job(session, found.job_id)
    return found, job if job is not None and job.kind == JobKind.EXPORT else None


def test_it_runs_on_what_was_fetched_just_before(desk: Desk, site: Website, orders: str):
    schedule = scheduled(desk, orders, "warn")
    site.pages[ADDRESS] = Page(b"code,amount\n1,10\n2,20\n")
    clock.tick(desk, AT)
    assert schedules.history(desk, schedule.id)[0][0].state == "refreshing"
    run, job = run_at(desk, schedule, AT)
    assert (run.state, run.warning, job.rows) == ("succeeded", "", 2)
    assert run.data_at == exports.data_at(job) == feeds.get(desk, orders).refreshed_at


def test_where_fetching_failed_it_warns_or_makes_nothing(desk: Desk, site: Website, orders: str):
    warning, refusing = scheduled(desk, orders, "warn"), scheduled(desk, orders, "refuse")
    site.pages[ADDRESS] = GONE
    run, job = run_at(desk, warning, AT)
    assert (run.state, job.rows) == ("succeeded", 1)
    assert run.warning.startswith("The data could not be fetched again, so it is what was there before.")
    run, job = run_at(desk, refusing, AT)
    assert (run.state, job) == ("failed", None)
    assert run.error["message"]
    assert schedules.get(desk, refusing.id).failures == 1


def test_where_columns_are_others_it_warns_or_makes_nothing(desk: Desk, site: Website, orders: str):
    warning = scheduled(desk, orders, "warn")
    site.pages[ADDRESS] = Page(b"code,amount,paid\n1,10,yes\n")
    run, job = run_at(desk, warning, AT)
    assert (run.state, job.rows) == ("succeeded", 1)
    assert "New: “paid”." in run.warning
    refusing = scheduled(desk, orders, "refuse")
    site.pages[ADDRESS] = Page(b"code,amount,paid,by\n1,10,yes,Ana\n")
    run, job = run_at(desk, refusing, AT)
    assert (run.state, job) == ("failed", None)
    assert "New: “by”." in run.error["message"]


def test_data_that_is_fetched_from_nowhere_is_taken_as_it_is(desk: Desk, dataset_factory):
    schedule = scheduled(desk, dataset_factory("n\n1\n").id, "refuse")
    run, job = run_at(desk, schedule, AT)
    assert (run.state, job.rows) == ("succeeded", 1)


def test_fetching_that_was_stopped_is_no_failure(desk: Desk, site: Website, orders: str):
    schedule = scheduled(desk, orders, "warn")
    clock.tick(desk, AT)
    feeds.cancel(desk, schedules.history(desk, schedule.id)[0][0].job_id)
    run, job = run_at(desk, schedule, AT + MINUTE)
    assert (run.state, job, schedules.get(desk, schedule.id).failures) == ("cancelled", None, 0)


PAID = Page(b"code,amount,paid\n1,10,yes\n")
DAY = timedelta(days=1)


def test_changed_columns_are_refused_until_somebody_looked_and_pressed_run_now(desk: Desk, site: Website, orders: str):
    refusing = scheduled(desk, orders, "refuse")
    run_at(desk, refusing, AT)
    site.pages[ADDRESS] = PAID
    for day in (1, 2, 3):
        run, job = run_at(desk, refusing, AT + day * DAY)
        assert (run.state, job) == ("failed", None)
        assert "The columns of “Orders” are others than in its last run. New: “paid”." in run.error["message"]
        assert "press Run now" in run.error["next_step"]
    schedules.run_now(desk, refusing.id)
    accepted, job = run_at(desk, refusing, AT + 3 * DAY)
    assert (accepted.state, job.rows) == ("succeeded", 1)
    assert "New: “paid”." in accepted.warning
    run_at(desk, refusing, AT + 4 * DAY)
    run = next(one for one in schedules.history(desk, refusing.id)[0] if one.at == AT + 4 * DAY)
    assert (run.state, run.warning) == ("succeeded", "")


def test_changed_columns_are_refused_also_where_somebody_else_fetched_them_first(
    desk: Desk, site: Website, orders: str
):
    first, second = scheduled(desk, orders, "warn"), scheduled(desk, orders, "refuse")
    site.pages[ADDRESS] = PAID
    run_at(desk, first, AT)
    feeds.refresh(desk, orders)
    inline.run_queued(desk)
    with desk.store.reading() as session:
        ended = rows.history(session, second.id)[0][0]
    assert (ended.state, "New: “paid”." in ended.error["message"]) == ("failed", True)


def test_columns_that_are_as_they_were_again_are_no_change(desk: Desk, site: Website, orders: str):
    refusing = scheduled(desk, orders, "refuse")
    site.pages[ADDRESS] = PAID
    assert run_at(desk, refusing, AT)[0].state == "failed"
    site.pages[ADDRESS] = Page(b"code,amount\n3,30\n")
    run, job = run_at(desk, refusing, AT + DAY)
    assert (run.state, run.warning, job.rows) == ("succeeded", "", 1)
