"""Projects: datasets, exports and templates that belong together, and filters of every list."""

from __future__ import annotations

from collections.abc import Sequence

from core import accounts, audit, roles
from core.desk import Desk
from core.errors import NotFound
from core.things import find
from storage import projects as rows
from storage.tables import Project

__all__ = ["Project"]


def list(desk: Desk, *, archived: bool = False) -> Sequence[Project]:
    """The workspace's projects by name; `archived`: those that were put away."""
    with desk.store.reading() as session:
        return rows.list(session, desk.workspace_id, archived=archived)


def make(desk: Desk, name: str) -> Project:
    roles.require(desk, "projects.change")
    with desk.store.writing() as session:
        made = rows.add(session, desk.workspace_id, desk.account_id, accounts.checked_name(name))
        audit.note(desk, session, "projects.made", made)
    return made


def rename(desk: Desk, project_id: str, name: str) -> Project:
    """Raises NotFound, Forbidden, BadInput."""
    roles.require(desk, "projects.change")
    with desk.store.writing() as session:
        found = _there(rows.get(session, desk.workspace_id, project_id))
        audit.note(desk, session, "projects.changed", found, name=name)
        return rows.rename(session, found, accounts.checked_name(name))


def archive(desk: Desk, project_id: str, archived: bool = True) -> Project:
    """Put a project away, or take it back; what is in it stays in it."""
    roles.require(desk, "projects.change")
    with desk.store.writing() as session:
        found = _there(rows.get(session, desk.workspace_id, project_id))
        audit.note(desk, session, "projects.archived", found, archived=archived)
        return rows.archive(session, found, archived)


def put(desk: Desk, kind: str, thing_id: str, project_id: str | None) -> None:
    """Put a dataset, export or template into a project, or take it out (None). Raises NotFound, Forbidden."""
    use = {"dataset": "data.change", "export": "exports.stop", "template": "templates.change"}[kind]
    with desk.store.writing() as session:
        thing = find(session, desk.scope, kind, thing_id)
        roles.require(desk, use, thing)
        if project_id is not None:
            _there(rows.get(session, desk.workspace_id, project_id))
        thing.project_id = project_id
        session.add(thing)


def _there(project: Project | None) -> Project:
    if project is None:
        raise NotFound("This project is not there.", "Choose one from the list.")
    return project
