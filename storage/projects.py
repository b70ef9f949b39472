"""Projects: what datasets, exports and templates are put into."""

from __future__ import annotations

from collections.abc import Sequence

from sqlmodel import Session, asc, col, func, select

from storage.scope import Scope, visible
from storage.tables import Dataset, Job, JobKind, Project, Shareable, utc_now


def add(session: Session, workspace_id: str, owner_id: str, name: str) -> Project:
    made = Project(workspace_id=workspace_id, owner_id=owner_id, name=name)
    session.add(made)
    session.flush()
    return made


def get(session: Session, workspace_id: str, project_id: str) -> Project | None:
    return session.exec(select(Project).where(Project.workspace_id == workspace_id, Project.id == project_id)).first()


def list(session: Session, workspace_id: str, *, archived: bool = False) -> Sequence[Project]:
    """By name; `archived`: those put away instead."""
    away = col(Project.archived_at)
    return session.exec(
        select(Project)
        .where(Project.workspace_id == workspace_id, away.is_not(None) if archived else away.is_(None))
        .order_by(asc(func.lower(Project.name)), asc(Project.id))
    ).all()


def counts(session: Session, scope: Scope, table: type[Shareable]) -> Sequence[tuple[str, int]]:
    """(project id, how many rows of `table` the scope sees in it); what lies in the bin does not count."""
    project = col(table.project_id)
    query = select(project, func.count()).where(visible(table, scope), project.is_not(None))
    if table is Dataset:
        query = query.where(col(Dataset.hidden).is_(False))
    if table is Job:
        query = query.where(Job.kind == JobKind.EXPORT)
    found = session.exec(query.where(col(table.deleted_at).is_(None)).group_by(project)).all()
    return [(project_id, count) for project_id, count in found if project_id is not None]


def rename(session: Session, project: Project, name: str) -> Project:
    project.name = name
    session.add(project)
    return project


def archive(session: Session, project: Project, archived: bool) -> Project:
    project.archived_at = utc_now() if archived else None
    session.add(project)
    return project
