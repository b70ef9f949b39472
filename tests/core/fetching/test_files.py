"""Fetching files from folders, SFTP, FTP and S3: one by its name, or the newest that fits."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from core.delivery.reach import Reach
from core.errors import Unanswered, Unfetchable
from core.fetching import folder, ftp, s3, sftp
from core.fetching.base import Way
from tests.servers import ftp as ftp_servers
from tests.servers import s3 as s3_servers
from tests.servers.s3 import BUCKET, KEYS
from tests.servers.sftp import SftpServer

CSV = b"id,name\n1,Ayu\n"


@pytest.fixture(scope="module")
def service() -> Iterator[tuple[str, Any]]:
    with s3_servers.moto() as running:
        yield running


def put(place: Path) -> None:
    """Three days of orders, the middle one written last; and something else."""
    place.mkdir(exist_ok=True)
    for name, age in (("orders-1.csv", 300), ("orders-2.csv", 10), ("orders-3.csv", 200), ("other.csv", 0)):
        (place / name).write_bytes(CSV + name.encode())
        os.utime(place / name, (10**9 - age, 10**9 - age))
    (place / "orders-folder.csv").mkdir(exist_ok=True)


class TestFolder:
    def fetch(self, way: Way, shared: Path, file: str):
        return folder.METHOD.fetch(folder.Options(root=str(shared), file=file), {}, way)

    def test_a_file_or_the_newest_that_fits(self, way: Way, shared: Path):
        put(shared / "in")
        assert self.fetch(way, shared, "in/orders-1.csv").path.read_bytes() == CSV + b"orders-1.csv"
        assert self.fetch(way, shared, "/in/orders-*.csv").name == "orders-2.csv"

    def test_nothing_outside_is_read(self, way: Way, shared: Path, tmp_path: Path):
        (tmp_path / "secret.csv").write_bytes(CSV)
        (shared / "link.csv").symlink_to(tmp_path / "secret.csv")
        os.mkfifo(shared / "pipe.csv")
        for file, why in (
            ("../secret.csv", "leads out"),
            ("link.csv", "leads out"),
            ("*nk.csv", "leads out"),
            ("pipe.csv", "is no file"),
            ("gone.csv", r"There is no “gone\.csv”"),
            ("gone-*.csv", "No file .* fits"),
        ):
            with pytest.raises(Unfetchable, match=why):
                self.fetch(way, shared, file)
        with pytest.raises(Unfetchable, match="may not be read from"):
            self.fetch(way, tmp_path, "secret.csv")

    def test_a_share_that_went_away_is_asked_again_later(self, way: Way, tmp_path: Path):
        way = replace(way, folders=(str(tmp_path / "unmounted"),))
        with pytest.raises(Unanswered, match="is not there"):
            self.fetch(way, tmp_path / "unmounted", "a.csv")


class TestSftp:
    def options(self, server: SftpServer, **more: Any) -> sftp.Options:
        given = {"host": "127.0.0.1", "port": server.port, "user": server.user, "host_key": server.host_key}
        return sftp.Options.model_validate(given | more)

    def test_a_file_or_the_newest_that_fits(self, way: Way, sftp_server: SftpServer):
        put(sftp_server.folder / "in")
        keys = {"private_key": sftp_server.private_key}
        for file, name in (("in/orders-1.csv", "orders-1.csv"), ("in/orders-*.csv", "orders-2.csv")):
            found = sftp.METHOD.fetch(self.options(sftp_server, file=file), keys, way)
            assert (found.name, found.path.read_bytes()) == (name, CSV + name.encode())

    def test_what_does_not_work_is_said(self, way: Way, sftp_server: SftpServer):
        keys = {"private_key": sftp_server.private_key}
        with pytest.raises(Unfetchable, match=r"There is no “gone\.csv”"):
            sftp.METHOD.fetch(self.options(sftp_server, file="gone.csv"), keys, way)
        with pytest.raises(Unfetchable, match="did not let"):
            sftp.METHOD.fetch(self.options(sftp_server, file="a"), {"private_key": sftp_server.other_key}, way)
        with pytest.raises(Unfetchable, match="Nobody has confirmed the key"):
            sftp.METHOD.fetch(self.options(sftp_server, file="a", host_key=""), keys, way)
        other = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGl6v9eeYpO1SoGmNvvUIZsTBX4dFvA3OFMWY2Yx9V3x"
        with pytest.raises(Unfetchable, match="another key"):
            sftp.METHOD.fetch(self.options(sftp_server, file="a", host_key=other), keys, way)
        with pytest.raises(Unfetchable, match="inside the network"):
            sftp.METHOD.fetch(self.options(sftp_server, file="a"), keys, replace(way, reach=Reach()))


class TestFtp:
    @pytest.mark.parametrize("knows_mlsd", [True, False])
    def test_a_file_or_the_newest_that_fits(
        self, way: Way, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, knows_mlsd: bool
    ):
        with ftp_servers.ftpd(tmp_path / "ftpd", knows_mlsd=knows_mlsd) as server:
            monkeypatch.setenv("SSL_CERT_FILE", str(server.certificate))
            put(server.folder / "in")
            password = {"password": ftp_servers.PASSWORD}
            options = ftp.Options(host="localhost", port=server.port, user=ftp_servers.USER, file="/in/orders-1.csv")
            found = ftp.METHOD.fetch(options, password, way)
            assert (found.name, found.path.read_bytes()) == ("orders-1.csv", CSV + b"orders-1.csv")
            newest = options.model_copy(update={"file": "in/orders-?.csv"})
            assert ftp.METHOD.fetch(newest, password, way).path.read_bytes() == CSV + b"orders-2.csv"
            with pytest.raises(Unfetchable, match=r"There is no “in/gone\.csv”"):
                ftp.METHOD.fetch(options.model_copy(update={"file": "in/gone.csv"}), password, way)
            with pytest.raises(Unfetchable, match="did not let"):
                ftp.METHOD.fetch(options, {"password": "wrong"}, way)
            monkeypatch.delenv("SSL_CERT_FILE")
            with pytest.raises(Unfetchable, match="not trusted"):
                ftp.METHOD.fetch(options, password, way)

    def test_no_command_is_hidden_in_a_name(self):
        with pytest.raises(ValueError, match="no line ends"):
            ftp.Options(host="a", user="b", file="a\r\nDELE b")


class TestS3:
    def options(self, service: tuple[str, Any], file: str) -> s3.Options:
        return s3.Options(bucket=BUCKET, endpoint=service[0], file=file)

    def test_an_object_or_the_newest_that_fits(self, way: Way, service: tuple[str, Any]):
        for name in ("in/orders-2.csv", "in/deeper/orders-9.csv", "in/other.csv"):
            service[1].put_object(Bucket=BUCKET, Key=name, Body=CSV + name.encode())
        for file in ("in/orders-2.csv", "/in/orders-*.csv"):
            found = s3.METHOD.fetch(self.options(service, file), KEYS, way)
            assert (found.name, found.path.read_bytes()) == ("orders-2.csv", CSV + b"in/orders-2.csv")

    def test_what_is_not_there_is_said(self, way: Way, service: tuple[str, Any]):
        with pytest.raises(Unfetchable, match=r"There is no “gone\.csv”"):
            s3.METHOD.fetch(self.options(service, "gone.csv"), KEYS, way)
        nowhere = self.options(service, "a.csv").model_copy(update={"bucket": "nowhere"})
        with pytest.raises(Unfetchable, match="no bucket called"):
            s3.METHOD.fetch(nowhere, KEYS, way)
        with pytest.raises(Unfetchable, match="inside the network"):
            s3.METHOD.fetch(self.options(service, "a.csv"), KEYS, replace(way, reach=Reach()))
