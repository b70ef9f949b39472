"""One measurement = one process: `python -m benchmarks.measure CONTENDER FORMAT SOURCE TARGET` prints its seconds as JSON."""

from __future__ import annotations

import json
import os
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.contenders import CONTENDERS
from benchmarks.packing import WAYS


@dataclass(frozen=True)
class Measured:
    """What one contender took. Seconds do not count imports; `peak_mb` is the whole process's, in MB of 1024²."""

    contender: str
    format: str
    rows: int
    seconds: float
    peak_mb: float
    bytes: int
    parts: dict[str, float] = field(default_factory=dict)  # Export Desk: count, write, verify


def measure(contender: str, format: str, rows: int, source: Path, target: Path) -> Measured:
    """Run one contender in a process of its own. Raises RuntimeError with what it printed if it fails."""
    target.unlink(missing_ok=True)
    read, write = os.pipe()
    pid = os.posix_spawn(
        sys.executable,
        [sys.executable, "-m", "benchmarks.measure", contender, format, str(source), str(target)],
        dict(os.environ),
        file_actions=[(os.POSIX_SPAWN_DUP2, write, 1), (os.POSIX_SPAWN_CLOSE, read)],
    )
    os.close(write)
    with os.fdopen(read) as pipe:
        said = pipe.read()
    _, status = os.waitpid(pid, 0)
    if status != 0:
        raise RuntimeError(f"{contender} failed on {format}: {said[-500:]}")
    answer = json.loads(said.splitlines()[-1])
    size = target.stat().st_size
    target.unlink()
    return Measured(contender, format, rows, answer["seconds"], answer["peak_mb"], size, answer["parts"])


def main(contender: str, format: str, source: str, target: str) -> None:
    make = WAYS[contender].work if contender in WAYS else CONTENDERS[contender][0]
    work = make(Path(source), Path(target), format)
    began = time.perf_counter()
    parts = work()
    seconds = time.perf_counter() - began
    seconds = parts.pop("scaled", seconds)  # a contender did a part only, and says what all would take
    print(json.dumps({"seconds": seconds, "parts": parts, "peak_mb": peak_mb()}))


def peak_mb() -> float:
    """This process's highest resident memory. Not ru_maxrss: that survives exec and would tell the parent's."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    raise RuntimeError("this system does not tell a process's peak memory")


if __name__ == "__main__":
    main(*sys.argv[1:5])
