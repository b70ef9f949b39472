"""A file in a folder of the server itself, or of a share mounted there, below one that an administrator allowed."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from pydantic import Field

from core.delivery.folder import AWAY
from core.errors import AGAIN, Unanswered, Unfetchable
from core.fetching import base
from core.fetching.base import BLOCK, ELSEWHERE, NEWEST, Fetched, Way


class Options(base.Options):
    root: str = Field(
        min_length=1,
        title="Folder",
        description="One of those an administrator allowed.",
        json_schema_extra=ELSEWHERE,
    )
    file: base.Line = Field(min_length=1, title="File", description=NEWEST)


class Folder(base.Method[Options]):
    name = "folder"
    label = "Folder on the server"
    icon = ":material/folder:"
    model = Options

    def fetch(self, options: Options, secrets: Mapping[str, str], way: Way) -> Fetched:
        with reading(options.root, options.file):
            path = found(options.root, options.file, way)
            with open(path, "rb", opener=_no_link) as file:
                return way.receive(path.name, iter(lambda: file.read(BLOCK), b""))

    def place(self, options: Options) -> str:
        return str(PurePosixPath(options.root, options.file.lstrip("/")))


def found(root: str, file: str, way: Way) -> Path:
    """The file, whatever links lead there. Raises Unfetchable for one that lies outside of the folders that are allowed."""
    allowed = [Path(one).resolve() for one in way.folders]
    top = Path(root).resolve()
    if top not in allowed:
        raise Unfetchable(
            f"Files may not be read from “{root}”.",
            "Choose a folder an administrator allowed, or ask them to allow this one.",
            field="root",
        )
    if not top.is_dir():
        raise Unanswered(f"“{root}” is not there.", f"Check that the share is mounted. {AGAIN}")
    path = top / file.lstrip("/")
    if base.is_pattern(path.name):
        path = path.with_name(base.newest(path.name, _listed(path.parent), f"“{root}”"))
    path = path.resolve()
    if not path.is_relative_to(top):
        raise Unfetchable(f"“{file}” leads out of “{root}”.", "Name a file within it.", field="file")
    if not path.exists():
        raise base.missing(file, f"“{root}”")
    if not path.is_file():  # a pipe or a device would be waited for
        raise Unfetchable(f"“{file}” is no file.", "Name a file.", field="file")
    return path


def _listed(folder: Path) -> Iterator[tuple[str, float]]:
    with os.scandir(folder) as there:
        for one in there:
            if one.is_file():
                yield one.name, one.stat().st_mtime


def _no_link(path: str, flags: int) -> int:
    """Others may write into a share: a link that took the file's place meanwhile is not followed."""
    return os.open(path, flags | os.O_NOFOLLOW)


@contextmanager
def reading(root: str, file: str) -> Iterator[None]:
    """What reading there raises, as sentences."""
    try:
        yield
    except FileNotFoundError as gone:
        raise base.missing(file, f"“{root}”") from gone
    except PermissionError as wrong:
        raise base.forbidden(file, f"“{root}”") from wrong
    except OSError as problem:
        if problem.errno == errno.ELOOP:
            raise Unfetchable(f"“{file}” is a link that leads nowhere.", "Name the file itself.") from problem
        if problem.errno in AWAY:
            raise Unanswered(f"“{root}” does not answer.", f"Check the share. {AGAIN}") from problem
        raise


METHOD = Folder()
