"""A zip of finished files and a manifest of them: written once, front to back, and read again to be checked.

Deflate by ISA-L. With a password every member is encrypted by AES-256 (WinZip AE-2: no CRC of the plain text is kept); the names
of the members stay readable, as in every zip.
"""

from __future__ import annotations

import json
import shutil
import struct
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO, cast

import pyzipper
from isal import isal_zlib

from core.engine.formats.reading import CHUNK, damaged
from core.engine.receipt import Member
from core.engine.zipping import RAW_DEFLATE, ZIP64_FROM, deflate_by_isal, member_info

MANIFEST = "manifest.json"
BROKEN = (
    zipfile.BadZipFile, pyzipper.BadZipFile, zlib.error, struct.error, EOFError, RuntimeError, KeyError,
    NotImplementedError, cast(type[Exception], isal_zlib.error),
)  # fmt: skip


@dataclass(frozen=True)
class Manifest:
    """What `manifest.json` says beside the list of files."""

    export: str
    sentence: str
    made: datetime


class Archive:
    """A zip being written to a new file. Use as a context manager; members are added one after the other."""

    def __init__(self, path: Path, now: datetime, password: str | None = None) -> None:
        self._now = now
        if password is None:
            self._zip: Any = zipfile.ZipFile(path, "x", zipfile.ZIP_DEFLATED)
            self._kind: Any = zipfile.ZipInfo
        else:
            self._zip = pyzipper.AESZipFile(path, "x", zipfile.ZIP_DEFLATED, encryption=pyzipper.WZ_AES)
            self._zip.setpassword(password.encode())
            self._kind = self._zip.zipinfo_cls

    def __enter__(self) -> Archive:
        return self

    def __exit__(self, failure: type[BaseException] | None, *_: object) -> None:
        if failure is not None:  # finishing half a zip would hide what went wrong behind a second failure
            file, self._zip.fp = self._zip.fp, None
            file.close()
        self._zip.close()

    @contextmanager
    def member(self, name: str, *, large: bool = False, packed: bool = False) -> Iterator[BinaryIO]:
        """A sink for one member. `large`: it may pass 2 GB. `packed`: it is compressed already and stored as it is."""
        info = member_info(name, self._now, stored=packed, kind=self._kind)
        with self._zip.open(info, "w", force_zip64=large) as sink:
            if not packed:
                deflate_by_isal(sink)
            yield sink

    def add(self, name: str, path: Path, *, packed: bool) -> None:
        """Add a finished file."""
        with (
            open(path, "rb") as file,
            self.member(name, large=path.stat().st_size > ZIP64_FROM, packed=packed) as sink,
        ):
            shutil.copyfileobj(file, sink, CHUNK)

    def close_with(self, about: Manifest, members: Sequence[Member]) -> None:
        """Add the manifest, last."""
        with self.member(MANIFEST) as sink:
            sink.write(manifest(about, members))


def manifest(about: Manifest, members: Sequence[Member]) -> bytes:
    """The list of all files: name, rows, bytes and SHA-256 of each, as JSON."""
    content = {
        "export": about.export,
        "contents": about.sentence,
        "made": about.made.astimezone(UTC).isoformat(),
        "rows": sum(member.rows for member in members),
        "files": [member.model_dump() for member in members],
    }
    return json.dumps(content, ensure_ascii=False, indent=1).encode() + b"\n"


@contextmanager
def opened(path: Path, password: str | None = None) -> Iterator[Any]:
    """A finished zip to read members from. Raises Trouble where it is torn or the password does not open it."""
    try:
        with pyzipper.AESZipFile(path) if password else zipfile.ZipFile(path) as archive:
            if password:
                archive.setpassword(password.encode())
            yield archive
    except BROKEN as trouble:
        raise damaged(f"it is not a whole zip ({trouble}).") from trouble


@contextmanager
def member_of(archive: Any, name: str) -> Iterator[BinaryIO]:
    """The content of one member, inflated by ISA-L as it is read."""
    with archive.open(name) as content:
        if (
            getattr(content, "_decompressor", None) is not None
            and archive.getinfo(name).compress_type != zipfile.ZIP_STORED
        ):
            content._decompressor = isal_zlib.decompressobj(RAW_DEFLATE)
        yield content
