"""Where the finished files of an export go while it runs: side by side in the scratch folder, or into a zip there."""

from __future__ import annotations

import hashlib
import os
import shutil
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.engine import cuts, packaging
from core.engine.archive import MANIFEST, Archive
from core.engine.formats.base import Hashing, RowFormat, Written
from core.engine.formats.reading import CHUNK
from core.engine.names import OF_PARTS, Names, file_name
from core.engine.planning import Plan
from core.engine.receipt import Member
from core.engine.rendering import OutColumn

Namer = Callable[[str, str, int], str]  # (part, number, rows) → a name no other file has


@dataclass(frozen=True)
class Finished:
    """One file that was written, not yet published: at `path`, or inside the zip there under `name`."""

    name: str
    part: str  # what it holds of the whole; "" where it holds all
    path: Path
    written: Written
    columns: tuple[OutColumn, ...]
    member: Member | None = None  # what the zip's manifest says of it


class Target(ABC):
    """Takes finished files, one after the other: begin with `named`, fill a `sink` or `take` a path, then `keep`."""

    most = cuts.LOOSE  # files it takes

    def __init__(self, made: Plan) -> None:
        self.made, self._name = made, namer(made)
        self.finished: list[Finished] = []

    def named(self, part: str, number: str, rows: int) -> str:
        """The name of the next file. Raises LimitReached where there are too many."""
        if len(self.finished) >= self.most.parts:
            raise cuts.too_many(None, self.most)
        return self._name(part, number, rows)

    @abstractmethod
    def sink(self, name: str, *, large: bool) -> AbstractContextManager[Any]:
        """A binary sink for the text of one file. `large`: it may pass 2 GB."""

    @abstractmethod
    def take(self, name: str, path: Path) -> None:
        """Move in a file that was written to `path`."""

    @abstractmethod
    def keep(self, name: str, part: str, written: Written, columns: tuple[OutColumn, ...]) -> None:
        """Note down the file that was just filled or taken."""


class Loose(Target):
    """Files side by side, each packed on its own where asked."""

    def __init__(self, made: Plan, scratch: Path, stored: Callable[[int], str]) -> None:
        super().__init__(made)
        self._scratch, self._stored = scratch, stored

    def _path(self) -> Path:
        return self._scratch / f"{self._stored(len(self.finished) + 1)}.part"

    def sink(self, name: str, *, large: bool) -> AbstractContextManager[Any]:
        return packaging.packed(self._path(), self.made.compression)

    def take(self, name: str, path: Path) -> None:
        if self.made.compression not in packaging.STREAMED:
            os.replace(path, self._path())
            return
        with open(path, "rb") as file, packaging.packed(self._path(), self.made.compression) as sink:
            shutil.copyfileobj(file, sink, CHUNK)
        path.unlink()

    def keep(self, name: str, part: str, written: Written, columns: tuple[OutColumn, ...]) -> None:
        self.finished.append(Finished(name, part, self._path(), written, columns))


class Zipped(Target):
    """Files inside a zip that is being written."""

    most = cuts.FILES

    def __init__(self, made: Plan, archive: Archive, path: Path) -> None:
        super().__init__(made)
        self._archive, self._path = archive, path
        self._exact: tuple[int, str] | None = None  # bytes and hash of the file at hand, where they are not the text's

    @contextmanager
    def sink(self, name: str, *, large: bool) -> Iterator[Any]:
        format, self._exact = self.made.format, None
        with self._archive.member(name, large=large) as member:
            if isinstance(format, RowFormat) and format.encoding(self.made.options) == "utf-8":
                yield member
                return
            with Hashing(member) as hashing:
                yield hashing
            self._exact = hashing.bytes, hashing.sha256

    def take(self, name: str, path: Path) -> None:
        with open(path, "rb") as file:
            self._exact = path.stat().st_size, hashlib.file_digest(file, "sha256").hexdigest()
        self._archive.add(name, path, packed=self.made.format.packed)
        path.unlink()

    def keep(self, name: str, part: str, written: Written, columns: tuple[OutColumn, ...]) -> None:
        size, sha256 = self._exact or (written.bytes, written.sha256)
        member = Member(name=name, bytes=size, rows=written.rows, sha256=sha256)
        self.finished.append(Finished(name, part, self._path, written, columns, member))


def namer(made: Plan) -> Namer:
    """(part, number, rows) → the name of one file, different from all before it.

    Of several datasets under no common name, each file is called after its own: "People.csv", not "People and Towns People.csv".
    """
    inside = made.compression == "zip"
    names, ending = Names([MANIFEST] if inside else ()), f".{made.inner_ending}"
    pattern = made.spec.output.file_name
    own = len(made.tables) > 1 and not made.spec.name and not OF_PARTS.search(pattern)

    def named(part: str, number: str, rows: int) -> str:
        name, part = (part, "") if own and part else (made.title, part)
        name = file_name(
            pattern, made.inner_ending, name=name, rows=rows, now=made.resolved.now,
            zone=made.resolved.zone, part=part, number=number,
        )  # fmt: skip
        return names.unique(name, ending)

    return named
