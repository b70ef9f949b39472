"""Into the bin and back, for the kinds of things that have nothing more to do then than to be there or not."""

from __future__ import annotations

from typing import TypeVar

from core import audit
from core.access import roles
from core.desk import Desk
from core.errors import NotFound
from core.things import KINDS, USES, find
from storage import bin
from storage.tables import Shareable

T = TypeVar("T", bound=Shareable)


def put(desk: Desk, kind: str, thing_id: str) -> None:
    """Into the bin, from where it can be restored for as long as retention says. Raises NotFound, Forbidden."""
    with desk.store.reading() as session:
        thing = find(session, desk.scope, kind, thing_id)
    roles.require(desk, f"{USES[kind]}.delete", thing)
    with desk.store.writing() as session:
        thing = find(session, desk.scope, kind, thing_id)
        audit.note(desk, session, f"{USES[kind]}.deleted", thing)
        bin.put(session, thing)


def take_out(desk: Desk, table: type[T], thing_id: str) -> T:
    """Back from the bin. Raises NotFound for one that does not lie there, Forbidden."""
    use = next(USES[kind] for kind, one in KINDS.items() if one is table)
    with desk.store.reading() as session:
        roles.require(desk, f"{use}.delete", _there(bin.get(session, desk.scope, table, thing_id)))
    with desk.store.writing() as session:
        thing = _there(bin.get(session, desk.scope, table, thing_id))
        audit.note(desk, session, f"{use}.restored", thing)
        bin.take_out(session, thing)
    return thing


def _there(thing: T | None) -> T:
    if thing is None:
        raise NotFound("That does not lie under Recently deleted.", "It was restored meanwhile, or deleted for good.")
    return thing
