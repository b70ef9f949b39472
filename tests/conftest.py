"""The fixtures every test may ask for: settings, an empty desk, jobs in its queue, a dataset, a running supervisor."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest

from core import datasets, uploads
from core.desk import Desk, open_desk
from core.settings import Settings
from core.work import inline, launcher
from storage import jobs
from storage.tables import Dataset, Job, JobKind
from tests import people
from tests.helpers import wait_until
from tests.sharing_out import FileByFile

# Examples are the same in every run, and how long one takes is no reason to fail: a busy machine must not decide.
hypothesis.settings.register_profile(
    "desk", deadline=None, derandomize=True, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("desk")


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> FileByFile | None:
    """`--dist loadfile` begins with the journeys, which take longest, and keeps them in one process."""
    if config.getvalue("dist") != "loadfile":
        return None
    config.option.loadscopereorder = False  # as collected: tests/e2e/conftest.py puts its own first
    return FileByFile(config, log)


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [n for n in os.environ if n.startswith("DESK_")]:
        monkeypatch.delenv(name)


@pytest.fixture(scope="session")
def _empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated database, made once: copying it is quicker than migrating again."""
    desk = open_desk(Settings(data_dir=tmp_path_factory.mktemp("empty"), zone="UTC"))
    desk.store.close()
    return desk.files.root / "desk.db"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Two jobs at once, UTC, a data folder of the test's own."""
    return Settings(data_dir=tmp_path / "data", zone="UTC", workers=2)


@pytest.fixture
def desk(settings: Settings, _empty_database: Path) -> Iterator[Desk]:
    """An empty desk. Nobody runs its jobs until `running_work` is asked for, or core.work.inline is called."""
    settings.data_dir.mkdir(parents=True)
    shutil.copyfile(_empty_database, settings.data_dir / "desk.db")
    desk = open_desk(settings)
    yield desk
    desk.store.close()


@pytest.fixture
def team_desk(settings: Settings, _empty_database: Path) -> Iterator[Desk]:
    """A desk that asks for sign-in, set up by Ana and seen by her; tests.people brings others in."""
    settings.data_dir.mkdir(parents=True)
    shutil.copyfile(_empty_database, settings.data_dir / "desk.db")
    desk = open_desk(settings.model_copy(update={"sign_in": "required"}))
    yield people.set_up(desk)
    desk.store.close()


@pytest.fixture
def stranger(desk: Desk) -> Desk:
    """The same installation, seen from another workspace."""
    from storage import workspaces

    with desk.store.writing() as session:
        workspace, account = workspaces.create(session, "Elsewhere", "UTC", "Stranger")
    return desk.acting_as(workspace.id, account.id)


@pytest.fixture
def job_factory(desk: Desk) -> Callable[..., Job]:
    """Make a queued job row: job_factory(name="x", priority=1). Its payload runs only where the test says so."""

    def make(kind: JobKind = JobKind.EXPORT, **parts: Any) -> Job:
        wanted: dict[str, Any] = {"name": "A job", "payload": {}} | parts
        with desk.store.writing() as session:
            return jobs.enqueue(session, desk.workspace_id, desk.account_id, kind=kind, **wanted)

    return make


@pytest.fixture
def dataset_factory(desk: Desk) -> Callable[..., Dataset]:
    """Make a dataset from text: dataset_factory("name,n\\nAnn,1\\n", name="People"). Runs in this process."""

    def make(text: str | bytes, name: str = "People", file: str = "people.csv") -> Dataset:
        upload = uploads.store(desk, file, text.encode() if isinstance(text, str) else text)
        job = datasets.add(desk, upload.id, name=name)
        inline.run_queued(desk)
        done = datasets.job(desk, job.id)
        assert done.state == "succeeded", done.error
        return datasets.get(desk, (done.result or {})["datasets"][0]["id"])

    return make


@pytest.fixture
def running_work(desk: Desk) -> Iterator[launcher.Launched]:
    """A supervisor of this desk, as the web process would start it."""
    launched = launcher.start(desk.settings)
    wait_until(lambda: [*desk.files.run.glob("*.pipe")], 30, what="the supervisor listens")
    yield launched
    launched.stop()
