"""How large rows are: what decides how many go through memory at once."""

from __future__ import annotations

import duckdb
import pyarrow.parquet as pq

from core.engine.session import explained, quoted
from core.engine.shaping import chosen_columns, scan
from core.engine.spec import Source
from core.engine.table import Table
from core.engine.values import TEXTS

BATCH_ROWS = 20_000
BATCH_BYTES = 8 << 20  # of text in one batch, about
FIXED_BYTES = 12  # a number, a date, a yes/no as text
SAMPLE_ROWS = 256


def batch_rows(con: duckdb.DuckDBPyConnection, source: Source, table: Table) -> int:
    """Rows one batch may have: at most 20,000, fewer where rows are long."""
    if source.summary:
        return BATCH_ROWS
    mean = max(sampled_row_bytes(con, source, table), stored_row_bytes(table))
    return max(1, min(BATCH_ROWS, int(BATCH_BYTES / mean)))


def sampled_row_bytes(con: duckdb.DuckDBPyConnection, source: Source, table: Table) -> float:
    """The mean size in bytes of a row's text, from the table's first rows."""
    columns = [column for column, _ in chosen_columns(source, table)]
    texts = [column for column in columns if column.kind in TEXTS]
    fixed = float(FIXED_BYTES * (len(columns) - len(texts)) + 1)
    if not texts:
        return fixed
    lengths = f"list_sum([{', '.join(f'strlen({quoted(c.id)})' for c in texts)}])"  # a long + is too deep to parse
    with explained():
        found = con.sql(f"select avg({lengths}) from (select * from {scan(table)} limit {SAMPLE_ROWS})").fetchall()
    return fixed + float(found[0][0] or 0)


def stored_row_bytes(table: Table) -> float:
    """The mean size of a stored row before compression: long rows beyond the first ones show here."""
    metadata = pq.read_metadata(table.path)
    total = sum(metadata.row_group(i).total_byte_size for i in range(metadata.num_row_groups))
    return float(total / max(table.rows, 1))
