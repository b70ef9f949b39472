"""Where the desk connects when somebody names a computer, and where it never does."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from ipaddress import ip_address

import pytest

from core.delivery.reach import Reach
from core.errors import Undeliverable, Unreachable

INSIDE = Reach(inside=("127.0.0.0/8",))


@pytest.fixture
def listener() -> Iterator[int]:
    """The port of something that listens on loopback."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1", "127.1", "0x7f.1", "0x7f000001", "017700000001", "2130706433", "0177.0.0.1", "localhost",
        "0.0.0.0", "0", "[::1]", "::1", "::", "::ffff:127.0.0.1", "::ffff:7f00:1", "::127.0.0.1",
        "2002:7f00:1::", "64:ff9b::7f00:1", "64:ff9b::10.0.0.1", "64:ff9b:1::7f00:1",
        "10.0.0.1", "172.16.0.1", "192.168.1.1", "100.64.0.1", "169.254.169.254", "::ffff:169.254.169.254",
        "2002:a9fe:a9fe::", "fe80::1", "fe80::1%lo", "fc00::1", "fd12:3456::1", "fec0::1", "2001:db8::1",
        "224.0.0.1", "ff02::1", "255.255.255.255", "240.0.0.1", "192.0.2.1", "198.18.0.1", "2001:0:7f00:1::",
    ],
)  # fmt: skip
def test_an_address_inside_is_not_connected_to_however_it_is_written(host: str):
    with pytest.raises(Undeliverable, match="inside the network of this desk"):
        Reach().address(host, 443)


@pytest.mark.parametrize(
    "host", ["8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::8.8.8.8", "2002:808:808::1"]
)
def test_a_public_address_is_connected_to(host: str):
    assert Reach().address(host, 443) == ip_address(host)


def test_a_network_an_administrator_allows_is_connected_to_and_no_other(listener: int):
    with INSIDE.connect("127.0.0.1", listener) as connection:
        assert connection.getpeername() == ("127.0.0.1", listener)
    with pytest.raises(Undeliverable):
        INSIDE.address("10.0.0.1", listener)
    with pytest.raises(Undeliverable):  # 6to4 carries an address that is allowed, and is itself none
        Reach(inside=("10.0.0.0/8",)).address("2002:7f00:1::", listener)


def test_the_desk_never_connects_to_itself(listener: int):
    me = Reach(inside=("127.0.0.0/8",), own_ports=frozenset({listener}))
    for host in ("127.0.0.1", "localhost", "127.0.0.2", "::ffff:127.0.0.1"):
        with pytest.raises(Undeliverable):
            me.address(host, listener)
    assert str(me.address("127.0.0.1", listener + 1)) == "127.0.0.1"


def test_the_connection_goes_to_the_address_that_was_checked(listener: int, monkeypatch: pytest.MonkeyPatch):
    answers = iter(["127.0.0.1", "127.0.0.99"])  # the name means another computer when it is asked for again
    real = socket.getaddrinfo
    asked: list[str] = []

    def rebinding(host: str, *rest: object, **more: object) -> object:
        asked.append(host)
        return real(next(answers) if host == "rebound.test" else host, *rest, **more)

    monkeypatch.setattr(socket, "getaddrinfo", rebinding)
    with INSIDE.connect("rebound.test", listener) as connection:
        assert connection.getpeername()[0] == "127.0.0.1"
    assert asked.count("rebound.test") == 1


def test_of_several_addresses_the_first_that_is_allowed_is_taken(monkeypatch: pytest.MonkeyPatch):
    def several(*_: object, **__: object) -> list[object]:
        return [(0, 0, 0, "", (host, 443)) for host in ("10.0.0.1", "8.8.8.8")]

    monkeypatch.setattr(socket, "getaddrinfo", several)
    assert str(Reach().address("both.test", 443)) == "8.8.8.8"


def test_a_port_where_nothing_listens_is_said(listener: int):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
    with pytest.raises(Unreachable, match=f"Nothing answers at 127.0.0.1:{port}"):
        INSIDE.connect("127.0.0.1", port)


def test_a_computer_that_says_nothing_is_given_up_after_its_time():
    with socket.socket() as full:  # a queue of one that is taken: whoever comes after waits
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        port = full.getsockname()[1]
        first = [socket.socket() for _ in range(4)]
        for waiting in first:
            waiting.setblocking(False)
            waiting.connect_ex(("127.0.0.1", port))
        with pytest.raises(Unreachable, match=r"did not answer within 0\.2 seconds"):
            INSIDE.connect("127.0.0.1", port, seconds=0.2)
        for waiting in first:
            waiting.close()


@pytest.mark.parametrize("host", ["no-such-computer.invalid", "a..b", "x" * 64 + ".com"])
def test_a_name_nobody_has_is_said(host: str):
    with pytest.raises((Undeliverable, Unreachable), match=r"no computer called|no name of|name service"):
        Reach().address(host, 443)
