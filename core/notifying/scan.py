"""What people have to be told of, found by looking: what ended, and what goes soon. The clock calls it every minute.

Any number of clocks may look at the same time: what a person was told once they are not told again (storage.notices.tell).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import groupby

from sqlmodel import Session

from core.desk import Desk
from core.errors import from_dict
from core.notifying import notices
from core.notifying.voice import Voice
from core.texts import N_
from storage import deliveries
from storage import notices as rows
from storage.tables import Account, Job, JobKind, JobState, Notice, NoticeKind, utc_now

OLDEST = timedelta(days=1)  # what ended before that is no news, after the desk was off for a while
AHEAD = timedelta(days=3)  # people hear that files go so long before
NAMED = 5  # of what goes on one day
TITLES = {
    JobState.SUCCEEDED: {
        JobKind.EXPORT: N_("{name} is ready"),
        JobKind.BACKUP: N_("The backup of {name} is ready"),
        JobKind.RESTORE: N_("{name} is restored"),
    },
    JobState.FAILED: {
        JobKind.EXPORT: N_("{name} did not work"),
        JobKind.BACKUP: N_("The backup of {name} did not work"),
        JobKind.RESTORE: N_("Restoring {name} did not work"),
    },
}
ROWS = N_("{n} row"), N_("{n} rows")
GOES = N_("The file of {names} goes on {day}"), N_("The files of {n} exports go on {day}")
KEEP = N_("Keep what you still need: open it and choose Keep.")
NOT_SENT = N_("Not sent yet, because it waits for your yes: {names}")


def scan(desk: Desk, now: datetime | None = None) -> int:
    """Tell everybody what they do not know yet. Returns how many notices that makes."""
    now = now or utc_now()
    told = 0
    with desk.store.writing() as session:
        for state, kind in ((JobState.SUCCEEDED, NoticeKind.FINISHED), (JobState.FAILED, NoticeKind.FAILED)):
            for job, account in rows.ended_untold(session, state, kind, now - OLDEST):
                told += tell_of(session, job, account) is not None
        for account, there, held in _going(session, now):
            told += _tell_going(session, account, there, held) is not None
    return told


def tell_of(session: Session, job: Job, account: Account) -> Notice | None:
    """Tell somebody that a job of theirs ended."""
    titles, say = TITLES[job.state], Voice(account)
    text = ""
    if job.state == JobState.FAILED:
        error = from_dict(job.error or {})
        text = " ".join(part for part in (error.message, error.next_step) if part)
    elif job.rows is not None:
        text = say.counted(ROWS, job.rows)
    return notices.tell(
        session,
        job.workspace_id,
        job.owner_id,
        NoticeKind.FINISHED if job.state == JobState.SUCCEEDED else NoticeKind.FAILED,
        about=rows.about_job(job),
        title=say(titles.get(job.kind, titles[JobKind.EXPORT]), name=job.name),
        text=text,
        path=notices.path_of(job),
    )


def _going(session: Session, now: datetime) -> Iterator[tuple[Account, Sequence[Job], Sequence[Job]]]:
    """By person, workspace and day: what goes then, and what of it still waits for a yes before it is sent.

    Whoever chose that files stay for a few days only knows it, unless one of those waits.
    """
    tomorrow = datetime.combine(now.astimezone(UTC).date() + timedelta(days=1), datetime.min.time(), UTC)
    found = rows.going(session, tomorrow, tomorrow + AHEAD)
    held = {one.parent_id for one in deliveries.held(session, [job.id for job, _ in found])}
    told = [(job, account) for job, account in found if job.id in held or _stayed_long(job)]
    for _key, some in groupby(told, key=lambda one: (one[1].id, one[0].workspace_id, _day(one[0]))):
        pairs = [*some]
        there = [job for job, _ in pairs]
        yield pairs[0][1], there, [job for job in there if job.id in held]


def _stayed_long(job: Job) -> bool:
    return bool(job.finished_at and job.expires_at and job.expires_at - job.finished_at > 2 * AHEAD)


def _tell_going(session: Session, account: Account, there: Sequence[Job], held: Sequence[Job]) -> Notice | None:
    say, first, names = Voice(account), there[0], _names(there)
    said = [names] if len(there) > 1 else []
    if held:
        said.append(say(NOT_SENT, names=_names(held)))
    return notices.tell(
        session,
        first.workspace_id,
        account.id,
        NoticeKind.EXPIRING,
        about=f"expiring {first.workspace_id} {_day(first)}",
        title=say.counted(GOES, len(there), names=names, day=_day(first)),
        text=". ".join([*said, say(KEEP)]),
        path=notices.path_of(first) if len(there) == 1 else "/my-exports",
    )


def _names(jobs: Sequence[Job]) -> str:
    return ", ".join(job.name for job in jobs[:NAMED]) + (", …" if len(jobs) > NAMED else "")


def _day(job: Job) -> str:
    return job.expires_at.astimezone(UTC).date().isoformat() if job.expires_at else ""
