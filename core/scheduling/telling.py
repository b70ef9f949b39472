"""What people are told of schedules, in their own language: that one failed and how to mend it, that it is paused, that runs
were missed, that somebody is needed to take one over."""

from __future__ import annotations

from sqlmodel import Session

from core.errors import DeskError
from core.notifying import notices
from core.notifying.voice import Voice
from core.texts import N_
from storage import members
from storage import notices as rows
from storage.tables import Job, NoticeKind, Occurrence, Schedule

FAILED = N_("“{name}” did not run")
PAUSED = N_("“{name}” is paused: it failed too often")
IN_A_ROW = N_("It failed once."), N_("It failed {n} times in a row.")
BEFORE_PAUSE = N_("It is paused if it fails once more."), N_("It is paused if it fails {n} more times in a row.")
AFTER_PAUSE = N_("When that is mended, run it now to see that it works, then let it go on.")
MISSED = N_("A run of “{name}” was missed"), N_("{n} runs of “{name}” were missed")
MISSED_WHY = N_("The desk was off, or too busy, for more than {minutes} minutes after it was due.")
MISSED_NEXT = N_("Run it now if the file is still wanted; it goes on at its usual times.")
ASKED = N_("“{name}” needs somebody to take it over")
ASKED_WHY = N_("{owner} can run nothing here any more.")
ASKED_NEXT = N_("It is paused until one of you takes it over, with the template it runs.")


def path(schedule: Schedule) -> str:
    """Where on the desk it is."""
    return f"/schedules?schedule={schedule.id}"


def failed(session: Session, schedule: Schedule, occurrence: Occurrence, job: Job | None, problem: DeskError) -> None:
    """Tell its owner what went wrong, how to mend it, and how often that was so; of one that is paused for it, that.

    Whoever is told here is not told once more that the export of this very run did not work.
    """
    say = Voice.to(session, schedule.owner_id)
    paused, left = schedule.paused_at is not None, schedule.pause_after - schedule.failures
    lines = [problem.message, problem.next_step]
    if schedule.failures > 1:
        lines.append(say.counted(IN_A_ROW, schedule.failures))
    if paused:
        lines.append(say(AFTER_PAUSE))
    elif schedule.pause_after:
        lines.append(say.counted(BEFORE_PAUSE, left))
    notices.tell(
        session,
        schedule.workspace_id,
        schedule.owner_id,
        NoticeKind.FAILED,
        about=f"run {occurrence.id}" if paused or job is None else rows.about_job(job),
        title=say(PAUSED if paused else FAILED, name=schedule.name),
        text=" ".join(line for line in lines if line),
        path=path(schedule),
    )


def missed(session: Session, schedule: Schedule, last: str, count: int) -> None:
    """Tell its owner of so many missed runs, the last of them in the slot `last`."""
    say = Voice.to(session, schedule.owner_id)
    notices.tell(
        session,
        schedule.workspace_id,
        schedule.owner_id,
        NoticeKind.FAILED,
        about=f"schedule {schedule.id} missed {last}",
        title=say.counted(MISSED, count, name=schedule.name),
        text=f"{say(MISSED_WHY, minutes=schedule.grace_minutes)} {say(MISSED_NEXT)}",
        path=path(schedule),
    )


def ask_for_heir(session: Session, schedule: Schedule, owner: str) -> None:
    """Ask everybody who may take it over; `owner` is the name of whoever cannot run it any more."""
    for account, _ in members.leading(session, schedule.workspace_id):
        say = Voice.to(session, account.id)
        notices.tell(
            session,
            schedule.workspace_id,
            account.id,
            NoticeKind.ASKED,
            about=f"schedule {schedule.id} of {schedule.owner_id}",
            title=say(ASKED, name=schedule.name),
            text=f"{say(ASKED_WHY, owner=owner)} {say(ASKED_NEXT)}",
            path=path(schedule),
        )
