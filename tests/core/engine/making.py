"""Small tables and exports for the engine's tests."""

from __future__ import annotations

import gzip
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from core.engine import pipeline
from core.engine.receipt import Receipt
from core.engine.spec import ExportSpec, Resolved
from core.engine.table import METADATA_KEY, Meaning, Table
from core.engine.values import Column, Kind

NOW = datetime(2026, 11, 15, 3, 30, tzinfo=UTC)  # a Sunday; 10:30 in Jakarta
TYPES = {
    Kind.TEXT: pa.string(),
    Kind.WHOLE: pa.int64(),
    Kind.DECIMAL: pa.decimal128(12, 2),
    Kind.FLOAT: pa.float64(),
    Kind.YES_NO: pa.bool_(),
    Kind.DATE: pa.date32(),
    Kind.TIMESTAMP: pa.timestamp("us"),
    Kind.TIMESTAMP_TZ: pa.timestamp("us", tz="UTC"),
    Kind.TIME: pa.time64("us"),
    Kind.NESTED: pa.string(),
}


def resolved(zone: str = "UTC", now: datetime = NOW) -> Resolved:
    return Resolved(now=now, zone=zone)


def make_table(
    folder: Path,
    columns: dict[str, tuple[Kind, Iterable[Any]]],
    *,
    name: str = "people",
    date_column: str | None = None,
) -> Table:
    """A dataset's file with these columns: header → (kind, values)."""
    made, arrays = [], []
    for number, (header, (kind, values)) in enumerate(columns.items(), 1):
        decimal = {"precision": 12, "scale": 2} if kind is Kind.DECIMAL else {}
        made.append(Column(id=f"c{number}", name=header, kind=kind, **decimal))
        arrays.append(pa.array(list(values), TYPES[kind]))
    main = next((c.id for c in made if c.name == date_column), None)
    meaning = Meaning(name=name, columns=tuple(made), date_column=main)
    table = pa.Table.from_arrays(arrays, [c.id for c in made])
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "table.parquet"
    pq.write_table(table.replace_schema_metadata({METADATA_KEY: meaning.model_dump_json().encode()}), path)
    return Table.open(path)


def spec_of(
    format: str = "csv",
    options: dict[str, Any] | None = None,
    *,
    packaging: str = "none",
    name: str = "",
    file_name: str = "{name}",
    limits: dict[str, Any] | None = None,
    **source: Any,
) -> ExportSpec:
    """A spec in the words of JSON; what is not named stays as it is by default."""
    return ExportSpec.model_validate(
        {
            "name": name,
            "sources": [{"dataset": "people", **source}],
            "output": {"format": format, "options": options or {}, "file_name": file_name},
            "packaging": {"compression": packaging},
            "limits": limits or {},
        }
    )


@dataclass(frozen=True)
class Exported:
    receipt: Receipt
    path: Path

    @property
    def content(self) -> bytes:
        data = self.path.read_bytes()
        return gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data

    @property
    def text(self) -> str:
        return self.content.decode("utf-8-sig")


def export(table: Table, spec: ExportSpec, folder: Path, zone: str = "UTC", **more: Any) -> Exported:
    """Run an export into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    receipt = pipeline.run(
        spec,
        table,
        resolved(zone),
        folder=folder,
        stored=lambda n: f"file.{n}.{spec.output.format}",
        scratch=folder / "scratch",
        **more,
    )
    return Exported(receipt, folder / receipt.files[0].stored)
