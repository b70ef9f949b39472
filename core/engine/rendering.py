"""Rows on their way out: DuckDB renders each row as text, Python moves the buffers.

A batch of one rendered text column is one contiguous buffer with offsets: it can be written, cut at any row, counted and
hashed without looking at a single value.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from core.engine.session import explained
from core.engine.values import Kind


@dataclass(frozen=True)
class OutColumn:
    """One column of the query's result: `key` is its SQL identifier (o1 … oN), `label` the header people asked for."""

    key: str
    label: str
    kind: Kind
    precision: int | None = None
    scale: int | None = None
    trim: bool = False
    zone: str | None = None
    format: str | None = None  # a key of display.DATE_FORMATS or NUMBER_FORMATS


@dataclass(frozen=True)
class Rendered:
    """A run of rendered rows: `data` holds their bytes end to end, `offsets` where each begins (one more than rows)."""

    offsets: np.ndarray
    data: memoryview

    def __len__(self) -> int:
        return len(self.offsets) - 1

    @property
    def bytes(self) -> memoryview:
        return self.data[int(self.offsets[0]) : int(self.offsets[-1])]

    def split(self, rows: int) -> tuple[Rendered, Rendered]:
        """The first `rows` rows and the rest, sharing the same memory."""
        return Rendered(self.offsets[: rows + 1], self.data), Rendered(self.offsets[rows:], self.data)


def rendered(column: pa.Array) -> Rendered:
    """View one Arrow text column (string or large_string, without nulls) as its buffer and offsets."""
    _, offsets, data = column.buffers()
    width = np.int64 if pa.types.is_large_string(column.type) else np.int32
    view = np.frombuffer(offsets, dtype=width)[column.offset : column.offset + len(column) + 1]
    return Rendered(view, memoryview(data) if data is not None else memoryview(b""))


@dataclass
class Rows:
    """The result of an export's query, ready to be rendered. A format asks for text or for Arrow batches, once.

    `count` is the number of rows the query gives, counted beforehand. `tallies` are sums over all rows of the SQL
    expressions a format asked to have counted on the way (cells guarded, values lost); complete when the iterator ends.
    `advanced` is called with each batch's number of rows: progress and cancellation hang there, writers know nothing of jobs.
    """

    connection: duckdb.DuckDBPyConnection
    sql: str  # a query whose columns are o1 … oN
    params: list[object]
    columns: tuple[OutColumn, ...]
    count: int
    zone: str
    batch_rows: int = 20_000
    advanced: Callable[[int], None] = lambda rows: None
    tallies: dict[str, int] = field(default_factory=dict)
    unordered: str | None = None  # the same rows in any order (same params): a survey need not wait for a sort

    def render(
        self, row: str, tallies: Mapping[str, str] | None = None, prepared: Mapping[str, str] | None = None
    ) -> Iterator[Rendered]:
        """Yield batches of the SQL text expression `row`; each of `tallies` is an integer SQL expression to sum.

        `prepared` names SQL expressions that are computed first, for `row` to use.
        """
        tallies = tallies or {}
        first = "".join(f", {sql} as {name}" for name, sql in (prepared or {}).items())
        extra = "".join(f", {sql} as t{i}" for i, sql in enumerate(tallies.values()))
        source = f"(select *{first} from ({self.sql}) q)" if first else f"({self.sql})"
        query = f"select {row} as row{extra} from {source} q"
        self.tallies = dict.fromkeys(tallies, 0)
        for batch in self._stream(query):
            for i, name in enumerate(tallies, 1):
                self.tallies[name] += pc.sum(batch.column(i)).as_py() or 0
            yield rendered(batch.column(0))
            self.advanced(len(batch))

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Yield Arrow batches of the typed columns, for formats that are not text."""
        for batch in self._stream(self.sql):
            yield batch
            self.advanced(len(batch))

    def _stream(self, query: str) -> Iterator[pa.RecordBatch]:
        with explained():
            relation = self.connection.sql(query, params=self.params) if self.params else self.connection.sql(query)
            reader = relation.to_arrow_reader(self.batch_rows)
        while True:
            with explained():
                try:
                    batch = reader.read_next_batch()
                except StopIteration:
                    return
            if len(batch):
                yield batch
