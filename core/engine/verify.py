"""Reading the published file again, before anybody may call it done."""

from __future__ import annotations

import hashlib
import os
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.engine.formats.base import Format, Written
from core.engine.formats.reading import damaged
from core.engine.packaging import unwrap
from core.engine.rendering import OutColumn
from core.errors import Trouble


@dataclass(frozen=True)
class Verified:
    """What the finished file is: rows counted in it, its bytes, the SHA-256 of its bytes as delivered."""

    rows: int
    bytes: int
    sha256: str


class _FileHash(threading.Thread):
    """Hashes the published bytes beside the check (hashlib works outside the GIL)."""

    def __init__(self, path: Path) -> None:
        super().__init__(name="hash", daemon=True)
        self.path, self.sha256 = path, ""
        self.failure: OSError | None = None

    def run(self) -> None:
        try:
            with open(self.path, "rb") as file:
                self.sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        except OSError as trouble:
            self.failure = trouble


def verify(
    path: Path,
    format: Format,
    written: Written,
    columns: tuple[OutColumn, ...],
    options: Any,
    compression: str = "none",
) -> Verified:
    """Open the published file, unpack it, compare its content with what was written, count and parse its rows.

    Raises Trouble where it is not what was written: the job is tried again.
    """
    hashing = None
    try:
        size = os.path.getsize(path)
        if compression == "gzip" or not format.hashed_whole:
            hashing = _FileHash(path)
            hashing.start()
        with unwrap(path, compression) as content:
            rows = format.verify(content, written, columns, options)
    except OSError as trouble:
        raise damaged(f"it cannot be read ({trouble.strerror or trouble}).") from trouble
    finally:
        if hashing:
            hashing.join()
    if hashing is None:
        return Verified(rows, size, written.sha256)  # the same bytes: compared a moment ago
    if hashing.failure or os.path.getsize(path) != size:
        raise Trouble("The finished file changed while it was checked.", "It is written again by itself.")
    return Verified(rows, size, hashing.sha256)
