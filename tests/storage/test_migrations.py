"""What a desk of an earlier version kept is there after the next one has opened it, on both databases."""

from __future__ import annotations

import json
import warnings
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, MetaData, text
from sqlmodel import SQLModel, select

from core.desk import open_desk
from core.settings import Settings
from storage import choices, retention, uses
from storage.scope import Scope
from storage.store import MIGRATIONS, Store
from storage.tables import (
    Account,
    Dataset,
    Job,
    JobDataset,
    JobKind,
    Membership,
    Role,
    Template,
    TemplateDataset,
    Token,
    Workspace,
)

THEN = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)
OWNED = {"workspace_id": "w", "owner_id": "a", "created_at": THEN}
# One desk for one person as version 0002 kept it, and a second workspace beside it.
KEPT: dict[str, list[dict[str, Any]]] = {
    "workspace": [
        {"id": "w", "name": "Mine", "zone": "Asia/Jakarta", "created_at": THEN},
        {"id": "x", "name": "Other", "zone": "UTC", "created_at": THEN},
    ],
    "account": [
        {"id": "a", "workspace_id": "w", "name": "Owner", "created_at": THEN},
        {"id": "b", "workspace_id": "x", "name": "Somebody else", "created_at": THEN},
    ],
    "dataset": [
        OWNED | {"id": "d", "name": "Gäste", "slug": "gaste", "version_id": "n", "hidden": False, "updated_at": THEN},
        OWNED
        | {"id": "e", "name": "Old", "slug": "old", "version_id": None, "hidden": True, "updated_at": THEN}
        | {"deleted_at": THEN},
    ],
    "dataset_version": [
        OWNED
        | {"id": "n", "dataset_id": "d", "number": 1, "rows": 3, "bytes": 5_000_000_000, "columns": [{"id": "c1"}]}
        | {"understood": {}, "profile": {}, "problems": 0, "source_name": "g.csv", "sha256": "0" * 64},
    ],
    "template": [
        OWNED
        | {"id": "t", "name": "Weekly", "description": "", "spec": {"sources": [{"dataset": "gaste"}]}}
        | {"updated_at": THEN},
    ],
    "job": [
        OWNED
        | {"id": "j", "kind": "export", "name": "Weekly", "template_id": "t", "queue": "default", "priority": 0}
        | {"state": "succeeded", "payload": {"spec": {}}, "resolved": {"versions": {"gaste": "n"}}, "attempt": 1}
        | {"max_attempts": 3, "run_after": 0.0, "cancel_requested": False, "format": "csv", "rows": 3, "bytes": 42},
    ],
    "link": [OWNED | {"id": "l", "job_id": "j", "file": 0, "expires_at": THEN, "revoked_at": None}],
    "draft": [OWNED | {"id": "r", "content": {"name": "…"}, "updated_at": THEN}],
    "upload": [OWNED | {"id": "u", "name": "g.csv", "size": 7, "received": 7, "expires_at": THEN}],
    "token": [OWNED | {"id": "k", "name": "CI", "prefix": "exd_x", "hash": "f" * 64, "scopes": ["*"]}],
    "secret": [OWNED | {"id": "s", "kind": "file_password", "sealed": "c2VhbGVk"}],
}


@pytest.fixture
def earlier(url):
    """A filled database of version 0002."""
    store = Store(url)
    with store._writers.connect() as connection:
        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS))
        config.attributes["connection"] = connection
        command.upgrade(config, "0002")
        tables = MetaData()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # an index over lower(slug) cannot be read back from SQLite
            tables.reflect(connection)
        assert {*tables.tables} == {*KEPT, "alembic_version"}  # a table that is not filled would prove nothing
        for name, rows in KEPT.items():
            for row in rows:
                connection.execute(tables.tables[name].insert(), row)
        connection.commit()
        before = kept(connection)
    yield store, before
    store.close()


def kept(connection: Connection) -> dict[str, list[str]]:
    """Every value of KEPT's columns as the database gives it."""
    said = {}
    for name, rows in KEPT.items():
        columns = ", ".join(sorted({column for row in rows for column in row}))
        found = connection.execute(text(f"select {columns} from {name} order by id"))
        said[name] = [json.dumps([*row], default=str) for row in found]
    return said


def test_every_value_of_an_earlier_version_is_kept(earlier):
    store, before = earlier
    store.migrate()
    with store.reading() as session:
        assert kept(session.connection()) == before
        assert session.get(Token, "k").per_minute is None
        assert session.get(Job, "j").created_at == THEN


def test_whoever_was_there_owns_their_workspace_and_shares_nothing_by_it(earlier):
    store, _ = earlier
    store.migrate()
    with store.reading() as session:
        there = {(m.workspace_id, m.account_id, m.role) for m in session.exec(select(Membership)).all()}
        assert there == {("w", "a", Role.OWNER), ("x", "b", Role.OWNER)}
        assert all(account.administrator and not account.email for account in session.exec(select(Account)).all())
        for table in (Dataset, Job, Template):
            assert {(thing.shared, thing.project_id) for thing in session.exec(select(table)).all()} == {(False, None)}
        assert session.get(Workspace, "w").email_domains == []


def test_what_jobs_and_templates_used_before_is_known(earlier):
    store, _ = earlier
    store.migrate()
    with store.reading() as session:
        assert uses.counts(session, Scope("w")) == {"d": 1}
        gaste = session.get(Dataset, "d")
        assert [one.name for one in uses.templates(session, gaste)] == ["Weekly"]
        assert {one.dataset for one in session.exec(select(TemplateDataset)).all()} == {"gaste"}
        assert {(one.job_id, one.dataset_id) for one in session.exec(select(JobDataset)).all()} == {("j", "d")}


def test_files_of_before_are_named_to_whoever_knows_how_long_they_stay(earlier):
    store, _ = earlier
    store.migrate()
    with store.reading() as session:
        upgraded = choices.get(session, retention.TO_SETTLE)
        assert upgraded is not None
        assert datetime.now(UTC) - datetime.fromisoformat(upgraded[0]) < timedelta(minutes=1)
        (job,) = retention.unsettled(session, [JobKind.EXPORT], datetime.now(UTC), "", 10)
        assert job.id == "j"


def test_the_tables_are_those_the_code_expects_and_every_step_leads_back(earlier):
    store, before = earlier
    store.migrate()
    with store._writers.connect() as connection:
        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS))
        config.attributes["connection"] = connection
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # an index over lower(slug) cannot be read back from SQLite
            context = MigrationContext.configure(connection)
            assert compare_metadata(context, SQLModel.metadata) == []
        command.downgrade(config, "0002")
        assert kept(connection) == before


def test_a_desk_opens_it_as_the_one_person_it_was_for(earlier, url, tmp_path):
    desk = open_desk(Settings(data_dir=tmp_path / "data", database_url=url, zone="UTC"))
    assert (desk.workspace_id, desk.account_id, desk.workspace().zone) == ("w", "a", "Asia/Jakarta")
    assert desk.acting_as("w", "a").role == Role.OWNER
    desk.store.close()
