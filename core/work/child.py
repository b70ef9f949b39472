"""The child: one forked process, one attempt. It knows its request and a pipe; it never touches the database.

What it says on the pipe, one JSON document a line: {"progress": …} any number of times, then {"result": …} or {"error": …}.
"""

from __future__ import annotations

import ctypes
import errno
import gc
import json
import os
import resource
import signal
import sys
import traceback
from contextlib import suppress
from pathlib import Path
from typing import Any, NoReturn

from core.engine.progress import Progress
from core.errors import DeskError, DiskFull, LimitReached, Trouble
from core.work.base import Request
from core.work.kinds import KINDS
from storage.tables import JobKind

PR_SET_PDEATHSIG = 1
OOM_SCORE = "500"  # if the computer runs out of memory, a job goes before the supervisor and the web server do
MB = 1024**2
RESERVED_MB = 256  # stacks and heaps that threads reserve and hardly use: they count for RLIMIT_DATA all the same
_libc = ctypes.CDLL(None)  # loaded before any fork


def main(request: Request, pipe: int, parent: int) -> NoReturn:
    """Run the request and leave. Called right after fork, in the child; never returns, never unwinds the parent's stack."""
    status = 1
    try:
        gc.freeze()  # nothing of the parent's is ever collected here: finalizers would speak on its connections
        _settle_in(pipe, parent)
        _limit_memory(request["memory_mb"])
        scratch = Path(request["scratch"])
        scratch.mkdir(parents=True)
        say = _Voice(pipe, parent)
        try:
            result = KINDS[JobKind(request["kind"])].run(request, say.progress)
            say.line({"result": result})
        except BaseException as problem:  # noqa: BLE001 (whatever it was, the parent must hear of it)
            say.line({"error": explained(problem, request["memory_mb"]).as_dict()})
        status = 0
    except BaseException:  # noqa: BLE001 (nobody above us may catch this)
        traceback.print_exc()
    finally:
        with suppress(Exception):
            sys.stderr.flush()
        os._exit(status)


class _Voice:
    """The child's side of the pipe."""

    def __init__(self, pipe: int, parent: int) -> None:
        self._pipe, self._parent = pipe, parent

    def progress(self, progress: Progress) -> None:
        if os.getppid() != self._parent:  # where the kernel does not kill orphans, they leave by themselves
            os._exit(1)
        self.line({"progress": progress.model_dump(mode="json")})

    def line(self, document: dict[str, Any]) -> None:
        data = memoryview(json.dumps(document, allow_nan=False, ensure_ascii=False).encode("utf-8") + b"\n")
        while data:
            data = data[os.write(self._pipe, data) :]


def _settle_in(pipe: int, parent: int) -> None:
    """Become a process of our own: die with the parent, forget its signals, and close what it had open."""
    if sys.platform == "linux":
        _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)  # the parent died between fork and prctl
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    for handle in _open_handles():
        if handle > 2 and handle != pipe:
            with suppress(OSError):
                os.close(handle)
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text(OOM_SCORE)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _open_handles() -> list[int]:
    for folder in ("/proc/self/fd", "/dev/fd"):
        with suppress(OSError):
            return [int(name) for name in os.listdir(folder)]
    return [*range(resource.getrlimit(resource.RLIMIT_NOFILE)[0])]


def _limit_memory(memory_mb: int) -> None:
    """So much more than what was inherited. RLIMIT_DATA, not RLIMIT_AS: mapped files and code cost nothing.

    The supervisor watches what is really used and says so kindly; this is the wall behind it, for what grows too fast.
    """
    limit = _data_bytes() + (memory_mb + RESERVED_MB) * MB
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))


def _data_bytes() -> int:
    with suppress(OSError):
        for line in Path("/proc/self/status").read_text().splitlines():
            if line.startswith("VmData:"):
                return int(line.split()[1]) * 1024
    return 0


def explained(problem: BaseException, memory_mb: int) -> DeskError:
    """What the parent is told. An exception that is nobody's says so, is logged whole, and is tried again."""
    if isinstance(problem, DeskError):
        return problem
    if isinstance(problem, MemoryError):
        return out_of_memory(memory_mb)
    if isinstance(problem, OSError) and problem.errno in (errno.ENOSPC, errno.EDQUOT):
        return disk_full()
    traceback.print_exception(problem)
    return Trouble(
        f"Something went wrong inside the desk ({type(problem).__name__}: {problem}).",
        "Try it again. If it stays, tell whoever runs the desk: its log says more.",
    )


def out_of_memory(memory_mb: int) -> LimitReached:
    return LimitReached(
        f"This job needs more than the {memory_mb:,} MB of memory it may use.",
        "Take fewer columns or filter the rows first, or ask whoever runs the desk to raise the limit in its settings.",
    )


def disk_full() -> DiskFull:
    return DiskFull("The desk's disk is full.", "Delete datasets or exports you no longer need, then run this again.")
