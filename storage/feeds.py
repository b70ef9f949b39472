"""Where datasets are fetched from again: at most one feed a dataset."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlmodel import Session, col, select

from storage.scope import Scope, visible
from storage.tables import ACTIVE, Dataset, Feed, Job, JobDataset, JobKind


def of(session: Session, scope: Scope, dataset_ids: Collection[str]) -> Sequence[Feed]:
    """The feeds of those datasets that `scope` sees; not of those in the bin."""
    return session.exec(
        select(Feed)
        .join(Dataset, col(Dataset.id) == col(Feed.dataset_id))
        .where(visible(Dataset, scope), col(Dataset.deleted_at).is_(None), col(Feed.dataset_id).in_(dataset_ids))
    ).all()


def get(session: Session, scope: Scope, dataset_id: str) -> Feed | None:
    return next(iter(of(session, scope, [dataset_id])), None)


def forget_given(session: Session, job_id: str) -> None:
    """The secrets of a new dataset's feed were in the job that brings it: once it is over, they are in the feed or nowhere."""
    job = session.get(Job, job_id)
    if job is not None and (new := job.payload.get("new")):
        job.payload = job.payload | {"new": new | {"secrets": {}}}
        session.add(job)


def on_its_way(session: Session, dataset_id: str) -> Job | None:
    """The job that waits to fetch the dataset, or does just now."""
    return session.exec(
        select(Job)
        .join(JobDataset, col(JobDataset.job_id) == col(Job.id))
        .where(JobDataset.dataset_id == dataset_id, Job.kind == JobKind.REFRESH, col(Job.state).in_(ACTIVE))
        .limit(1)
    ).first()
