"""Files whose time is over are not sent any more, and what waits for a yes does not keep them for ever."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlmodel import col, update

from core import deliveries, exports
from core.deliveries import Delivery
from core.desk import Desk
from core.destinations import Destination
from core.errors import Gone
from core.keeping import retention
from core.notifying import scan
from storage.tables import Job, utc_now
from tests.core.deliveries.conftest import Deliver
from tests.core.deliveries.test_deliveries import told

Ran = Callable[[Job], list[Delivery]]
Folder = Callable[..., Destination]


def goes(desk: Desk, job: Job, after: timedelta) -> None:
    with desk.store.writing() as session:
        session.exec(update(Job).where(col(Job.id) == job.id).values(expires_at=utc_now() + after))


def test_files_that_are_gone_are_not_sent(open_desk: Desk, export: Deliver, folder: Folder, of: Ran) -> None:
    place = folder()
    job = export(place)
    (sent,) = of(job)
    goes(open_desk, job, -timedelta(minutes=1))
    retention.clean(open_desk)
    for send in (
        lambda: deliveries.send(open_desk, job.id, place.id),
        lambda: deliveries.send_again(open_desk, sent.id),
        lambda: deliveries.send_now(open_desk, sent.id),
    ):
        with pytest.raises(Gone, match="was kept until"):
            send()


def test_what_waits_for_a_yes_lets_the_files_go_and_says_until_when_it_waited(
    open_desk: Desk, export: Deliver, folder: Folder, of: Ran
) -> None:
    job = export(folder(), hold="ask")
    assert [one.state for one in of(job)] == ["held"]
    goes(open_desk, job, -timedelta(minutes=1))
    assert [one.job_id for one in retention.clean(open_desk)] == [job.id]
    (one,) = of(job)
    until = exports.get(open_desk, job.id).expires_at
    assert until is not None
    assert (one.state, one.why) == ("not_sent", f"Nobody said yes until {until.date()}, when its files went.")


def test_what_is_on_its_way_still_holds_the_files(open_desk: Desk, export: Deliver, folder: Folder, of: Ran) -> None:
    job = export(folder("held"), hold="ask")
    deliveries.send(open_desk, job.id, folder("queued").id)
    goes(open_desk, job, -timedelta(minutes=1))
    assert retention.clean(open_desk) == []
    assert {one.name: one.state for one in of(job)} == {"Held": "held", "Queued": "sent"}


def test_its_owner_hears_before_the_files_go_that_they_were_not_sent(
    open_desk: Desk, export: Deliver, folder: Folder, of: Ran
) -> None:
    job = export(folder(), hold="ask")
    goes(open_desk, job, timedelta(days=2))  # they stay for a few days only, of which nobody is told otherwise
    scan.scan(open_desk)
    (notice,) = [one for one in told(open_desk) if one.kind == "expiring"]
    assert notice.text.startswith("Not sent yet, because it waits for your yes: People. ")
    assert notice.path == f"/my-exports?job={job.id}"
