"""A desk of its own for a measurement: a data folder, a real supervisor, and one dataset."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from core import datasets, uploads
from core.desk import Desk, open_desk
from core.settings import Settings
from core.work import launcher

READ_SECONDS = 600.0


@contextmanager
def working_desk(folder: Path) -> Iterator[Desk]:
    """Open a desk in `folder` with a supervisor beside it, as `make run` does, and end both."""
    settings = Settings(data_dir=folder)
    desk = open_desk(settings)
    work = launcher.start(settings)
    try:
        yield desk
    finally:
        launcher.stop(work)
        desk.store.close()


def add(desk: Desk, path: Path) -> str:
    """Upload a file and read it into a dataset; its id."""
    with open(path, "rb") as file:
        upload = uploads.store(desk, path.name, file)
    job = datasets.wait(desk, datasets.add(desk, upload.id).id, READ_SECONDS)
    if job.result is None:
        raise RuntimeError(f"{path.name} could not be read: {job.error}")
    return str(job.result["datasets"][0]["id"])
