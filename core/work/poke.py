"""Waking supervisors at once. Each listens on a named pipe of its own in run/; a poke is one byte into every one of them.

A poke carries nothing and may be lost: the row is the truth, and a supervisor looks by itself every second. The pipe
also tells who is alive: one without a reader belongs to a dead process, however it died.
"""

from __future__ import annotations

import errno
import os
import secrets
import socket
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path

from core.desk import Desk
from storage.files import Files

ENDING = ".pipe"


class Ear:
    """A supervisor's own pipe: `fileno` becomes readable when somebody pokes. Its name is the supervisor's name."""

    def __init__(self, files: Files) -> None:
        host = "".join(c if c.isalnum() or c == "-" else "-" for c in socket.gethostname())
        self.owner = f"{host}.{os.getpid()}.{secrets.token_hex(4)}"
        self.path = files.run / f"{self.owner}{ENDING}"
        new = files.run / f".{self.owner}"
        os.mkfifo(new, 0o600)
        self._handle = os.open(new, os.O_RDWR | os.O_NONBLOCK)  # both ends: it never reports end of file
        os.rename(new, self.path)  # visible only now that it has a reader: nobody takes it for a dead one's

    def fileno(self) -> int:
        return self._handle

    def hear(self) -> None:
        """Forget all pokes so far."""
        with suppress(BlockingIOError):
            while os.read(self._handle, 4096):
                pass

    def close(self) -> None:
        self.path.unlink(missing_ok=True)
        os.close(self._handle)


def poke(desk: Desk) -> None:
    """Tell every supervisor of this data folder to look now. Never fails, never waits."""
    for pipe in desk.files.run.glob(f"*{ENDING}"):
        _poke(pipe)


def dead(files: Files, owners: Collection[str]) -> set[str]:
    """Those of `owners` that ran beside this data folder on this computer and are gone."""
    return {owner for owner in owners if _poke(files.run / f"{owner}{ENDING}") is False}


def alive(files: Files) -> set[str]:
    """The supervisors that listen beside this data folder on this computer."""
    return {pipe.name.removesuffix(ENDING) for pipe in files.run.glob(f"*{ENDING}") if _poke(pipe)}


def forget_dead(files: Files) -> None:
    """Remove the pipes of supervisors that are gone."""
    for pipe in files.run.glob(f"*{ENDING}"):
        if _poke(pipe) is False:
            pipe.unlink(missing_ok=True)


def _poke(pipe: Path) -> bool | None:
    """True: somebody listens. False: the pipe has no reader any more. None: there is no such pipe here."""
    try:
        handle = os.open(pipe, os.O_WRONLY | os.O_NONBLOCK)
    except FileNotFoundError:
        return None
    except OSError as problem:
        if problem.errno == errno.ENXIO:
            return False
        return None
    with suppress(BlockingIOError):  # full: it has been poked often enough
        os.write(handle, b"!")
    os.close(handle)
    return True
