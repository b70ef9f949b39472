"""What is asked of deliveries beyond other jobs, on both databases."""

from datetime import timedelta

from storage import deliveries
from storage.tables import Job, JobKind, JobState, utc_now

BEGIN = utc_now()


def change(place, job, **values):
    with place.store.writing() as session:
        there = session.get_one(Job, job.id)
        for name, value in values.items():
            setattr(there, name, value)
        return there


def export(place, number, **values):
    made = place.job(kind=JobKind.EXPORT)
    known = {"schedule_id": "s", "state": JobState.SUCCEEDED, "created_at": BEGIN + timedelta(hours=number)}
    return change(place, made, **(known | values))


def delivery(place, of, to, state=JobState.SUCCEEDED, purpose="deliver", **values):
    made = place.job(kind=JobKind.DELIVERY, parent_id=of.id, payload={"destination": to, "purpose": purpose})
    return change(place, made, state=state, **values)


def ask(place, question, *values):
    with place.store.reading() as session:
        return question(session, *values)


def test_last_sent_is_the_newest_before_that_arrived_at_each_destination(place):
    first, second, third, other, now = (export(place, n) for n in range(5))
    change(place, other, schedule_id="another")
    for to in ("a", "b"):
        delivery(place, first, to)
    delivery(place, second, "a")
    delivery(place, third, "a", JobState.FAILED)
    delivery(place, third, "a", purpose="abandon")
    delivery(place, other, "a")
    found = ask(place, deliveries.last_sent, now, ["a", "b", "c"])
    assert {to: job.id for to, job in found.items()} == {"a": second.id, "b": first.id}
    assert ask(place, deliveries.last_sent, now, []) == {}
    assert ask(place, deliveries.last_sent, export(place, 6, schedule_id=None), ["a"]) == {}


def test_what_is_held_is_kept_back_with_a_reason_unless_somebody_said_yes(place):
    of = export(place, 0)
    one, two = (delivery(place, of, to, JobState.QUEUED, queue=deliveries.HELD) for to in ("a", "b"))
    assert {job.id for job in ask(place, deliveries.held, [of.id])} == {one.id, two.id}
    with place.store.writing() as session:
        assert deliveries.release(session, two.id, "")
        for job in (one, two):
            deliveries.keep_back(session, job, "Nobody said yes.")
    with place.store.reading() as session:
        kept, sent = session.get_one(Job, one.id), session.get_one(Job, two.id)
    assert (kept.state, kept.payload["why"]) == (JobState.CANCELLED, "Nobody said yes.")
    assert (sent.state, sent.payload.get("why")) == (JobState.QUEUED, None)
    assert ask(place, deliveries.held, [of.id]) == []


def test_what_may_go_on_has_not_arrived_and_has_its_files(place):
    there, gone = export(place, 0), export(place, 1, expired_at=BEGIN)
    failed, arrived = delivery(place, there, "a", JobState.FAILED), delivery(place, there, "b")
    late = delivery(place, gone, "a", JobState.FAILED)
    assert ask(place, deliveries.may_go_on, {failed.id, arrived.id, late.id, "nobody"}) == {failed.id}
