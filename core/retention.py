"""How long the files of an export are kept, and who says so.

An export's own hours win (ExportSpec.keep_hours). Else the shorter of what its schedule and its template say, where they say
anything: whoever asked for less time had a reason. Else what its workspace says, else the installation. A pinned export
(Job.kept) stays whatever anybody says.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlmodel import Session

from core import choices
from core.desk import Desk
from core.engine.spec import ExportSpec
from storage import workspaces
from storage.tables import Job, Schedule, Template


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


def settle(session: Session, desk: Desk, job: Job, ended_at: datetime) -> None:
    """Write into a job's row until when its files are kept. Called in the transaction that ends it."""
    spec = ExportSpec.model_validate(job.payload["spec"]) if "spec" in job.payload else None
    template = session.get(Template, job.template_id) if job.template_id else None
    schedule = session.get(Schedule, job.schedule_id) if job.schedule_id else None
    job.expires_at = expiry(desk.itself(job.workspace_id), session, spec, template, schedule, ended_at)
    session.add(job)
