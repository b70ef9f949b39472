"""The zip round a workbook. A seekable file, so that sizes stand before each member: LibreOffice refuses a streamed ZIP64.

Deflate by ISA-L, level 1: on rows of a spreadsheet level 0 takes as long and gives 30 % more, level 3 takes twice as long and
gives 3 % less.
"""

from __future__ import annotations

import hashlib
import zipfile
import zlib
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, cast

from isal import isal_zlib

from core.engine.formats.base import Hashing, Written
from core.engine.receipt import Note
from core.errors import LimitReached

LEVEL = 1
RAW_DEFLATE = -15  # window bits of a zip's members
ZIP64_FROM = 2 << 30  # bytes a member may come to; larger ones get 64-bit sizes, which some readers do not know
EARLIEST = datetime(1980, 1, 1, tzinfo=UTC)  # where the times of zip members begin


class Archive:
    """A new zip at `path`, its members streamed and hashed one after the other, all of one time."""

    def __init__(self, path: Path, now: datetime) -> None:
        self.path, self.now = path, now
        self.members: dict[str, str] = {}  # name → SHA-256 of its content
        self._zip = zipfile.ZipFile(path, "x", zipfile.ZIP_DEFLATED)

    def __enter__(self) -> Archive:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        self._zip.close()

    def add(self, name: str, content: Iterable[bytes | memoryview], *, bytes: int = 0, stored: bool = False) -> None:
        """Add one member; `bytes` is how many its content may come to. Raises LimitReached past 4 GB that were not foreseen."""
        info = zipfile.ZipInfo(name, max(self.now, EARLIEST).timetuple()[:6])
        info.compress_type = zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED
        info.create_system, info.external_attr = 3, 0o600 << 16
        try:
            with self._zip.open(info, "w", force_zip64=bytes > ZIP64_FROM) as member:
                if not stored:
                    cast(Any, member)._compressor = isal_zlib.compressobj(LEVEL, zlib.DEFLATED, RAW_DEFLATE)
                with Hashing(member) as sink:
                    for piece in content:
                        sink.write(piece)
        except RuntimeError as trouble:
            if "too large" not in str(trouble):
                raise
            raise LimitReached(
                "A sheet of this workbook is larger than 4 GB, which few programs can open.",
                "Take fewer columns or rows, or choose CSV or Parquet.",
            ) from trouble
        self.members[name] = sink.sha256

    def written(self, rows: int, notes: tuple[Note, ...], **extra: Any) -> Written:
        """What is said of the finished file, once the zip is closed."""
        with self.path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        return Written(rows, self.path.stat().st_size, digest, notes, self.members, extra)
