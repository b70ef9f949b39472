"""A desk that may deliver to this computer, data to export, and real servers to deliver to."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from core import choices, deliveries, destinations, exports
from core.choices import Mail, Outside
from core.deliveries import Delivery
from core.desk import Desk
from core.destinations import Destination
from core.engine.spec import ExportSpec
from core.work import inline
from storage.tables import Dataset, Job
from tests.servers import sftp, smtp

ROWS = "name,country\nAyu,Indonesia\nBen,Peru\n"
Deliver = Callable[..., Job]


@pytest.fixture(scope="session")
def sftp_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sftp.SftpServer]:
    with sftp.sshd(tmp_path_factory.mktemp("sshd") / "server") as server:
        yield server


@pytest.fixture
def open_desk(desk: Desk, tmp_path: Path) -> Desk:
    """An administrator has allowed this computer, and a folder of it called “share”."""
    (tmp_path / "share").mkdir()
    choices.choose(
        desk, Outside, inside_networks=("127.0.0.0/8", "::1/128"), allowed_folders=(str(tmp_path / "share"),)
    )
    return desk


@pytest.fixture
def people(open_desk: Desk, dataset_factory: Callable[..., Dataset]) -> Dataset:
    return dataset_factory(ROWS)


@pytest.fixture
def folder(open_desk: Desk, tmp_path: Path) -> Callable[..., Destination]:
    """`folder("team")`: a destination that is a folder within the share."""

    def made(name: str = "team", **options: Any) -> Destination:
        given = {"root": str(tmp_path / "share"), "folder": name} | options
        return destinations.make(open_desk, name.title(), "folder", given, {})

    return made


@pytest.fixture
def export(open_desk: Desk, people: Dataset) -> Deliver:
    """`export(a destination, …, when="rows")`: an export of people.csv that ended, its deliveries queued and not run."""

    def made(
        *places: Destination, source: dict[str, Any] | None = None, of: dict[str, Any] | None = None, **how: Any
    ) -> Job:
        spec = ExportSpec.model_validate(
            {
                "name": "People",
                "sources": [{"dataset": people.slug} | (source or {})],
                "output": {"format": "csv"},
                "delivering": {"destinations": [place.id for place in places], **how},
            }
        )
        job = exports.start(open_desk, spec, **(of or {}))
        assert inline.run_next(open_desk)
        ended = exports.get(open_desk, job.id)
        assert ended.state == "succeeded", ended.error
        return ended

    return made


@pytest.fixture
def of(open_desk: Desk) -> Callable[[Job], list[Delivery]]:
    """What became of an export's deliveries once all that is due has run."""

    def ran(job: Job) -> list[Delivery]:
        inline.run_queued(open_desk)
        return [*deliveries.list(open_desk, job.id)]

    return ran


@pytest.fixture
def mailbox(open_desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[smtp.Mailbox]:
    """A mail server that insists on encryption and a password, set up as the desk's."""
    (tmp_path / "smtp").mkdir()
    with smtp.smtp(tmp_path / "smtp") as box:
        monkeypatch.setenv("SSL_CERT_FILE", str(box.certificate))
        choices.choose(
            open_desk,
            Mail,
            host="localhost",
            port=box.port,
            user=smtp.USER,
            password=smtp.PASSWORD,
            sender="desk@example.org",
        )
        yield box
