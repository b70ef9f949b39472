"""Which computers the desk may connect to when somebody names one: none of its own network unless an administrator allows it.

A name is looked up once, what it stands for is checked, and the connection goes to the address that was checked: a name that
means another computer a moment later (DNS rebinding) leads nowhere else.
"""

from __future__ import annotations

import errno
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network

from core.errors import AGAIN, Undeliverable, Unreachable

SECONDS = 15.0  # to connect, and for each answer after that
GLOBAL_UNICAST = IPv6Network("2000::/3")  # RFC 4291 section 2.4: all that is given to anybody today
NAT64 = IPv6Network("64:ff9b::/96")  # RFC 6052: the last 32 bits are an IPv4 address
COMPATIBLE = IPv6Network("::/96")  # RFC 4291 section 2.5.5.1, deprecated: the same
NO_WAY = (errno.ENETUNREACH, errno.EHOSTUNREACH)

Address = IPv4Address | IPv6Address


@dataclass(frozen=True)
class Reach:
    """`inside`: networks an administrator allows besides the public internet; `own_ports`: at which this desk itself listens."""

    inside: tuple[str, ...] = ()  # CIDR
    own_ports: frozenset[int] = frozenset()

    def address(self, host: str, port: int) -> Address:
        """The address to connect to. Raises Undeliverable where none may be, Unreachable where the name is not known now."""
        found = _looked_up(host, port)
        for address in found:
            if self.allows(address, port):
                return address
        raise Undeliverable(
            f"“{host}” ({found[0]}) is inside the network of this desk, where it does not connect by itself.",
            "Check the address. If this computer is meant, an administrator allows its network in the settings.",
            field="host",
        )

    def connect(self, host: str, port: int, seconds: float = SECONDS) -> socket.socket:
        """A connection to the address that was checked, with that time limit. Raises as `address` does, and Unreachable."""
        address = self.address(host, port)
        with explained(host, port, seconds):
            return socket.create_connection((str(address), port), seconds)

    def allows(self, address: Address, port: int) -> bool:
        """May the desk connect there? Every address it stands for must be public, or in a network that is allowed."""
        networks = [ip_network(network) for network in self.inside]
        meant = [*_meant(address)]
        if any(one.is_loopback or one.is_unspecified for one in meant) and port in self.own_ports:
            return False
        return all(_public(one) or any(one in network for network in networks) for one in meant)


@contextmanager
def explained(host: str, port: int, seconds: float = SECONDS) -> Iterator[None]:
    """Turns what the network raises inside into Unreachable, with a sentence."""
    server = f"{host}:{port}"
    try:
        yield
    except ConnectionRefusedError as problem:
        raise Unreachable(
            f"Nothing answers at {server}.", "Check the address and the port, and whether it is running."
        ) from problem
    except TimeoutError as problem:
        raise Unreachable(
            f"{server} did not answer within {seconds:g} seconds.",
            "Check the address and the port, and whether a firewall lies between.",
        ) from problem
    except ConnectionError as problem:
        raise Unreachable(f"{server} ended the connection.", AGAIN) from problem
    except OSError as problem:
        if problem.errno not in NO_WAY:
            raise
        raise Unreachable(f"No way leads to {server} from here.", "Check the address and the network.") from problem


def _looked_up(host: str, port: int) -> list[Address]:
    """What the name service says, as the computer itself would read it: 127.1, 0x7f.1 and 017700000001 are 127.0.0.1."""
    try:
        found = socket.getaddrinfo(host.strip("[]"), port, type=socket.SOCK_STREAM)
    except socket.gaierror as unknown:
        if unknown.errno == socket.EAI_AGAIN:
            raise Unreachable("The name service does not answer.", AGAIN) from unknown
        raise Undeliverable(f"There is no computer called “{host}”.", "Check its name.", field="host") from unknown
    except UnicodeError as wrong:  # an empty label, or one of more than 63 characters
        raise Undeliverable(f"“{host}” is no name of a computer.", "Check its name.", field="host") from wrong
    return [ip_address(str(where[0]).partition("%")[0]) for *_, where in found]


def _meant(address: Address) -> Iterator[Address]:
    """The address, and every IPv4 address it carries inside: a packet to it may end up there."""
    yield address
    if isinstance(address, IPv6Address):
        last = IPv4Address(int(address) & 0xFFFFFFFF)
        if address.ipv4_mapped or address in NAT64 or (address in COMPATIBLE and int(address) > 1):
            yield last
        if address.sixtofour:
            yield address.sixtofour


def _public(address: Address) -> bool:
    if isinstance(address, IPv4Address):
        return address.is_global and not address.is_multicast and not address.is_reserved
    if address in NAT64 or address.ipv4_mapped:
        return True  # what it carries is asked as well
    return address in GLOBAL_UNICAST and address.is_global
