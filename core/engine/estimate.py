""" "About 3 MB, ready in 2 s": size and time of an export, from a rendered sample of its own rows."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import Any

import duckdb

from core.engine import packaging
from core.engine.formats.base import Context, Format, RowFormat
from core.engine.query import Query
from core.engine.rendering import Rows

SAMPLE_ROWS = 2_000
START_SECONDS = 0.15  # claim, fork, publish: what an empty export takes
VERIFY_BYTES_PER_SECOND = 250_000_000
SLOWEST, FASTEST = 20_000.0, 3_000_000.0  # rows per second a guess may believe: a cold sample is slow


def estimate(
    con: duckdb.DuckDBPyConnection,
    query: Query,
    format: Format,
    options: Any,
    rows: int,
    *,
    zone: str = "UTC",
    compression: str = "none",
) -> tuple[int, float]:
    """Bytes of the file and seconds until it is ready, both about right."""
    sample = min(rows, SAMPLE_ROWS)
    sql = f"select * from ({query.sql}) limit {sample}"
    with tempfile.TemporaryDirectory(prefix="estimate-") as folder:

        def size_of(limit: int, name: str) -> tuple[int, float]:
            path = Path(folder) / name
            wanted = Rows(con, f"select * from ({sql}) limit {limit}", query.params, query.columns, limit, zone)
            begun = time.perf_counter()
            deflated = "gzip" if compression == "zip" and isinstance(format, RowFormat) else compression
            packaging.write(format, wanted, path, options, Context("", rows=limit), deflated)
            return path.stat().st_size, time.perf_counter() - begun

        empty, overhead = size_of(0, "empty")
        full, taken = size_of(sample, "sample")
    if sample == 0:
        return empty, START_SECONDS
    size = int(empty + (full - empty) / sample * rows)
    rate = min(max(sample / max(taken - overhead, 1e-4), SLOWEST), FASTEST)
    return size, round(START_SECONDS + rows / rate + size / VERIFY_BYTES_PER_SECOND, 1)
