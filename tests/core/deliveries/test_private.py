"""Somebody else's private destination: nobody learns where it is, and nobody sends anything there in their name."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from api.v1 import destinations as api
from core import deliveries, destinations, links, sharing
from core.desk import Desk
from core.destinations import Destination
from core.engine.spec import Delivering
from core.errors import BadSpec, NotFound
from core.scheduling import schedules
from core.scheduling.cadence import Daily
from core.scheduling.schedules import Plan
from core.templating import templates
from core.work import inline
from storage import accounts, members
from storage.tables import Job, Role, utc_now
from tests.things import Things, add_person, make_things, spec

SECOND = b"name,country\nDewi,Laos\n"


@pytest.fixture
def ana(open_desk: Desk) -> Desk:
    return add_person(open_desk, "Ana", Role.EDITOR)


@pytest.fixture
def ben(open_desk: Desk) -> Desk:
    return add_person(open_desk, "Ben", Role.EDITOR)


@pytest.fixture
def hers(ana: Desk) -> Things:
    return make_things(ana, "Ana", shared=True)


@pytest.fixture
def private(ana: Desk, tmp_path: Path) -> Destination:
    return destinations.make(ana, "Payroll", "folder", {"root": str(tmp_path / "share"), "folder": "payroll"}, {})


def test_others_who_see_an_export_do_not_learn_where_it_went(
    ana: Desk, ben: Desk, hers: Things, private: Destination
) -> None:
    sent = deliveries.send(ana, hers.export, private.id)
    inline.run_queued(ana)
    seen = deliveries.get(ben, sent.id)
    assert (seen.destination_id, seen.name, seen.place, seen.state) == ("", deliveries.PRIVATE, "", "sent")
    assert [file["where"] for file in seen.arrivals] == [""]
    assert deliveries.list(ben, hers.export) == [seen]
    mine = deliveries.get(ana, sent.id)
    assert (mine.destination_id, mine.name, bool(mine.place)) == (private.id, "Payroll", True)
    destinations.delete(ana, private.id)
    assert deliveries.get(ana, sent.id).name == "Payroll"


def test_others_do_not_read_in_an_error_where_it_was_to_go(
    ana: Desk, ben: Desk, hers: Things, private: Destination, tmp_path: Path
) -> None:
    (tmp_path / "share" / "payroll").write_text("in the way")
    sent = deliveries.send(ana, hers.export, private.id)
    inline.run_queued(ana)
    mine, seen = deliveries.get(ana, sent.id), deliveries.get(ben, sent.id)
    assert mine.error is not None
    assert "payroll" in mine.error.message
    assert seen.error is not None
    assert "payroll" not in f"{seen.error.as_dict()}"


def test_only_who_sees_a_destination_sends_there_what_waits_and_sends_it_again(
    ana: Desk, ben: Desk, hers: Things, private: Destination
) -> None:
    sent = deliveries.send(ana, hers.export, private.id)
    with pytest.raises(NotFound, match="not shared with you"):
        deliveries.send_now(ben, sent.id)
    inline.run_queued(ana)
    with pytest.raises(NotFound, match="not shared with you"):
        deliveries.send_again(ben, sent.id)
    assert len(deliveries.list(ana, hers.export)) == 1
    sharing.share(ana, "destination", private.id)
    again = deliveries.send_again(ben, sent.id)
    inline.run_queued(ana)
    assert deliveries.get(ben, again.id).state == "sent"


def test_a_schedule_delivers_only_where_whoever_chose_that_may_send(
    ana: Desk, ben: Desk, hers: Things, private: Destination
) -> None:
    his = make_things(ben, "Ben", shared=True, csv=SECOND)
    there = Delivering(destinations=(private.id,))
    with pytest.raises(BadSpec, match="not shared with you"):
        schedules.update(ben, hers.schedule, delivering=there)
    with pytest.raises(BadSpec, match="not shared with you"):
        schedules.make(ben, his.template, Plan(cadence=Daily(), delivering=there))
    schedules.update(ana, hers.schedule, delivering=there)
    with pytest.raises(BadSpec, match="not shared with you"):
        schedules.update(ben, hers.schedule, template_id=his.template)
    assert schedules.update(ben, hers.schedule, name="Renamed", grace_minutes=5).delivering  # what Ana chose stays
    assert schedules.update(ben, hers.schedule, template_id=hers.template).name == "Renamed"


def test_a_template_of_somebody_else_gets_no_destination_its_changer_does_not_see(
    ana: Desk, ben: Desk, hers: Things, private: Destination
) -> None:
    there = spec(hers.dataset).model_copy(update={"delivering": Delivering(destinations=(private.id,))})
    with pytest.raises(BadSpec, match="not shared with you"):
        templates.update(ben, hers.template, spec=there)
    templates.update(ana, hers.template, spec=there)
    with pytest.raises(BadSpec, match="not shared with you"):
        schedules.make(ben, hers.template, Plan(cadence=Daily()))
    same_place = there.model_copy(update={"name": "Other name"})
    assert templates.update(ben, hers.template, spec=same_place).spec["name"] == "Other name"


def test_others_do_not_read_beside_a_link_to_whom_it_was_sent(
    ana: Desk, ben: Desk, hers: Things, private: Destination
) -> None:
    job = deliveries.send(ana, hers.export, private.id)
    with ana.store.reading() as session:
        delivery = session.get_one(Job, job.id)
    known = replace(ana, settings=ana.settings.model_copy(update={"public_url": "https://desk.example.org"}))
    links.for_delivery(known, delivery, 0, days=3, password="", to=destinations.place(private))
    assert [link.sent_to for link in links.every(ana, hers.export)] == [destinations.place(private)]
    assert [link.sent_to for link in links.every(ben, hers.export)] == [links.SOMEWHERE]
    sharing.share(ana, "destination", private.id)
    assert [link.sent_to for link in links.every(ben, hers.export)] == [destinations.place(private)]


def test_who_may_not_change_a_destination_reads_its_place_and_not_its_whole_address(ana: Desk, ben: Desk) -> None:
    made = destinations.make(ana, "Program", "webhook", {"url": "https://example.org/in?token=hunter22"}, {})
    sharing.share(ana, "destination", made.id)
    hers, his = api.one(ana, made.id), api.one(ben, made.id)
    assert hers.options["url"].endswith("?token=hunter22")
    assert (his.place, his.options) == ("https://example.org/in", {})
    assert api.every(ben).destinations == [his]


@pytest.mark.parametrize("how", ["closed", "lowered"])
def test_what_somebody_queued_who_may_not_send_any_more_is_not_sent(
    open_desk: Desk, ana: Desk, ben: Desk, hers: Things, how: str, tmp_path: Path
) -> None:
    shared = destinations.make(ana, "Team", "folder", {"root": str(tmp_path / "share"), "folder": "team"}, {})
    sharing.share(ana, "destination", shared.id)
    sent = deliveries.send(ana, hers.export, shared.id)
    with open_desk.store.writing() as session:
        if how == "closed":
            account = accounts.account(session, ana.account_id)
            assert account is not None
            account.disabled_at = utc_now()
            session.add(account)
        else:
            member = members.get(session, ana.workspace_id, ana.account_id)
            assert member is not None
            member.role = Role.VIEWER
            session.add(member)
    inline.run_queued(open_desk)
    seen = deliveries.get(ben, sent.id)
    assert seen.state == "failed"
    assert seen.error is not None
    assert seen.error.message == "Whoever wanted this sent may not send files here any more."
    assert not (tmp_path / "share" / "team").exists()
    deliveries.send_again(ben, sent.id)  # in his own name
    inline.run_queued(open_desk)
    assert deliveries.get(ben, sent.id).state == "sent"
