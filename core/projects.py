"""Projects: datasets, exports and templates that belong together, and filters of every list."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from sqlmodel import Session

from core import audit, naming
from core.access import roles
from core.desk import Desk
from core.errors import Conflict, NotFound
from core.things import KINDS, USES, find
from storage import projects as rows
from storage import workspaces
from storage.tables import Project

__all__ = ["Project"]


def list(desk: Desk, *, archived: bool = False) -> Sequence[Project]:
    """The workspace's projects by name; `archived`: those that were put away. Raises Forbidden."""
    roles.require(desk, "projects.see")
    with desk.store.reading() as session:
        return rows.list(session, desk.workspace_id, archived=archived)


def get(desk: Desk, project_id: str) -> Project:
    """Also one that was put away. Raises NotFound, Forbidden."""
    roles.require(desk, "projects.see")
    with desk.store.reading() as session:
        return _there(rows.get(session, desk.workspace_id, project_id))


def counts(desk: Desk) -> dict[str, Counter[str]]:
    """Project id → how many of each kind ("dataset", "export", "template") somebody may see in it."""
    roles.require(desk, "projects.see")
    found: dict[str, Counter[str]] = {}
    with desk.store.reading() as session:
        for kind, table in KINDS.items():
            for project_id, count in rows.counts(session, desk.scope, table):
                found.setdefault(project_id, Counter())[kind] = count
    return found


def make(desk: Desk, name: str) -> Project:
    """Raises Forbidden, BadInput, and Conflict where a project is called so already."""
    roles.require(desk, "projects.change")
    name = naming.checked(name)
    with desk.store.writing() as session:
        _only_one(session, desk, name)
        made = rows.add(session, desk.workspace_id, desk.account_id, name)
        audit.note(desk, session, "projects.made", made)
    return made


def rename(desk: Desk, project_id: str, name: str) -> Project:
    """Raises NotFound, Forbidden, BadInput, and Conflict where another project is called so already."""
    roles.require(desk, "projects.change")
    name = naming.checked(name)
    with desk.store.writing() as session:
        found = _there(rows.get(session, desk.workspace_id, project_id))
        _only_one(session, desk, name, but=found.id)
        audit.note(desk, session, "projects.changed", found, name=name)
        return rows.rename(session, found, name)


def archive(desk: Desk, project_id: str, archived: bool = True) -> Project:
    """Put a project away, or take it back; what is in it stays in it. Raises NotFound, Forbidden."""
    roles.require(desk, "projects.change")
    with desk.store.writing() as session:
        found = _there(rows.get(session, desk.workspace_id, project_id))
        audit.note(desk, session, "projects.archived" if archived else "projects.taken_back", found)
        return rows.archive(session, found, archived)


def put(desk: Desk, kind: str, thing_id: str, project_id: str | None) -> None:
    """Put a dataset, export or template into a project, or take it out (None). Raises NotFound, Forbidden, Conflict."""
    use = f"{USES[kind]}.change"
    with desk.store.reading() as session:
        roles.require(desk, use, find(session, desk.scope, kind, thing_id))
    with desk.store.writing() as session:
        thing = find(session, desk.scope, kind, thing_id)
        project = None if project_id is None else _there(rows.get(session, desk.workspace_id, project_id))
        if project is not None and project.archived_at is not None:
            raise Conflict(f"“{project.name}” is archived.", "Take it back first, under Projects.", field="project")
        if thing.project_id != project_id:
            thing.project_id = project_id
            session.add(thing)
            audit.note(desk, session, use + "d", thing, project=project.name if project else None)


def _only_one(session: Session, desk: Desk, name: str, but: str | None = None) -> None:
    """Raises Conflict for a name that is taken; until the transaction ends nobody else takes one in this workspace."""
    workspaces.get(session, desk.workspace_id, lock=True)
    for one in [p for away in (False, True) for p in rows.list(session, desk.workspace_id, archived=away)]:
        if one.name.casefold() == name.casefold() and one.id != but:
            where = "in the archive: take it back" if one.archived_at else "in the list"
            raise Conflict(f"There is a project “{one.name}” already.", f"It is {where}, or choose another name.",
                           field="name")  # fmt: skip


def _there(project: Project | None) -> Project:
    if project is None:
        raise NotFound("This project is not there.", "Choose one from the list.")
    return project
