"""`python -m core schedules run-due`: what is due begins, by hand as by the clock."""

from __future__ import annotations

from datetime import timedelta

import pytest

from core import datasets, uploads
from core.scheduling import schedules
from core.scheduling.cadence import EveryMinutes
from core.scheduling.schedules import Plan
from core.templating import templates
from core.work import inline
from storage import schedules as rows
from storage.tables import utc_now
from tests.things import spec


@pytest.fixture
def due(opened):
    """Make a schedule whose last slot was a few seconds ago, on data that is there."""
    desk = opened()
    upload = uploads.store(desk, "people.csv", b"name\nAyu\n")
    datasets.add(desk, upload.id, name="People")
    inline.run_queued(desk)

    def made(name):
        template = templates.save(desk, name, "", spec("people"))
        one = schedules.make(desk, template.id, Plan(cadence=EveryMinutes(minutes=1)))
        with desk.store.writing() as session:
            held = rows.hold(session, one.id)
            held.done_until = utc_now() - timedelta(minutes=1)
            held.next_at = held.done_until
            session.add(held)
        return one

    yield made
    desk.store.close()


def test_nothing_due_is_said(done):
    assert done("schedules", "run-due") == ["Nothing is due."]


def test_dry_it_says_what_is_due_and_does_nothing(done, due, opened):
    one = due("Report")
    (line,) = done("schedules", "run-due", "--dry-run")
    assert line.startswith("Report: due since ")
    assert schedules.history(opened(), one.id) == ([], 0)


def test_it_begins_what_is_due_and_leaves_the_work_to_the_desk(done, due, opened):
    one, other = due("Report"), due("Another")
    (line,) = done("schedules", "run-due", "--schedule", one.id)
    assert line.startswith("Report: ")
    assert line.endswith(" UTC started")
    assert schedules.history(opened(), other.id)[1] == 0


def test_in_one_go_it_waits_for_the_files_and_its_status_says_whether_all_is_well(done, command, due, opened):
    one = due("Report")
    (line,) = done("schedules", "run-due", "--sync")
    assert line.endswith(" UTC succeeded")
    desk = opened()
    assert schedules.history(desk, one.id)[0][0].state == "succeeded"
    due("Broken")
    datasets.move_to_bin(desk, "people")
    failed = command("schedules", "run-due", "--sync")
    assert failed.returncode == 1
    assert "failed (There is no dataset “people”.)" in failed.stdout


def test_a_schedule_there_is_none_of_is_refused(refusal):
    assert "There is no such schedule." in refusal("schedules", "run-due", "--schedule", "nothing")
