"""How often something happened within a window of time: one row a key and window, counted up in one statement."""

from __future__ import annotations

import time

from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, delete, update

from storage.tables import Counter


def count(session: Session, key: str, seconds: int, now: float | None = None) -> tuple[int, int]:
    """Count one more. Returns (how often in this window, this one included; seconds until the window ends).

    Windows of one length begin at the same moments for every key and every process: multiples of `seconds` of the epoch.
    """
    now = time.time() if now is None else now
    window = int(now // seconds) * seconds
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    row = {"key": key, "window": window, "count": 1, "until": window + seconds}
    counted = session.connection().execute(
        insert(Counter)
        .values(**row)
        .on_conflict_do_update(index_elements=["key", "window"], set_={"count": col(Counter.count) + 1})
        .returning(col(Counter.count))
    )
    return int(counted.scalar_one()), max(1, int(window + seconds - now))


def give_back(session: Session, key: str, seconds: int, now: float | None = None) -> None:
    """Count one less in the present window: what was counted beforehand turned out well."""
    now = time.time() if now is None else now
    this = (col(Counter.key) == key, col(Counter.window) == int(now // seconds) * seconds, col(Counter.count) > 0)
    session.exec(update(Counter).where(*this).values(count=col(Counter.count) - 1))


def forget(session: Session, key: str) -> None:
    session.exec(delete(Counter).where(col(Counter.key) == key))


def remove_expired(session: Session) -> None:
    session.exec(delete(Counter).where(col(Counter.until) < int(time.time())))
