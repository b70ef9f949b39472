"""Browsers in which somebody is signed in, and links that let them choose a new password."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, and_
from sqlmodel import Session, case, col, delete, desc, func, select, update

from storage.tables import OneTimeLink, SignIn, utc_now


def add(
    session: Session, account_id: str, workspace_id: str, *, hash: str, expires_at: datetime, address: str, agent: str
) -> SignIn:
    made = SignIn(
        account_id=account_id, workspace_id=workspace_id, hash=hash, expires_at=expires_at, address=address, agent=agent
    )
    session.add(made)
    session.flush()
    return made


def by_hash(session: Session, hash: str) -> SignIn | None:
    """One that still holds: neither ended nor expired."""
    return session.exec(select(SignIn).where(SignIn.hash == hash, *_open())).first()


def open_one(session: Session, sign_in_id: str) -> SignIn | None:
    """One that still holds, by its id."""
    return session.exec(select(SignIn).where(SignIn.id == sign_in_id, *_open())).first()


def of_account(session: Session, account_id: str) -> Sequence[SignIn]:
    """Those that still hold, the last used first."""
    mine = select(SignIn).where(SignIn.account_id == account_id, *_open())
    return session.exec(mine.order_by(desc(SignIn.seen_at))).all()


def last_seen(session: Session, account_ids: Collection[str]) -> Sequence[tuple[str, datetime, int]]:
    """(account id, when they were last here, in how many browsers they are signed in) of those who came not long ago."""
    holds = and_(*_open())
    query = select(SignIn.account_id, func.max(SignIn.seen_at), func.sum(case((holds, 1), else_=0)))
    return session.exec(query.where(col(SignIn.account_id).in_(account_ids)).group_by(SignIn.account_id)).all()


def touch(session: Session, sign_in_id: str) -> None:
    session.exec(update(SignIn).where(col(SignIn.id) == sign_in_id).values(seen_at=utc_now()))


def move(session: Session, sign_in_id: str, workspace_id: str) -> None:
    """They look at another workspace now."""
    session.exec(update(SignIn).where(col(SignIn.id) == sign_in_id).values(workspace_id=workspace_id))


def end(session: Session, account_id: str, sign_in_id: str | None = None, *, but: str | None = None) -> int:
    """End one sign-in of an account, or all of them, or all but one. Returns how many were ended."""
    query = update(SignIn).where(col(SignIn.account_id) == account_id, col(SignIn.ended_at).is_(None))
    if sign_in_id is not None:
        query = query.where(col(SignIn.id) == sign_in_id)
    if but is not None:
        query = query.where(col(SignIn.id) != but)
    return int(session.exec(query.values(ended_at=utc_now())).rowcount)


def remove_expired(session: Session, before: datetime) -> None:
    """Forget what ran out or was ended before then, of everybody."""
    over = (col(SignIn.expires_at) < before) | (col(SignIn.ended_at) < before)
    session.exec(delete(SignIn).where(over))
    session.exec(delete(OneTimeLink).where(col(OneTimeLink.expires_at) < before))


def add_link(session: Session, account_id: str, hash: str, expires_at: datetime) -> OneTimeLink:
    """A link for a new password; the ones before it no longer work."""
    end_links(session, account_id)
    made = OneTimeLink(account_id=account_id, hash=hash, expires_at=expires_at)
    session.add(made)
    session.flush()
    return made


def end_links(session: Session, account_id: str) -> None:
    """None that was made for an account works any more."""
    session.exec(delete(OneTimeLink).where(col(OneTimeLink.account_id) == account_id))


def link(session: Session, hash: str) -> OneTimeLink | None:
    """One that still works."""
    return session.exec(
        select(OneTimeLink).where(
            OneTimeLink.hash == hash, col(OneTimeLink.used_at).is_(None), col(OneTimeLink.expires_at) > utc_now()
        )
    ).first()


def use_link(session: Session, link_id: str) -> bool:
    """Mark it used. False: somebody was quicker."""
    mine = (col(OneTimeLink.id) == link_id, col(OneTimeLink.used_at).is_(None))
    return bool(session.exec(update(OneTimeLink).where(*mine).values(used_at=utc_now())).rowcount)


def _open() -> tuple[ColumnElement[bool], ...]:
    return col(SignIn.ended_at).is_(None), col(SignIn.expires_at) > utc_now()
