"""Reading the published file again, before anybody may call it done."""

from __future__ import annotations

import hashlib
import os
import shutil
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from core.engine.archive import MANIFEST, Manifest, manifest, member_of, opened
from core.engine.formats.base import Format, RowFormat, Written
from core.engine.formats.reading import CHUNK, damaged
from core.engine.packaging import unwrap
from core.engine.rendering import OutColumn
from core.engine.targets import Finished
from core.errors import AGAIN, Trouble


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
    *,
    password: str | None = None,
    scratch: Path | None = None,
) -> Verified:
    """Open the published file, unpack it, compare its content with what was written, count and parse its rows.

    With a password the file is one that locks itself: it is unlocked into `scratch` first. Raises Trouble where it is not
    what was written: the job is tried again.
    """
    with _hashed(path, needed=compression != "none" or password is not None or not format.hashed_whole) as result:
        if password is not None and scratch is not None:
            plain = scratch / "unlocked"
            format.unlock(path, plain, password)
            with open(plain, "rb") as content:
                rows = format.verify(content, written, columns, options)
            plain.unlink()
        else:
            with unwrap(path, compression) as content:
                rows = format.verify(content, written, columns, options)
        result.rows = rows
    return result.verified(written.sha256)


def verify_zip(
    path: Path,
    format: Format,
    finished: Sequence[Finished],
    options: Any,
    about: Manifest,
    scratch: Path,
    *,
    password: str | None = None,
    locked: str | None = None,
    advanced: Callable[[int], None] = lambda rows: None,
) -> Verified:
    """The same for a zip: every member is read, its content compared, its rows counted; the manifest is the one meant.

    `password` opens the zip, `locked` each file within it that locks itself.
    """
    members = [file.member for file in finished if file.member is not None]
    with _hashed(path, needed=True) as result, opened(path, password) as archive:
        if archive.namelist() != [*(member.name for member in members), MANIFEST]:
            raise damaged("the zip does not hold the files it should.")
        if archive.read(MANIFEST) != manifest(about, members):
            raise damaged("its manifest is not the one written.")
        for file in finished:
            with member_of(archive, file.name) as content:
                result.rows += _member_rows(content, format, file, options, scratch, locked)
            advanced(file.written.rows)
    return result.verified("")


def _member_rows(
    content: BinaryIO, format: Format, file: Finished, options: Any, scratch: Path, locked: str | None
) -> int:
    if isinstance(format, RowFormat):
        return format.verify(content, file.written, file.columns, options)
    taken = scratch / "member"  # other formats are read back and forth
    with open(taken, "wb") as out:
        shutil.copyfileobj(content, out, CHUNK)
    if locked is not None:
        plain = scratch / "unlocked"
        format.unlock(taken, plain, locked)
        plain.replace(taken)
    with open(taken, "rb") as again:
        rows = format.verify(again, file.written, file.columns, options)
    taken.unlink()
    return rows


@dataclass
class _Result:
    """What reading a file again gives: rows counted meanwhile, the hash of its bytes beside."""

    path: Path
    bytes: int
    hashing: _FileHash | None
    rows: int = 0

    def verified(self, sha256: str) -> Verified:
        """`sha256` is the answer where the bytes were compared a moment ago and no hash was needed."""
        if self.hashing is None:
            return Verified(self.rows, self.bytes, sha256)
        if self.hashing.failure or os.path.getsize(self.path) != self.bytes:
            raise Trouble("The finished file changed while it was checked.", AGAIN)
        return Verified(self.rows, self.bytes, self.hashing.sha256)


@contextmanager
def _hashed(path: Path, *, needed: bool) -> Iterator[_Result]:
    """Hash the published bytes beside the check, where `needed`. Raises Trouble where they cannot be read."""
    hashing = None
    try:
        size = os.path.getsize(path)
        if needed:
            hashing = _FileHash(path)
            hashing.start()
        yield _Result(path, size, hashing)
    except OSError as trouble:
        raise damaged(f"it cannot be read ({trouble.strerror or trouble}).") from trouble
    finally:
        if hashing:
            hashing.join()
