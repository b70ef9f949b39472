"""Delivery to Debian's own sshd."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import replace

import pytest
from pydantic import ValidationError

from core.delivery.base import BLOCK, Way
from core.delivery.reach import Reach
from core.delivery.sftp import METHOD, Options, host_key
from core.errors import Cancelled, Undeliverable, Unreachable
from tests.core.delivery.conftest import LOOPBACK, MakeParcel, Stopping
from tests.servers.sftp import PASSPHRASE, SftpServer, sshd

Given = tuple[Options, Mapping[str, str]]


@pytest.fixture
def given(sftp_server: SftpServer) -> Given:
    """Options with a folder of their own, and the key that opens it."""
    options = Options(
        host="127.0.0.1",
        port=sftp_server.port,
        user=sftp_server.user,
        folder=f"{uuid.uuid4().hex}/reports",
        host_key=sftp_server.host_key,
    )
    return options, {"private_key": sftp_server.private_key}


def there(server: SftpServer, options: Options) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in sorted((server.folder / options.folder).iterdir())}


def test_files_arrive_whole_under_their_names(sftp_server: SftpServer, given: Given, parcel: MakeParcel, way: Way):
    parcels = [parcel("Réport – März.csv", 3 * BLOCK + 5), parcel("empty.csv", 0, seed=2)]
    arrived = METHOD.deliver(*given, parcels, way)
    assert [a.name for a in arrived] == ["Réport – März.csv", "empty.csv"]
    assert arrived[0].where == f"sftp://127.0.0.1{sftp_server.folder}/{given[0].folder}/Réport – März.csv"
    assert there(sftp_server, given[0]) == {p.name: p.path.read_bytes() for p in parcels}


def test_progress_is_told_in_bytes(given: Given, parcel: MakeParcel, way: Way):
    steps: list[int] = []
    METHOD.deliver(*given, [parcel(size=2 * BLOCK + 1)], replace(way, sent=steps.append))
    assert steps == [0, BLOCK, BLOCK, 1]


def test_a_stopped_delivery_leaves_no_file_of_that_name_and_goes_on_where_it_stopped(
    sftp_server: SftpServer, given: Given, parcel: MakeParcel, way: Way
):
    file = parcel(size=4 * BLOCK)
    with pytest.raises(Cancelled):
        METHOD.deliver(*given, [file], replace(way, sent=Stopping(after=2 * BLOCK)))
    assert [*there(sftp_server, given[0])] == [file.part]
    (again,) = METHOD.deliver(*given, [file], way)
    assert again.resumed_at == 2 * BLOCK
    assert there(sftp_server, given[0]) == {file.name: file.path.read_bytes()}


def test_what_was_given_up_leaves_nothing_half_done(
    sftp_server: SftpServer, given: Given, parcel: MakeParcel, way: Way
):
    file = parcel(size=2 * BLOCK)
    with pytest.raises(Cancelled):
        METHOD.deliver(*given, [file], replace(way, sent=Stopping(after=BLOCK)))
    for _again in range(2):
        METHOD.abandon(*given, [file], way)
        assert there(sftp_server, given[0]) == {}


def test_another_file_of_the_same_name_never_goes_on_where_the_first_one_stopped(
    sftp_server: SftpServer, given: Given, parcel: MakeParcel, way: Way
):
    with pytest.raises(Cancelled):
        METHOD.deliver(*given, [parcel(size=4 * BLOCK)], replace(way, sent=Stopping(after=BLOCK)))
    other = parcel(size=4 * BLOCK, seed=2)
    (arrived,) = METHOD.deliver(*given, [other], way)
    assert arrived.resumed_at == 0
    assert there(sftp_server, given[0])[other.name] == other.path.read_bytes()


@pytest.mark.parametrize(
    ("existing", "names"),
    [("replace", ["a.tar.gz"]), ("keep_both", ["a (2).tar.gz", "a (3).tar.gz", "a.tar.gz"])],
)
def test_a_file_that_is_there_is_replaced_or_kept(
    sftp_server: SftpServer, given: Given, parcel: MakeParcel, way: Way, existing: str, names: list[str]
):
    options = given[0].model_copy(update={"existing": existing})
    for seed in (1, 2, 3):
        METHOD.deliver(options, given[1], [parcel("a.tar.gz", seed=seed)], way)
    found = there(sftp_server, options)
    assert [*found] == names
    assert found["a.tar.gz"] == parcel("a.tar.gz", seed=3 if existing == "replace" else 1).path.read_bytes()


def test_a_file_that_is_there_is_left_alone_where_that_was_chosen(
    sftp_server: SftpServer, given: Given, parcel: MakeParcel, way: Way
):
    options = given[0].model_copy(update={"existing": "refuse"})
    METHOD.deliver(options, given[1], [parcel()], way)
    with pytest.raises(Undeliverable, match="already a file called “orders"):
        METHOD.deliver(options, given[1], [parcel(seed=2)], way)
    assert there(sftp_server, options) == {"orders.csv": parcel().path.read_bytes()}


def test_the_key_of_the_server_is_shown_for_somebody_to_confirm(sftp_server: SftpServer, given: Given):
    shown = host_key(given[0].model_copy(update={"host_key": ""}), LOOPBACK)
    assert shown.line == sftp_server.host_key
    assert shown.fingerprint.startswith("SHA256:")


def test_nothing_is_sent_to_a_server_whose_key_nobody_confirmed(given: Given, parcel: MakeParcel, way: Way):
    with pytest.raises(Undeliverable, match="Nobody has confirmed the key"):
        METHOD.deliver(given[0].model_copy(update={"host_key": ""}), given[1], [parcel()], way)


def test_nothing_is_sent_to_a_server_with_another_key(given: Given, parcel: MakeParcel, way: Way, tmp_path):
    with sshd(tmp_path / "impostor") as other:
        options = given[0].model_copy(update={"port": other.port})
        with pytest.raises(Undeliverable, match="another key than the one that was confirmed") as refused:
            METHOD.deliver(options, {"password": "hunter2"}, [parcel()], way)
        assert refused.value.field == "host_key"
        assert "Accepted" not in other.log.read_text()
        assert [*other.folder.iterdir()] == []


@pytest.mark.parametrize("wrong", ["other key", "password", "nothing"])
def test_whoever_is_not_let_in_is_told_and_no_secret_with_it(
    sftp_server: SftpServer, given: Given, parcel: MakeParcel, way: Way, wrong: str
):
    secrets = {"other key": {"private_key": sftp_server.other_key}, "password": {"password": "hunter2"}, "nothing": {}}
    with pytest.raises(Undeliverable, match="did not let") as refused:
        METHOD.deliver(given[0], secrets[wrong], [parcel()], way)
    assert "hunter2" not in str(refused.value.as_dict())
    assert refused.value.final


def test_a_private_key_opens_with_its_passphrase(sftp_server: SftpServer, given: Given, parcel: MakeParcel, way: Way):
    METHOD.deliver(given[0], {"private_key": sftp_server.locked_key, "passphrase": PASSPHRASE}, [parcel()], way)
    assert [*there(sftp_server, given[0])] == ["orders.csv"]


@pytest.mark.parametrize("passphrase", ["", "wrong"])
def test_a_private_key_that_does_not_open_is_said(
    sftp_server: SftpServer, given: Given, parcel: MakeParcel, way: Way, passphrase: str
):
    with pytest.raises(Undeliverable, match="passphrase is wrong") as refused:
        METHOD.deliver(given[0], {"private_key": sftp_server.locked_key, "passphrase": passphrase}, [parcel()], way)
    assert "PRIVATE KEY" not in str(refused.value.as_dict())


def test_a_folder_that_is_a_file_is_said(sftp_server: SftpServer, given: Given, parcel: MakeParcel, way: Way):
    (sftp_server.folder / (name := uuid.uuid4().hex)).write_text("a file")
    with pytest.raises(Undeliverable, match="refused"):
        METHOD.deliver(given[0].model_copy(update={"folder": name}), given[1], [parcel()], way)


def test_a_server_that_goes_away_is_tried_again_later(given: Given, parcel: MakeParcel, way: Way, tmp_path):
    with sshd(tmp_path / "server") as server:
        pass
    options = given[0].model_copy(update={"port": server.port, "host_key": server.host_key})
    with pytest.raises(Unreachable, match="Nothing answers") as later:
        METHOD.deliver(options, given[1], [parcel()], way)
    assert not later.value.final


def test_a_server_inside_is_not_connected_to(given: Given, parcel: MakeParcel, way: Way):
    with pytest.raises(Undeliverable, match="inside the network"):
        METHOD.deliver(*given, [parcel()], replace(way, reach=Reach()))


@pytest.mark.parametrize("key", ["junk", "ssh-ed25519", "ssh-ed25519 AAAA", "ssh-ed25519 é"])
def test_what_is_no_key_of_a_server_is_refused(key: str):
    with pytest.raises(ValidationError, match="no public key"):
        Options(host="a", user="b", folder="", host_key=key)


def test_a_key_is_kept_in_one_line_without_its_comment(sftp_server: SftpServer):
    made = Options(host="a", user="b", folder="", host_key=f"{sftp_server.host_key} root@there\n")
    assert made.host_key == sftp_server.host_key


def test_the_place_is_said_without_secrets(given: Given):
    assert METHOD.place(given[0]) == f"127.0.0.1, folder {given[0].folder}"
    assert METHOD.place(given[0].model_copy(update={"folder": ""})) == "127.0.0.1"


@pytest.mark.parametrize("existing", ["refuse", "keep_both"])
@pytest.mark.parametrize("named", [False, True])
def test_a_second_try_goes_on_with_the_file_the_first_one_did_not_bring(
    sftp_server: SftpServer, given: Given, parcel: MakeParcel, way: Way, existing: str, named: bool
):
    """`named`: the first try died in between the first file getting its name and noting it."""
    options, keys = given[0].model_copy(update={"existing": existing}), given[1]
    parcels = [parcel("a.csv"), parcel("b.csv", seed=2)]
    with pytest.raises(Cancelled):
        METHOD.deliver(options, keys, parcels, replace(way, sent=Stopping(after=4000)))
    if named:
        way.memo["placing " + parcels[0].part] = way.memo.pop("placed " + parcels[0].part)
    again = METHOD.deliver(options, keys, parcels, way)
    assert [one.name for one in again] == ["a.csv", "b.csv"]
    assert again[0].resumed_at == parcels[0].size
    assert there(sftp_server, options) == {p.name: p.path.read_bytes() for p in parcels}
