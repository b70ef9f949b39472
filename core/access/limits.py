"""How often a token may ask: its own limits of requests, and what a contract allows a minute of some kinds of call.

Counted in windows of a minute, an hour and a day that begin with a request, alike in every process. A request that is refused
uses up nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from core.desk import Desk
from core.errors import BadInput, TooMany
from storage import counters
from storage.tables import Token

WINDOWS = {"minute": 60, "hour": 3600, "day": 86_400}  # seconds
MOST = 1_000_000_000  # requests a window: more is no limit


@dataclass(frozen=True)
class Limit:
    """At most so many of something in a window."""

    most: int
    window: str  # of WINDOWS
    what: str = "requests"

    def __str__(self) -> str:
        return f"{self.most:,} {self.what if self.most > 1 else self.what.removesuffix('s')} {per(self.window)}"


CALLS = {  # what a token may call a minute where a contract says so (api.auth.needs): the figures are the contract's
    "exports": Limit(50, "minute", "immediate exports"),
    "jobs": Limit(10, "minute", "job creations"),
    "templates": Limit(100, "minute", "template reads"),
    "downloads": Limit(200, "minute", "downloads"),
}


@dataclass(frozen=True)
class Left:
    """What is left of a limit in the present window."""

    limit: Limit
    count: int
    seconds: int  # until the window ends


def of(token: Token) -> Sequence[Limit]:
    """The token's own limits, the shortest window first; empty: it may ask as often as it likes."""
    given = {"minute": token.per_minute, "hour": token.per_hour, "day": token.per_day}
    return [Limit(most, window) for window, most in given.items() if most is not None]


def spend(desk: Desk, token: Token, call: str | None = None) -> Sequence[Left]:
    """Count one request of this token, which may be one of CALLS. Returns what is left of each limit that holds for it.

    Raises TooMany, naming the limit and when it ends; then nothing was counted.
    """
    holding = [*of(token), *([CALLS[call]] if call else [])]
    if not holding:
        return []
    with desk.store.writing() as session:  # an error undoes the counts of the limits before it
        return [_one(limit, *counters.count(session, _key(token, limit), WINDOWS[limit.window])) for limit in holding]


def spend_of(desk: Desk, whose: str, limit: Limit) -> Sequence[Left]:
    """Count one request of somebody who has no token, such as an address. Raises TooMany."""
    key = f"{whose} {limit.what} {per(limit.window)}"
    with desk.store.writing() as session:
        return [_one(limit, *counters.count(session, key, WINDOWS[limit.window]), "Without a token, your address")]


def per(window: str) -> str:
    """ "a minute", "an hour", "a day"."""
    return f"an {window}" if window.startswith("h") else f"a {window}"


def checked(most: int | None, window: str) -> int | None:
    """A limit somebody asks for. Raises BadInput for one that lets nothing through, or no limit at all."""
    if most is not None and not 1 <= most <= MOST:
        raise BadInput(
            f"A limit of {most:,} requests {per(window)} is not possible.",
            f"Give a number from 1 to {MOST:,}, or leave it out.",
            field=f"per_{window}",
        )
    return most


def sweep(desk: Desk) -> None:
    """Forget the windows that have ended."""
    with desk.store.writing() as session:
        counters.remove_expired(session)


def _one(limit: Limit, count: int, seconds: int, who: str = "This token") -> Left:
    if count <= limit.most:
        return Left(limit, limit.most - count, seconds)
    until = (datetime.now(UTC) + timedelta(seconds=seconds)).replace(microsecond=0)
    raise TooMany(
        f"{who} may make {limit}, and it has.",
        f"Try again in {seconds} s, at {until:%H:%M:%S} UTC.",
        limit=str(limit),
        until=until.isoformat(),
        retry_after=seconds,
    )


def _key(token: Token, limit: Limit) -> str:
    return f"token {token.id} {limit.what} {per(limit.window)}"
