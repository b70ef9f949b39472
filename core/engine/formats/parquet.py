"""Parquet: the columns with their types, for data tools. Written by Arrow from DuckDB's batches."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO, ClassVar, Literal

import pyarrow as pa
import pyarrow.parquet as pq
from pydantic import Field

from core.engine.formats.base import Context, Format, Hashing, Options, Written
from core.engine.formats.naming import keys, second_names
from core.engine.formats.reading import CHUNK, STRICT_ROWS, damaged
from core.engine.rendering import OutColumn, Rows
from core.engine.values import Kind

GROUP_BYTES = 32 << 20  # a row group is closed when its Arrow form passes this: bounds memory
GROUP_ROWS = 122_880


class ParquetOptions(Options):
    """How the columns are packed; their types are kept as they are."""

    compression: Literal["zstd", "snappy", "gzip", "none"] = Field(
        "zstd",
        title="Packing",
        description="How the file is made smaller inside; every reader of Parquet unpacks it by itself.",
        json_schema_extra={
            "choices": {
                "zstd": "small and quick (Zstandard)",
                "snappy": "for old readers (Snappy)",
                "gzip": "gzip",
                "none": "not packed",
            }
        },
    )


class Parquet(Format):
    name: ClassVar[str] = "parquet"
    label: ClassVar[str] = "Parquet"
    about: ClassVar[str] = "Keeps every type; for data tools such as pandas, DuckDB or Power BI."
    extension: ClassVar[str] = "parquet"
    media_type: ClassVar[str] = "application/vnd.apache.parquet"
    packed: ClassVar[bool] = True
    hashed_whole: ClassVar[bool] = True
    view: ClassVar[str] = "schema"
    Options: ClassVar[type[Options]] = ParquetOptions

    def write(self, rows: Rows, path: Path, options: ParquetOptions, context: Context) -> Written:
        schema = _schema(rows.columns, rows.zone)
        count = 0
        with open(path, "xb") as file, Hashing(file) as sink:
            target = pa.PythonFile(_Sink(sink), mode="w")
            with pq.ParquetWriter(target, schema, compression=options.compression) as writer:
                for group in _groups(rows.batches()):
                    count += group.num_rows
                    writer.write_table(_cast(group, schema), row_group_size=GROUP_ROWS)
        return Written(count, sink.bytes, sink.sha256, second_names(rows.columns, "Parquet"))

    def verify(self, content: BinaryIO, written: Written, columns: tuple[OutColumn, ...], options: Any) -> int:
        digest, size = hashlib.sha256(), 0
        while chunk := content.read(CHUNK):
            digest.update(chunk)
            size += len(chunk)
        if (size, digest.hexdigest()) != (written.bytes, written.sha256):
            raise damaged("its bytes are not the bytes that were written.")
        content.seek(0)
        try:
            file = pq.ParquetFile(content)
            names = file.schema_arrow.names
            rows: int = sum(file.metadata.row_group(i).num_rows for i in range(file.num_row_groups))
            if file.num_row_groups:
                _validate(next(file.iter_batches(STRICT_ROWS, row_groups=[0])))
                for batch in file.iter_batches(GROUP_ROWS, row_groups=[file.num_row_groups - 1]):
                    _validate(batch)
        except (pa.ArrowException, OSError, ValueError) as trouble:
            raise damaged(f"it cannot be read ({trouble}).") from trouble
        if names != keys(columns):
            raise damaged("its columns are not the ones asked for.")
        if rows != written.rows or rows != file.metadata.num_rows:
            raise damaged(f"it holds {rows:,} rows where {written.rows:,} were written.")
        return rows


def _validate(batch: pa.RecordBatch) -> None:
    """Every value is one its type may have; 24:00 is kept as it is, though Arrow calls it out of range."""
    for column in batch.columns:
        if not pa.types.is_time(column.type):
            column.validate(full=True)


class _Sink:
    """The few things Arrow asks of a file it writes to."""

    def __init__(self, sink: Hashing) -> None:
        self._sink, self.closed = sink, False

    def write(self, data: Any) -> int:
        return self._sink.write(bytes(data))

    def tell(self) -> int:
        return self._sink.bytes

    def flush(self) -> None:
        """Nothing waits here."""

    def close(self) -> None:
        self.closed = True

    def writable(self) -> bool:
        return True

    def readable(self) -> bool:
        return False

    def seekable(self) -> bool:
        return False


def _groups(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.Table]:
    """Batches gathered into row groups that are worth reading and fit in memory."""
    held: list[pa.RecordBatch] = []
    for batch in batches:
        held.append(batch)
        if sum(b.num_rows for b in held) >= GROUP_ROWS or sum(b.nbytes for b in held) >= GROUP_BYTES:
            yield pa.Table.from_batches(held)
            held = []
    if held:
        yield pa.Table.from_batches(held)


def _schema(columns: tuple[OutColumn, ...], zone: str) -> pa.Schema:
    return pa.schema([pa.field(name, _type(column, zone)) for name, column in zip(keys(columns), columns, strict=True)])


def _type(column: OutColumn, zone: str) -> pa.DataType:
    if column.kind is Kind.WHOLE:
        return pa.decimal128(column.precision, 0) if column.precision else pa.int64()
    if column.kind is Kind.DECIMAL:
        return pa.decimal128(column.precision or 38, column.scale or 0)
    if column.kind is Kind.TIMESTAMP_TZ:
        return pa.timestamp("us", tz=column.zone or zone)
    return {
        Kind.FLOAT: pa.float64(),
        Kind.YES_NO: pa.bool_(),
        Kind.DATE: pa.date32(),
        Kind.TIMESTAMP: pa.timestamp("us"),
        Kind.TIME: pa.time64("us"),
    }.get(column.kind, pa.string())


def _cast(group: pa.Table, schema: pa.Schema) -> pa.Table:
    return group.rename_columns(schema.names).cast(schema)


FORMAT = Parquet()
