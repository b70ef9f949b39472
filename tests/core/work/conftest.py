"""A desk with two datasets, “few” and “many” rows, and supervisors to run its jobs."""

import shutil
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from core import datasets, uploads
from core.desk import Desk, open_desk
from core.settings import Settings
from core.work import inline
from tests.core.work.supervised import FEW, MANY, Work


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path / "data", zone="UTC", workers=2, lease_seconds=2, drain_seconds=40)


@pytest.fixture(scope="session")
def _stocked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with the two datasets, made once: copies share the bytes of its files."""
    desk = open_desk(Settings(data_dir=tmp_path_factory.mktemp("stocked"), zone="UTC"))
    for name, rows in (("few", FEW), ("many", MANY)):
        lines = "".join(f"{i},name {i},{i * 7919 % 1_000_003}\n" for i in range(rows))
        upload = uploads.store(desk, f"{name}.csv", f"id,name,shuffled\n{lines}".encode())
        job = datasets.add(desk, upload.id, name=name)
        inline.run_queued(desk)
        assert datasets.job(desk, job.id).state == "succeeded", datasets.job(desk, job.id).error
        uploads.cancel(desk, upload.id)
    desk.store.close()
    return desk.files.root


@pytest.fixture
def desk(settings: Settings, _stocked: Path) -> Iterator[Desk]:
    settings.data_dir.mkdir(parents=True)
    shutil.copyfile(_stocked / "desk.db", settings.data_dir / "desk.db")
    shutil.copytree(_stocked / "datasets", settings.data_dir / "datasets", copy_function=_link)
    desk = open_desk(settings)
    yield desk
    desk.store.close()


def _link(source: str, target: str) -> None:
    Path(target).hardlink_to(source)


@pytest.fixture
def work(desk: Desk) -> Iterator[Callable[..., Work]]:
    """Start supervisors: work() as often as wanted; all are gone afterwards."""
    running: list[Work] = []

    def start(**settings: object) -> Work:
        running.append(Work(desk, **settings))
        return running[-1]

    yield start
    for one in running:
        if one.process.poll() is None:
            one.signal(signal.SIGCONT)
            one.kill()
