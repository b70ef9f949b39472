"""The bin: where all that people delete lies between being deleted and being forgotten.

`Shareable.deleted_at` says since when. Every ordinary list and look-up leaves such rows out; only this module asks for them.
Functions that forget a row return what its files are called by; the sweep removes files without a row.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TypeVar

from sqlmodel import Session, asc, col, delete, desc, select, update

from storage import jobs
from storage.scope import Scope, visible
from storage.tables import Dataset, DatasetVersion, Job, Pin, Schedule, Shareable, Template, utc_now

Thing = TypeVar("Thing", bound=Shareable)


def put(session: Session, thing: Shareable) -> None:
    """Into the bin; its row, its files and its links stay as they are."""
    thing.deleted_at = utc_now()
    session.add(thing)


def take_out(session: Session, thing: Shareable) -> None:
    """Back where it was. A dataset's slug may be taken by now: see storage.datasets.restore."""
    thing.deleted_at = None
    session.add(thing)


def list(session: Session, scope: Scope, table: type[Thing]) -> Sequence[Thing]:
    """Those of a kind that lie in the bin, the last deleted first."""
    there = select(table).where(visible(table, scope), col(table.deleted_at).is_not(None))
    return session.exec(there.order_by(desc(table.deleted_at), asc(table.id))).all()


def get(session: Session, scope: Scope, table: type[Thing], thing_id: str) -> Thing | None:
    """One that lies in the bin, by its id."""
    return session.exec(
        select(table).where(visible(table, scope), table.id == thing_id, col(table.deleted_at).is_not(None))
    ).first()


def older(session: Session, table: type[Thing], before: datetime) -> Sequence[Thing]:
    """Those of a kind that lie there since before then, of every workspace."""
    return session.exec(select(table).where(col(table.deleted_at) < before).order_by(asc(table.id))).all()


def going_with(session: Session, thing: Shareable) -> Sequence[Schedule]:
    """Schedules that `forget` takes along: those of a template have nothing to run without it. By name, from the bin too."""
    if not isinstance(thing, Template):
        return []
    theirs = select(Schedule).where(Schedule.template_id == thing.id)
    return session.exec(theirs.order_by(asc(Schedule.name), asc(Schedule.id))).all()


def forget(session: Session, thing: Shareable) -> None:
    """Forget it for good. Ask storage.uses.held first: nobody may take from a queued or running job what it needs."""
    if isinstance(thing, Dataset):
        session.exec(delete(DatasetVersion).where(col(DatasetVersion.dataset_id) == thing.id))
        session.delete(thing)
    elif isinstance(thing, Job):
        jobs.delete(session, thing)
    elif isinstance(thing, Template):
        session.exec(delete(Pin).where(col(Pin.template_id) == thing.id))
        session.exec(delete(Schedule).where(col(Schedule.template_id) == thing.id))  # see going_with
        session.exec(update(Job).where(col(Job.template_id) == thing.id).values(template_id=None))
        session.delete(thing)
    else:  # of a schedule its occurrences go with it
        session.delete(thing)
    session.flush()
