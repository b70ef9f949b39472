"""The package a workbook is (ECMA-376 part 2, OpenDocument part 2): a zip, every member of which is streamed and hashed.

It is a seekable file, so that sizes stand before each member: LibreOffice refuses a streamed ZIP64.
"""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any

from core.engine.formats.base import Hashing, Written
from core.engine.receipt import Note
from core.engine.zipping import ZIP64_FROM, deflate_by_isal, member_info
from core.errors import LimitReached


class Package:
    """A new package at `path`, its members streamed and hashed one after the other, all of one time."""

    def __init__(self, path: Path, now: datetime) -> None:
        self.path, self.now = path, now
        self.members: dict[str, str] = {}  # name → SHA-256 of its content
        self._zip = zipfile.ZipFile(path, "x", zipfile.ZIP_DEFLATED)

    def __enter__(self) -> Package:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        self._zip.close()

    def add(self, name: str, content: Iterable[bytes | memoryview], *, bytes: int = 0, stored: bool = False) -> None:
        """Add one member; `bytes` is how many its content may come to. Raises LimitReached past 4 GB that were not foreseen."""
        info = member_info(name, self.now, stored=stored)
        try:
            with self._zip.open(info, "w", force_zip64=bytes > ZIP64_FROM) as member:
                if not stored:
                    deflate_by_isal(member)
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
