"""A way to fetch that may use loopback, and counts what arrives."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.delivery.reach import Reach
from core.fetching.base import Way
from tests.servers import sftp

LOOPBACK = Reach(inside=("127.0.0.0/8", "::1/128"))


@pytest.fixture
def way(tmp_path: Path) -> Way:
    (tmp_path / "scratch").mkdir()
    (tmp_path / "shared").mkdir()
    return Way(LOOPBACK, tmp_path / "scratch", folders=(str(tmp_path / "shared"),))


@pytest.fixture
def shared(tmp_path: Path, way: Way) -> Path:
    """The folder an administrator allowed."""
    return tmp_path / "shared"


@pytest.fixture(scope="module")
def sftp_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sftp.SftpServer]:
    with sftp.sshd(tmp_path_factory.mktemp("sshd") / "server") as server:
        yield server
