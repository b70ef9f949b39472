"""Recently deleted: what lies in the bin, how long it stays there, and the way back.

Deleting is a verb of each noun (datasets.move_to_bin, templates.delete, exports.delete …), and so is restoring; here is the
list of them all, deleting for good, and what the clock forgets after the days retention says.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlmodel import Session

from core import audit, choices, datasets, destinations, exports
from core.access import roles
from core.desk import Desk
from core.errors import Conflict, NotFound
from core.scheduling import schedules
from core.templating import saved_sets, templates
from core.things import KINDS, USES
from storage import accounts, uses
from storage import bin as rows
from storage import datasets as datasets_rows
from storage.files import remove
from storage.scope import Scope
from storage.tables import Dataset, Job, Shareable, utc_now

DAY = timedelta(days=1)
RESTORE: Mapping[str, Callable[[Desk, str], Shareable]] = {
    "dataset": datasets.restore,
    "template": templates.restore,
    "export": exports.restore,
    "schedule": schedules.restore,
    "set": saved_sets.restore,
    "destination": destinations.restore,
}


@dataclass(frozen=True)
class Binned:
    """One thing in the bin."""

    kind: str  # core.things.KINDS
    thing: Shareable
    name: str
    owner: str  # name of whoever owns it
    deleted_at: datetime
    days_left: int  # begun ones count; 0: the next sweep takes it


def list(desk: Desk, *, search: str = "") -> Sequence[Binned]:
    """What whoever acts could see before it was deleted, the last deleted first."""
    kept, now = choices.retention(desk).bin_days * DAY, utc_now()
    found: dict[str, Sequence[Shareable]] = {}
    with desk.store.reading() as session:
        for kind, table in KINDS.items():
            found[kind] = rows.list(session, desk.scope, table)
        owner_ids = {thing.owner_id for things in found.values() for thing in things}
        people = {one: account.name for one in owner_ids if (account := accounts.account(session, one))}
    binned = [
        Binned(
            kind=kind,
            thing=thing,
            name=str(thing.name),  # type: ignore[attr-defined]  # all of them have one
            owner=people.get(thing.owner_id, ""),
            deleted_at=thing.deleted_at,
            days_left=max(0, math.ceil((thing.deleted_at + kept - now) / DAY)),
        )
        for kind, things in found.items()
        for thing in things
        if thing.deleted_at is not None
    ]
    sought = [one for one in binned if search.casefold() in one.name.casefold()]
    return sorted(sought, key=lambda one: one.deleted_at, reverse=True)


def restore(desk: Desk, kind: str, thing_id: str) -> Shareable:
    """Back to where it was. Raises NotFound, Forbidden."""
    return RESTORE[kind](desk, thing_id)


def going_with(desk: Desk, one: Binned) -> tuple[Sequence[str], int]:
    """What goes with it when it goes for good: the schedules of a template. The names of those that whoever acts sees, and how
    many others there are."""
    with desk.store.reading() as session:
        found = rows.going_with(session, one.thing)
    seen = [each.name for each in found if each.shared or not desk.account_id or each.owner_id == desk.account_id]
    return seen, len(found) - len(seen)


def delete_for_good(desk: Desk, kind: str, thing_id: str) -> None:
    """Forget it now, with its files. Raises NotFound, Forbidden, Conflict while a queued or running export needs it."""
    with desk.store.reading() as session:
        found = rows.get(session, desk.scope, KINDS[kind], thing_id)
    if found is None:
        raise NotFound(f"This {kind} is not in the bin.", "It may have been restored, or deleted for good already.")
    roles.require(desk, f"{USES[kind]}.delete", found)
    with desk.store.writing() as session:
        there = rows.get(session, desk.scope, KINDS[kind], thing_id)
        if there is None:
            return  # somebody else was quicker
        if there.id in uses.held(session):
            raise Conflict(
                "An export that is on its way still needs this.", "Wait until it has ended, then delete it for good."
            )
        files = _files(session, desk, there)
        _forget(desk, session, kind, there)
    for path in files:
        remove(path)


def purge(desk: Desk) -> int:
    """Forget what has lain in the bin for the days retention says, of every workspace, unless a queued or running job needs it.

    Returns how many; the sweep that calls this removes their files.
    """
    before, gone = utc_now() - timedelta(days=choices.retention(desk).bin_days), 0
    with desk.store.writing() as session:
        held = uses.held(session)
        for kind, table in KINDS.items():
            for thing in rows.older(session, table, before):
                if thing.id in held:
                    continue
                _forget(desk.itself(thing.workspace_id), session, kind, thing)
                gone += 1
    return gone


def _forget(desk: Desk, session: Session, kind: str, thing: Shareable) -> None:
    """The log names whatever goes, also what goes with it."""
    audit.note(desk, session, f"{USES[kind]}.removed", thing)
    for schedule in rows.going_with(session, thing):
        audit.note(desk, session, "schedules.removed", schedule, template=str(getattr(thing, "name", "")))
    rows.forget(session, thing)


def _files(session: Session, desk: Desk, thing: Shareable) -> Sequence[Path]:
    """What lies on disk for it. Asked before its row goes."""
    if isinstance(thing, Dataset):
        versions = datasets_rows.versions(session, Scope(thing.workspace_id), thing.id)
        return [desk.files.dataset(version.id) for version in versions]
    return [*desk.files.exports.glob(f"{thing.id}.*")] if isinstance(thing, Job) else []
