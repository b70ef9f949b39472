"""How often something happened within a window of time: one row a key, counted up in one statement.

A window begins with the first of what it counts and ends so many seconds later, whatever the clock shows: nobody gets twice as
many tries by beginning shortly before the hour, and nobody finds a limit lifted or filled by the accident of a full hour.
"""

from __future__ import annotations

import time

from sqlalchemy import case
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, delete, update

from storage.tables import Counter


def count(session: Session, key: str, seconds: int, now: float | None = None) -> tuple[int, int]:
    """Count one more. Returns (how often in this window, this one included; whole seconds until the window ends, 1 or more)."""
    now = _second(now)
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    over = col(Counter.until) <= now
    counted = session.connection().execute(
        insert(Counter)
        .values(key=key, count=1, until=now + seconds)
        .on_conflict_do_update(
            index_elements=["key"],
            set_={
                "count": case((over, 1), else_=col(Counter.count) + 1),
                "until": case((over, now + seconds), else_=col(Counter.until)),
            },
        )
        .returning(col(Counter.count), col(Counter.until))
    )
    times, until = counted.one()
    return int(times), int(until) - now


def give_back(session: Session, key: str, now: float | None = None) -> None:
    """Count one less in the present window: what was counted beforehand turned out well."""
    this = (col(Counter.key) == key, col(Counter.until) > _second(now), col(Counter.count) > 0)
    session.exec(update(Counter).where(*this).values(count=col(Counter.count) - 1))


def forget(session: Session, key: str) -> None:
    session.exec(delete(Counter).where(col(Counter.key) == key))


def remove_expired(session: Session) -> None:
    session.exec(delete(Counter).where(col(Counter.until) <= _second()))


def _second(now: float | None = None) -> int:
    return int(time.time() if now is None else now)
