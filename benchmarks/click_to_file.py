"""How long a person waits for a small file: from the click on "Run export" to the finished, verified file."""

from __future__ import annotations

import statistics
import time
from pathlib import Path

from benchmarks import data
from benchmarks.desk import add, working_desk
from core import exports
from core.engine.spec import ExportSpec, Output, Source
from storage.tables import ACTIVE

ROWS = 1_000
RUNS = 50
LOOK_SECONDS = 0.005  # how often the waiting side looks at the job


def run(folder: Path) -> str:
    """Markdown: p50 and p95 in milliseconds over 50 runs, for each format people ask for most."""
    lines = [f"| {ROWS:,} rows as | p50 ms | p95 ms |", "|---|--:|--:|"]
    with working_desk(folder) as desk:
        dataset = add(desk, data.make(folder, ROWS))
        for format in ("csv", "xlsx"):
            spec = ExportSpec(sources=(Source(dataset=dataset),), output=Output(format=format))
            waits = []
            for _ in range(RUNS):
                began = time.perf_counter()
                job = exports.start(desk, spec)
                while job.state in ACTIVE:
                    time.sleep(LOOK_SECONDS)
                    job = exports.get(desk, job.id)
                exports.file(desk, job.id).path.read_bytes()
                waits.append((time.perf_counter() - began) * 1000)
            p95 = statistics.quantiles(waits, n=20)[-1]
            lines.append(f"| {format} | {statistics.median(waits):.0f} | {p95:.0f} |")
    return "\n".join(lines)
