"""A disk at the other side that is really full: a small file system of its own, a folder of the server and an sshd upon it."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from core import choices, deliveries, destinations
from core.choices import Outside
from core.desk import Desk
from core.work import inline
from core.work.delivering import TRIES
from storage.tables import Dataset
from tests.core.deliveries.conftest import Deliver
from tests.core.deliveries.test_refusals import refused, to_the_end
from tests.servers import sftp

pytestmark = [pytest.mark.slow_real, pytest.mark.timeout(300)]
KILOBYTES = 256
LINES = "".join(f"{n},{n * 7919 % 1_000_003},{n * 104_729 % 999_983}\n" for n in range(40_000))  # some 700 KB


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Path]:
    """A file system with room for a third of the file."""
    (place := tmp_path / "small").mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={KILOBYTES}k", "tmpfs", place], check=True)
    yield place
    subprocess.run(["umount", "-l", place], check=True)


@pytest.fixture
def people(open_desk: Desk, dataset_factory: Callable[..., Dataset]) -> Dataset:
    return dataset_factory(f"a,b,c\n{LINES}")


def half_sent(place: Path) -> list[str]:
    return [path.name for path in place.rglob("*") if path.is_file()]


def test_a_full_folder_is_tried_again_given_up_and_left_clean(open_desk: Desk, export: Deliver, small: Path) -> None:
    choices.choose(open_desk, Outside, allowed_folders=(str(small),))
    job = export(destinations.make(open_desk, "Small", "folder", {"root": str(small)}, {}))
    refused(to_the_end(open_desk, job), f"“{small}” has no space left.", tries=TRIES)
    inline.run_queued(open_desk)
    assert half_sent(small) == []


def test_a_full_server_is_tried_again_and_gets_the_file_once_there_is_room(
    open_desk: Desk, export: Deliver, small: Path, tmp_path: Path
) -> None:
    with sftp.sshd(tmp_path / "sshd") as server:
        where: dict[str, Any] = {"host": "127.0.0.1", "port": server.port, "user": server.user, "folder": str(small)}
        keys = {"private_key": server.private_key}
        job = export(destinations.make(open_desk, "Small", "sftp", where | {"host_key": server.host_key}, keys))
        refused(to_the_end(open_desk, job), "127.0.0.1 has no space left.", tries=TRIES)
        inline.run_queued(open_desk)
        assert half_sent(small) == []
        subprocess.run(["mount", "-o", "remount,size=4m", small], check=True)
        [one] = deliveries.list(open_desk, job.id)
        deliveries.send_again(open_desk, one.id)
        assert to_the_end(open_desk, job).state == "sent"
        assert half_sent(small) == ["People.csv"]
