"""Which datasets jobs and templates use, in tables of their own; indexes for the audit log as it is read.

Revision: 0004, after 0003
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

BATCH = 1_000  # rows that are read and written at a time
NEWEST_FIRST = ("at", "id")


def upgrade() -> None:
    _uses("job", "dataset_id", sa.ForeignKeyConstraint(
        ["dataset_id"], ["dataset.id"], name="fk_job_dataset_dataset_id_dataset", ondelete="CASCADE"
    ))  # fmt: skip
    _uses("template", "dataset")
    op.create_index("ix_job_counted", "job", ["workspace_id", "kind", "deleted_at", "owner_id", "shared", "id"])
    _fill()
    op.drop_index("ix_audit_entry_list", "audit_entry")
    op.create_index("ix_audit_entry_list", "audit_entry", ["workspace_id", *NEWEST_FIRST])
    op.create_index("ix_audit_entry_of_account", "audit_entry", ["workspace_id", "account_id", *NEWEST_FIRST])
    op.create_index("ix_audit_entry_at", "audit_entry", ["at"])


def downgrade() -> None:
    op.drop_index("ix_audit_entry_at", "audit_entry")
    op.drop_index("ix_audit_entry_of_account", "audit_entry")
    op.drop_index("ix_audit_entry_list", "audit_entry")
    op.create_index("ix_audit_entry_list", "audit_entry", ["workspace_id", "at"])
    op.drop_index("ix_job_counted", "job")
    op.drop_table("template_dataset")
    op.drop_table("job_dataset")


def _uses(user: str, dataset: str, *constraints: sa.schema.SchemaItem) -> None:
    table = f"{user}_dataset"
    op.create_table(
        table,
        sa.Column(f"{user}_id", sa.String(), nullable=False),
        sa.Column(dataset, sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            [f"{user}_id"], [f"{user}.id"], name=f"fk_{table}_{user}_id_{user}", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint(f"{user}_id", dataset, name=f"pk_{table}"),
        *constraints,
    )
    op.create_index(f"ix_{table}_{dataset}", table, [dataset])


def _fill() -> None:
    """What the jobs and templates that are there already use, as storage.uses notes it of new ones."""
    connection = op.get_bind()
    datasets = {*connection.execute(sa.select(_table("dataset", "id").c.id)).scalars()}
    version = _table("dataset_version", "id", "dataset_id")
    dataset_of = {row.id: row.dataset_id for row in connection.execute(sa.select(version))}
    used = _table("job_dataset", "job_id", "dataset_id")
    for jobs in _each(_table("job", "id", payload=sa.JSON, resolved=sa.JSON)):
        rows = [{"job_id": job.id, "dataset_id": one} for job in jobs for one in _used(job, dataset_of) & datasets]
        op.bulk_insert(used, rows)
    named = _table("template_dataset", "template_id", "dataset")
    for templates in _each(_table("template", "id", spec=sa.JSON)):
        op.bulk_insert(named, [{"template_id": t.id, "dataset": one} for t in templates for one in _named(t)])


def _used(job: sa.Row[Any], dataset_of: Mapping[str, str]) -> set[str | None]:
    pinned = (job.resolved or {}).get("versions", {}).values()
    return {*(dataset_of.get(version) for version in pinned), job.payload.get("dataset")}


def _named(template: sa.Row[Any]) -> set[str]:
    return {str(source["dataset"]).lower() for source in template.spec.get("sources", ())}


def _each(table: sa.TableClause) -> Iterator[Sequence[sa.Row[Any]]]:
    """Every row, some at a time: a desk may keep a hundred thousand jobs."""
    some = sa.select(table).order_by(table.c.id).limit(BATCH)
    rows = op.get_bind().execute(some).all()
    while rows:
        yield rows
        rows = op.get_bind().execute(some.where(table.c.id > rows[-1].id)).all()


def _table(name: str, *texts: str, **typed: type[sa.types.TypeEngine[Any]]) -> sa.TableClause:
    return sa.table(name, *(sa.column(text, sa.String) for text in texts), *(sa.column(n, t) for n, t in typed.items()))
