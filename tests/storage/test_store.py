"""Two doors into one database: readers never wait, writers never lose an update, and opening it twice at once is safe."""

import subprocess
import sys
import time
import warnings
from concurrent.futures import ThreadPoolExecutor

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlmodel import SQLModel, select

from storage import templates, workspaces
from storage.store import MIGRATIONS, Store, database_now, newest_revision
from storage.tables import Template, Workspace


def test_the_migrations_make_exactly_the_tables_of_the_code(place):
    with place.store.engine.connect() as connection, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # an index over lower(slug) cannot be read back from SQLite
        found = compare_metadata(MigrationContext.configure(connection), SQLModel.metadata)
    # PostgreSQL reports that index as lower(slug::text): the same thing in other words
    assert [d for d in found if "uq_dataset_workspace_slug" not in str(d)] == []


def test_every_migration_can_be_taken_back(place):
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with place.store._writers.connect() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "base")
        connection.commit()
    place.store.migrate()
    with place.store.reading() as session:
        assert session.exec(select(Workspace)).all() == []
        assert (
            session.connection().execute(text("select version_num from alembic_version")).scalar() == newest_revision()
        )


def test_processes_that_start_together_open_one_database(url):
    start = f"""
from storage import workspaces
from storage.store import Store
with Store({url!r}).alone() as session:
    workspaces.first(session) or workspaces.create(session, "Mine", "UTC", "Me")
"""
    started = [subprocess.Popen([sys.executable, "-c", start], stderr=subprocess.PIPE, text=True) for _ in range(5)]
    for process in started:
        assert process.wait(60) == 0, process.stderr and process.stderr.read()
    store = Store(url)
    with store.reading() as session:
        assert len(session.exec(select(Workspace)).all()) == 1
    store.close()


def test_a_reader_cannot_write(place):
    with place.store.reading() as session, pytest.raises(DBAPIError, match=r"read-?only"):
        workspaces.create(session, "Other", "UTC", "Me")


def test_a_reader_does_not_wait_for_a_writer(place):
    with place.store.writing() as writer:
        workspaces.create(writer, "Half done", "UTC", "Me")
        begun = time.monotonic()
        with place.store.reading() as reader:
            assert [w.name for w in reader.exec(select(Workspace)).all()] == ["Mine"]
        assert time.monotonic() - begun < 1


def test_a_failed_write_leaves_nothing(place):
    def fail() -> None:
        with place.store.writing() as session:
            workspaces.create(session, "Half done", "UTC", "Me")
            raise RuntimeError("in the middle")

    with pytest.raises(RuntimeError):
        fail()
    with place.store.reading() as session:
        assert len(session.exec(select(Workspace)).all()) == 1


def test_no_update_is_lost_when_many_write(place):
    with place.store.writing() as session:
        template = templates.add(session, place.workspace_id, place.account_id, name="0", description="", spec={})

    def count(_: int) -> None:
        with place.store.writing() as session:
            query = select(Template).where(Template.id == template.id).with_for_update()
            row = session.exec(query).one()
            row.name = str(int(row.name) + 1)
            session.add(row)

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(count, range(80)))
    with place.store.reading() as session:
        assert session.exec(select(Template.name)).one() == "80"


def test_the_database_clock_goes_on_within_a_transaction(place):
    with place.store.reading() as session:
        first = session.exec(select(database_now())).one()
        deadline = time.monotonic() + 5
        while (later := session.exec(select(database_now())).one()) == first and time.monotonic() < deadline:
            pass
    assert first < later < first + 5


def test_nonsense_in_a_column_of_words_is_refused(place):
    job = place.job()
    with pytest.raises(IntegrityError), place.store.writing() as session:
        session.connection().execute(text("update job set state = 'sleeping' where id = :id"), {"id": job.id})


def test_a_row_of_nobody_is_refused(place):
    with pytest.raises(IntegrityError), place.store.writing() as session:
        templates.add(session, "no such workspace", place.account_id, name="x", description="", spec={})
