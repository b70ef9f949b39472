"""How a database means to answer what is asked: the steps of its plan, so that a test sees what would be slow in ten years."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event
from sqlmodel import Session

from storage.store import Store


@contextmanager
def asked(store: Store) -> Iterator[list[tuple[str, Any]]]:
    """Every statement that is sent to the database within the block, with its values."""
    sent: list[tuple[str, Any]] = []

    def note(connection: Any, cursor: Any, statement: str, values: Any, context: Any, many: bool) -> None:
        sent.append((statement, values))

    event.listen(store.engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(store.engine, "before_cursor_execute", note)


def plan(store: Store, ask: Callable[[Session], object]) -> list[str]:
    """The steps SQLite takes for each statement that `ask` sends, such as "SEARCH job USING INDEX …"; nothing is changed."""
    with asked(store) as sent, store.writing() as session:
        ask(session)
        session.rollback()
    with store.engine.connect() as connection:
        return [
            row.detail
            for statement, values in sent
            if statement.startswith(("SELECT", "DELETE", "UPDATE", "WITH"))
            for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
        ]
