"""Delivery to a real FTP server that insists on TLS, and to older ones."""

from __future__ import annotations

import socketserver
import threading
import uuid
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from core.delivery.base import BLOCK, Way
from core.delivery.ftp import METHOD, Options
from core.delivery.reach import Reach
from core.errors import Cancelled, Undeliverable, Unreachable
from tests.core.delivery.conftest import MakeParcel, Stopping
from tests.servers.ftp import FULL, PASSWORD, USER, Ftpd, ftpd

RIGHT = {"password": PASSWORD}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ftpd]:
    with ftpd(tmp_path_factory.mktemp("ftpd") / "server") as running:
        yield running


@pytest.fixture(autouse=True)
def trusted(server: Ftpd, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(server.certificate))


@pytest.fixture
def options(server: Ftpd) -> Options:
    return Options(host="localhost", port=server.port, user=USER, folder=f"{uuid.uuid4().hex}/reports")


def there(server: Ftpd, options: Options) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in sorted((server.folder / options.folder).iterdir())}


def test_files_arrive_whole_under_their_names(server: Ftpd, options: Options, parcel: MakeParcel, way: Way):
    parcels = [parcel("Réport – März.csv", 2 * BLOCK + 5), parcel("empty.csv", 0, seed=2)]
    arrived = METHOD.deliver(options, RIGHT, parcels, way)
    assert [a.where for a in arrived] == [f"ftps://localhost/{options.folder}/{p.name}" for p in parcels]
    assert there(server, options) == {p.name: p.path.read_bytes() for p in parcels}


def test_a_stopped_delivery_leaves_no_file_of_that_name_and_goes_on_where_it_stopped(
    server: Ftpd, options: Options, parcel: MakeParcel, way: Way
):
    file = parcel(size=4 * BLOCK)
    with pytest.raises(Cancelled):
        METHOD.deliver(options, RIGHT, [file], replace(way, sent=Stopping(after=2 * BLOCK)))
    assert [*there(server, options)] == [file.part]
    (again,) = METHOD.deliver(options, RIGHT, [file], way)
    assert 0 < again.resumed_at <= 2 * BLOCK
    assert there(server, options) == {file.name: file.path.read_bytes()}


def test_what_was_given_up_leaves_nothing_half_done(server: Ftpd, options: Options, parcel: MakeParcel, way: Way):
    file = parcel(size=2 * BLOCK)
    with pytest.raises(Cancelled):
        METHOD.deliver(options, RIGHT, [file], replace(way, sent=Stopping(after=BLOCK)))
    for _again in range(2):
        METHOD.abandon(options, RIGHT, [file], way)
        assert there(server, options) == {}


@pytest.mark.parametrize(
    ("existing", "names"), [("replace", ["a.csv"]), ("keep_both", ["a (2).csv", "a (3).csv", "a.csv"])]
)
def test_a_file_that_is_there_is_replaced_or_kept(
    server: Ftpd, options: Options, parcel: MakeParcel, way: Way, existing: str, names: list[str]
):
    options = options.model_copy(update={"existing": existing})
    for seed in (1, 2, 3):
        METHOD.deliver(options, RIGHT, [parcel("a.csv", seed=seed)], way)
    found = there(server, options)
    assert [*found] == names
    assert found["a.csv"] == parcel(seed=3 if existing == "replace" else 1).path.read_bytes()


def test_a_file_that_is_there_is_left_alone_where_that_was_chosen(
    server: Ftpd, options: Options, parcel: MakeParcel, way: Way
):
    options = options.model_copy(update={"existing": "refuse"})
    METHOD.deliver(options, RIGHT, [parcel()], way)
    with pytest.raises(Undeliverable, match="already a file called"):
        METHOD.deliver(options, RIGHT, [parcel(seed=2)], way)
    assert there(server, options) == {"orders.csv": parcel().path.read_bytes()}


def test_an_older_server_without_encryption_is_served_where_somebody_insists(
    tmp_path: Path, options: Options, parcel: MakeParcel, way: Way
):
    with ftpd(tmp_path / "old", tls=False, rename_replaces=False, knows_mlsd=False) as old:
        options = options.model_copy(update={"port": old.port, "encryption": "none"})
        for seed in (1, 2):
            METHOD.deliver(options, RIGHT, [parcel(seed=seed)], way)
        assert there(old, options) == {"orders.csv": parcel(seed=2).path.read_bytes()}


