"""What goes on by itself: destinations, schedules, feeds, notices; versions of templates, saved sets; how long things stay.

Every template that is there is its own first version.

Revision: 0005, after 0004
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

KINDS = ("export", "ingest", "inspect", "delivery", "validate")
NEVER_USED = ("bulk", "convert")  # kinds that were allowed and that no desk ever wrote
MORE_KINDS = ("refresh", "check", "backup", "restore")
OCCURRENCES = (
    "waiting", "refreshing", "started", "delivering", "succeeded", "undelivered", "failed", "cancelled", "missed", "skipped",
)  # fmt: skip
NOTICES = ("finished", "failed", "held", "expiring", "asked")
SETS = ("filters", "columns")
TO_SETTLE = "files to settle"  # storage.retention.TO_SETTLE
STATS = (
    "workspace_id", "kind", "created_at", "owner_id", "shared", "state", "format", "rows", "bytes", "template_id",
    "started_at", "finished_at", "deleted_at", "id",
)  # fmt: skip


def upgrade() -> None:
    _allow_kinds((*KINDS, *MORE_KINDS))
    for table, columns in _added().items():
        for column in columns:
            op.add_column(table, column)
    _index("job", "expires_at")
    op.create_index("ix_job_of_schedule", "job", ["schedule_id", "workspace_id", "kind", "created_at"])
    _templates()
    _shareable(
        "destination",
        *(_text("name"), _text("method"), _json("options"), _json("secrets")),
        *(_time("updated_at"), _time("tested_at", nullable=True)),
    )
    _schedules()
    _notices()
    _found_again()
    _to_settle()
    _counters()
    op.create_table(
        "link_download",
        *(_text("id"), _text("link_id"), _time("at"), _text("address"), _text("agent")),
        _belongs("link_download", "link_id", "link", ondelete="CASCADE"),
        _key("link_download"),
    )
    _index("link_download", "link_id")


def downgrade() -> None:
    _counters(_epoch("window"))
    op.drop_index("ix_job_stats", "job")
    tables = ("job_file", "link_download", "notice", "feed", "occurrence", "schedule", "destination", "saved_set")
    for table in (*tables, "column_match", "template_version"):
        op.drop_table(table)
    op.drop_index("ix_job_of_schedule", "job")
    op.drop_index("ix_job_expires_at", "job")
    for table, columns in _added().items():
        for column in columns:
            op.drop_column(table, column.name)
    op.execute(f"delete from choice where name = '{TO_SETTLE}'")
    marks = ", ".join(f"'{kind}'" for kind in MORE_KINDS)
    op.execute(f"delete from job where kind in ({marks})")
    _allow_kinds((*KINDS, *NEVER_USED))


def _added() -> dict[str, list[sa.Column[Any]]]:
    """Columns of tables that are there already."""
    return {
        "workspace": [_json("delivery_domains", default="[]"), _number("keep_days"), _number("quota_mb")],
        "job": [
            _text("schedule_id", nullable=True),
            sa.Column("kept", sa.Boolean(), nullable=False, server_default=sa.false()),
            _time("expires_at", nullable=True),
            _time("expired_at", nullable=True),
        ],
        "dataset_version": [sa.Column("fetched", sa.Boolean(), nullable=False, server_default=sa.false())],
        "template": [
            _json("tags", default="[]"),
            sa.Column("version", sa.Integer(), nullable=False, server_default="1"),
            _number("keep_days"),
            _text("last_run_by", nullable=True),
        ],
        "link": [
            _text("password_hash", nullable=True),
            _text("sent_to", default=""),
            sa.Column("handed_out", sa.Boolean(), nullable=False, server_default=sa.true()),
        ],
    }


def _templates() -> None:
    _owned(
        "template_version",
        *(_text("template_id"), sa.Column("number", sa.Integer(), nullable=False), _text("name")),
        *(_text("description"), _json("spec"), _number("restored_from")),
        _belongs("template_version", "template_id", "template", ondelete="CASCADE"),
    )
    op.create_index("uq_template_version_number", "template_version", ["template_id", "number"], unique=True)
    op.execute(
        "insert into template_version (id, workspace_id, owner_id, created_at, template_id, number, name, description, spec) "
        "select id, workspace_id, owner_id, updated_at, id, 1, name, description, spec from template"
    )
    op.create_table(
        "column_match",
        *(_text("template_id"), _text("wanted"), _text("found"), _time("used_at")),
        _belongs("column_match", "template_id", "template", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("template_id", "wanted", "found", name="pk_column_match"),
    )
    _shareable("saved_set", _enum("kind", "setkind", SETS), _text("name"), _json("content"), _time("updated_at"))


def _schedules() -> None:
    _shareable(
        "schedule",
        *(_text("name"), _text("template_id"), _json("cadence"), _text("zone")),
        *(_time("starts_at", nullable=True), _time("ends_at", nullable=True)),
        *(_time("done_until"), _time("next_at", nullable=True)),
        sa.Column("grace_minutes", sa.Integer(), nullable=False),
        _text("overlap"),
        sa.Column("pause_after", sa.Integer(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        *(_time("paused_at", nullable=True), _text("paused_why"), _json("delivering"), _text("refresh")),
        *(_number("keep_days"), _json("columns"), _time("updated_at")),
        _belongs("schedule", "template_id", "template"),
    )
    _index("schedule", "template_id", "next_at")
    op.create_table(
        "occurrence",
        *(_text("id"), _text("workspace_id"), _text("schedule_id"), _text("slot"), _time("at"), _time("created_at")),
        _enum("state", "occurrencestate", OCCURRENCES),
        *(_text("job_id", nullable=True), _text("asked_by", nullable=True), _time("data_at", nullable=True)),
        sa.Column("error", sa.JSON(none_as_null=True), nullable=True),
        _text("warning"),
        _belongs("occurrence", "workspace_id", "workspace"),
        _belongs("occurrence", "schedule_id", "schedule", ondelete="CASCADE"),
        _key("occurrence"),
    )
    _index("occurrence", "workspace_id")
    op.create_index("uq_occurrence_slot", "occurrence", ["schedule_id", "slot"], unique=True)
    op.create_index("ix_occurrence_of_schedule", "occurrence", ["schedule_id", "at"])
    op.create_index("ix_occurrence_state", "occurrence", ["state", "schedule_id"])
    op.create_table(
        "feed",
        *(_text("dataset_id"), _text("workspace_id"), _text("owner_id"), _text("method"), _json("options")),
        *(_json("secrets"), _json("reading"), _text("on_change")),
        *(_time("created_at"), _time("refreshed_at", nullable=True)),
        sa.Column("error", sa.JSON(none_as_null=True), nullable=True),
        _belongs("feed", "dataset_id", "dataset", ondelete="CASCADE"),
        _belongs("feed", "workspace_id", "workspace"),
        _belongs("feed", "owner_id", "account"),
        sa.PrimaryKeyConstraint("dataset_id", name="pk_feed"),
    )
    _index("feed", "workspace_id")


def _notices() -> None:
    _owned(
        "notice",
        _enum("kind", "noticekind", NOTICES),
        *(_text("title"), _text("text"), _text("path"), _text("about")),
        *(_time("read_at", nullable=True), _time("sent_at", nullable=True)),
        sa.Column("tries", sa.Integer(), nullable=False),
        _time("try_after", nullable=True),
        sa.Column("ways", sa.JSON(none_as_null=True), nullable=True),
    )
    op.create_index("uq_notice_about", "notice", ["owner_id", "kind", "about"], unique=True)
    op.create_index("ix_notice_unread", "notice", ["workspace_id", "owner_id", "read_at", "created_at"])


def _to_settle() -> None:
    """Files of before have no time at which they go. How long they stay core knows, which is asked here to settle it."""
    choice = sa.table(
        "choice",
        sa.column("name", sa.String()),
        sa.column("value", sa.JSON()),
        sa.column("updated_at", sa.DateTime(timezone=True)),
    )
    now = datetime.now(UTC)
    op.bulk_insert(choice, [{"name": TO_SETTLE, "value": now.isoformat(), "updated_at": now}])


def _found_again() -> None:
    """What exports are counted by, and the files they made, also those of before."""
    op.create_index("ix_job_stats", "job", [*STATS])
    made = op.create_table(
        "job_file",
        *(_text("job_id"), sa.Column("number", sa.Integer(), nullable=False), _text("sha256"), _text("name")),
        _belongs("job_file", "job_id", "job", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("job_id", "number", name="pk_job_file"),
    )
    _index("job_file", "sha256")
    job = sa.table("job", sa.column("id"), sa.column("kind"), sa.column("result", sa.JSON()))
    connection = op.get_bind()
    ids = connection.execute(sa.select(job.c.id).where(job.c.kind == "export", job.c.result.is_not(None))).scalars()
    for some in batched(ids.all(), 200):
        found = connection.execute(sa.select(job.c.id, job.c.result).where(job.c.id.in_(some))).all()
        files = [
            {"job_id": id, "number": number, "sha256": file["sha256"], "name": file["name"]}
            for id, result in found
            for number, file in enumerate(
                one for file in (result or {}).get("files", ()) for one in (file, *file.get("members", ()))
            )
        ]
        if files:
            op.bulk_insert(made, files)


def _counters(*window: sa.Column[int]) -> None:
    """Counters by key alone: a window begins with what it counts. What was counted is forgotten; it lasts a day at most."""
    op.drop_table("counter")
    op.create_table(
        "counter",
        *(_text("key"), _epoch("count"), _epoch("until")),
        *window,
        sa.PrimaryKeyConstraint("key", *(column.name for column in window), name="pk_counter"),
    )
    _index("counter", "until")


def batched(ids: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    for at in range(0, len(ids), size):
        yield ids[at : at + size]


def _allow_kinds(kinds: tuple[str, ...]) -> None:
    """What `job.kind` may be. SQLite alters no CHECK, and making the table anew would take along what refers to its rows:
    the rule is written into the schema instead, as sqlite.org/lang_altertable.html (7) says of rules that touch no row."""
    rule = f"CHECK (kind IN ({', '.join(repr(kind) for kind in kinds)}))"
    if op.get_bind().dialect.name != "sqlite":
        op.execute("alter table job drop constraint ck_job_jobkind")
        op.execute(f"alter table job add constraint ck_job_jobkind {rule}")
        return
    connection = op.get_bind()
    table: str = connection.execute(sa.text("select sql from sqlite_schema where name = 'job'")).scalar_one()
    head, _, rest = table.partition("CONSTRAINT ck_job_jobkind ")
    after = rest[rest.index("))") + 2 :]
    version: int = connection.execute(sa.text("PRAGMA schema_version")).scalar_one()
    connection.execute(sa.text("PRAGMA writable_schema = ON"))
    connection.execute(
        sa.text("update sqlite_schema set sql = :sql where type = 'table' and name = 'job'"),
        {"sql": f"{head}CONSTRAINT ck_job_jobkind {rule}{after}"},
    )
    connection.execute(sa.text(f"PRAGMA schema_version = {version + 1}"))
    connection.execute(sa.text("PRAGMA writable_schema = OFF"))


def _owned(table: str, *parts: sa.schema.SchemaItem) -> None:
    op.create_table(
        table,
        *(_text("id"), _text("workspace_id"), _text("owner_id"), _time("created_at")),
        *parts,
        _belongs(table, "workspace_id", "workspace"),
        _belongs(table, "owner_id", "account"),
        _key(table),
    )
    _index(table, "workspace_id", "owner_id")


def _shareable(table: str, *parts: sa.schema.SchemaItem) -> None:
    _owned(table, *_sharing(), *parts)
    _index(table, "project_id")


def _sharing() -> Iterator[sa.Column[Any]]:
    yield sa.Column("shared", sa.Boolean(), nullable=False)
    yield _text("project_id", nullable=True)
    yield _time("deleted_at", nullable=True)


def _text(name: str, nullable: bool = False, default: str | None = None) -> sa.Column[str]:
    return sa.Column(name, sa.String(), nullable=nullable, server_default=default)


def _epoch(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), nullable=False)


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), nullable=True)


def _time(name: str, nullable: bool = False) -> sa.Column[datetime]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _json(name: str, default: str | None = None) -> sa.Column[Any]:
    return sa.Column(name, sa.JSON(none_as_null=True), nullable=False, server_default=default)


def _enum(name: str, called: str, values: tuple[str, ...]) -> sa.Column[str]:
    return sa.Column(
        name,
        sa.Enum(*values, name=called, native_enum=False, create_constraint=True, length=32),
        nullable=False,
    )


def _key(table: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint("id", name=f"pk_{table}")


def _belongs(table: str, column: str, other: str, ondelete: str | None = None) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=f"fk_{table}_{column}_{other}", ondelete=ondelete)


def _index(table: str, *columns: str) -> None:
    for column in columns:
        op.create_index(f"ix_{table}_{column}", table, [column])
