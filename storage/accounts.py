"""Accounts: who there is in the whole installation, and how they are known."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement
from sqlmodel import Session, asc, col, func, or_, select

from storage.store import folded
from storage.tables import Account


def account(session: Session, account_id: str, *, lock: bool = False) -> Account | None:
    """`lock`: nobody else changes it until the transaction ends, as in every transaction that writes to SQLite."""
    return session.get(Account, account_id, with_for_update=lock or None)


def administrators(session: Session) -> Sequence[Account]:
    """Those of the installation, by name."""
    query = select(Account).where(col(Account.administrator).is_(True), col(Account.disabled_at).is_(None))
    return session.exec(query.order_by(asc(func.lower(Account.name)), asc(Account.id))).all()


def everybody(session: Session) -> Sequence[Account]:
    """Of the whole installation, by name."""
    return session.exec(select(Account).order_by(asc(func.lower(Account.name)), asc(Account.id))).all()


def page(
    session: Session, search: str = "", *, closed: bool | None = None, page: int = 1, size: int = 25
) -> tuple[Sequence[Account], int]:
    """One page (from 1) of those whose name or e-mail holds `search`, without case, by name; and how many there are.

    `closed`: only those whose account is, or is not.
    """
    where: list[ColumnElement[bool]] = [
        or_(*(folded(text).contains(search.lower(), autoescape=True) for text in (Account.name, Account.email)))
    ]
    if closed is not None:
        where.append(col(Account.disabled_at).is_not(None) if closed else col(Account.disabled_at).is_(None))
    total = session.exec(select(func.count()).select_from(Account).where(*where)).one()
    query = select(Account).where(*where).order_by(asc(folded(Account.name)), asc(Account.id))
    return session.exec(query.offset((page - 1) * size).limit(size)).all(), total


def by_email(session: Session, email: str) -> Account | None:
    """Compared without case, as the database and its unique index understand that (SQLite: of the letters A to Z)."""
    return session.exec(select(Account).where(func.lower(Account.email) == func.lower(email))).first()


def by_subject(session: Session, subject: str) -> Account | None:
    """Of a person who signs in elsewhere: "issuer subject"."""
    return session.exec(select(Account).where(Account.subject == subject)).first()


def anybody_signs_in(session: Session) -> bool:
    """Has anybody a password or another way in? Before that the desk waits to be set up."""
    known = select(Account.id).where(col(Account.password_hash).is_not(None) | col(Account.subject).is_not(None))
    return session.exec(known.limit(1)).first() is not None


def add(session: Session, workspace_id: str, name: str, email: str | None = None) -> Account:
    """A person who will land in that workspace; membership is the caller's."""
    account = Account(workspace_id=workspace_id, name=name, email=email)
    session.add(account)
    session.flush()
    return account