def test_nothing_goes_unencrypted_to_a_server_that_offers_no_encryption(
    tmp_path: Path, options: Options, parcel: MakeParcel, way: Way
):
    with ftpd(tmp_path / "plain", tls=False) as plain:
        with pytest.raises(Undeliverable, match="answered: 50"):
            METHOD.deliver(options.model_copy(update={"port": plain.port}), RIGHT, [parcel()], way)
        assert [*plain.folder.iterdir()] == []


def test_a_server_that_insists_on_encryption_gets_no_password_in_clear(
    server: Ftpd, options: Options, parcel: MakeParcel, way: Way
):
    with pytest.raises(Undeliverable, match="answered: 550"):
        METHOD.deliver(options.model_copy(update={"encryption": "none"}), RIGHT, [parcel()], way)


def test_a_certificate_nobody_vouches_for_is_refused(
    options: Options, parcel: MakeParcel, way: Way, monkeypatch: pytest.MonkeyPatch
):
    with pytest.raises(Undeliverable, match="not trusted"):  # it is for localhost
        METHOD.deliver(options.model_copy(update={"host": "127.0.0.1"}), RIGHT, [parcel()], way)
    monkeypatch.delenv("SSL_CERT_FILE")
    with pytest.raises(Undeliverable, match="not trusted: self-signed"):
        METHOD.deliver(options, RIGHT, [parcel()], way)


def test_the_wrong_kind_of_encryption_is_said(options: Options, parcel: MakeParcel, way: Way):
    with pytest.raises(Undeliverable, match="does not speak TLS in the way") as refused:
        METHOD.deliver(options.model_copy(update={"encryption": "implicit"}), RIGHT, [parcel()], way)
    assert refused.value.field == "encryption"


def test_a_wrong_password_is_said_and_not_repeated(options: Options, parcel: MakeParcel, way: Way):
    with pytest.raises(Undeliverable, match="did not let “desk” in") as refused:
        METHOD.deliver(options, {"password": "hunter2"}, [parcel()], way)
    assert "hunter2" not in str(refused.value.as_dict())


def test_a_full_disk_at_the_other_side_is_said(options: Options, parcel: MakeParcel, way: Way):
    with pytest.raises(Unreachable, match="no space left"):
        METHOD.deliver(options.model_copy(update={"folder": FULL}), RIGHT, [parcel()], way)


def test_a_server_inside_is_not_connected_to(options: Options, parcel: MakeParcel, way: Way):
    with pytest.raises(Undeliverable, match="inside the network"):
        METHOD.deliver(options, RIGHT, [parcel()], replace(way, reach=Reach()))


def test_what_answers_otherwise_than_an_ftp_server_is_said(options: Options, parcel: MakeParcel, way: Way):
    class Greeter(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            self.request.sendall(b"Hello, who is there?\r\n")

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Greeter) as greeter:
        threading.Thread(target=greeter.serve_forever, daemon=True).start()
        with pytest.raises(Unreachable, match="not answer as an FTP server"):
            METHOD.deliver(options.model_copy(update={"port": greeter.server_address[1]}), RIGHT, [parcel()], way)
        greeter.shutdown()


@pytest.mark.parametrize("existing", ["refuse", "keep_both"])
@pytest.mark.parametrize("named", [False, True])
def test_a_second_try_goes_on_with_the_file_the_first_one_did_not_bring(
    server: Ftpd, options: Options, parcel: MakeParcel, way: Way, existing: str, named: bool
):
    """`named`: the first try died in between the first file getting its name and noting it."""
    options = options.model_copy(update={"existing": existing})
    parcels = [parcel("a.csv"), parcel("b.csv", seed=2)]
    with pytest.raises(Cancelled):
        METHOD.deliver(options, RIGHT, parcels, replace(way, sent=Stopping(after=4000)))
    if named:
        way.memo["placing " + parcels[0].part] = way.memo.pop("placed " + parcels[0].part)
    again = METHOD.deliver(options, RIGHT, parcels, way)
    assert [one.name for one in again] == ["a.csv", "b.csv"]
    assert again[0].resumed_at == parcels[0].size
    assert there(server, options) == {p.name: p.path.read_bytes() for p in parcels}
