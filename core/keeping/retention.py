"""How long the files of an export are kept, who says so, and taking them away once their time is over.

An export's own hours win (ExportSpec.keep_hours). Else the shorter of what its schedule and its template say, where they say
anything: whoever asked for less time had a reason. Else what its workspace says, else the installation. A pinned export
(Job.kept) stays whatever anybody says. What goes are files: the export itself, with its receipt, stays in the list.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session

from core import audit, choices
from core.access import roles
from core.desk import Desk
from core.engine.spec import ExportSpec
from core.errors import Conflict, NotFound
from core.notifying.voice import Voice
from core.texts import N_
from storage import choices as choices_rows
from storage import deliveries as delivery_rows
from storage import jobs, workspaces
from storage import retention as rows
from storage.files import attempt_name, remove
from storage.tables import Job, JobKind, JobState, Schedule, Template, utc_now

NO_YES = N_("Nobody said yes until {day}, when its files went.")
SETTLED_AT_ONCE = 200  # jobs in one transaction
WITH_FILES = (JobKind.EXPORT, JobKind.BACKUP)  # kinds of jobs that leave files


@dataclass(frozen=True)
class Leaving:
    """Files whose time is over."""

    job_id: str
    workspace_id: str
    name: str
    files: int
    bytes: int
    since: datetime  # their time is over


def expiry(
    desk: Desk,
    session: Session,
    spec: ExportSpec | None,
    template: Template | None,
    schedule: Schedule | None,
    ended_at: datetime,
) -> datetime | None:
    """From when the files of an export that ended then may be taken away. None: they are kept for good."""
    if spec is not None and spec.keep_hours:
        return ended_at + timedelta(hours=spec.keep_hours)
    said = [thing.keep_days for thing in (schedule, template) if thing is not None and thing.keep_days]
    days = min(said) if said else usual_days(desk, session)
    return ended_at + timedelta(days=days) if days else None


def usual_days(desk: Desk, session: Session) -> int:
    """What holds in the desk's workspace where nothing else was said; 0: for good."""
    place = workspaces.get(session, desk.workspace_id)
    return place.keep_days if place is not None and place.keep_days else choices.retention(desk).export_days


def settle(session: Session, desk: Desk, job: Job, ended_at: datetime | None = None) -> None:
    """Write into a job's row until when its files are kept. Called in the transaction that ends it."""
    if job.kind in WITH_FILES:
        rows.set_expiry(session, job.id, _expiry(session, desk, job, ended_at or utc_now()))


def keep(desk: Desk, job_id: str, kept: bool = True) -> None:
    """Pin the files of an export, or let their time run again: from now on, if it would be over.

    Raises NotFound, Forbidden, Conflict where they are gone.
    """
    with desk.store.reading() as session:
        found = jobs.get(session, desk.scope, job_id)
    if found is None or found.kind not in WITH_FILES:
        raise NotFound("This export is not there.", "It may have been deleted: look under Recently deleted.")
    roles.require(desk, "exports.keep", found)
    if found.state != JobState.SUCCEEDED:
        raise Conflict("This export has no files to keep.", "Run it again.")
    with desk.store.writing() as session:
        expires_at = found.expires_at
        if not kept and expires_at is not None and expires_at <= utc_now():
            expires_at = _expiry(session, desk, found, utc_now())
        if not rows.keep(session, job_id, kept, expires_at):
            raise Conflict("Its files are gone already.", "Run it again.")
        audit.note(desk, session, "exports.kept" if kept else "exports.let_go", found)


def leaving(desk: Desk, *, everywhere: bool = False) -> Sequence[Leaving]:
    """What the next clean-up takes away, of the desk's workspace or of all: the dry run. Raises Forbidden."""
    if not everywhere:
        roles.require(desk, "workspace.storage")
    with desk.store.reading() as session:
        found = rows.due(session, utc_now(), None if everywhere else desk.workspace_id)
    return [_leaving(job) for job in found]


def clean(desk: Desk) -> Sequence[Leaving]:
    """Take away now what `leaving` lists of the desk's workspace. Raises Forbidden."""
    roles.require(desk, "workspace.storage")
    return _clean(desk, desk.workspace_id)


def settle_earlier(desk: Desk) -> None:
    """What was made before files had a time gets one, once: counted from now on, so that nobody is surprised by an upgrade."""
    with desk.store.reading() as session:
        upgraded = choices_rows.get(session, rows.TO_SETTLE)
    if upgraded is None:
        return
    before, now, last = datetime.fromisoformat(upgraded[0]), utc_now(), ""
    while True:
        with desk.store.writing() as session:
            found = rows.unsettled(session, WITH_FILES, before, last, SETTLED_AT_ONCE)
            for job in found:  # whose specs say nothing of it yet
                here, template = desk.itself(job.workspace_id), session.get(Template, job.template_id or "")
                rows.set_expiry(session, job.id, expiry(here, session, None, template, None, now))
            if not found:
                choices_rows.forget(session, rows.TO_SETTLE)
                return
            last = found[-1].id


def sweep(desk: Desk) -> Sequence[Leaving]:
    """The same for every workspace: the desk's own work."""
    return _clean(desk, None)


def _clean(desk: Desk, workspace_id: str | None) -> Sequence[Leaving]:
    """The row first: a file is never offered that is half gone; what a crash leaves, the sweep of orphans takes."""
    now = utc_now()
    with desk.store.reading() as session:
        found = {job.id: job for job in rows.due(session, now, workspace_id)}
    if not found:
        return []
    with desk.store.writing() as session:
        gone = rows.expire(session, found, now)
        for job_id in gone:
            job = found[job_id]
            audit.note(desk.itself(job.workspace_id), session, "exports.expired", job, bytes=job.bytes)
        for held in delivery_rows.held(session, gone):
            day = _leaving(found[held.parent_id or ""]).since.date().isoformat()
            delivery_rows.keep_back(session, held, Voice.to(session, held.owner_id)(NO_YES, day=day))
    taken = [job for job in found.values() if job.id in gone]
    for job in taken:
        for stored in _stored(job):
            if stored.startswith(attempt_name(job.id, job.attempt)):
                remove(desk.files.export(stored))
    return [_leaving(job) for job in taken]


def _expiry(session: Session, desk: Desk, job: Job, ended_at: datetime) -> datetime | None:
    spec = ExportSpec.model_validate(job.payload["spec"]) if "spec" in job.payload else None
    template = session.get(Template, job.template_id) if job.template_id else None
    schedule = session.get(Schedule, job.schedule_id) if job.schedule_id else None
    return expiry(desk.itself(job.workspace_id), session, spec, template, schedule, ended_at)


def _leaving(job: Job) -> Leaving:
    since = job.expires_at or utc_now()
    return Leaving(job.id, job.workspace_id, job.name, len(_stored(job)), job.bytes or 0, since)


def _stored(job: Job) -> Sequence[str]:
    return [file["stored"] for file in (job.result or {}).get("files", ())]
