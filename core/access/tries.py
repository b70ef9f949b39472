"""Things that may be tried so many times: passwords, codes, mails. Each try is counted before it is made, so that a hundred at
once are a hundred. What it is counted by (an e-mail address, a network address) stands in the store as a hash.
"""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address, ip_network

from sqlmodel import Session

from core.access import bearer
from core.desk import Desk
from core.errors import TooMany
from storage import counters

ADDRESS = "address"  # Tries.by of a network address
LINE = 64  # bits of an IPv6 address that stand for one line: whoever has it may take any of 2**64 addresses (RFC 6177)


@dataclass(frozen=True)
class Tries:
    """At most so many in a window, of each that it is counted by."""

    what: str  # completes "There were too many …"
    by: str
    most: int
    seconds: int  # the window, from the first try on
    instead: str = ""  # what else one can do, after "Wait … minutes"

    def key(self, of: str) -> str:
        """Without case: an address is the same one however it is written."""
        of = _network(of) if self.by == ADDRESS else of.strip().lower()
        return f"{self.what} by {self.by} {bearer.hashed(of)}"


def count(desk: Desk, *tried: tuple[Tries, str]) -> None:
    """Count one more of each. Raises TooMany where that is more than there may be."""
    with desk.store.writing() as session:
        counted = [(tries, *counters.count(session, tries.key(of), tries.seconds)) for tries, of in tried]
    for tries, times, left in counted:
        if times > tries.most:
            minutes = -(-left // 60)
            raise TooMany(
                f"There were too many {tries.what}.",
                f"Wait {minutes} {'minute' if minutes == 1 else 'minutes'}{tries.instead}.",
                retry_after=left,
            )


def give_back(session: Session, tries: Tries, of: str) -> None:
    """One less: it turned out well."""
    counters.give_back(session, tries.key(of))


def forget(session: Session, tries: Tries, of: str) -> None:
    """As if there had been none."""
    counters.forget(session, tries.key(of))


def _network(address: str) -> str:
    """Whom an address belongs to, as far as it tells: itself, or the line that an IPv6 address is one of many on."""
    try:
        found = ip_address(address.strip().partition("%")[0])
    except ValueError:
        return address.strip().lower()  # what a socket of another kind calls itself
    if isinstance(found, IPv6Address):
        return str(found.ipv4_mapped or ip_network((found, LINE), strict=False))
    return str(found)
