"""What takes space, as the rows know it: dataset versions, finished files, uploads. How large a version is the disk knows."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import defer
from sqlmodel import Session, case, col, func, select

from storage.tables import Dataset, DatasetVersion, Job, JobKind, JobState, Upload


@dataclass(frozen=True)
class Version:
    """A version of a dataset, in the bin or not."""

    dataset_id: str
    name: str
    owner_id: str
    shared: bool
    binned: bool
    version_id: str
    created_at: datetime
    current: bool


def versions(session: Session, workspace_id: str) -> Sequence[Version]:
    found = session.exec(
        select(Dataset, DatasetVersion.id, DatasetVersion.created_at)
        .join(DatasetVersion, col(DatasetVersion.dataset_id) == col(Dataset.id))
        .where(Dataset.workspace_id == workspace_id)
    ).all()
    return [
        Version(d.id, d.name, d.owner_id, d.shared, d.deleted_at is not None, id, at, d.version_id == id)
        for d, id, at in found
    ]


def finished(session: Session, workspace_id: str, kinds: Collection[JobKind]) -> Sequence[Job]:
    """Jobs of these kinds whose files are there, in the bin or not. What they hold beside lists' figures is not read."""
    there = (Job.workspace_id == workspace_id, Job.state == JobState.SUCCEEDED, col(Job.expired_at).is_(None))
    heavy = [defer(col(part)) for part in (Job.payload, Job.result, Job.resolved)]  # type: ignore[arg-type]
    return session.exec(select(Job).where(*there, col(Job.kind).in_(kinds)).options(*heavy)).all()


def finished_bytes(session: Session, workspace_id: str, kinds: Collection[JobKind]) -> tuple[int, int]:
    """Of the same jobs, without reading them: the bytes of all, and of those that lie in the bin."""
    there = (Job.workspace_id == workspace_id, Job.state == JobState.SUCCEEDED, col(Job.expired_at).is_(None))
    counted = select(func.sum(Job.bytes), func.sum(case((col(Job.deleted_at).is_not(None), Job.bytes), else_=0)))
    every, binned = session.exec(counted.where(*there, col(Job.kind).in_(kinds))).one()
    return int(every or 0), int(binned or 0)


def uploads(session: Session, workspace_id: str) -> Sequence[Upload]:
    return session.exec(select(Upload).where(Upload.workspace_id == workspace_id)).all()
