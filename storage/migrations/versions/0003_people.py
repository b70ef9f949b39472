"""People: sign-in, memberships and roles, invitations, projects, sharing, the audit log, counters, choices.

Whoever there was becomes the owner of their workspace and its administrator; nothing that exists is shared.

Revision: 0003, after 0002
"""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

ROLES = ("viewer", "editor", "admin", "owner")
SHAREABLE = ("dataset", "job", "template")
ADDED: dict[str, tuple[str, ...]] = {
    "workspace": ("date_format", "number_format", "default_format", "email_domains"),
    "account": (
        "email",
        "email_proven",
        "password_hash",
        "subject",
        "administrator",
        "zone",
        "preferences",
        "disabled_at",
    ),
    "token": ("per_minute", "per_hour", "per_day"),
}


def upgrade() -> None:
    _add("workspace", _text("date_format", default="iso"), _text("number_format", default="plain"))
    _add("workspace", _text("default_format", default="xlsx"), _json("email_domains", default="[]"))
    _add("account", *(_text(name, nullable=True) for name in ("email", "password_hash", "subject")))
    _add("account", sa.Column("email_proven", sa.Boolean(), nullable=False, server_default=sa.false()))
    _add("account", sa.Column("administrator", sa.Boolean(), nullable=False, server_default=sa.true()))
    _add(
        "account", _text("zone", nullable=True), _json("preferences", default="{}"), _time("disabled_at", nullable=True)
    )
    op.create_index("uq_account_email", "account", [sa.text("lower(email)")], unique=True)
    op.create_index("uq_account_subject", "account", ["subject"], unique=True)
    _add("token", *(sa.Column(name, sa.Integer(), nullable=True) for name in ADDED["token"]))
    for table in SHAREABLE:
        _add(table, sa.Column("shared", sa.Boolean(), nullable=False, server_default=sa.false()))
        _add(table, _text("project_id", nullable=True))
        _index(table, "project_id")
    op.create_table(
        "membership",
        _text("workspace_id"),
        _text("account_id"),
        sa.Column("role", _role(), nullable=False),
        _time("created_at"),
        _belongs("membership", "workspace_id", "workspace"),
        _belongs("membership", "account_id", "account"),
        sa.PrimaryKeyConstraint("workspace_id", "account_id", name="pk_membership"),
    )
    _index("membership", "account_id")
    op.execute(
        "insert into membership (workspace_id, account_id, role, created_at) "
        "select workspace_id, id, 'owner', created_at from account"
    )
    op.create_table(
        "workspace_alias",
        _text("alias"),
        _text("workspace_id"),
        _belongs("workspace_alias", "workspace_id", "workspace"),
        sa.PrimaryKeyConstraint("alias", name="pk_workspace_alias"),
    )
    _index("workspace_alias", "workspace_id")
    _ways_in()
    _owned("project", _text("name"), _time("archived_at", nullable=True))
    op.create_table(
        "pin",
        _text("account_id"),
        _text("template_id"),
        _belongs("pin", "account_id", "account"),
        _belongs("pin", "template_id", "template"),
        sa.PrimaryKeyConstraint("account_id", "template_id", name="pk_pin"),
    )
    _notes()


def _ways_in() -> None:
    _owned(
        "invitation",
        _text("email"),
        sa.Column("role", _role(), nullable=False),
        _text("hash"),
        _time("expires_at"),
        _time("accepted_at", nullable=True),
        _text("accepted_by", nullable=True),
        _time("revoked_at", nullable=True),
        sa.UniqueConstraint("hash", name="uq_invitation_hash"),
    )
    op.create_table(
        "sign_in",
        _text("id"),
        _text("account_id"),
        _text("workspace_id"),
        _text("hash"),
        _time("created_at"),
        _time("seen_at"),
        _time("expires_at"),
        _time("ended_at", nullable=True),
        _text("address"),
        _text("agent"),
        _belongs("sign_in", "account_id", "account"),
        _belongs("sign_in", "workspace_id", "workspace"),
        _key("sign_in"),
        sa.UniqueConstraint("hash", name="uq_sign_in_hash"),
    )
    _index("sign_in", "account_id")
    op.create_table(
        "one_time_link",
        _text("id"),
        _text("account_id"),
        _text("hash"),
        _time("created_at"),
        _time("expires_at"),
        _time("used_at", nullable=True),
        _belongs("one_time_link", "account_id", "account"),
        _key("one_time_link"),
        sa.UniqueConstraint("hash", name="uq_one_time_link_hash"),
    )
    _index("one_time_link", "account_id")


def _notes() -> None:
    op.create_table(
        "audit_entry",
        _text("id"),
        _time("at"),
        _text("workspace_id", nullable=True),
        _text("account_id", nullable=True),
        *(_text(name) for name in ("actor", "action", "subject_kind", "subject_id", "subject")),
        sa.Column("refused", sa.Boolean(), nullable=False),
        _text("address"),
        _text("agent"),
        _json("details"),
        _key("audit_entry"),
    )
    op.create_index("ix_audit_entry_list", "audit_entry", ["workspace_id", "at"])
    op.create_table(
        "counter",
        _text("key"),
        sa.Column("window", sa.BigInteger(), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("key", "window", name="pk_counter"),
    )
    _index("counter", "until")
    op.create_table(
        "choice",
        _text("name"),
        _json("value"),
        _time("updated_at"),
        sa.PrimaryKeyConstraint("name", name="pk_choice"),
    )


def downgrade() -> None:
    tables = ("choice", "counter", "audit_entry", "pin", "project", "one_time_link", "sign_in", "invitation")
    for table in (*tables, "workspace_alias", "membership"):
        op.drop_table(table)
    for table in SHAREABLE:
        op.drop_index(f"ix_{table}_project_id", table)
        op.drop_column(table, "project_id")
        op.drop_column(table, "shared")
    op.drop_index("uq_account_email", "account")
    op.drop_index("uq_account_subject", "account")
    for table, columns in ADDED.items():
        for column in columns:
            op.drop_column(table, column)


def _add(table: str, *columns: sa.Column[Any]) -> None:
    for column in columns:
        op.add_column(table, column)


def _owned(table: str, *parts: sa.schema.SchemaItem) -> None:
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


def _text(name: str, nullable: bool = False, default: str | None = None) -> sa.Column[str]:
    return sa.Column(name, sa.String(), nullable=nullable, server_default=default)


def _time(name: str, nullable: bool = False) -> sa.Column[datetime]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _json(name: str, default: str | None = None) -> sa.Column[Any]:
    return sa.Column(name, sa.JSON(none_as_null=True), nullable=False, server_default=default)


def _role() -> sa.Enum:
    return sa.Enum(*ROLES, name="role", native_enum=False, create_constraint=True, length=32)


def _key(table: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint("id", name=f"pk_{table}")


def _belongs(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=f"fk_{table}_{column}_{other}")


def _index(table: str, *columns: str) -> None:
    for column in columns:
        op.create_index(f"ix_{table}_{column}", table, [column])
