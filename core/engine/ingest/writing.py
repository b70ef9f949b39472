"""Writing a dataset: one Parquet file of typed columns c1 … cN that carries its own meaning: whole without a database."""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

import duckdb
import pyarrow.parquet as pq

from core.engine.ingest.deciding import Typed
from core.engine.session import explained, literal, quoted
from core.engine.table import METADATA_KEY, Meaning
from core.engine.values import Column, Kind
from core.errors import BadFile

TABLE_FILE = "table.parquet"
ROW_GROUP = 122_880  # rows; DuckDB's own vector multiple, which its scans like best
POLL_SECONDS = 0.2
DATE_NAMES = (  # what main date columns are called, best first
    r"creat|registr|signed.?up|joined|submitted|dibuat|terdaftar",
    r"paid|payment|order|purchas|invoice|transaction|book|bayar|bestell|rechnung",
    r"^(date|datum|fecha|data|tanggal|day|timestamp|time)$",
    r"date|datum|fecha|tanggal|time|_at$|_on$",
)
LESS_LIKELY = re.compile(r"birth|born|dob|geburt|lahir|updated|modified|expir|deleted|end|until|due", re.IGNORECASE)


def write(
    con: duckdb.DuckDBPyConnection,
    relation: str,
    typed: Sequence[Typed],
    meaning: Meaning,
    path: Path,
    rows: int,
    progressed: Callable[[float], None] = lambda share: None,
) -> None:
    """Write `rows` rows of the relation in order, flush them to disk, and check that all of them arrived."""
    listed = ", ".join(f"{t.sql} as {quoted(t.column.id)}" for t in typed)
    query = (
        f"copy (select {listed} from {relation} limit {rows}) to {literal(str(path))} "
        f"(format parquet, compression zstd, row_group_size {ROW_GROUP}, "
        f"kv_metadata {{{METADATA_KEY.decode()}: {literal(meaning.model_dump_json())}}})"
    )
    with explained(), watching(con, progressed):
        con.execute(query)
    with path.open("rb+") as file:
        os.fsync(file.fileno())
    written = pq.read_metadata(path).num_rows
    if written != rows:
        raise BadFile(
            f"{rows:,} rows were found but {written:,} were written, so nothing was kept.", "Upload the file again."
        )


class watching:
    """While DuckDB works, say from a second thread how far it is (0 to 1)."""

    def __init__(self, con: duckdb.DuckDBPyConnection, progressed: Callable[[float], None]) -> None:
        self.con, self.progressed, self.done = con, progressed, threading.Event()
        self.thread = threading.Thread(target=self._watch, daemon=True)

    def _watch(self) -> None:
        while not self.done.wait(POLL_SECONDS):
            share = self.con.query_progress()
            if share >= 0:
                self.progressed(min(1.0, share / 100))

    def __enter__(self) -> None:
        self.thread.start()

    def __exit__(self, *_: object) -> None:
        self.done.set()
        self.thread.join()


def main_date(columns: Sequence[Column], filled: Sequence[int], rows: int) -> str | None:
    """The id of the column time ranges most likely mean: dated, nearly full, and called like the moment of a record."""
    best: tuple[float, int] | None = None
    for n, (column, count) in enumerate(zip(columns, filled, strict=True)):
        if column.kind not in (Kind.DATE, Kind.TIMESTAMP, Kind.TIMESTAMP_TZ) or not count:
            continue
        score = 2.0 * count / max(rows, 1)
        name = re.sub(r"\W+", "_", column.name.casefold()).strip("_")
        score += next((len(DATE_NAMES) - i for i, p in enumerate(DATE_NAMES) if re.search(p, name)), 0)
        if LESS_LIKELY.search(name):
            score -= 4.0
        if best is None or score > best[0]:
            best = (score, n)
    return columns[best[1]].id if best else None
