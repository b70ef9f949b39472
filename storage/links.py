"""Download links that were handed out. The signature proves a link is ours; this row can take it back."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlmodel import Session, col, delete, desc, select

from storage.tables import Link, LinkDownload, utc_now

LONGEST = 300  # characters of an address or an agent that are kept: whoever asks chooses them


def add(session: Session, workspace_id: str, owner_id: str, *, job_id: str, file: int, expires_at: datetime) -> Link:
    link = Link(workspace_id=workspace_id, owner_id=owner_id, job_id=job_id, file=file, expires_at=expires_at)
    session.add(link)
    session.flush()
    return link


def get(session: Session, workspace_id: str, link_id: str) -> Link | None:
    return session.exec(select(Link).where(Link.workspace_id == workspace_id, Link.id == link_id)).first()


def of_job(session: Session, workspace_id: str, job_id: str) -> Sequence[Link]:
    """Newest first."""
    return session.exec(
        select(Link).where(Link.workspace_id == workspace_id, Link.job_id == job_id).order_by(desc(Link.created_at))
    ).all()


def revoke(session: Session, workspace_id: str, link_id: str) -> Link | None:
    """None: there is no such link, or it was revoked before."""
    link = get(session, workspace_id, link_id)
    if link is None or link.revoked_at is not None:
        return None
    link.revoked_at = utc_now()
    session.add(link)
    return link


def set_password(session: Session, workspace_id: str, link_id: str, hashed: str | None) -> None:
    link = get(session, workspace_id, link_id)
    if link is not None:
        link.password_hash = hashed
        session.add(link)


def note_download(session: Session, link_id: str, *, address: str, agent: str) -> None:
    session.add(LinkDownload(link_id=link_id, address=address[:LONGEST], agent=agent[:LONGEST]))


def downloads(session: Session, link_ids: Collection[str]) -> dict[str, list[LinkDownload]]:
    """By link, newest first."""
    found: dict[str, list[LinkDownload]] = {}
    asked = select(LinkDownload).where(col(LinkDownload.link_id).in_(link_ids)).order_by(desc(LinkDownload.at))
    for one in session.exec(asked).all():
        found.setdefault(one.link_id, []).append(one)
    return found


def remove_expired(session: Session, before: datetime) -> int:
    """Forget links that ran out before then, of every workspace; an expired link says so by its signature alone."""
    return session.exec(delete(Link).where(col(Link.expires_at) < before)).rowcount
