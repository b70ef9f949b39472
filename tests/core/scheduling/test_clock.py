"""The tick: what is due begins once, what has ended is settled, whatever is in the way and whenever a process dies."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import event
from sqlmodel import select

from core import datasets, exports
from core.desk import Desk
from core.engine.spec import ExportSpec
from core.errors import Conflict, NotFound
from core.scheduling import clock, schedules
from core.scheduling.cadence import Cadence, Daily, EveryMinutes, Hourly, Monthly
from core.scheduling.schedules import Plan
from core.templating import templates
from core.work import inline
from storage import accounts, jobs, members
from storage import schedules as rows
from storage.tables import Job, JobKind, Notice, NoticeKind, Occurrence, OccurrenceState, Role, Schedule, utc_now
from tests.things import add_person

AT = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)  # a Monday
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
PEOPLE = "name,country,day\nAyu,Indonesia,2026-02-05\nBen,Peru,2026-03-02\n"


@pytest.fixture
def people(dataset_factory):
    return dataset_factory(PEOPLE, "People")


@pytest.fixture
def schedule(desk: Desk, people) -> Callable[..., Schedule]:
    """`schedule(Daily(), spec={…}, overlap="queue")`: one whose slots count from a minute before AT."""

    def made(cadence: Cadence, *, source: dict[str, Any] | None = None, by: Desk = desk, **plan: Any) -> Schedule:
        spec = {"name": "Report", "sources": [{"dataset": people.slug} | (source or {})], "output": {"format": "csv"}}
        template = templates.save(by, "Report", "", ExportSpec.model_validate(spec))
        one = schedules.make(by, template.id, Plan(cadence=cadence, zone="UTC", **plan))
        return at(desk, one, AT - MINUTE)

    return made


def at(desk: Desk, schedule: Schedule, moment: datetime) -> Schedule:
    """As if it had been made then: nothing of before is due."""
    with desk.store.writing() as session:
        held = rows.hold(session, schedule.id)
        assert held is not None
        held.done_until, held.next_at = moment, clock.next_at(held, moment)
        session.add(held)
    return held


def runs(desk: Desk, schedule: Schedule) -> list[tuple[str, str]]:
    """(slot, state), the oldest first."""
    found, _ = schedules.history(desk, schedule.id, size=1000)
    return [(one.slot, str(one.state)) for one in reversed(found)]


def states(desk: Desk, schedule: Schedule) -> list[str]:
    return [state for _, state in runs(desk, schedule)]


def exports_of(desk: Desk, schedule: Schedule) -> list[Job]:
    with desk.store.reading() as session:
        return [*session.exec(select(Job).where(Job.schedule_id == schedule.id).order_by(Job.created_at)).all()]


def told(desk: Desk, kind: NoticeKind, person: Desk | None = None) -> list[str]:
    """Titles and texts of what somebody was told, in order."""
    whose = (person or desk).account_id
    with desk.store.reading() as session:
        found = session.exec(select(Notice).where(Notice.kind == kind, Notice.owner_id == whose)).all()
    return [f"{one.title}. {one.text}" for one in sorted(found, key=lambda one: one.created_at)]


def work(desk: Desk, moment: datetime) -> None:
    """Jobs run, and the clock sees that they have ended."""
    inline.run_queued(desk)
    clock.tick(desk, moment)


def fail_next(desk: Desk) -> None:
    """The next job in the queue fails for good."""
    with desk.store.writing() as session:
        job = jobs.claim(session, "tests", 60)
        assert job is not None
        error = {"code": "BadSpec", "message": "The column “day” is gone.", "next_step": "Change the template."}
        jobs.fail(session, jobs.Lease.of(job), error, None)


def succeed_next(desk: Desk) -> None:
    """The next job in the queue is done, without the work."""
    with desk.store.writing() as session:
        job = jobs.claim(session, "tests", 60)
        assert job is not None
        jobs.finish(session, jobs.Lease.of(job), result={})


def test_nothing_begins_before_its_time_and_each_slot_once_after_it(desk, schedule):
    daily = schedule(Daily(at=time(8)))
    clock.tick(desk, AT - timedelta(seconds=1))
    assert runs(desk, daily) == []
    for _ in range(3):
        clock.tick(desk, AT + timedelta(seconds=3))
    assert runs(desk, daily) == [("2026-03-02T08:00[UTC]", "started")]
    assert [job.state for job in exports_of(desk, daily)] == ["queued"]
    assert schedules.get(desk, daily.id).next_at == AT + DAY
    work(desk, AT + MINUTE)
    assert states(desk, daily) == ["succeeded"]


def test_in_another_zone_it_runs_at_the_hour_that_is_promised_also_on_a_day_on_which_it_ran_before(desk, schedule):
    daily = schedule(Daily(at=time(8)))
    early = datetime.combine(utc_now().date(), time(8), ZoneInfo("Asia/Tokyo"))
    schedules.update(desk, daily.id, zone="Asia/Tokyo")
    at(desk, daily, early - MINUTE)
    clock.tick(desk, early)
    work(desk, early)
    schedules.update(desk, daily.id, zone="America/Los_Angeles")
    promised = at(desk, daily, early + MINUTE).next_at
    assert promised == datetime.combine(early.date(), time(8), ZoneInfo("America/Los_Angeles"))
    for _ in range(2):
        clock.tick(desk, promised)
        work(desk, promised)
    day = early.date()
    assert runs(desk, daily) == [
        (f"{day}T08:00[Asia/Tokyo]", "succeeded"),
        (f"{day}T08:00[America/Los_Angeles]", "succeeded"),
    ]


def test_what_it_makes_is_the_template_s_export_in_its_owner_s_name(desk, schedule):
    daily = schedule(Daily(at=time(8)), keep_days=3, delivering={"when": "rows"})
    clock.tick(desk, AT)
    (job,) = exports_of(desk, daily)
    assert (job.owner_id, job.template_id, job.name) == (desk.account_id, daily.template_id, "Report")
    assert exports.spec(job).delivering.when == "rows"
    assert templates.get(desk, daily.template_id).last_run_at is not None


def test_relative_ranges_count_from_the_slot_however_late_it_begins(desk, schedule):
    monthly = schedule(Monthly(at=time(8)), source={"time_range": {"column": "day", "relative": "last_month"}})
    at(desk, monthly, datetime(2026, 2, 28, tzinfo=UTC))
    slot = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
    clock.tick(desk, slot + 50 * MINUTE)
    work(desk, slot + HOUR)
    (job,) = exports_of(desk, monthly)
    assert job.resolved["now"] == "2026-03-01T08:00:00Z"
    assert job.rows == 1  # Ayu's in February


def test_a_run_says_since_when_its_data_is_as_it_is(desk, schedule, people):
    daily = schedule(Daily(at=time(8)))
    clock.tick(desk, AT)
    (run,), _ = schedules.history(desk, daily.id)
    assert run.data_at == datasets.version(desk, people.version_id).created_at


def test_later_than_its_grace_is_missed_and_told_once(desk, schedule):
    daily = schedule(Daily(at=time(8)), grace_minutes=60)
    for _ in range(2):
        clock.tick(desk, AT + 2 * DAY + 61 * MINUTE)
    assert runs(desk, daily) == [(f"2026-03-0{n}T08:00[UTC]", "missed") for n in (2, 3, 4)]
    assert exports_of(desk, daily) == []
    (notice,) = told(desk, NoticeKind.FAILED)
    assert notice.startswith("3 runs of “Report” were missed. The desk was off, or too busy, for more than 60 minutes")
    clock.tick(desk, AT + 3 * DAY + 60 * MINUTE)
    assert runs(desk, daily)[-1] == ("2026-03-05T08:00[UTC]", "started")


def test_a_long_time_off_is_counted_whole_and_written_down_in_part(desk, schedule):
    often = schedule(EveryMinutes(minutes=1), grace_minutes=1)
    clock.tick(desk, AT + 10 * DAY + MINUTE / 2)
    assert states(desk, often) == ["missed"] * clock.MISSED_KEPT + ["started"]
    assert told(desk, NoticeKind.FAILED)[0].startswith("14,400 runs of “Report” were missed")


def test_where_runs_overlap_they_are_skipped_or_wait_their_turn(desk, schedule):
    skipping = schedule(Hourly(), grace_minutes=300)
    waiting = schedule(Hourly(), grace_minutes=300, overlap="queue")
    for hours in range(3):
        clock.tick(desk, AT + hours * HOUR)
    assert states(desk, skipping) == ["started", "skipped", "skipped"]
    assert states(desk, waiting) == ["started", "waiting", "waiting"]
    for turn in (2, 3):
        work(desk, AT + 2 * HOUR + turn * MINUTE)
        work(desk, AT + 2 * HOUR + turn * MINUTE)
    assert states(desk, skipping) == ["succeeded", "skipped", "skipped"]
    assert states(desk, waiting) == ["succeeded"] * 3
    instants = [job.resolved["now"] for job in exports_of(desk, waiting)]
    assert instants == ["2026-03-02T08:00:00Z", "2026-03-02T09:00:00Z", "2026-03-02T10:00:00Z"]


def test_of_several_that_are_due_at_once_the_newest_runs_or_all_do_in_order(desk, schedule):
    newest = schedule(Hourly(), grace_minutes=300)
    all_of_them = schedule(Hourly(), grace_minutes=300, overlap="queue")
    clock.tick(desk, AT + 2 * HOUR)
    assert states(desk, newest) == ["skipped", "skipped", "started"]
    assert states(desk, all_of_them) == ["started", "waiting", "waiting"]


def test_a_queue_without_end_is_skipped_from_twenty_on(desk, schedule):
    often = schedule(EveryMinutes(minutes=1), overlap="queue")
    clock.tick(desk, AT + 29 * MINUTE)
    assert states(desk, often) == ["started"] + ["waiting"] * 20 + ["skipped"] * 9


def test_run_now_leaves_the_cadence_where_it_is_and_refuses_a_second_at_once(desk, schedule):
    daily = schedule(Daily(at=time(8)))
    before = schedules.get(desk, daily.id)
    made = schedules.run_now(desk, daily.id)
    assert made.slot == f"now {made.id}"
    with pytest.raises(Conflict, match="on its way already"):
        schedules.run_now(desk, daily.id)
    after = schedules.get(desk, daily.id)
    assert (after.next_at, after.done_until) == (before.next_at, before.done_until)
    work(desk, AT - MINUTE)
    clock.tick(desk, AT)
    assert states(desk, daily) == ["started", "succeeded"]  # by when they were due: this one is of today


def test_failures_are_told_with_how_to_mend_them_and_pause_it_at_the_end(desk, schedule):
    daily = schedule(Daily(at=time(8)), pause_after=3)
    for day in range(3):
        clock.tick(desk, AT + day * DAY)
        fail_next(desk)
        clock.tick(desk, AT + day * DAY + MINUTE)
    assert states(desk, daily) == ["failed"] * 3
    first, second, third = told(desk, NoticeKind.FAILED)
    assert first == (
        "“Report” did not run. The column “day” is gone. Change the template. It is paused if it fails 2 more times in a row."
    )
    assert "It failed 2 times in a row. It is paused if it fails once more." in second
    assert third.startswith("“Report” is paused: it failed too often. The column “day” is gone. Change the template.")
    paused = schedules.get(desk, daily.id)
    assert (paused.paused_why, paused.next_at) == ("It failed 3 times in a row.", None)
    clock.tick(desk, AT + 4 * DAY)
    assert len(runs(desk, daily)) == 3


def test_one_that_works_ends_the_row_of_failures(desk, schedule):
    daily = schedule(Daily(at=time(8)), pause_after=2)
    for day, broken in enumerate((True, False, True)):
        clock.tick(desk, AT + day * DAY)
        if broken:
            fail_next(desk)
        work(desk, AT + day * DAY + MINUTE)
    assert states(desk, daily) == ["failed", "succeeded", "failed"]
    assert schedules.get(desk, daily.id).paused_at is None
    assert schedules.get(desk, daily.id).failures == 1


def test_what_cannot_begin_at_all_has_failed_and_says_why(desk, schedule, people):
    daily = schedule(Daily(at=time(8)))
    datasets.move_to_bin(desk, people.id)
    clock.tick(desk, AT)
    (run,), _ = schedules.history(desk, daily.id)
    assert run.state == OccurrenceState.FAILED
    assert "There is no dataset “people”" in run.error["message"]
    assert told(desk, NoticeKind.FAILED)[0].startswith("“Report” did not run. There is no dataset “people”.")


def test_a_cancelled_export_is_no_failure(desk, schedule):
    daily = schedule(Daily(at=time(8)))
    clock.tick(desk, AT)
    exports.cancel(desk, exports_of(desk, daily)[0].id)
    clock.tick(desk, AT + MINUTE)
    assert states(desk, daily) == ["cancelled"]
    assert schedules.get(desk, daily.id).failures == 0


def test_what_fails_with_one_schedule_keeps_none_of_the_others(desk, schedule, caplog):
    broken, whole = schedule(Daily(at=time(8))), schedule(Daily(at=time(8)))
    with desk.store.writing() as session:
        held = rows.hold(session, broken.id)
        held.cadence = {"every": "blue moon"}
        session.add(held)
    clock.tick(desk, AT)
    assert states(desk, whole) == ["started"]
    assert "could not go on with the schedule Report" in caplog.text


@pytest.mark.parametrize("how", ["closed", "removed", "viewer"])
def test_whoever_may_take_over_is_asked_when_the_owner_can_run_nothing_any_more(desk, schedule, how):
    budi = add_person(desk, "Budi", Role.EDITOR)
    with desk.store.writing() as session:
        for one in session.exec(select(datasets.Dataset)).all():
            one.shared = True
            session.add(one)
    daily = schedule(Daily(at=time(8)), by=budi)
    with desk.store.writing() as session:
        if how == "removed":
            members.remove(session, desk.workspace_id, budi.account_id)
        elif how == "viewer":
            members.add(session, desk.workspace_id, budi.account_id, Role.VIEWER)
        else:
            account = accounts.account(session, budi.account_id)
            account.disabled_at = utc_now()
            session.add(account)
    for _ in range(2):
        clock.tick(desk, AT)
    (asked,) = told(desk, NoticeKind.ASKED)
    assert asked.startswith("“Report” needs somebody to take it over. Budi can run nothing here any more.")
    assert [(one.id, name) for one, name in schedules.without_owner(desk)] == [(daily.id, "Budi")]
    taken = schedules.take_over(desk, daily.id)
    assert (taken.owner_id, taken.paused_at) == (desk.account_id, None)
    assert templates.get(desk, taken.template_id).owner_id == desk.account_id
    at(desk, taken, AT - MINUTE)
    clock.tick(desk, AT)
    assert states(desk, taken) == ["started"]


def test_a_schedule_in_the_bin_begins_nothing_and_what_goes_on_ends(desk, schedule):
    daily = schedule(Daily(at=time(8)))
    clock.tick(desk, AT)
    schedules.delete(desk, daily.id)
    work(desk, AT + DAY)
    at_all = schedules.restore(desk, daily.id)
    assert at_all.next_at > utc_now()
    assert states(desk, daily) == ["cancelled"]


class Killed(BaseException):
    """The process dies here."""


def test_wherever_a_process_dies_a_slot_has_one_occurrence_and_that_has_its_job(desk, schedule):
    """It dies before each statement in turn that the tick sends to the database; the next process ticks again."""
    hourly = schedule(Hourly())
    hour, deaths = 0, 0
    while True:
        moment, statement = AT + hour * HOUR, 0

        def count(*args: Any, dies_at: int = deaths) -> None:
            nonlocal statement
            statement += 1
            if statement > dies_at:
                raise Killed

        event.listen(desk.store.engine, "before_cursor_execute", count)
        try:
            clock.tick(desk, moment)
            whole = True
        except Killed:
            whole = False
        finally:
            event.remove(desk.store.engine, "before_cursor_execute", count)
        with desk.store.reading() as session:
            begun = session.exec(select(Occurrence).where(Occurrence.schedule_id == hourly.id)).all()
        assert {one.job_id for one in begun} == {job.id for job in exports_of(desk, hourly)}
        clock.tick(desk, moment + MINUTE)
        succeed_next(desk)
        clock.tick(desk, moment + 2 * MINUTE)
        hour, deaths = hour + 1, deaths + 1
        if whole:
            break
    assert deaths > 15  # it died at that many different places
    assert runs(desk, hourly) == [(f"{AT + n * HOUR:%Y-%m-%dT%H:%M}Z", "succeeded") for n in range(hour)]
    assert len(exports_of(desk, hourly)) == hour
    assert all(job.kind == JobKind.EXPORT for job in exports_of(desk, hourly))


def test_a_viewer_of_the_desk_s_own_eyes_sees_the_same(desk, schedule):
    daily = schedule(Daily(at=time(8)))
    other = add_person(desk, "Citra", Role.EDITOR)
    with pytest.raises(NotFound):
        schedules.get(other, daily.id)
    assert schedules.get(replace(desk, account_id=""), daily.id).id == daily.id
