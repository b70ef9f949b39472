"""The files that exports made, to be found again by their SHA-256."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlmodel import Session, and_, col, delete, desc, select

from storage.scope import Scope, visible
from storage.tables import Job, JobFile, JobKind, JobState


def note(session: Session, job_id: str, files: Sequence[Mapping[str, Any]]) -> None:
    """Of a receipt's files, and of what its zips hold as far as the receipt lists it."""
    session.exec(delete(JobFile).where(col(JobFile.job_id) == job_id))
    listed = (one for file in files for one in (file, *file.get("members", ())))
    session.add_all(
        JobFile(job_id=job_id, number=number, sha256=one["sha256"], name=one["name"])
        for number, one in enumerate(listed)
    )
    session.flush()


def find(session: Session, scope: Scope, sha256: str) -> tuple[Job, JobFile] | None:
    """The newest export that `scope` sees which made this very file."""
    return session.exec(
        select(Job, JobFile)
        .join(JobFile, col(JobFile.job_id) == col(Job.id))
        .where(JobFile.sha256 == sha256, _kept(scope))
        .order_by(desc(Job.created_at), desc(Job.id))
        .limit(1)
    ).first()


def alike(session: Session, scope: Scope, rows: int, limit: int) -> Iterator[Job]:
    """Exports that a table of so many rows may be: those with as many, then others, each the newest first."""
    whole = (col(Job.resolved).is_not(None), col(Job.result).is_not(None))
    newest = select(Job).where(_kept(scope), *whole).order_by(desc(Job.created_at), desc(Job.id)).limit(limit)
    yield from session.exec(newest.where(Job.rows == rows)).all()
    yield from session.exec(newest.where(Job.rows != rows)).all()


def _kept(scope: Scope) -> Any:
    return and_(
        visible(Job, scope), Job.kind == JobKind.EXPORT, Job.state == JobState.SUCCEEDED, col(Job.deleted_at).is_(None)
    )
