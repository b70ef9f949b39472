"""Sealed secrets: the passwords of files.

Revision: 0002, after 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

KINDS = ("file_password",)


def upgrade() -> None:
    op.create_table(
        "secret",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("workspace_id", sa.String(), nullable=False),
        sa.Column("owner_id", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(*KINDS, name="secretkind", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("sealed", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspace.id"], name="fk_secret_workspace_id_workspace"),
        sa.ForeignKeyConstraint(["owner_id"], ["account.id"], name="fk_secret_owner_id_account"),
        sa.PrimaryKeyConstraint("id", name="pk_secret"),
    )
    for column in ("workspace_id", "owner_id"):
        op.create_index(f"ix_secret_{column}", "secret", [column])


def downgrade() -> None:
    op.drop_table("secret")
