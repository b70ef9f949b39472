"""Giving finished files their names: nobody ever sees half of one."""

from __future__ import annotations

import errno
import os
import shutil
from pathlib import Path

from core.engine.session import explained


def sync(path: Path) -> None:
    """Have the disk keep a file, or the names in a folder."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def publish(part: Path, folder: Path, name: str) -> Path:
    """Give a finished, synced file its name in one step. Replaces what a dead attempt left."""
    target = folder / name
    with explained():
        try:
            os.replace(part, target)
        except OSError as trouble:
            if trouble.errno != errno.EXDEV:
                raise
            beside = folder / f".{name}.part"  # another disk: copy next to it first
            try:
                shutil.copyfile(part, beside)
                sync(beside)
                os.replace(beside, target)
            finally:
                beside.unlink(missing_ok=True)
                part.unlink(missing_ok=True)
        sync(folder)
    return target
