"""Which datasets a job or a template uses, in tables of their own: asked of thousands without reading what each one says.

A job uses the datasets whose versions it pinned, and the one it is about to give a new version. A template names datasets
as its spec does, by id or slug: which dataset that is shows when it runs.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement
from sqlmodel import Session, asc, col, delete, func, or_, select

from storage.scope import Scope, visible
from storage.store import folded
from storage.tables import (
    ACTIVE,
    Dataset,
    DatasetVersion,
    Job,
    JobDataset,
    JobKind,
    Schedule,
    Template,
    TemplateDataset,
)


@dataclass(frozen=True)
class User:
    """A template, a schedule or an export that uses a dataset; or a schedule that runs a template."""

    name: str
    owner_id: str
    shared: bool


def note_job(session: Session, job: Job) -> None:
    """Once, when the job is accepted: what it pinned never changes."""
    pinned = [str(version) for version in (job.resolved or {}).get("versions", {}).values()]
    replaced = job.payload.get("dataset")
    if not pinned and not replaced:
        return
    read = select(DatasetVersion.dataset_id).where(col(DatasetVersion.id).in_(pinned))
    used = session.exec(select(Dataset.id).where(or_(col(Dataset.id).in_(read), Dataset.id == replaced))).all()
    session.add_all(JobDataset(job_id=job.id, dataset_id=one) for one in used)
    session.flush()


def note_template(session: Session, template: Template) -> None:
    """Whenever its spec is another one."""
    session.exec(delete(TemplateDataset).where(col(TemplateDataset.template_id) == template.id))
    named = {str(source["dataset"]).lower() for source in template.spec.get("sources", ())}
    session.add_all(TemplateDataset(template_id=template.id, dataset=one) for one in named)
    session.flush()


def counts(session: Session, scope: Scope) -> Counter[str]:
    """How many exports that `scope` sees were made from each dataset (id), from any of its versions; not the deleted ones."""
    made = (visible(Job, scope), Job.kind == JobKind.EXPORT, col(Job.deleted_at).is_(None))
    query = select(JobDataset.dataset_id, func.count()).join(Job, col(Job.id) == col(JobDataset.job_id)).where(*made)
    return Counter(dict(session.exec(query.group_by(JobDataset.dataset_id)).all()))


def templates(session: Session, dataset: Dataset) -> Sequence[User]:
    """The templates outside the bin whose spec names the dataset, by name; of everybody in its workspace."""
    naming = select(TemplateDataset.template_id).where(
        col(TemplateDataset.dataset).in_((dataset.id, dataset.slug.lower()))
    )
    return _users(
        session,
        Template,
        col(Template.id).in_(naming),
        Template.workspace_id == dataset.workspace_id,
        col(Template.deleted_at).is_(None),
    )


def schedules(session: Session, dataset: Dataset) -> Sequence[User]:
    """The schedules outside the bin whose template names the dataset, by name; of everybody in its workspace."""
    naming = select(TemplateDataset.template_id).where(
        col(TemplateDataset.dataset).in_((dataset.id, dataset.slug.lower()))
    )
    return _users(
        session,
        Schedule,
        col(Schedule.template_id).in_(naming),
        Schedule.workspace_id == dataset.workspace_id,
        col(Schedule.deleted_at).is_(None),
    )


def schedules_of_template(session: Session, template_id: str) -> Sequence[User]:
    """The schedules outside the bin that run a template, by name; of everybody in its workspace."""
    return _users(session, Schedule, Schedule.template_id == template_id, col(Schedule.deleted_at).is_(None))


def exports_on_their_way(session: Session, dataset: Dataset) -> Sequence[User]:
    """The queued and running exports that read the dataset, by name; of everybody in its workspace."""
    reading = select(JobDataset.job_id).where(JobDataset.dataset_id == dataset.id)
    return _users(session, Job, col(Job.id).in_(reading), Job.kind == JobKind.EXPORT, col(Job.state).in_(ACTIVE))


def held(session: Session) -> Collection[str]:
    """The ids of all that queued and running jobs need, of every workspace: themselves, the templates they came from, the
    datasets they read or are about to give a new version."""
    active = session.exec(select(Job.id, Job.template_id).where(col(Job.state).in_(ACTIVE))).all()
    used = select(JobDataset.dataset_id).join(Job, col(Job.id) == col(JobDataset.job_id)).distinct()
    datasets = session.exec(used.where(col(Job.state).in_(ACTIVE))).all()
    return {*datasets, *(one for ids in active for one in ids if one)}


def _users(
    session: Session, table: type[Job] | type[Template] | type[Schedule], *where: ColumnElement[bool] | bool
) -> Sequence[User]:
    query = select(table.name, table.owner_id, table.shared).where(*where)
    return [User(*row) for row in session.exec(query.order_by(asc(folded(table.name)), asc(table.id))).all()]
