"""What datasets, exports, templates and schedules have in common: an owner, being shared, a project, a place in the bin."""

from __future__ import annotations

from collections.abc import Iterable

from sqlmodel import Session, col, select

from core.errors import NotFound
from storage.scope import EVERYTHING, Scope, Within, visible
from storage.tables import Dataset, Destination, Job, SavedSet, Schedule, Shareable, Template

__all__ = ["EVERYTHING", "Within"]

KINDS: dict[str, type[Shareable]] = {
    "dataset": Dataset,
    "export": Job,
    "template": Template,
    "schedule": Schedule,
    "set": SavedSet,
    "destination": Destination,
}
USES = {
    "dataset": "data",
    "export": "exports",
    "template": "templates",
    "schedule": "schedules",
    "set": "sets",
    "destination": "destinations",
}  # the first half of their use cases


def common_project(things: Iterable[Shareable]) -> str | None:
    """The id of the project that all of them are in, if there is one: what is made of them begins there."""
    found = {thing.project_id for thing in things}
    return found.pop() if len(found) == 1 else None


def find(session: Session, scope: Scope, kind: str, thing_id: str) -> Shareable:
    """One by its id. Raises NotFound, also for what others keep to themselves and for what lies in the bin."""
    table = KINDS[kind]
    found = session.exec(
        select(table).where(visible(table, scope), col(table.id) == thing_id, col(table.deleted_at).is_(None))
    ).first()
    if found is None:
        raise NotFound(f"This {kind} is not there.", "It may have been deleted, or is not shared with you.")
    return found
