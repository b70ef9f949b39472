"""What a way to fetch is: one module that brings one table's file from one kind of place.

Adding a way = one module that ends in `METHOD = …`, its name in `fetching/__init__.py`, one real server in its tests.

Like a delivery (core.delivery.base) it sees neither the store nor the desk: it gets options, secrets in clear and what it may
reach, and says which file it brought. What fails is Unfetchable (final: somebody has to mend something) or Unanswered (tried
again).
"""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Annotated, ClassVar, Generic, TypeVar

from pydantic import AfterValidator, JsonValue

from core.delivery.base import BLOCK, Options, Secret, line
from core.delivery.reach import Reach
from core.errors import Unanswered, Undeliverable, Unfetchable, Unreachable

__all__ = ["BLOCK", "Options", "Secret", "line"]

FILE = "fetched"  # what it is called while it is on its way
NEWEST = "Such as orders.csv. With * the newest that fits: orders-*.csv."

ELSEWHERE: dict[str, JsonValue] = {"field": "elsewhere"}  # a form has more than a text field for it
FOLDED: dict[str, JsonValue] = {"group": "More"}  # few want it

OptionsT = TypeVar("OptionsT", bound=Options)


def _one_line(text: str) -> str:
    if not text.isprintable():
        raise ValueError("a name has no line ends in it")
    return text


Line = Annotated[str, AfterValidator(_one_line)]


@dataclass(frozen=True)
class Fetched:
    """A file that arrived whole. Its name, as people know it, says with its ending how it is read."""

    path: Path
    name: str


@dataclass(frozen=True)
class Way:
    """What fetching may use. `took` is told of bytes as they arrive, and raises where there were too many."""

    reach: Reach
    scratch: Path  # a folder of this attempt alone
    took: Callable[[int], None] = lambda _bytes: None
    folders: tuple[str, ...] = ()  # those of the server that an administrator allowed

    def receive(self, name: str, blocks: Iterable[bytes]) -> Fetched:
        """Write what arrives, under the name it has there. Raises Unfetchable where nothing did."""
        path, size = self.scratch / FILE, 0
        with path.open("wb") as file:
            for block in blocks:
                self.took(len(block))
                file.write(block)
                size += len(block)
            file.flush()
            os.fsync(file.fileno())
        if not size:
            raise Unfetchable(f"“{name}” is empty.", "Look at it where it comes from.")
        return Fetched(path, name)


class Method(ABC, Generic[OptionsT]):
    """`name` in the API, `label` on the screens, `model` (of its options) and `secrets` in its form.

    `bound`: the options that say to whom the secrets are told; where one changes, the secrets are asked for again.
    """

    name: ClassVar[str]
    label: ClassVar[str]
    icon: ClassVar[str]
    model: ClassVar[type[Options]]
    secrets: ClassVar[tuple[Secret, ...]] = ()
    bound: ClassVar[tuple[str, ...]] = ()
    lists_tables: ClassVar[bool] = False

    @abstractmethod
    def fetch(self, options: OptionsT, secrets: Mapping[str, str], way: Way) -> Fetched:
        """Bring the file. Raises Unfetchable, Unanswered, and whatever `way.took` raises."""

    @abstractmethod
    def place(self, options: OptionsT) -> str:
        """Where that is, in a few words without secrets: "sftp.example.org, orders.csv"."""

    def tables(self, options: OptionsT, secrets: Mapping[str, str], way: Way) -> Sequence[str]:
        """The tables of a database that may be fetched, by name. Raises as `fetch` does."""
        return []


@contextmanager
def told() -> Iterator[None]:
    """What the connections of core.delivery say, as of fetching."""
    try:
        yield
    except Undeliverable as wrong:
        raise Unfetchable(wrong.message, wrong.next_step, field=wrong.field) from wrong
    except Unreachable as wrong:
        raise Unanswered(wrong.message, wrong.next_step, field=wrong.field) from wrong


def newest(pattern: str, listed: Iterable[tuple[str, float]], where: str) -> str:
    """The name that was changed last among those that fit; of several at once the last by name. Raises Unfetchable."""
    fitting = [(changed, name) for name, changed in listed if fnmatchcase(name, pattern)]
    if not fitting:
        raise missing(pattern, where)
    return max(fitting)[1]


def is_pattern(name: str) -> bool:
    return "*" in name or "?" in name


def missing(name: str, where: str) -> Unfetchable:
    said = f"No file in {where} fits “{name}”." if is_pattern(name) else f"There is no “{name}” in {where}."
    return Unfetchable(said, "Check its name and its folder, or ask who puts it there.", field="file")


def forbidden(name: str, where: str) -> Unfetchable:
    return Unfetchable(f"“{name}” in {where} may not be read.", "Ask who runs it to allow that.", field="file")
