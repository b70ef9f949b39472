"""Whether the desk can do its work: asked by monitors, start-up scripts and tests."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from core.desk import Desk
from core.errors import Trouble


def check(desk: Desk) -> None:
    """Read one value from the store. Raises Trouble when it cannot."""
    try:
        with desk.store.reading() as session:
            session.connection().execute(sa.text("select 1"))
    except SQLAlchemyError as trouble:
        raise Trouble("The store cannot be read at the moment.", "Try again in a minute.") from trouble
