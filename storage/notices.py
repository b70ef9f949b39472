"""Notices: what one person is told, once for each thing it is about."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, String, and_, cast, delete, exists, literal, or_, update
from sqlmodel import Session, asc, col, desc, func, select

from storage.tables import Account, Job, JobKind, JobState, Membership, Notice, NoticeKind, utc_now

# kinds of jobs whose end people want to hear of; whoever brings a file in waits for it, and deliveries tell by themselves
FOR_PEOPLE = (JobKind.EXPORT, JobKind.BACKUP, JobKind.RESTORE)
AT_ONCE = 1000  # rows looked at in one transaction; the next tick goes on


def tell(
    session: Session,
    workspace_id: str,
    owner_id: str,
    kind: NoticeKind,
    *,
    about: str,
    title: str,
    text: str = "",
    path: str = "",
) -> Notice | None:
    """None: they were told of this already. The caller holds the write lock, so nobody tells it in between."""
    known = select(Notice.id).where(Notice.owner_id == owner_id, Notice.kind == kind, Notice.about == about)
    if session.exec(known).first() is not None:
        return None
    notice = Notice(
        workspace_id=workspace_id, owner_id=owner_id, kind=kind, about=about, title=title, text=text, path=path
    )
    session.add(notice)
    session.flush()
    return notice


def list(
    session: Session, workspace_id: str, owner_id: str, kinds: Collection[NoticeKind], *, page: int = 1, size: int = 25
) -> tuple[Sequence[Notice], int]:
    """One page (from 1) of what somebody was told of these kinds, newest first, and how many there are in all."""
    mine = _theirs(workspace_id, owner_id, kinds)
    total = session.exec(select(func.count()).select_from(Notice).where(mine)).one()
    newest = select(Notice).where(mine).order_by(desc(Notice.created_at), desc(Notice.id))
    return session.exec(newest.offset((page - 1) * size).limit(size)).all(), total


def unread(session: Session, workspace_id: str, owner_id: str, kinds: Collection[NoticeKind]) -> int:
    mine = _theirs(workspace_id, owner_id, kinds)
    return session.exec(select(func.count()).select_from(Notice).where(mine, col(Notice.read_at).is_(None))).one()


def read(
    session: Session,
    workspace_id: str,
    owner_id: str,
    *,
    ids: Collection[str] | None = None,
    path: str | None = None,
) -> int:
    """Mark as read what somebody has not read yet: those with these ids, those that lead to `path`, or all. How many."""
    mine = _unread(workspace_id, owner_id)
    if ids is not None:
        mine = and_(mine, col(Notice.id).in_(ids))
    if path is not None:
        mine = and_(mine, col(Notice.path) == path)
    return session.exec(update(Notice).where(mine).values(read_at=utc_now())).rowcount


def leading_to(session: Session, workspace_id: str, owner_id: str, path: str) -> bool:
    """Has somebody not read yet what leads there?"""
    mine = _unread(workspace_id, owner_id)
    return session.exec(select(Notice.id).where(mine, Notice.path == path).limit(1)).first() is not None


def ended_untold(session: Session, state: JobState, kind: NoticeKind, since: datetime) -> Sequence[tuple[Job, Account]]:
    """Jobs that make something for people, ended so after `since`, and whose owners were not told so yet; the oldest first."""
    told = select(Notice.id).where(
        Notice.owner_id == Job.owner_id, Notice.kind == kind, col(Notice.about) == _about_job()
    )
    return session.exec(
        select(Job, Account)
        .join(Account, col(Job.owner_id) == col(Account.id))
        .join(Membership, _member())
        .where(col(Job.kind).in_(FOR_PEOPLE), Job.state == state, col(Job.deleted_at).is_(None))
        .where(col(Job.finished_at) > since, ~exists(told))
        .order_by(asc(Job.finished_at))
        .limit(AT_ONCE)
    ).all()


def going(session: Session, after: datetime, until: datetime) -> Sequence[tuple[Job, Account]]:
    """Jobs whose files are there and will go between the two, with their owners; the first to go first."""
    return session.exec(
        select(Job, Account)
        .join(Account, col(Job.owner_id) == col(Account.id))
        .join(Membership, _member())
        .where(Job.state == JobState.SUCCEEDED, col(Job.deleted_at).is_(None), col(Job.kept).is_(False))
        .where(col(Job.expired_at).is_(None), col(Job.expires_at) > after, col(Job.expires_at) <= until)
        .order_by(asc(Job.owner_id), asc(Job.workspace_id), asc(Job.expires_at))
    ).all()


def take_unsent(session: Session, now: datetime, until: datetime) -> tuple[Account, Sequence[Notice]] | None:
    """All that has to be sent on to one person now, the oldest first; None: nothing has to.

    Until then no other clock takes it. Whoever took it says in time what became of it (`sent`, `give_back`); else, where a
    process died over it, it is taken again.
    """
    due = or_(col(Notice.try_after).is_(None), col(Notice.try_after) <= now)
    found = session.exec(
        select(Notice)
        .where(col(Notice.sent_at).is_(None), due)
        .order_by(asc(Notice.owner_id), asc(Notice.created_at), asc(Notice.id))
        .limit(AT_ONCE)
        .with_for_update(skip_locked=True)  # PostgreSQL; on SQLite the whole transaction holds the lock
    ).all()
    theirs = [notice for notice in found if notice.owner_id == found[0].owner_id]
    for notice in theirs:
        notice.tries, notice.try_after = notice.tries + 1, until
        session.add(notice)
    session.flush()
    return (session.exec(select(Account).where(Account.id == theirs[0].owner_id)).one(), theirs) if theirs else None


def sent(session: Session, ids: Collection[str], now: datetime) -> None:
    """They are handed on, or nobody wants them so, or they were given up."""
    session.exec(update(Notice).where(col(Notice.id).in_(ids)).values(sent_at=now))


def give_back(session: Session, notice_id: str, ways: Sequence[str], try_after: datetime) -> None:
    """It could not be sent in these ways just now: it is taken again from then on."""
    session.exec(update(Notice).where(col(Notice.id) == notice_id).values(ways=[*ways], try_after=try_after))


def forget(session: Session, before: datetime) -> int:
    """Forget what was told before then."""
    return session.exec(delete(Notice).where(col(Notice.created_at) < before)).rowcount


def about_job(job: Job) -> str:
    """What a notice about the end of a job is about: tried again, it ends again."""
    return f"job {job.id} {job.attempt}"


def _about_job() -> ColumnElement[str]:
    return literal("job ") + col(Job.id) + literal(" ") + cast(col(Job.attempt), String)


def _member() -> ColumnElement[bool]:
    """They still belong to the job's workspace."""
    return and_(col(Membership.workspace_id) == col(Job.workspace_id), col(Membership.account_id) == col(Job.owner_id))


def _theirs(workspace_id: str, owner_id: str, kinds: Collection[NoticeKind]) -> ColumnElement[bool]:
    return and_(_own(workspace_id, owner_id), col(Notice.kind).in_(kinds))


def _unread(workspace_id: str, owner_id: str) -> ColumnElement[bool]:
    return and_(_own(workspace_id, owner_id), col(Notice.read_at).is_(None))


def _own(workspace_id: str, owner_id: str) -> ColumnElement[bool]:
    return and_(col(Notice.workspace_id) == workspace_id, col(Notice.owner_id) == owner_id)
