"""What a format is. Two shapes are enough: `RowFormat` (text, one SQL expression a row) and `BatchFormat` (Arrow batches).

Adding a format = one module that ends in `FORMAT = …`, one entry in `formats/__init__.py`, one golden file.
"""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO, ClassVar

from pydantic import BaseModel, ConfigDict

from core.engine.receipt import Note
from core.engine.rendering import OutColumn, Rows


class Options(BaseModel):
    """Base of every format's options: one pydantic model draws the form, the API schema and the docs table.

    Each field's `title` is its label on screen and its `description` the one-line explanation beneath it;
    `json_schema_extra={"group": "More"}` puts it under "More options".
    """

    model_config = ConfigDict(frozen=True, extra="forbid")


@dataclass(frozen=True)
class Written:
    """What a writer says of the content it wrote (before compression): rows, bytes, its SHA-256, and what readers should know.

    `members` holds the digest of each streamed member where the file is a container (XLSX sheets), by member name.
    """

    rows: int
    bytes: int
    sha256: str
    notes: tuple[Note, ...] = ()
    members: Mapping[str, str] = field(default_factory=dict)
    extra: Mapping[str, Any] = field(default_factory=dict)  # what the format's own `verify` needs (sheets, row counts)


@dataclass(frozen=True)
class Context:
    """What a writer may print besides the rows: the title, "About this export" lines, the export's moment and zone."""

    title: str
    about: tuple[tuple[str, str], ...] = ()
    now: datetime = field(default_factory=lambda: datetime.now(UTC))  # aware: the moment the run was frozen at


class Format(ABC):
    """One kind of file. Instances are stateless; the registry holds one of each."""

    name: ClassVar[str]  # "csv": what specs and the API say
    label: ClassVar[str]  # "CSV": what the screen says
    about: ClassVar[str]  # one line: who wants it
    extension: ClassVar[str]  # "csv", without the dot
    media_type: ClassVar[str]
    Options: ClassVar[type[Options]]

    @abstractmethod
    def write(self, rows: Rows, path: Path, options: Any, context: Context) -> Written:
        """Write all rows to `path` (a new file) and say what was written. Raises DeskError; fsync is the pipeline's."""

    @abstractmethod
    def verify(self, content: BinaryIO, written: Written, columns: tuple[OutColumn, ...], options: Any) -> int:
        """Read finished, decompressed content again: same hash, every row counted, first and last 200 rows parsed strictly.

        Returns the rows counted. Raises Trouble("…") when the file is not what was written.
        """


class RowFormat(Format):
    """A text format: prologue, one SQL text expression per row, epilogue. The separator precedes every row but the first.

    A subclass gives the four pieces and `count`; writing, hashing and verification are here.
    """

    def prologue(self, columns: tuple[OutColumn, ...], options: Any) -> bytes:
        return b""

    @abstractmethod
    def row(self, columns: tuple[OutColumn, ...], options: Any) -> str:
        """The SQL expression (over o1 … oN) that renders one row, terminator included. Never NULL."""

    def epilogue(self, columns: tuple[OutColumn, ...], options: Any) -> bytes:
        return b""

    separator: ClassVar[bytes] = b""  # what `row` begins with and the first row must lose


class Hashing:
    """A binary sink that hashes and counts what goes through it to `out`."""

    def __init__(self, out: BinaryIO) -> None:
        self.out, self.bytes, self._sha = out, 0, hashlib.sha256()

    def write(self, data: bytes | memoryview) -> int:
        self.out.write(data)
        self._sha.update(data)
        self.bytes += len(data)
        return len(data)

    @property
    def sha256(self) -> str:
        return self._sha.hexdigest()
