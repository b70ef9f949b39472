"""The foundation: workspaces, uploads, datasets and their versions, jobs, templates, tokens, links and drafts.

Revision: 0001, after none
"""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

KINDS = ("export", "ingest", "inspect", "delivery", "bulk", "convert", "validate")
STATES = ("queued", "running", "succeeded", "failed", "cancelled")


def upgrade() -> None:
    op.create_table("workspace", _text("id"), _text("name"), _text("zone"), _time("created_at"), _key("workspace"))
    op.create_table(
        "account",
        _text("id"),
        _text("workspace_id"),
        _text("name"),
        _time("created_at"),
        _belongs("account", "workspace_id", "workspace"),
        _key("account"),
    )
    _index("account", "workspace_id")
    _owned(
        "upload",
        _text("name"),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("received", sa.BigInteger(), nullable=False),
        _time("expires_at"),
    )
    _owned(
        "dataset",
        _text("name"),
        _text("slug"),
        _text("version_id", nullable=True),
        _text("date_column", nullable=True),
        sa.Column("hidden", sa.Boolean(), nullable=False),
        _time("updated_at"),
        _time("deleted_at", nullable=True),
    )
    op.create_index(
        "uq_dataset_workspace_slug",
        "dataset",
        ["workspace_id", sa.text("lower(slug)")],
        unique=True,
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    _owned(
        "dataset_version",
        _text("dataset_id"),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("rows", sa.BigInteger(), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        _json("columns"),
        _text("date_column", nullable=True),
        _json("understood"),
        _json("profile"),
        sa.Column("problems", sa.BigInteger(), nullable=False),
        _text("source_name"),
        _text("sha256"),
        _belongs("dataset_version", "dataset_id", "dataset"),
    )
    _index("dataset_version", "dataset_id")
    op.create_index("uq_dataset_version_number", "dataset_version", ["dataset_id", "number"], unique=True)
    _owned(
        "template",
        _text("name"),
        _text("description"),
        _json("spec"),
        _time("updated_at"),
        _time("last_run_at", nullable=True),
        _time("deleted_at", nullable=True),
    )
    _owned(
        "job",
        sa.Column("kind", _words("jobkind", KINDS), nullable=False),
        _text("name"),
        _text("parent_id", nullable=True),
        _text("template_id", nullable=True),
        _text("queue"),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("state", _words("jobstate", STATES), nullable=False),
        _json("payload"),
        _json("resolved", nullable=True),
        _json("progress", nullable=True),
        _json("result", nullable=True),
        _json("error", nullable=True),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("max_attempts", sa.Integer(), nullable=False),
        sa.Column("run_after", sa.Float(), nullable=False),
        _text("lease_owner", nullable=True),
        sa.Column("lease_until", sa.Float(), nullable=True),
        sa.Column("cancel_requested", sa.Boolean(), nullable=False),
        _text("format", nullable=True),
        sa.Column("rows", sa.BigInteger(), nullable=True),
        sa.Column("bytes", sa.BigInteger(), nullable=True),
        _time("started_at", nullable=True),
        _time("finished_at", nullable=True),
        _time("deleted_at", nullable=True),
        _belongs("job", "parent_id", "job"),
        _belongs("job", "template_id", "template"),
    )
    op.create_index("ix_job_claim", "job", ["state", "queue", "priority", "created_at"])
    op.create_index("ix_job_list", "job", ["workspace_id", "kind", "created_at"])
    _index("job", "parent_id", "template_id")
    _owned(
        "token",
        _text("name"),
        _text("prefix"),
        _text("hash"),
        _json("scopes"),
        _time("expires_at", nullable=True),
        _time("last_used_at", nullable=True),
        _time("revoked_at", nullable=True),
        sa.UniqueConstraint("hash", name="uq_token_hash"),
    )
    _owned(
        "link",
        _text("job_id"),
        sa.Column("file", sa.Integer(), nullable=False),
        _time("expires_at"),
        _time("revoked_at", nullable=True),
        _belongs("link", "job_id", "job"),
    )
    _index("link", "job_id")
    _owned("draft", _json("content"), _time("updated_at"))


def downgrade() -> None:
    for table in ("draft", "link", "token", "job", "template", "dataset_version", "dataset", "upload"):
        op.drop_table(table)
    op.drop_table("account")
    op.drop_table("workspace")


def _owned(table: str, *parts: sa.schema.SchemaItem) -> None:
    """A table of the workspace: its id, whose it is, since when, and the parts given."""
    op.create_table(
        table,
        _text("id"),
        _text("workspace_id"),
        _text("owner_id"),
        _time("created_at"),
        *parts,
        _belongs(table, "workspace_id", "workspace"),
        _belongs(table, "owner_id", "account"),
        _key(table),
    )
    _index(table, "workspace_id", "owner_id")


def _text(name: str, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.String(), nullable=nullable)


def _time(name: str, nullable: bool = False) -> sa.Column[datetime]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _json(name: str, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.JSON(none_as_null=True), nullable=nullable)


def _words(name: str, words: tuple[str, ...]) -> sa.Enum:
    return sa.Enum(*words, name=name, native_enum=False, create_constraint=True, length=32)


def _key(table: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint("id", name=f"pk_{table}")


def _belongs(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=f"fk_{table}_{column}_{other}")


def _index(table: str, *columns: str) -> None:
    for column in columns:
        op.create_index(f"ix_{table}_{column}", table, [column])
