"""One page of a query as a person sees it in the file: each value as text, display formats applied, empty cells empty."""

from __future__ import annotations

import duckdb

from core.engine.query import Query
from core.engine.session import explained
from core.engine.text import shown

LONGEST = 500  # characters of one value on a screen; the file has all of it


def show(
    con: duckdb.DuckDBPyConnection, query: Query, offset: int, limit: int, zone: str, *, columns: int | None = None
) -> list[tuple[str | None, ...]]:
    """Rows `offset` … `offset + limit`, one text a column, None where the cell is empty; only that page is rendered.

    `columns`: of a very wide result only so many, from the first.
    """
    texts = []
    for column in query.columns[:columns]:
        text = shown(column, zone)
        texts.append(f"case when length({text}) > {LONGEST} then left({text}, {LONGEST}) || '…' else {text} end")
    page = f"select * from ({query.sql}) limit {int(limit)} offset {int(offset)}"
    with explained():
        return con.sql(f"select {', '.join(texts)} from ({page})", params=query.params or None).fetchall()
