"""Sharing: what one made is one's own until it is shared with the workspace."""

from __future__ import annotations

from core import audit, roles
from core.desk import Desk
from core.engine.spec import ExportSpec
from core.errors import Conflict
from core.things import USES, find
from storage import datasets
from storage.tables import Shareable, Template


def share(desk: Desk, kind: str, thing_id: str, shared: bool = True) -> Shareable:
    """Show a dataset, an export or a template to everybody of the workspace, or keep it to its owner again.

    Raises NotFound, Forbidden, and Conflict for a template whose datasets the others could not see: `details["private"]`
    lists them (id, name).
    """
    with desk.store.writing() as session:
        thing = find(session, desk.scope, kind, thing_id)
        roles.require(desk, f"{USES[kind]}.share", thing)
        if shared and isinstance(thing, Template):
            used = [source.dataset for source in ExportSpec.model_validate(thing.spec).sources]
            found = [datasets.get(session, desk.scope, name) for name in dict.fromkeys(used)]
            private = [{"id": d.id, "name": d.name} for d in found if d is not None and not d.shared]
            if private:
                names = ", ".join(f"“{one['name']}”" for one in private)
                raise Conflict(
                    f"“{thing.name}” uses {names}, which only you can see.", "Share the data too.", private=private
                )
        if thing.shared != shared:
            thing.shared = shared
            session.add(thing)
            audit.note(desk, session, f"{USES[kind]}.{'shared' if shared else 'unshared'}", thing)
    return thing
