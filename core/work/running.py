"""A child as its supervisor sees it: a pipe to read, a process to watch, and in the end one verdict."""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import psutil

from core.errors import AGAIN, DeskError, Trouble, from_dict
from core.work import child
from core.work.base import Request, Result
from core.work.kinds import KINDS
from storage.tables import Job

CRASHES = (signal.SIGABRT, signal.SIGSEGV, signal.SIGBUS, signal.SIGILL, signal.SIGFPE)
NEARLY = 0.8  # a crash with this share of its memory in use is put down to memory: allocators abort when refused
READ_BYTES = 1 << 16


class Stopped(Exception):
    """Why a child was killed when that is not its own failure: `cancel`, `lost` (the lease) or `stop` (the supervisor)."""


@dataclass
class Running:
    """One child. Times are monotonic seconds."""

    job: Job
    request: Request
    pid: int
    pipe: int
    started: float = field(default_factory=time.monotonic)
    last_write: float = field(default_factory=time.monotonic)  # of the row: heartbeat or progress
    progress: dict[str, Any] | None = None
    unwritten: bool = False  # there is progress the row does not have yet
    result: Result | None = None
    error: DeskError | None = None
    killed: DeskError | Stopped | None = None
    ended: bool = False  # the pipe is at its end: it is gone, or about to be
    peak: int = 0  # bytes, beyond what it inherited
    _buffer: bytearray = field(default_factory=bytearray)
    _inherited: int | None = None
    _gone: bool = False

    @property
    def said(self) -> bool:
        """It has given its result or its error: what it published is on the disk, nothing it still does matters."""
        return self.result is not None or self.error is not None

    @property
    def over(self) -> bool:
        return self.said or self.ended

    def read(self) -> None:
        """Take in what the child said. At the end of the pipe, `ended`."""
        try:
            data = os.read(self.pipe, READ_BYTES)
        except BlockingIOError:
            return
        if not data:
            self.ended = True
            return
        self._buffer += data
        if b"\n" not in data:  # a long line is looked through once, not with every part of it
            return
        *lines, rest = self._buffer.split(b"\n")
        self._buffer = rest
        for line in lines:
            try:
                self._take(json.loads(line))
            except ValueError:
                self.error = Trouble("The process that ran this spoke nonsense.", AGAIN)

    def _take(self, said: dict[str, Any]) -> None:
        if "progress" in said:
            self.progress, self.unwritten = said["progress"], True
        elif "result" in said:
            self.result = said["result"]
        elif "error" in said:
            self.error = from_dict(said["error"])

    def watch(self) -> None:
        """Kill it at its memory or time limit. DuckDB's own limit is no hard one, and RLIMIT_DATA misses shared memory."""
        if self.killed is not None or self.over:
            return
        seconds = self.request["seconds"]
        if seconds and time.monotonic() - self.started > seconds:
            self.kill(KINDS[self.job.kind].too_slow(seconds))
            return
        try:
            used = psutil.Process(self.pid).memory_info().rss
        except psutil.Error:
            return
        if self._inherited is None:
            self._inherited = min(used, psutil.Process().memory_info().rss)  # pages it shares with us since the fork
        self.peak = max(self.peak, used - self._inherited)
        if self.peak > self.request["memory_mb"] * child.MB:
            self.kill(child.out_of_memory(self.request["memory_mb"]))

    def kill(self, why: DeskError | Stopped) -> None:
        """SIGKILL, at once: nothing in the child can refuse, and all it wrote carries its attempt."""
        self.killed = self.killed or why
        self.dismiss()

    def reap(self, *, wait: bool = False) -> int | None:
        """Its exit status once it is gone (negative: the signal that ended it), else None."""
        pid, status, usage = os.wait4(self.pid, 0 if wait else os.WNOHANG)
        if pid == 0:
            return None
        most = usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)  # bytes there, KB everywhere else
        self.peak = max(self.peak, most - (self._inherited or most))
        self._gone = True
        os.close(self.pipe)
        return os.waitstatus_to_exitcode(status)

    def dismiss(self) -> None:
        """It has said all it had to say: let it go without tidying up after itself, which takes longer."""
        if not self._gone:  # once it was waited for, its number may be somebody else's
            with suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)

    def verdict(self, status: int) -> Result | DeskError | Stopped:
        """What came of it: why we stopped it, its result, or what went wrong. `status` counts where it said nothing."""
        if self.killed is not None:
            return self.killed
        if self.result is not None:
            return self.result
        return self.error or self._crash(status)

    def _crash(self, status: int) -> DeskError:
        try:
            name = signal.Signals(-status).name
        except ValueError:
            name = f"exit status {status}"
        if -status in CRASHES:
            if self.peak > NEARLY * self.request["memory_mb"] * child.MB:
                return child.out_of_memory(self.request["memory_mb"])
            final = KINDS[self.job.kind].crash(name)
            if final is not None:
                return final
        return Trouble(
            f"The process that ran this was ended in the middle ({name}): the computer may be short of memory.",
            "It starts again by itself while attempts are left. Otherwise try it again when less is going on.",
        )
