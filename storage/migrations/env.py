"""Alembic's door, opened only by Store.migrate(): one connection, already locked, one transaction for all revisions."""

from alembic import context
from sqlmodel import SQLModel

import storage.tables  # noqa: F401

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=SQLModel.metadata,
    render_as_batch=True,  # SQLite cannot alter a column in place
    transactional_ddl=True,  # it can on SQLite too, since we begin transactions ourselves
)
with context.begin_transaction():
    context.run_migrations()
