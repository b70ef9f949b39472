"""What packing, passwords and splits cost: the same rows, each way beside the plain file of its format in one run."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.contenders import Work, ours

if TYPE_CHECKING:
    from benchmarks.measure import Measured


@dataclass(frozen=True)
class Way:
    """One way to pack: `beside` names the way it is compared with."""

    format: str
    beside: str
    packaging: Mapping[str, Any] = field(default_factory=dict)
    layout: str = "auto"

    def work(self, source: Path, target: Path, format: str) -> Work:
        return ours(source, target, format, self.packaging, layout=self.layout)


DAYS = {"by": "value", "column": "registered"}  # 2,000 different values
MONTHS = {"by": "month", "column": "registered"}  # 66 of them
WAYS: dict[str, Way] = {
    "csv": Way("csv", "csv"),
    "csv, gzip": Way("csv", "csv", {"compression": "gzip"}),
    "csv, zstd": Way("csv", "csv", {"compression": "zstd"}),
    "csv, bz2": Way("csv", "csv", {"compression": "bz2"}),
    "csv, zip": Way("csv", "csv", {"compression": "zip"}),
    "csv, zip with a password (AES-256)": Way("csv", "csv, zip", {"compression": "zip", "password": "x"}),
    "csv, split by 2,000 values, zip": Way("csv", "csv", {"split": DAYS}),
    "csv, split by 10 MB, zip": Way("csv", "csv", {"split": {"by": "size", "megabytes": 10}}),
    "xlsx": Way("xlsx", "xlsx"),
    "xlsx with a password": Way("xlsx", "xlsx", {"password": "x"}),
    "xlsx, a sheet for each of 66 months": Way("xlsx", "xlsx", {"split": MONTHS}, "together"),
    "xlsx, a file for each of 66 months, zip": Way("xlsx", "xlsx", {"split": MONTHS}),
    "parquet": Way("parquet", "parquet"),
    "parquet, a file for each of 66 months, zip": Way("parquet", "parquet", {"split": MONTHS}),
}


def run(folder: Path, source: Path, rows: int, best: Callable[..., Measured], repeat: int) -> str:
    """Measure every way; a Markdown table."""
    found = {way: best(way, how.format, rows, source, folder / "out.packed", repeat) for way, how in WAYS.items()}
    lines = [
        "| way | seconds | of it verification | peak MB | file MB | beside | times |",
        "|---|--:|--:|--:|--:|---|--:|",
    ]
    for way, measured in found.items():
        beside = WAYS[way].beside
        ratio = measured.seconds / found[beside].seconds
        lines.append(
            f"| {way} | {measured.seconds:.2f} | {measured.parts['verify']:.2f} | {measured.peak_mb:,.0f} "
            f"| {measured.bytes / 2**20:,.0f} | {beside} | {ratio:.2f} |"
        )
    return "\n".join(lines)
