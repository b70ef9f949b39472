"""The page of schedules: made from a template or an export, run, paused, changed, looked at by month and by day."""

from __future__ import annotations

from datetime import time

import pytest

from core import exports, projects
from core.scheduling import clock, schedules
from core.scheduling.cadence import Daily, EveryMinutes, Weekly
from core.scheduling.schedules import Plan
from core.templating import templates
from core.work import inline
from storage import members
from storage import schedules as rows
from storage.tables import OccurrenceState, Role, utc_now
from tests.pages.driving import button, field, texts
from tests.things import add_person, make_things

PAGE = "schedules/schedules.py"
MONDAYS = Weekly(on=(0,), at=time(8))


@pytest.fixture
def template(page_desk, indonesians):
    return templates.save(page_desk, "Monthly report", "", indonesians)


@pytest.fixture
def made(page_desk, template):
    return schedules.make(page_desk, template.id, Plan(cadence=MONDAYS))


def test_with_nothing_there_it_invites_and_leads_on_to_a_template(open_page):
    app = open_page(PAGE)
    assert "Nothing runs by itself yet" in texts(app)
    button(app, "New schedule").click().run()
    assert "There is no template yet" in texts(app)


def test_a_sentence_is_chosen_its_next_runs_come_with_it_and_it_is_made(page_desk, open_page, template):
    app = open_page(PAGE, template=template.id)
    field(app.selectbox, "How often").set_value("month").run()
    field(app.selectbox, "Day of the month").set_value("nth 1").run()
    field(app.selectbox, "Weekday").set_value("0").run()
    field(app.time_input, "Time").set_value(time(7, 30)).run()
    field(app.selectbox, "Time zone").set_value("Asia/Jakarta").run()
    runs = [line.value for line in app.text]
    assert len(runs) == 5
    assert all(line.startswith("Mon ") and line.endswith("07:30") for line in runs)
    button(app, "Make the schedule").click().run()
    assert not app.exception
    (listed,) = schedules.list(page_desk)
    assert listed.sentence == "On the first Monday of every month at 07:30 (Asia/Jakarta)"
    assert listed.schedule.name == "Monthly report"


def test_every_kind_of_cadence_can_be_chosen(page_desk, open_page, template):
    said = {
        "minutes": "Every 15 minutes",
        "hour": "Every hour",
        "day": "Every day at 08:00",
        "weekday": "Every weekday at 08:00",
        "week": "Every Monday at 08:00",
        "month": "On the 1st of every month at 08:00",
        "quarter": "On the 1st of the first month of every quarter at 08:00",
    }
    for kind in said:
        app = open_page(PAGE, template=template.id)
        field(app.selectbox, "How often").set_value(kind).run()
        button(app, "Make the schedule").click().run()
    found = {schedules.plan(one.schedule).cadence.sentence() for one in schedules.list(page_desk)}
    assert found == set(said.values())


def test_a_week_without_a_day_cannot_be_made_and_says_so(open_page, template):
    app = open_page(PAGE, template=template.id)
    field(app.get("button_group"), "Days").set_value([]).run()
    assert "Choose at least one day." in texts(app)
    assert button(app, "Make the schedule").disabled


def test_an_export_becomes_a_template_with_its_schedule(page_desk, open_page, exported):
    app = open_page(PAGE, job=exported)
    assert "It makes what the export Indonesians was made of" in texts(app).replace("*", "")
    assert templates.list(page_desk) == []
    button(app, "Make the schedule").click().run()
    (kept,) = templates.list(page_desk)
    (listed,) = schedules.list(page_desk)
    assert (listed.schedule.template_id, listed.schedule.name) == (kept.id, "Indonesians")


def test_in_the_list_it_is_run_now_paused_and_let_go_on(page_desk, open_page, made):
    app = open_page(PAGE)
    assert "Every Monday at 08:00" in texts(app)
    assert "has not run yet" in texts(app)
    button(app, "Run now").click().run()
    inline.run_queued(page_desk)
    clock.tick(page_desk)
    app.run()
    assert "last time worked, just now" in texts(app)
    button(app, "Pause").click().run()
    assert schedules.get(page_desk, made.id).paused_at is not None
    button(app, "Go on").click().run()
    assert schedules.get(page_desk, made.id).paused_at is None


