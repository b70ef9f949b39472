"""A folder of the server itself, or one mounted there (a network share), below one that an administrator allowed."""

from __future__ import annotations

import errno
import hashlib
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from pydantic import Field

from core.delivery import base
from core.delivery.base import Arrival, Existing, Parcel, Way, placing, spot
from core.errors import AGAIN, Undeliverable, Unreachable

FULL = (errno.ENOSPC, errno.EDQUOT)
AWAY = (errno.EIO, errno.ESTALE, errno.ENODEV, errno.EHOSTDOWN, errno.ETIMEDOUT)  # what a share answers that went away


class Options(base.Options):
    root: str = Field(
        min_length=1,
        title="Folder",
        description="One of those an administrator allowed.",
        json_schema_extra={"field": "elsewhere"},
    )
    folder: str = Field(
        default="", title="Folder within", description="Such as reports/2026; it is made where missing."
    )
    existing: Existing = "replace"


class Folder(base.Method[Options]):
    name = "folder"
    label = "Folder on the server"
    icon = ":material/folder_shared:"
    model = Options

    def deliver(
        self, options: Options, secrets: Mapping[str, str], parcels: Sequence[Parcel], way: Way
    ) -> list[Arrival]:
        with _told(options):
            folder = _below(options, way)
            folder.mkdir(parents=True, exist_ok=True)
            return [_put(folder, options, parcel, way) for parcel in parcels]

    def abandon(self, options: Options, secrets: Mapping[str, str], parcels: Sequence[Parcel], way: Way) -> None:
        with _told(options):
            folder = _below(options, way)
            for parcel in parcels:
                (folder / parcel.part).unlink(missing_ok=True)

    def check(self, options: Options, way: Way) -> None:
        _allowed(options, way)

    def place(self, options: Options) -> str:
        return str(PurePosixPath(options.root, options.folder))


def _below(options: Options, way: Way) -> Path:
    """The folder itself, whatever links lead there. Raises as `_allowed`, and Unreachable where its share is gone."""
    folder = _allowed(options, way)
    if not Path(options.root).is_dir():
        raise Unreachable(f"“{options.root}” is not there.", f"Check that the share is mounted. {AGAIN}")
    return folder


def _allowed(options: Options, way: Way) -> Path:
    """Raises Undeliverable for a folder that lies outside of those that are allowed."""
    roots = [Path(root).resolve() for root in way.folders]
    root = Path(options.root).resolve()
    folder = (root / options.folder.lstrip("/")).resolve()
    if root not in roots or not folder.is_relative_to(root):
        raise Undeliverable(
            f"Files may not be put into “{PurePosixPath(options.root, options.folder)}”.",
            "Choose a folder an administrator allowed, or ask them to allow this one.",
            field="root" if root not in roots else "folder",
        )
    return folder


def _put(folder: Path, options: Options, parcel: Parcel, way: Way) -> Arrival:
    part = folder / parcel.part
    found = spot(
        PurePosixPath(folder), parcel, options.existing, way, os.path.lexists, lambda path: _is_ours(path, part, parcel)
    )
    final = Path(found.path)
    if found.filled:
        way.sent(parcel.size)
        return Arrival(final.name, str(final), parcel.size, parcel.size)
    with open(part, "wb", opener=_no_link) as file:
        for block in parcel.blocks():
            file.write(block)
            way.sent(len(block))
        file.flush()
        os.fsync(file.fileno())
    with placing(way, parcel, str(final)):
        part.replace(final)
        opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(opened)  # the name, too, outlives a crash
        finally:
            os.close(opened)
    return Arrival(final.name, str(final), parcel.size)


def _is_ours(path: str, part: Path, parcel: Parcel) -> bool:
    if part.exists() or not os.path.isfile(path) or os.path.getsize(path) != parcel.size:
        return False
    with open(path, "rb", opener=_no_link) as file:
        return hashlib.file_digest(file, "sha256").hexdigest() == parcel.sha256


def _no_link(path: str, flags: int) -> int:
    """Others may write into a share: a link they left there under that name is not followed."""
    return os.open(path, flags | os.O_NOFOLLOW, 0o644)


@contextmanager
def _told(options: Options) -> Iterator[None]:
    where = PurePosixPath(options.root, options.folder)
    try:
        yield
    except PermissionError as wrong:
        raise Undeliverable(
            f"The desk may not write into “{where}”.", "Ask who runs this server to allow it.", field="folder"
        ) from wrong
    except (NotADirectoryError, FileExistsError, IsADirectoryError) as wrong:
        raise Undeliverable(f"“{where}” is not a folder.", "Choose another one.", field="folder") from wrong
    except OSError as problem:
        if problem.errno == errno.ELOOP:
            raise Undeliverable(
                f"Somebody left a link in “{where}” where the file would go.", "Remove it."
            ) from problem
        if problem.errno in FULL:
            raise Unreachable(f"“{where}” has no space left.", f"Make room. {AGAIN}") from problem
        if problem.errno in AWAY:
            raise Unreachable(f"“{where}” does not answer.", f"Check the share. {AGAIN}") from problem
        raise


METHOD = Folder()
