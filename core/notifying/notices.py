"""Notices: what people are told of what went on without them: behind the bell and, where they want it, by mail and webhook.

Told once for each thing it is about, however many processes tell it. Whoever tells writes in the transaction of what it tells;
core.notifying.scan tells of what ends by itself, core.notifying.ways sends it on.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import timedelta

from sqlmodel import Session

from core.access import accounts
from core.desk import Desk
from storage import members
from storage import notices as rows
from storage.tables import Job, JobKind, JobState, Notice, NoticeKind, utc_now

__all__ = ["Notice", "NoticeKind"]

KEPT = timedelta(days=90)  # then they are forgotten, read or not


def tell(
    session: Session,
    desk_or_workspace_id: Desk | str,
    account_id: str,
    kind: NoticeKind,
    *,
    about: str,
    title: str,
    text: str = "",
    path: str = "",
) -> Notice | None:
    """Tell one person something, once for each `about` ("job <id>"); `path`: where on the desk it leads.

    The session is a writing one. None: they were told already, or nobody is there to be told (the desk itself, somebody who
    left the workspace).
    """
    place = desk_or_workspace_id if isinstance(desk_or_workspace_id, str) else desk_or_workspace_id.workspace_id
    if not account_id or members.get(session, place, account_id) is None:
        return None
    return rows.tell(session, place, account_id, kind, about=about, title=title, text=text, path=path)


def list(desk: Desk, *, page: int = 1, size: int = 25) -> tuple[Sequence[Notice], int]:
    """One page (from 1) of what whoever acts was told here and wants to see behind the bell, newest first; and how many."""
    wanted = accounts.preferences(desk).told_here
    with desk.store.reading() as session:
        return rows.list(session, desk.workspace_id, desk.account_id, wanted, page=page, size=size)


def unread(desk: Desk) -> int:
    """How many of them they have not read."""
    wanted = accounts.preferences(desk).told_here
    with desk.store.reading() as session:
        return rows.unread(session, desk.workspace_id, desk.account_id, wanted)


def read(desk: Desk, ids: Collection[str] | None = None) -> int:
    """Mark one's own as read: those with these ids, or all. Returns how many were unread."""
    with desk.store.writing() as session:
        return rows.read(session, desk.workspace_id, desk.account_id, ids=ids)


def arrived(desk: Desk, path: str) -> None:
    """Whoever acts looks at what `path` leads to: what they were told of it is read."""
    with desk.store.reading() as session:
        found = rows.leading_to(session, desk.workspace_id, desk.account_id, path)
    if found:
        with desk.store.writing() as session:
            rows.read(session, desk.workspace_id, desk.account_id, path=path)


def path_of(job: Job) -> str:
    """Where on the desk a job is looked at."""
    if job.kind in (JobKind.BACKUP, JobKind.RESTORE):
        return "/workspace"
    return f"/my-exports?job={job.id}"


def forget_old(desk: Desk) -> None:
    with desk.store.writing() as session:
        rows.forget(session, utc_now() - KEPT)


def seen(desk: Desk, job: Job) -> None:
    """They were shown that their export is ready, on the screen they look at: behind the bell it need not wait for them."""
    if job.state != JobState.SUCCEEDED or job.owner_id != desk.account_id:
        return
    from core.notifying import scan  # which tells by this module

    with desk.store.writing() as session:
        scan.tell_of(session, job, accounts.me(desk))
        rows.read(session, desk.workspace_id, desk.account_id, path=path_of(job))
