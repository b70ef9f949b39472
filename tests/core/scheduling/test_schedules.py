"""Schedules as people handle them: made, changed, paused, let go on, shared, deleted and brought back."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest

from core import audit, destinations, exports, sharing, usage
from core.access import members
from core.engine.spec import Delivering
from core.errors import BadInput, Conflict, Forbidden, NotFound
from core.scheduling import agenda, clock, schedules
from core.scheduling.cadence import Daily, DayOfMonth, EveryMinutes, Monthly, Weekly
from core.scheduling.schedules import Plan
from core.templating import templates
from core.work import inline
from storage import members as member_rows
from storage import schedules as rows
from storage.scope import Within
from storage.tables import OccurrenceState, Role, utc_now
from tests.storage.plans import asked
from tests.things import add_person, make_things, spec

MONDAYS = Weekly(on=(0,), at=time(8))
LATER = datetime(2031, 1, 2, tzinfo=UTC)
PEOPLE = "name,country,day\nAyu,Indonesia,2026-02-05\nBen,Peru,2026-03-02\nCai,Laos,2026-02-06\n"


@pytest.fixture
def template(desk, dataset_factory):
    data = dataset_factory(PEOPLE, "People")
    wanted = spec(data.slug, "Report")
    source = wanted.sources[0].model_validate(
        {"dataset": data.slug, "time_range": {"column": "day", "relative": "last_month"}}
    )
    return templates.save(desk, "Monthly report", "", wanted.model_copy(update={"sources": (source,)}))


def test_it_takes_its_name_from_the_template_and_its_zone_from_the_workspace(desk, template):
    made = schedules.make(desk, template.id, Plan(cadence=MONDAYS))
    assert (made.name, made.zone, made.overlap, made.refresh) == ("Monthly report", "UTC", "skip", "no")
    assert schedules.sentence(made) == "Every Monday at 08:00 (UTC)"
    assert made.next_at > utc_now()
    (listed,) = schedules.list(desk)
    assert (listed.template, listed.sentence, listed.last) == ("Monthly report", "Every Monday at 08:00 (UTC)", None)


@pytest.mark.parametrize(
    ("wrong", "field", "said"),
    [
        ({"zone": "Mars/Olympus"}, "zone", "is not a time zone"),
        ({"name": "x" * 201}, "name", "1 to 200 characters"),
        ({"ends_at": datetime(2020, 1, 1, tzinfo=UTC)}, "ends_at", "would never run"),
        ({"grace_minutes": 0}, "grace_minutes", "greater than or equal to 1"),
        ({"overlap": "both"}, "overlap", "'skip' or 'queue'"),
        ({"starts_at": LATER, "ends_at": LATER - timedelta(days=1)}, None, "it ends before it starts"),
        ({"cadence": {"every": "month", "on": {"day": 0}}}, "cadence.month.on.DayOfMonth.day", "no day 0"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_naming_the_field(desk, template, wrong, field, said):
    with pytest.raises(BadInput, match=said) as refused:
        schedules.make(desk, template.id, schedules.checked({"cadence": MONDAYS} | wrong))
    assert refused.value.field == field


def test_another_cadence_counts_from_now_and_another_name_changes_nothing_else(desk, template):
    made = schedules.make(desk, template.id, Plan(cadence=MONDAYS))
    renamed = schedules.update(desk, made.id, name="For the board")
    assert (renamed.name, renamed.next_at, renamed.done_until) == ("For the board", made.next_at, made.done_until)
    often = schedules.update(desk, made.id, cadence=EveryMinutes(minutes=5), overlap="queue")
    assert utc_now() < often.next_at <= utc_now() + timedelta(minutes=5)
    assert schedules.plan(often).overlap == "queue"


def test_paused_it_does_not_run_until_it_goes_on_from_that_moment(desk, template):
    made = schedules.make(desk, template.id, Plan(cadence=Daily(at=time(8))))
    paused = schedules.pause(desk, made.id)
    assert (paused.next_at, paused.paused_why) == (None, "")
    assert agenda.upcoming(desk) == []
    again = schedules.update(desk, made.id, cadence=Daily(at=time(9)))
    assert again.next_at is None  # changing it does not set it going
    resumed = schedules.resume(desk, made.id)
    assert resumed.next_at > utc_now()
    assert resumed.done_until > paused.paused_at


def test_deleted_it_is_in_the_bin_and_comes_back_going(desk, template):
    made = schedules.make(desk, template.id, Plan(cadence=MONDAYS))
    schedules.delete(desk, made.id)
    with pytest.raises(NotFound):
        schedules.get(desk, made.id)
    back = schedules.restore(desk, made.id)
    assert back.next_at > utc_now()
    entries, _ = audit.list(desk, actions=audit.actions_of("Schedules"))
    assert [audit.sentence(one) for one in entries] == [
        "restored the schedule Monthly report",
        "deleted the schedule Monthly report",
        "made the schedule Monthly report",
    ]


def test_what_a_shared_schedule_makes_of_data_that_was_taken_back_is_its_owners_alone(desk):
    citra = add_person(desk, "Citra", Role.EDITOR)
    its = make_things(citra, "Citra's", shared=True)
    assert exports.get(citra, schedules.run_now(citra, its.schedule).job_id).shared
    inline.run_queued(desk)
    clock.tick(desk)
    sharing.share(citra, "dataset", its.dataset, False)
    assert not exports.get(citra, schedules.run_now(citra, its.schedule).job_id).shared


def test_it_is_shared_only_with_what_it_runs(desk):
    budi, citra = add_person(desk, "Budi", Role.EDITOR), add_person(desk, "Citra", Role.EDITOR)
    things = make_things(budi, "Budi's")
    made = schedules.make(budi, things.template, Plan(cadence=MONDAYS))
    with pytest.raises(Conflict, match="runs the template “Budi's template”"):
        sharing.share(budi, "schedule", made.id)
    sharing.share(budi, "template", things.template, with_data=True)
    sharing.share(budi, "schedule", made.id)
    assert schedules.get(citra, made.id).shared
    hers = make_things(citra, "Citra's")
    with pytest.raises(Conflict, match="is shared, and “Citra's template” is not"):
        schedules.update(citra, made.id, template_id=hers.template)
    with pytest.raises(Forbidden):
        schedules.delete(citra, made.id)


def test_what_somebody_leaves_is_handed_over_with_their_schedules(desk):
    budi = add_person(desk, "Budi", Role.EDITOR)
    made = schedules.make(budi, make_things(budi, "Budi's").template, Plan(cadence=MONDAYS))
    assert members.owned(desk, budi.account_id)["schedules"] == 2  # and the one that things come with
    members.remove(desk, budi.account_id, desk.account_id)
    assert schedules.get(desk, made.id).owner_id == desk.account_id


def test_only_what_has_no_owner_any_more_can_be_taken_over_and_only_by_who_may(desk):
    budi, citra = add_person(desk, "Budi", Role.EDITOR), add_person(desk, "Citra", Role.EDITOR)
    made = schedules.make(budi, make_things(budi, "Budi's").template, Plan(cadence=MONDAYS))
    with pytest.raises(NotFound):
        schedules.take_over(desk, made.id)
    with pytest.raises(Forbidden):
        schedules.take_over(citra, made.id)
    assert schedules.without_owner(citra) == []


def test_what_is_taken_over_goes_on_also_where_it_was_delivered_to_private_destinations(desk):
    budi = add_person(desk, "Budi", Role.EDITOR)
    things = make_things(budi, "Budi's")
    also, apart = (destinations.make(budi, name, "email", {"to": ["a@b.example"]}, {}) for name in ("Also", "Apart"))
    kept = templates.get(budi, things.template)
    spec = templates.spec_for(budi, kept.id).model_copy(update={"delivering": Delivering(destinations=(also.id,))})
    templates.update(budi, kept.id, spec=spec)
    made = schedules.make(
        budi, kept.id, Plan(cadence=MONDAYS, delivering=Delivering(destinations=(things.destination,)))
    )
    with desk.store.writing() as session:
        member_rows.add(session, desk.workspace_id, budi.account_id, Role.VIEWER)
    schedules.take_over(desk, made.id)
    assert {one.id for one in destinations.list(desk)} == {things.destination, also.id}
    assert apart.id not in {one.id for one in destinations.list(desk)}
    assert schedules.run_now(desk, made.id).state == "started"
    (entry,) = audit.list(desk, actions=("schedules.taken_over",))[0]
    assert entry.details == {"templates": 1, "datasets": 1, "destinations": 2, "private": desk.account_id}


def test_before_data_or_a_template_goes_it_is_said_what_runs_by_itself(desk, template):
    schedules.make(desk, template.id, Plan(cadence=MONDAYS))
    assert usage.of_dataset(desk, "people").schedules.names == ("Monthly report",)
    assert usage.of_template(desk, template.id).names == ("Monthly report",)


def test_a_dry_run_says_what_a_day_would_bring_and_writes_nothing(desk, template):
    made = schedules.make(desk, template.id, Plan(cadence=Monthly(on=DayOfMonth(day=1), at=time(7, 30))))
    found = agenda.dry_run(desk, made.id, date(2026, 3, 1))
    assert (found.at, found.due) == (datetime(2026, 3, 1, 7, 30, tzinfo=UTC), True)
    assert (found.rows, found.source_rows) == (2, 3)
    assert "1-28 Feb 2026" in found.sentence
    assert found.file_name == "Report.csv"
    another = agenda.dry_run(desk, made.id, date(2026, 4, 15))
    assert (another.at, another.due, another.rows) == (datetime(2026, 4, 15, 7, 30, tzinfo=UTC), False, 1)
    assert schedules.history(desk, made.id) == ([], 0)


def test_the_calendar_shows_what_ran_and_what_will_on_the_days_of_whoever_looks(desk, template):
    made = schedules.make(desk, template.id, Plan(cadence=Daily(at=time(23, 30))))
    paused = schedules.make(desk, template.id, Plan(name="Resting", cadence=Daily()))
    schedules.pause(desk, paused.id)
    with desk.store.writing() as session:
        held = rows.hold(session, made.id)
        held.done_until = datetime(2031, 5, 10, 12, 0, tzinfo=UTC)
        rows.note(session, held, "x", datetime(2031, 5, 9, 23, 30, tzinfo=UTC), OccurrenceState.FAILED)
    may = agenda.month(desk, 2031, 5, "Asia/Jakarta")
    assert [*may] == [date(2031, 5, n) for n in range(1, 32)]
    assert [(one.schedule.name, dict(one.done), one.coming) for one in may[date(2031, 5, 10)]] == [
        ("Monthly report", {"failed": 1}, 0)  # 23:30 in UTC is the morning after in Jakarta
    ]
    assert [day.day for day, there in may.items() if any(one.coming for one in there)] == [*range(11, 32)]
    with pytest.raises(BadInput, match="no month 13"):
        agenda.month(desk, 2031, 13, "UTC")


def test_the_calendar_shows_what_the_list_is_narrowed_to(desk):
    budi = add_person(desk, "Budi", Role.EDITOR)
    for person, name in ((desk, "Mine"), (budi, "Budi's")):
        things = make_things(person, name, shared=True)
        with desk.store.writing() as session:
            held = rows.hold(session, things.schedule)
            rows.note(session, held, "x", datetime(2031, 5, 9, 8, tzinfo=UTC), OccurrenceState.SUCCEEDED)
            held.done_until = datetime(2031, 5, 9, 12, tzinfo=UTC)
    for whose, names in (
        ("mine", {"Mine schedule"}),
        ("others", {"Budi's schedule"}),
        (None, {"Mine schedule", "Budi's schedule"}),
    ):
        may = agenda.month(desk, 2031, 5, "UTC", within=Within(whose=whose))
        assert {one.schedule.name for there in may.values() for one in there} == names
        assert {one.schedule.name for one in may[date(2031, 5, 9)]} == names


def test_twenty_schedules_are_listed_with_as_many_questions_as_one(desk, template):
    def questions() -> int:
        with asked(desk.store) as sent:
            schedules.list(desk)
        return len(sent)

    schedules.make(desk, template.id, Plan(cadence=MONDAYS))
    for_one = questions()
    for n in range(19):
        kept = templates.save(desk, f"Another {n}", "", templates.spec_for(desk, template.id))
        schedules.make(desk, kept.id, Plan(cadence=MONDAYS))
    assert questions() == for_one
    assert {one.template for one in schedules.list(desk)} == {"Monthly report", *(f"Another {n}" for n in range(19))}


def test_the_next_runs_of_all_are_in_order(desk, template):
    often = schedules.make(desk, template.id, Plan(name="Often", cadence=EveryMinutes(minutes=60)))
    daily = schedules.make(desk, template.id, Plan(name="Daily", cadence=Daily()))
    coming = agenda.upcoming(desk, 30)
    assert [one.at for one in coming] == sorted(one.at for one in coming)
    assert {one.schedule.id for one in coming} == {often.id, daily.id}
    assert agenda.next_of(daily)[0] == schedules.get(desk, daily.id).next_at


def test_what_is_being_chosen_shows_its_next_five_runs(desk):
    plan = Plan(cadence=Daily(at=time(8)), starts_at=datetime(2031, 1, 1, tzinfo=UTC))
    assert [f"{at:%d %H:%M %Z}" for at in agenda.next_five(plan, "Asia/Jakarta")] == [
        f"0{n} 08:00 WIB" for n in range(1, 6)
    ]


def test_nobody_reaches_another_workspaces_schedule(desk, stranger, template):
    made = schedules.make(desk, template.id, Plan(cadence=MONDAYS))
    for attempt in (
        schedules.get,
        schedules.run_now,
        schedules.pause,
        schedules.resume,
        schedules.delete,
        schedules.restore,
        schedules.history,
        schedules.take_over,
        lambda desk, one: schedules.update(desk, one, name="Mine"),
        lambda desk, one: agenda.dry_run(desk, one, date(2026, 1, 1)),
        lambda desk, one: schedules.make(desk, template.id, Plan(cadence=MONDAYS)),
    ):
        with pytest.raises(NotFound):
            attempt(stranger, made.id)
    assert list(schedules.list(stranger)) == []
