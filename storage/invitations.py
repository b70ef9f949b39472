"""Ways into a workspace for people who are not there yet."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, desc, func, select, update

from storage.tables import Invitation, Role, utc_now


def add(
    session: Session, workspace_id: str, owner_id: str, *, email: str, role: Role, hash: str, expires_at: datetime
) -> Invitation:
    made = Invitation(
        workspace_id=workspace_id, owner_id=owner_id, email=email, role=role, hash=hash, expires_at=expires_at
    )
    session.add(made)
    session.flush()
    return made


def by_hash(session: Session, hash: str) -> Invitation | None:
    """One that still works: not accepted, not taken back, not expired."""
    return session.exec(select(Invitation).where(Invitation.hash == hash, *_open())).first()


def for_email(session: Session, email: str) -> Sequence[Invitation]:
    """Those that still work and are for this address alone, of every workspace, newest first."""
    return session.exec(
        select(Invitation)
        .where(func.lower(Invitation.email) == func.lower(email), *_open())
        .order_by(desc(Invitation.created_at))
    ).all()


def list(session: Session, workspace_id: str) -> Sequence[Invitation]:
    """Those that still work, newest first."""
    return session.exec(
        select(Invitation)
        .where(Invitation.workspace_id == workspace_id, *_open())
        .order_by(desc(Invitation.created_at))
    ).all()


def accept(session: Session, invitation_id: str, account_id: str) -> bool:
    """False: somebody was quicker."""
    mine = (col(Invitation.id) == invitation_id, *_open())
    values = {"accepted_at": utc_now(), "accepted_by": account_id}
    return bool(session.exec(update(Invitation).where(*mine).values(**values)).rowcount)


def renew(
    session: Session, workspace_id: str, invitation_id: str, *, hash: str, expires_at: datetime
) -> Invitation | None:
    """Another link for one that still works; the link before it does not work any more."""
    found = open_one(session, workspace_id, invitation_id)
    if found is not None:
        found.hash, found.expires_at = hash, expires_at
        session.add(found)
    return found


def open_one(session: Session, workspace_id: str, invitation_id: str) -> Invitation | None:
    """One that still works, by its id."""
    return session.exec(
        select(Invitation).where(Invitation.workspace_id == workspace_id, Invitation.id == invitation_id, *_open())
    ).first()


def revoke(session: Session, workspace_id: str, invitation_id: str) -> Invitation | None:
    found = open_one(session, workspace_id, invitation_id)
    if found is not None:
        found.revoked_at = utc_now()
        session.add(found)
    return found


def revoke_of(session: Session, workspace_id: str, owner_id: str) -> None:
    """Take back all that somebody sent and nobody used."""
    mine = (col(Invitation.workspace_id) == workspace_id, col(Invitation.owner_id) == owner_id, *_open())
    session.exec(update(Invitation).where(*mine).values(revoked_at=utc_now()))


def revoke_for(session: Session, workspace_id: str, email: str) -> None:
    """Take back those of one address: a new one takes their place."""
    its = (col(Invitation.workspace_id) == workspace_id, func.lower(Invitation.email) == func.lower(email), *_open())
    session.exec(update(Invitation).where(*its).values(revoked_at=utc_now()))


def _open() -> tuple[ColumnElement[bool], ...]:
    return (
        col(Invitation.accepted_at).is_(None),
        col(Invitation.revoked_at).is_(None),
        col(Invitation.expires_at) > utc_now(),
    )
