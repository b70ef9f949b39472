"""A store on either database; PostgreSQL's is a private cluster, a fresh database a test."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, make_url, text

from storage import jobs, workspaces
from storage.scope import Scope
from storage.store import Store
from storage.tables import Job, JobKind, new_id
from tests.servers.postgres import postgres


@dataclass(frozen=True)
class Place:
    """A migrated store with one workspace."""

    store: Store
    workspace_id: str
    account_id: str

    def job(self, **parts: Any) -> Job:
        wanted: dict[str, Any] = {"kind": JobKind.EXPORT, "name": "A job", "payload": {}} | parts
        with self.store.writing() as session:
            return jobs.enqueue(session, self.workspace_id, self.account_id, **wanted)

    def read(self, job: Job | str) -> Job:
        with self.store.reading() as session:
            found = jobs.get(session, Scope(self.workspace_id), job if isinstance(job, str) else job.id)
        assert found is not None
        return found


@pytest.fixture(scope="session")
def cluster() -> Iterator[str]:
    with postgres() as url:
        yield url


def fresh_database(cluster: str) -> str:
    name = f"desk_{new_id().replace('-', '')}"
    engine = create_engine(cluster, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"create database {name}"))
    engine.dispose()
    return make_url(cluster).set(database=name).render_as_string(hide_password=False)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.slow_real)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty database of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'desk.db'}"
    return fresh_database(request.getfixturevalue("cluster"))


@pytest.fixture
def open_store() -> Iterator[Callable[[str], Place]]:
    opened: list[Store] = []

    def place(url: str) -> Place:
        store = Store(url)
        opened.append(store)
        with store.alone() as session:
            workspace, account = workspaces.first(session) or workspaces.create(session, "Mine", "UTC", "Me")
        return Place(store, workspace.id, account.id)

    yield place
    for store in opened:
        store.close()


@pytest.fixture
def place(url: str, open_store: Callable[[str], Place]) -> Place:
    return open_store(url)
