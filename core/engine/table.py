"""A table: one immutable Parquet file of typed columns, and what its columns mean.

The meaning travels inside the file (key `export_desk` of the Parquet metadata), so a file is whole without a database.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
from pydantic import BaseModel, ConfigDict

from core.engine.values import Column
from core.errors import BadSpec

METADATA_KEY = b"export_desk"


class Meaning(BaseModel):
    """What the Parquet file's metadata says about its columns."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    columns: tuple[Column, ...]
    date_column: str | None = None  # id of the main date column, if there is one


@dataclass(frozen=True)
class Table:
    """One dataset version as the engine sees it: a path, its columns in order, its number of rows."""

    path: Path
    name: str
    columns: tuple[Column, ...]
    rows: int
    date_column: str | None = None

    @classmethod
    def open(cls, path: Path, *, date_column: str | None = None) -> Table:
        """Read the file's footer only. `date_column` (an id) overrides the one guessed at ingest."""
        metadata = pq.read_metadata(path)
        meaning = Meaning.model_validate_json(metadata.metadata[METADATA_KEY])
        return cls(Path(path), meaning.name, meaning.columns, metadata.num_rows, date_column or meaning.date_column)

    def column(self, ref: Any) -> Column:
        """The column a `spec.ColumnRef` means. Raises BadSpec naming the nearest columns there are."""
        for c in self.columns:
            if ref.id == c.id and (c.name == ref.name or not ref.name):
                return c
        exact = [c for c in self.columns if c.name == ref.name]
        found = exact or [c for c in self.columns if c.name.casefold() == ref.name.casefold()]
        if len(found) == 1:
            return found[0]
        if found:
            raise BadSpec(
                f"{len(found)} columns are called “{ref.name}”.",
                "Say which one is meant by its id: " + ", ".join(c.id for c in found) + ".",
                field=ref.name,
            )
        known = ", ".join(c.name for c in self.columns[:20])
        raise BadSpec(
            f"There is no column “{ref.name}” in “{self.name}”.", f"Columns there are: {known}.", field=ref.name
        )
