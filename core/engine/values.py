"""The kinds of value an export can hold, and the column that carries one.

Ingest normalises every source to these ten kinds; formats know nothing else. In a dataset's Parquet file a column is
called `c1 … cN` (a header somebody typed is never an identifier); its label lives here.
"""

from __future__ import annotations

from enum import StrEnum

from pydantic import BaseModel, ConfigDict


class Kind(StrEnum):
    """What a column's values are. The comment is the physical type in the dataset's Parquet file."""

    TEXT = "text"  # VARCHAR
    WHOLE = "whole"  # BIGINT, or DECIMAL(38, 0) beyond 64 bits
    DECIMAL = "decimal"  # DECIMAL(p, s), p ≤ 38
    FLOAT = "float"  # DOUBLE, may hold NaN and ±Infinity
    YES_NO = "yes_no"  # BOOLEAN
    DATE = "date"  # DATE
    TIMESTAMP = "timestamp"  # TIMESTAMP, microseconds, a wall-clock time
    TIMESTAMP_TZ = "timestamp_tz"  # TIMESTAMPTZ, microseconds, an instant in UTC
    TIME = "time"  # TIME
    NESTED = "nested"  # VARCHAR holding one JSON document


PLAIN_WORDS = {
    Kind.TEXT: "text",
    Kind.WHOLE: "whole number",
    Kind.DECIMAL: "number",
    Kind.FLOAT: "number",
    Kind.YES_NO: "yes/no",
    Kind.DATE: "date",
    Kind.TIMESTAMP: "date and time",
    Kind.TIMESTAMP_TZ: "date, time and zone",
    Kind.TIME: "time",
    Kind.NESTED: "list or object",
}
TEXTS = frozenset({Kind.TEXT, Kind.NESTED})
NUMBERS = frozenset({Kind.WHOLE, Kind.DECIMAL, Kind.FLOAT})
DATED = frozenset({Kind.DATE, Kind.TIMESTAMP, Kind.TIMESTAMP_TZ})


class Column(BaseModel):
    """One column of a dataset: where it is stored, what people call it, what it holds and why we think so."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str  # c1 … cN, the name in the Parquet file
    name: str  # the header, as the person wrote it
    kind: Kind
    precision: int | None = None  # DECIMAL only: digits in all
    scale: int | None = None  # DECIMAL only: digits after the point
    trim: bool = False  # DECIMAL only: values were written without trailing zeros (1.5 beside 2.25)
    zone: str | None = None  # TIMESTAMP_TZ only: the zone it was written in, if all values agree
    why: str = ""  # one sentence: "Kept as text: 1,204 values start with 0, such as 00123."

    @property
    def words(self) -> str:
        """The kind in everyday words, as every screen prints it."""
        return PLAIN_WORDS[self.kind]