def test_one_that_failed_says_why_and_what_to_do(page_desk, open_page, made):
    error = {"code": "BadSpec", "message": "There is no column “day”.", "next_step": "Change the template."}
    with page_desk.store.writing() as session:
        held = rows.hold(session, made.id)
        rows.note(session, held, "x", utc_now(), OccurrenceState.FAILED, error=error)
        rows.pause(session, held, "It failed 5 times in a row.")
        held.failures = 5
    shown = texts(open_page(PAGE))
    assert "It failed 5 times in a row. · last time did not work" in shown
    assert "There is no column “day”." in shown
    assert "Change the template." in shown
    alone = open_page(PAGE, schedule=made.id)
    assert "It failed 5 times in a row." in alone.warning[0].value.replace("\\", "")


def test_a_file_that_was_made_but_not_delivered_is_no_success_on_any_screen(page_desk, open_page, made):
    error = {"code": "Undeliverable", "message": "It was made, but not delivered to “Bank”.", "next_step": "Look."}
    with page_desk.store.writing() as session:
        held = rows.hold(session, made.id)
        rows.note(session, held, "x", utc_now(), OccurrenceState.UNDELIVERED, error=error)
        held.failures = 1
    for shown in (texts(open_page(PAGE)), texts(open_page(PAGE, schedule=made.id))):
        assert "made its file, but did not deliver it" in shown
        assert "not delivered to “Bank”." in shown
    app = open_page(PAGE)
    field(app.get("button_group"), "Show").set_value("Calendar").run()
    table = next(e.proto.body for e in app.get("html") if "desk-calendar" in e.proto.body)
    assert "1 file was made, but not delivered" in table
    assert 'class="check_circle"' not in table


def test_its_own_page_shows_what_a_day_would_bring_and_what_came_of_it(page_desk, open_page, made):
    schedules.run_now(page_desk, made.id)
    inline.run_queued(page_desk)
    clock.tick(page_desk)
    app = open_page(PAGE, schedule=made.id)
    shown = texts(app)
    assert "Indonesians.csv with 50 rows" in shown.replace("*", "")
    assert "asked for by hand" in shown
    button(app, "Look at it").click().run()
    (job,), _ = exports.list(page_desk)
    assert job.id in app.query_params["job"]


def test_the_calendar_shows_a_month_and_the_one_after(page_desk, open_page, made):
    schedules.update(page_desk, made.id, cadence=EveryMinutes(minutes=30), name="Often <b>")
    app = open_page(PAGE)
    field(app.get("button_group"), "Show").set_value("Calendar").run()
    table = next(e.proto.body for e in app.get("html") if "desk-calendar" in e.proto.body)
    assert "Often &lt;b&gt; ×" in table
    button(app, "Later").click().run()
    later = next(e.proto.body for e in app.get("html") if "desk-calendar" in e.proto.body)
    assert later.count("00:00 Often") >= 27
    assert later != table


def test_the_calendar_keeps_to_the_project_that_is_chosen_above_it(page_desk, open_page, made):
    project = projects.make(page_desk, "Archive")
    app = open_page(PAGE)
    field(app.get("button_group"), "Show").set_value("Calendar").run()
    assert any("Monthly report" in e.proto.body for e in app.get("html"))
    field(app.selectbox, "Project").set_value(project.name).run()
    assert not any("Monthly report" in e.proto.body for e in app.get("html"))
    assert "Nothing runs in this month." in texts(app)


def test_it_is_changed_where_it_stands_and_deleted(page_desk, open_page, made):
    app = open_page(PAGE)
    app.session_state["open_dialog"] = ("schedule Change", made.id)
    app.run()
    field(app.selectbox, "How often").set_value("day").run()
    field(app.text_input, "Name").set_value("Each day").run()
    button(app, "Save").click().run()
    changed = schedules.get(page_desk, made.id)
    assert (changed.name, schedules.plan(changed).cadence) == ("Each day", Daily(at=time(8)))
    app.session_state["open_dialog"] = ("schedule Delete", made.id)
    app.run()
    button(app, "Delete").click().run()
    assert schedules.list(page_desk) == []


def test_whoever_may_takes_over_what_nobody_runs_any_more(page_as, page_desk):
    budi = add_person(page_desk, "Budi", Role.EDITOR)
    one = schedules.make(budi, make_things(budi, "Budi's").template, Plan(cadence=MONDAYS))
    with page_desk.store.writing() as session:
        members.add(session, page_desk.workspace_id, budi.account_id, Role.VIEWER)
    app = page_as(page_desk, PAGE)
    assert "Budi can run nothing here any more." in texts(app)
    app.button(key=f"take_over_{one.id}").click().run()
    assert schedules.get(page_desk, one.id).owner_id == page_desk.account_id
