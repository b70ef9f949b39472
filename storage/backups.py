"""A workspace's rows as a backup reads them, and whether one is empty enough to be restored into."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from sqlmodel import Session, asc, col, func, select

from storage.scope import Scope, visible
from storage.tables import (
    Account,
    ColumnMatch,
    Dataset,
    DatasetVersion,
    Destination,
    Feed,
    Project,
    SavedSet,
    Schedule,
    Shareable,
    Template,
    TemplateVersion,
)

Thing = TypeVar("Thing", bound=Shareable)
KINDS = (Dataset, Template, SavedSet, Destination, Schedule)


def things(session: Session, scope: Scope, table: type[Thing]) -> Sequence[Thing]:
    """Those of a kind that `scope` sees and that are not in the bin, in the order they were made."""
    there = (visible(table, scope), col(table.deleted_at).is_(None))
    return session.exec(select(table).where(*there).order_by(asc(table.created_at), asc(table.id))).all()


def projects(session: Session, workspace_id: str) -> Sequence[Project]:
    return session.exec(select(Project).where(Project.workspace_id == workspace_id)).all()


def versions(session: Session, dataset: Dataset) -> Sequence[DatasetVersion]:
    """The oldest first."""
    found = select(DatasetVersion).where(DatasetVersion.dataset_id == dataset.id)
    return session.exec(found.order_by(asc(DatasetVersion.number))).all()


def feed(session: Session, dataset: Dataset) -> Feed | None:
    return session.get(Feed, dataset.id)


def template_versions(session: Session, template: Template) -> Sequence[TemplateVersion]:
    """The oldest first."""
    found = select(TemplateVersion).where(TemplateVersion.template_id == template.id)
    return session.exec(found.order_by(asc(TemplateVersion.number))).all()


def matches(session: Session, template: Template) -> Sequence[ColumnMatch]:
    return session.exec(select(ColumnMatch).where(ColumnMatch.template_id == template.id)).all()


def addresses(session: Session) -> dict[str, str]:
    """Account id → e-mail address, of those who have one."""
    return {a.id: a.email for a in session.exec(select(Account)).all() if a.email}


def holds_anything(session: Session, workspace_id: str) -> bool:
    """Also what lies in the bin."""
    return any(
        session.exec(select(func.count()).select_from(table).where(table.workspace_id == workspace_id)).one()
        for table in (*KINDS, Project)
    )
