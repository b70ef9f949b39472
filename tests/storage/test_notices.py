"""Notices and retention in the store, on every database it may be."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlmodel import Session

from storage import notices, retention
from storage.tables import Account, Job, JobKind, JobState, Notice, NoticeKind, utc_now
from tests.storage.test_status import change

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def ended(place, name: str, state: JobState = JobState.SUCCEEDED, **values) -> Job:
    job = place.job(name=name)
    change(place, job, state=state, finished_at=utc_now(), **values)
    return job


def test_what_ended_is_found_until_it_was_told(place):
    job = ended(place, "failed", JobState.FAILED, attempt=2)
    since = utc_now() - DAY
    with place.store.writing() as session:
        ((found, account),) = notices.ended_untold(session, JobState.FAILED, NoticeKind.FAILED, since)
        assert (found.id, account.name) == (job.id, "Me")
        assert notices.ended_untold(session, JobState.SUCCEEDED, NoticeKind.FINISHED, since) == []
        told = notices.tell(
            session, job.workspace_id, job.owner_id, NoticeKind.FAILED, about=notices.about_job(found), title="x"
        )
        assert told is not None
    with place.store.reading() as session:
        assert notices.ended_untold(session, JobState.FAILED, NoticeKind.FAILED, since) == []


def take(session: Session, now: datetime) -> tuple[Account, Sequence[Notice]]:
    found = notices.take_unsent(session, now, now + HOUR)
    assert found is not None
    return found


def test_what_waits_is_taken_once_until_its_time_is_over_or_it_is_sent(place):
    job, now = place.job(name="any"), utc_now()
    with place.store.writing() as session:
        for n in range(3):
            notices.tell(session, job.workspace_id, job.owner_id, NoticeKind.ASKED, about=str(n), title=f"{n}")
    with place.store.writing() as session:
        account, taken = take(session, now)
        assert (account.id, [one.title for one in taken]) == (job.owner_id, ["0", "1", "2"])
    with place.store.writing() as session:
        assert notices.take_unsent(session, now, now + HOUR) is None
        notices.sent(session, [taken[0].id], now)
        notices.give_back(session, taken[1].id, ["mail"], now + 1.5 * HOUR)
    with place.store.writing() as session:
        _, (third,) = take(session, now + HOUR)
        assert (third.title, third.tries, third.ways) == ("2", 2, None)
    with place.store.writing() as session:
        _, (second,) = take(session, now + 1.5 * HOUR)
        assert (second.title, second.tries, second.ways) == ("1", 2, ["mail"])


def test_only_what_is_over_and_neither_kept_nor_still_being_sent_expires(place):
    past = utc_now() - DAY
    over, kept, later, sent = (ended(place, name, expires_at=past) for name in ("over", "kept", "later", "sent"))
    change(place, kept, kept=True)
    change(place, later, expires_at=utc_now() + DAY)
    place.job(kind=JobKind.DELIVERY, name="on its way", parent_id=sent.id)
    with place.store.reading() as session:
        assert [job.id for job in retention.due(session, utc_now())] == [over.id]
    with place.store.writing() as session:
        assert retention.expire(session, [over.id, kept.id, later.id, sent.id], utc_now()) == {over.id}
        assert retention.due(session, utc_now()) == []
        assert not retention.keep(session, over.id, True, None)
        assert retention.keep(session, later.id, True, None)
