"""Deliveries from the end of an export to where its files arrive: conditions, holds, retries, sending again."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import col, select, update

from core import audit, deliveries, destinations, exports, sharing
from core.deliveries import Delivery
from core.desk import Desk
from core.destinations import Destination
from core.engine.spec import ExportSpec
from core.errors import BadSpec, Conflict, Forbidden, NotFound
from core.templating import templates
from core.work import attempt
from core.work.delivering import PAUSES, TRIES, Memo
from core.work.sweep import sweep
from storage.tables import Job, JobKind, Notice, Role
from tests.core.deliveries.conftest import Deliver
from tests.things import add_person

Ran = Callable[[Job], list[Delivery]]
Folder = Callable[..., Destination]


def arrived(share: Path) -> dict[str, bytes]:
    return {str(path.relative_to(share)): path.read_bytes() for path in share.rglob("*") if path.is_file()}


def told(desk: Desk) -> list[Notice]:
    with desk.store.reading() as session:
        return [*session.exec(select(Notice).order_by(Notice.created_at)).all()]


def test_the_files_of_an_export_arrive_at_each_of_its_destinations(
    open_desk: Desk, export: Deliver, folder: Folder, of: Ran, tmp_path: Path
) -> None:
    job = export(folder("team"), folder("archive"))
    content = exports.file(open_desk, job.id).path.read_bytes()
    assert [one.state for one in deliveries.list(open_desk, job.id)] == ["queued", "queued"]
    sent = of(job)
    assert [(one.name, one.state) for one in sent] == [("Team", "sent"), ("Archive", "sent")]
    assert arrived(tmp_path / "share") == {"team/People.csv": content, "archive/People.csv": content}
    assert sent[0].arrivals[0]["where"] == str(tmp_path / "share/team/People.csv")
    assert sent[0].at is not None
    noted = audit.list(open_desk, actions=["exports.delivered"])[0]
    assert {entry.details["to"] for entry in noted} == {one.place for one in sent}


def test_an_export_without_destinations_queues_nothing(open_desk: Desk, export: Deliver, of: Ran) -> None:
    assert of(export()) == []


def test_one_destination_that_fails_neither_loses_the_file_nor_stops_the_other(
    open_desk: Desk, export: Deliver, folder: Folder, of: Ran, tmp_path: Path
) -> None:
    (tmp_path / "share" / "file").write_text("in the way")
    wrong, right = folder("file"), folder("right")
    job = export(wrong, right)
    failed, sent = of(job)
    assert (failed.state, failed.error and failed.error.message) == (
        "failed",
        f"“{tmp_path}/share/file” is not a folder.",
    )
    assert sent.state == "sent"
    assert exports.file(open_desk, job.id).path.is_file()
    (tmp_path / "share" / "file").unlink()
    assert deliveries.send_again(open_desk, failed.id).state == "queued"
    assert [one.state for one in of(job)] == ["sent", "sent"]
    assert (tmp_path / "share" / "file" / "People.csv").is_file()


def test_its_owner_is_told_once_of_a_delivery_that_failed(
    open_desk: Desk, export: Deliver, folder: Folder, of: Ran, tmp_path: Path
) -> None:
    (tmp_path / "share" / "file").write_text("in the way")
    job = export(folder("file"))
    of(job)
    of(job)
    (notice,) = told(open_desk)
    assert (notice.kind, notice.title) == ("failed", "“People” was not delivered to File")
    assert notice.text.endswith("is not a folder. Choose another one.")
    assert notice.path == f"/my-exports?job={job.id}"


def due_again(desk: Desk) -> None:
    """As if the pause before the next try were over."""
    with desk.store.writing() as session:
        session.exec(update(Job).where(col(Job.kind) == JobKind.DELIVERY).values(run_after=0.0))


def test_what_passes_is_tried_again_after_a_while_and_given_up_in_the_end(
    open_desk: Desk, export: Deliver, folder: Folder, of: Ran, tmp_path: Path
) -> None:
    place = folder("team")
    (tmp_path / "share").rename(tmp_path / "gone")  # as a share that is not mounted just now
    job = export(place)
    for tries in range(1, TRIES):
        (one,) = of(job)
        assert (one.state, one.tries) == ("retrying", tries)
        assert one.at is not None
        assert one.error is not None
        due_again(open_desk)
    (one,) = of(job)
    assert (one.state, one.tries) == ("failed", TRIES)
    (tmp_path / "gone").rename(tmp_path / "share")
    deliveries.send_again(open_desk, one.id)
    assert [one.state for one in of(job)] == ["sent"]


def test_the_pauses_grow_and_end_within_a_few_hours() -> None:
    assert [*PAUSES] == sorted(PAUSES)
    assert len(PAUSES) == TRIES - 1
    assert 2 * 3600 < sum(PAUSES) < 6 * 3600


@pytest.mark.parametrize(
    ("when", "limit", "expected"),
    [
        ("always", 1, "sent"),
        ("rows", 1, "sent"),
        ("no_rows", 1, "not_sent"),
        ("rows", 0, "not_sent"),
        ("no_rows", 0, "sent"),
    ],
)
def test_conditions_ask_whether_there_are_rows(
    export: Deliver, folder: Folder, of: Ran, when: str, limit: int, expected: str
) -> None:
    nobody = {"filters": {"items": [{"column": "name", "operator": "is", "values": ["Nobody"]}]}}
    (one,) = of(export(folder(), source={} if limit else nobody, when=when))
    assert one.state == expected
    assert bool(one.why) == (expected == "not_sent")


def test_what_is_unchanged_by_value_is_not_sent_although_the_file_is_another(
    open_desk: Desk, people: Any, export: Deliver, folder: Folder, of: Ran, dataset_factory: Any, tmp_path: Path
) -> None:
    place = folder()
    spec = {
        "name": "People {time}",
        "sources": [{"dataset": people.slug}],
        "output": {"format": "xlsx", "options": {"about": True}},
        "delivering": {"destinations": [place.id], "when": "changed"},
    }
    template = templates.save(open_desk, "Weekly", "", ExportSpec.model_validate(spec))

    days = itertools.count(1)

    def run(**changed: Any) -> tuple[str, str]:
        given = ExportSpec.model_validate(spec | changed)
        day = datetime(2026, 3, next(days), tzinfo=UTC)
        job = exports.start(open_desk, given, template_id=template.id, now=day)
        (one,) = of(job)
        return one.state, exports.file(open_desk, job.id).sha256

    first, again = run(), run()
    assert (first[0], again[0]) == ("sent", "not_sent")
    assert first[1] != again[1]  # the moment it was made stands in it
    sorted_otherwise = run(sources=[{"dataset": people.slug, "sort": [{"column": "name", "descending": True}]}])
    assert sorted_otherwise[0] == "not_sent"
    one_less = run(sources=[{"dataset": people.slug, "limit": 1}])
    assert one_less[0] == "sent"
    assert run()[0] == "sent"  # and back again


def test_a_number_of_rows_that_moved_too_far_waits_for_somebody(
    open_desk: Desk, people: Any, export: Deliver, folder: Folder, of: Ran, tmp_path: Path
) -> None:
    template = templates.save(
        open_desk, "Weekly", "", ExportSpec.model_validate({"sources": [{"dataset": people.slug}]})
    )
    known, place = {"template_id": template.id}, folder()
    (first,) = of(export(place, of=known, ask_above_percent=40))
    assert first.state == "sent"  # there is nothing to compare it with
    job = export(place, of=known, ask_above_percent=40, source={"limit": 1})
    (held,) = of(job)
    assert (held.state, held.why) == ("held", "1 row instead of 2 last time (-50%).")
    assert [(n.kind, n.path) for n in told(open_desk)] == [("held", f"/my-exports?job={job.id}")]
    deliveries.send_now(open_desk, held.id)
    assert [one.state for one in of(job)] == ["sent"]
    (near,) = of(export(place, of=known, ask_above_percent=40, source={"limit": 1}))
    assert near.state == "sent"


def test_to_me_first_holds_until_somebody_says_yes_and_nobody_serves_what_is_held(
    open_desk: Desk, export: Deliver, folder: Folder, of: Ran, tmp_path: Path
) -> None:
    job = export(folder(), hold="ask")
    (held,) = of(job)
    assert held.state == "held"
    assert arrived(tmp_path / "share") == {}
    deliveries.send_now(open_desk, held.id)
    assert [one.state for one in of(job)] == ["sent"]
    with pytest.raises(Conflict):
        deliveries.send_now(open_desk, held.id)
    with pytest.raises(Conflict):
        deliveries.undo(open_desk, held.id)


def test_what_waits_can_be_undone_and_is_not_sent_when_its_time_comes(
    open_desk: Desk, export: Deliver, folder: Folder, of: Ran, tmp_path: Path
) -> None:
    job = export(folder(), hold="undo", undo_minutes=10)
    (waiting,) = of(job)
    assert waiting.state == "waiting"
    assert waiting.at is not None
    assert deliveries.undo(open_desk, waiting.id).state == "stopped"
    due_again(open_desk)
    assert [one.state for one in of(job)] == ["stopped"]
    assert arrived(tmp_path / "share") == {}
    deliveries.send_again(open_desk, waiting.id)
    assert [one.state for one in of(job)] == ["sent"]


def test_what_is_sent_again_is_not_tidied_away_meanwhile(
    export: Deliver, folder: Folder, of: Ran, open_desk: Desk
) -> None:
    job = export(folder())
    begun = attempt.take(open_desk, "me")
    assert begun is not None
    deliveries.undo(open_desk, begun.id)
    attempt.cancelled(open_desk, begun)
    deliveries.send_again(open_desk, begun.id)
    assert [one.state for one in of(job)] == ["sent"]
    with open_desk.store.reading() as session:
        states = {one.payload["purpose"]: one.state for one in session.exec(select(Job)).all() if "of" in one.payload}
    assert states == {"abandon": "cancelled"}


def test_what_is_being_tidied_away_is_sent_again_once_that_has_ended(
    export: Deliver, folder: Folder, of: Ran, open_desk: Desk
) -> None:
    job = export(folder())
    begun = attempt.take(open_desk, "me")
    assert begun is not None
    deliveries.undo(open_desk, begun.id)
    attempt.cancelled(open_desk, begun)
    tidying = attempt.take(open_desk, "me")
    assert tidying is not None
    with pytest.raises(Conflict, match="being removed just now"):
        deliveries.send_again(open_desk, begun.id)
    assert attempt.succeed(open_desk, tidying, {"arrivals": []})
    deliveries.send_again(open_desk, begun.id)
    assert [one.state for one in of(job)] == ["sent"]


def test_what_waits_is_sent_when_its_time_comes(export: Deliver, folder: Folder, of: Ran, open_desk: Desk) -> None:
    job = export(folder(), hold="undo")
    assert [one.state for one in of(job)] == ["waiting"]
    due_again(open_desk)
    assert [one.state for one in of(job)] == ["sent"]


def test_what_arrived_can_be_sent_again_and_to_one_more_place(
    open_desk: Desk, export: Deliver, folder: Folder, of: Ran, tmp_path: Path
) -> None:
    job = export(folder("team", existing="keep_both"))
    (first,) = of(job)
    again = deliveries.send_again(open_desk, first.id)
    assert again.id != first.id
    deliveries.send(open_desk, job.id, folder("other").id)
    assert [one.state for one in of(job)] == ["sent", "sent", "sent"]
    there = arrived(tmp_path / "share")
    assert {*there} == {"team/People.csv", "team/People (2).csv", "other/People.csv"}


def test_a_destination_that_was_deleted_meanwhile_is_named_and_not_retried(
    open_desk: Desk, export: Deliver, folder: Folder, of: Ran
) -> None:
    place = folder()
    job = export(place)
    destinations.delete(open_desk, place.id)
    (one,) = of(job)
    assert one.state == "failed"
    assert one.error is not None
    assert one.error.message == "The destination “Team” was deleted, or is not shared any more."
    destinations.restore(open_desk, place.id)
    deliveries.send_again(open_desk, one.id)
    assert [one.state for one in of(job)] == ["sent"]


def test_options_that_fit_no_more_stop_neither_the_export_nor_a_list(open_desk: Desk, export: Deliver, of: Ran) -> None:
    place = destinations.make(open_desk, "Program", "webhook", {"url": "https://example.org/"}, {})
    with open_desk.store.writing() as session:
        session.get_one(Destination, place.id).options = {"url": "http://example.org:8x/"}
    assert [destinations.place(one) for one in destinations.list(open_desk)] == [""]
    (one,) = of(export(place))
    assert one.state == "failed"
    assert one.error is not None
    assert one.error.message == "Address: this is no web address."


def test_nothing_begins_that_is_to_go_where_nobody_may_send(open_desk: Desk, export: Deliver, folder: Folder) -> None:
    place = folder()
    destinations.delete(open_desk, place.id)
    with pytest.raises(BadSpec, match="destination that is gone"):
        export(place)


def test_a_deleted_export_is_not_sent(open_desk: Desk, export: Deliver, folder: Folder, of: Ran) -> None:
    job = export(folder(), hold="ask")
    (held,) = of(job)
    exports.delete(open_desk, job.id)
    with pytest.raises(NotFound):
        deliveries.send_now(open_desk, held.id)
    exports.restore(open_desk, job.id)
    assert deliveries.get(open_desk, held.id).state == "held"


def test_others_of_the_workspace_see_and_send_what_is_shared_with_them_alone(
    open_desk: Desk, stranger: Desk, export: Deliver, folder: Folder, of: Ran
) -> None:
    place = folder()
    job = export(place, hold="ask")
    (held,) = of(job)
    budi, vera = (add_person(open_desk, name, role) for name, role in (("Budi", Role.EDITOR), ("Vera", Role.VIEWER)))
    for other in (stranger, budi):
        for look in (deliveries.get, deliveries.send_now, deliveries.undo, deliveries.send_again):
            with pytest.raises(NotFound):
                look(other, held.id)
        with pytest.raises(NotFound):
            deliveries.list(other, job.id)
    sharing.share(open_desk, "export", job.id)
    assert [one.id for one in deliveries.list(vera, job.id)] == [held.id]
    with pytest.raises(Forbidden):
        deliveries.send_now(vera, held.id)
    with pytest.raises(NotFound, match="not shared with you"):
        deliveries.send_now(budi, held.id)
    sharing.share(open_desk, "destination", place.id)
    deliveries.send_now(budi, held.id)
    assert [one.state for one in of(job)] == ["sent"]


def test_what_one_try_leaves_for_the_next_is_whole_at_any_moment_and_goes_when_nobody_needs_it(
    open_desk: Desk, export: Deliver, folder: Folder, of: Ran
) -> None:
    job = export(folder(), hold="ask")
    (held,) = of(job)
    path = open_desk.files.memo(held.id)
    memo = Memo(path)
    memo["a"], memo["b"] = "1", "2"
    del memo["a"]
    assert dict(Memo(path)) == {"b": "2"}
    sweep(open_desk)
    assert path.exists()  # it may still be sent
    deliveries.undo(open_desk, held.id)
    sweep(open_desk)
    assert path.exists()  # by hand, too
    deliveries.send_again(open_desk, held.id)
    assert [one.state for one in of(job)] == ["sent"]
    assert not path.exists()
    Memo(path)["a"] = "1"
    sweep(open_desk)
    assert not path.exists()
