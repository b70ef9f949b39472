"""The table everybody is measured on: rows × 10 mixed columns, with quotes, accents, decimals, dates and nulls."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb

from core.engine.table import METADATA_KEY, Meaning
from core.engine.values import Column, Kind

COLUMNS = (
    Column(id="c1", name="id", kind=Kind.WHOLE),
    Column(id="c2", name="name", kind=Kind.TEXT),
    Column(id="c3", name="email", kind=Kind.TEXT),
    Column(id="c4", name="country", kind=Kind.TEXT),
    Column(id="c5", name="amount", kind=Kind.DECIMAL, precision=12, scale=2),
    Column(id="c6", name="score", kind=Kind.FLOAT),
    Column(id="c7", name="paid_at", kind=Kind.TIMESTAMP),
    Column(id="c8", name="registered", kind=Kind.DATE),
    Column(id="c9", name="refunded", kind=Kind.YES_NO),
    Column(id="c10", name="note", kind=Kind.TEXT),
)

# Deterministic (hash of the row number), so that every run measures the same bytes.
ROWS = """
select
    i::bigint c1,
    ['Élodie Müller', 'Siti Nurhaliza', 'José "Pepe" Ñuñez', 'O''Brien, Seán', 'Łukasz Żółć', 'Nguyễn Văn An']
        [1 + (hash(i) % 6)::int] || ' ' || (hash(i, 1) % 5000)::varchar c2,
    'person' || i::varchar || '@example.org' c3,
    ['Indonesia', 'Malaysia', 'Türkiye', 'Côte d''Ivoire', 'Nigeria'][1 + (hash(i, 2) % 5)::int] c4,
    case when hash(i, 3) % 20 = 0 then null else ((hash(i, 4) % 100000000)::bigint / 100)::decimal(12, 2) end c5,
    case when hash(i, 5) % 50 = 0 then null else (hash(i, 6) % 1000000)::bigint / 997.0 end::double c6,
    case when hash(i, 7) % 10 = 0 then null else timestamp '2023-01-01' + to_seconds((hash(i, 8) % 94608000)::bigint) end c7,
    date '2020-01-01' + (hash(i, 9) % 2000)::int c8,
    case when hash(i, 10) % 25 = 0 then null else hash(i, 11) % 2 = 0 end c9,
    case hash(i, 12) % 4
        when 0 then null
        when 1 then 'paid in two parts, "first" then rest'
        when 2 then 'ok'
        else 'reference ' || (hash(i, 13) % 1000000)::varchar || '; see e-mail' end c10
from range({rows}) t(i)
"""


def make(folder: Path, rows: int) -> Path:
    """The table's Parquet file in `folder`, made once for each number of rows."""
    path = folder / f"rows-{rows}.parquet"
    if not path.exists():
        meaning = Meaning(name="benchmark", columns=COLUMNS, date_column="c7").model_dump_json()
        part = path.with_suffix(".part")
        key = METADATA_KEY.decode()
        text = json.dumps(meaning).replace("'", "''")[1:-1].replace('\\"', '"')
        with duckdb.connect() as connection:
            connection.execute(
                f"copy ({ROWS.format(rows=rows)}) to '{part}' "
                f"(format parquet, compression zstd, row_group_size 122880, kv_metadata {{{key}: '{text}'}})"
            )
        part.rename(path)
    return path
