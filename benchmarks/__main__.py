"""`python -m benchmarks`: every contender, every format, one table.

--rows N       rows of the main table (default 1,000,000)
--large N      rows of the flat-memory run (default ten times as many; 0 leaves it out)
--formats …    only these
--quick        no peers that take minutes, one repetition
"""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

from benchmarks import click_to_file, data, packing, screens
from benchmarks.contenders import CONTENDERS, MARKED, SIZES, TEXT
from benchmarks.measure import Measured, measure

SLOW = {"XlsxWriter constant_memory", "openpyxl write-only", "pandas", "polars"}  # at XLSX: minutes for a million rows
REPEAT = 3  # the best of so many, for whatever takes less than SHORT
SHORT = 5.0  # seconds


def best(contender: str, format: str, rows: int, source: Path, target: Path, repeat: int) -> Measured:
    """The fastest of `repeat` runs; a slow contender is run once. Its peak is the highest seen."""
    runs = [measure(contender, format, rows, source, target)]
    while len(runs) < repeat and runs[0].seconds < SHORT:
        runs.append(measure(contender, format, rows, source, target))
    fastest = min(runs, key=lambda run: run.seconds)
    peak = max(run.peak_mb for run in runs)
    return Measured(**{**vars(fastest), "peak_mb": peak})


def table(runs: Iterable[Measured]) -> str:
    """Markdown: a row a contender, each format against Export Desk (times slower, peers) in the same run."""
    runs = list(runs)
    ours = {(run.format, run.rows): run for run in runs if run.contender == "Export Desk"}
    lines = [
        "| format | rows | contender | seconds | of it verification | peak MB | file MB | its time ÷ ours |",
        "|---|--:|---|--:|--:|--:|--:|--:|",
    ]
    for run in runs:
        verify = f"{run.parts['verify']:.2f}" if "verify" in run.parts else "none"
        ratio = f"{run.seconds / ours[run.format, run.rows].seconds:.2f}"
        lines.append(
            f"| {run.format} | {run.rows:,} | {run.contender} | {run.seconds:.2f} | {verify} "
            f"| {run.peak_mb:,.0f} | {run.bytes / 2**20:,.0f} | {ratio} |"
        )
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Export Desk beside its peers.")
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--large", type=int)
    parser.add_argument("--formats", nargs="*", default=[*TEXT, *MARKED, "parquet", "xlsx", "pdf", "html"])
    parser.add_argument("--quick", action="store_true")
    asked = parser.parse_args()
    large = asked.rows * 10 if asked.large is None else asked.large

    folder = Path(tempfile.mkdtemp(prefix="export-desk-bench-"))
    try:
        print(f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}", file=sys.stderr)
        runs: list[Measured] = []
        repeat = 1 if asked.quick else REPEAT
        for format, rows in ((f, rows) for f in asked.formats for rows in SIZES.get(f, (asked.rows,))):
            source = data.make(folder, rows)
            for contender, (_, formats) in CONTENDERS.items():
                if format not in formats or (asked.quick and format == "xlsx" and contender in SLOW):
                    continue
                runs.append(best(contender, format, rows, source, folder / f"out.{format}", repeat))
                print(table(runs[-1:]).splitlines()[-1] if contender == "Export Desk" else runs[-1], file=sys.stderr)
        if large:
            source = data.make(folder, large)
            for format in (f for f in asked.formats if f not in SIZES):
                runs.append(measure("Export Desk", format, large, source, folder / f"out.{format}"))
                print(table(runs[-1:]).splitlines()[-1], file=sys.stderr)
        print(f"## Files: {asked.rows:,} rows × 10 columns\n\n{table(runs)}\n")
        packed = packing.run(folder, data.make(folder, asked.rows), asked.rows, best, repeat)
        print(f"## Packing, passwords, splits: {asked.rows:,} rows\n\n{packed}\n")
        print(f"## From click to file\n\n{click_to_file.run(folder / 'desk')}\n")
        print(f"## Changing a filter\n\n{screens.run(folder / 'desk', asked.rows)}")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
