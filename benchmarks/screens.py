"""How long the builder takes to answer when somebody changes a filter on a large dataset: the counts and the page."""

from __future__ import annotations

import statistics
import time
from pathlib import Path

from benchmarks import data
from benchmarks.desk import add, working_desk
from core import previews
from core.engine.spec import ColumnRef, Condition, ExportSpec, Group, Source

RUNS = 20
CHANGES = {
    "country is any of": ("country", "is_any_of", (("Indonesia", "Nigeria"), ("Malaysia",))),
    "name contains": ("name", "contains", (("pepe",), ("müller",))),
    "amount between": ("amount", "between", ((1000, 500000), (10, 900))),
    "paid_at between": ("paid_at", "between", (("2024-01-01", "2024-06-30"), ("2023-05-01", "2023-05-31"))),
}


def run(folder: Path, rows: int) -> str:
    """Markdown: p50 and p95 in milliseconds for the counts after every filter together with the first page."""
    lines = [f"| filter changed on {rows:,} rows | p50 ms | p95 ms |", "|---|--:|--:|"]
    with working_desk(folder) as desk:
        dataset = add(desk, data.make(folder, rows))
        for label, (column, operator, values) in CHANGES.items():
            waits = []
            for turn in range(RUNS):
                condition = Condition(
                    column=ColumnRef(name=column), operator=operator, values=values[turn % len(values)]
                )
                spec = ExportSpec(sources=(Source(dataset=dataset, filters=Group(items=(condition,))),))
                began = time.perf_counter()
                previews.counts(desk, spec)
                previews.shown(desk, spec, 1, 10)
                waits.append((time.perf_counter() - began) * 1000)
            lines.append(f"| {label} | {statistics.median(waits):.0f} | {statistics.quantiles(waits, n=20)[-1]:.0f} |")
    return "\n".join(lines)
