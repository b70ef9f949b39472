"""What was exported, in figures. Every question is answered from one index alone (ix_job_stats): the rows hold whole receipts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import Float, Integer
from sqlmodel import Session, asc, case, col, desc, func, select

from storage.scope import Scope, visible
from storage.tables import Job, JobKind, JobState, Template

SLOT_SECONDS = 900  # every zone of today begins its days at a quarter of an hour in UTC


class slot_of(FunctionElement[int]):
    """Which slot since 1970 a time lies in."""

    type = Integer()
    inherit_cache = True
    name = "slot_of"


@compiles(slot_of, "sqlite")
def _sqlite_slot(element: Any, compiler: Any, **kw: Any) -> str:
    second = f"substr({compiler.process(element.clauses, **kw)}, 1, 19)"  # else the last half millisecond is rounded up
    return f"(cast(strftime('%s', {second}) as integer) / {SLOT_SECONDS})"


@compiles(slot_of, "postgresql")
def _postgres_slot(element: Any, compiler: Any, **kw: Any) -> str:
    return f"floor(extract(epoch from {compiler.process(element.clauses, **kw)}) / {SLOT_SECONDS})::bigint"


class seconds_of(FunctionElement[float]):
    """A time as seconds since 1970."""

    type = Float()
    inherit_cache = True
    name = "seconds_of"


@compiles(seconds_of, "sqlite")
def _sqlite_seconds(element: Any, compiler: Any, **kw: Any) -> str:
    return f"((julianday({compiler.process(element.clauses, **kw)}) - 2440587.5) * 86400.0)"


@compiles(seconds_of, "postgresql")
def _postgres_seconds(element: Any, compiler: Any, **kw: Any) -> str:
    return f"extract(epoch from {compiler.process(element.clauses, **kw)})::double precision"


@dataclass(frozen=True)
class Figures:
    """Exports that were begun; those on their way, or cancelled, are neither succeeded nor failed."""

    exports: int = 0
    succeeded: int = 0
    failed: int = 0
    rows: int = 0  # of those that succeeded
    bytes: int = 0

    def __add__(self, other: Figures) -> Figures:
        return Figures(*(mine + theirs for mine, theirs in zip(vars(self).values(), vars(other).values(), strict=True)))


def by_slot(session: Session, scope: Scope, since: datetime | None) -> Sequence[tuple[int, Figures]]:
    """(slot of SLOT_SECONDS since 1970, figures), the earliest first."""
    return [(int(slot), one) for slot, one in _grouped(session, scope, since, slot_of(col(Job.created_at)))]


def by_format(session: Session, scope: Scope, since: datetime | None) -> Sequence[tuple[str, Figures]]:
    """(format, figures), by format."""
    return [(str(format or ""), one) for format, one in _grouped(session, scope, since, col(Job.format))]


def by_owner(session: Session, scope: Scope, since: datetime | None) -> Sequence[tuple[str, Figures]]:
    """(account id, figures)."""
    return _grouped(session, scope, since, col(Job.owner_id))


def by_template(session: Session, scope: Scope, since: datetime | None) -> Sequence[tuple[str, Figures]]:
    """(template id, figures) of those that came from a template."""
    return [(str(id), one) for id, one in _grouped(session, scope, since, col(Job.template_id)) if id]


def slowest(session: Session, scope: Scope, since: datetime | None, limit: int) -> Sequence[tuple[Job, float]]:
    """Exports that succeeded, with the seconds their last attempt took, the longest first; not those in the bin."""
    took = (seconds_of(col(Job.finished_at)) - seconds_of(col(Job.started_at))).label("took")
    done = (Job.state == JobState.SUCCEEDED, col(Job.deleted_at).is_(None), col(Job.started_at).is_not(None))
    found = session.exec(
        select(Job.id, took).where(*_of(scope, since), *done).order_by(desc(took), asc(Job.id)).limit(limit)
    ).all()
    jobs = {job.id: job for job in session.exec(select(Job).where(col(Job.id).in_([id for id, _ in found]))).all()}
    return [(jobs[id], float(seconds)) for id, seconds in found]


def template_names(session: Session, scope: Scope) -> dict[str, str]:
    """The names of the templates that `scope` sees, by id; not of those in the bin."""
    seen = select(Template.id, Template.name).where(visible(Template, scope), col(Template.deleted_at).is_(None))
    return dict(session.exec(seen).all())


def _of(scope: Scope, since: datetime | None) -> Sequence[ColumnElement[bool] | bool]:
    return (
        visible(Job, scope),
        Job.kind == JobKind.EXPORT,
        *((col(Job.created_at) >= since,) if since is not None else ()),
    )


def _grouped(session: Session, scope: Scope, since: datetime | None, key: Any) -> Sequence[tuple[Any, Figures]]:
    succeeded, failed = col(Job.state) == JobState.SUCCEEDED, col(Job.state) == JobState.FAILED

    def summed(condition: ColumnElement[bool], value: Any) -> ColumnElement[int]:
        return func.coalesce(func.sum(case((condition, value), else_=0)), 0)

    figures = (
        func.count(),
        summed(succeeded, 1),
        summed(failed, 1),
        summed(succeeded, func.coalesce(col(Job.rows), 0)),
        summed(succeeded, func.coalesce(col(Job.bytes), 0)),
    )
    query = select(key, *figures).where(*_of(scope, since)).group_by(key).order_by(key)  # type: ignore[call-overload]
    return [(row[0], Figures(*map(int, row[1:]))) for row in session.exec(query).all()]
