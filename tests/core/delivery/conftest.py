"""Files to deliver, and a way there that may use loopback."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from core.delivery.base import Parcel, Way
from core.delivery.reach import Reach
from core.errors import Cancelled
from tests.servers import sftp

LOOPBACK = Reach(inside=("127.0.0.0/8",))
MakeParcel = Callable[..., Parcel]


@pytest.fixture
def parcel(tmp_path: Path) -> MakeParcel:
    """A finished file of that name; of random bytes, so that no two pieces of it are alike."""

    def make(name: str = "orders.csv", size: int = 2000, seed: int = 1) -> Parcel:
        content = random.Random(seed).randbytes(size)
        path = tmp_path / f"{seed}-{size}"
        path.write_bytes(content)
        return Parcel(path, name, size, hashlib.sha256(content).hexdigest(), "text/csv")

    return make


@dataclass
class Stopping:
    """Says of each step how many bytes went, and stops after so many."""

    after: int
    steps: list[int] = field(default_factory=list)

    def __call__(self, sent: int) -> None:
        self.steps.append(sent)
        if sum(self.steps) >= self.after:
            raise Cancelled("Somebody stopped it.")


@pytest.fixture
def way() -> Way:
    return Way(LOOPBACK, key="delivery-1")


@pytest.fixture(scope="session")
def sftp_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sftp.SftpServer]:
    with sftp.sshd(tmp_path_factory.mktemp("sshd") / "server") as server:
        yield server
