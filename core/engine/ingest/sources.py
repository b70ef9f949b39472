"""Which reader takes which format. Adding a format to read is one module and one entry here."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb

from core.engine.ingest import excel, json, parquet, text
from core.engine.ingest.containers import WORKBOOKS, Member
from core.engine.ingest.options import ImportOptions
from core.engine.ingest.staging import Staged

Reader = Callable[..., Iterator[Staged]]


def _text(
    con: duckdb.DuckDBPyConnection,
    member: Member,
    options: ImportOptions,
    scratch: Path,
    *,
    sample: bool,
    read: Callable[[int], None],
) -> Iterator[Staged]:
    del read  # DuckDB reads the file where it lies: there is nothing to wait for yet
    yield text.stage(con, member, options, scratch, sample=sample)


READERS: dict[str, Reader] = {
    "csv": _text,
    "json": json.stage,
    "jsonl": json.stage,
    "parquet": parquet.stage,
    **dict.fromkeys(sorted(WORKBOOKS), excel.stage),
}


def stage(
    con: duckdb.DuckDBPyConnection,
    member: Member,
    options: ImportOptions,
    scratch: Path,
    *,
    sample: bool,
    read: Callable[[int], None] = lambda rows: None,
) -> Iterator[Staged]:
    """Every table of one unpacked file. `read` is told how many rows were read so far."""
    yield from READERS[member.format](con, member, options, scratch, sample=sample, read=read)
