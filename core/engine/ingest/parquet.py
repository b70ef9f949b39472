"""Reading Parquet: its types are known, so nothing is inferred; they are brought to the ten kinds of `values.py`.

Columns are taken by position, never by name: a file with `Name, name, Name` once gave the wrong column in silence.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from core.engine.ingest import structure
from core.engine.ingest.containers import Member
from core.engine.ingest.deciding import Typed
from core.engine.ingest.options import ImportOptions, Understood
from core.engine.ingest.staging import Staged
from core.engine.session import literal, quoted
from core.engine.table import METADATA_KEY, Meaning
from core.engine.values import PLAIN_WORDS, Column, Kind
from core.errors import BadFile

SAMPLE_ROWS = 2_000


def stage(
    con: duckdb.DuckDBPyConnection,
    member: Member,
    options: ImportOptions,
    scratch: Path,
    *,
    sample: bool,
    read: Callable[[int], None],
) -> Iterator[Staged]:
    """Stage a Parquet file. Raises BadFile if it is damaged or holds no columns."""
    del con, read
    try:
        file = pq.ParquetFile(member.path)
        schema, rows = file.schema_arrow, file.metadata.num_rows
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError, OSError) as trouble:
        raise BadFile(
            f"“{member.name}” is damaged or no Parquet ({str(trouble).splitlines()[0][:120]}).",
            "Write or download it again.",
        ) from None
    if not len(schema):
        raise BadFile(f"“{member.name}” has no columns.", "Write it again with the columns that matter.")
    notes: list[str] = []
    names, known = _names(schema, file, notes)
    source, renamed = _positional(member.path, schema, file, scratch, sample)
    typed = [
        _typed(f"c{n + 1}", name, field.type, known.get(n), options.kinds.get(name), notes)
        for n, (name, field) in enumerate(zip(names, schema, strict=True))
    ]
    del renamed
    yield Staged(
        name=member.stem,
        understood=Understood(
            format="parquet", compression=member.compression, member=member.member, null_words=options.null_words
        ),
        names=names,
        relation=source if not sample else f"(select * from {source} limit {SAMPLE_ROWS})",
        typed=typed,
        rows_expected=rows,
        complete=not sample or rows <= SAMPLE_ROWS,
        estimate=rows,
        notes=notes,
    )


def _names(schema: pa.Schema, file: pq.ParquetFile, notes: list[str]) -> tuple[list[str], dict[int, Column]]:
    """Headers: those of a dataset we wrote, else the file's own, made unique."""
    said = (file.metadata.metadata or {}).get(METADATA_KEY)
    if said:
        try:
            meaning = Meaning.model_validate_json(said)
            if len(meaning.columns) == len(schema):
                return [c.name for c in meaning.columns], dict(enumerate(meaning.columns))
        except ValueError:
            pass  # somebody else's key of that name
    return structure.names([str(n) for n in schema.names], len(schema), notes), {}


def _positional(path: Path, schema: pa.Schema, file: pq.ParquetFile, scratch: Path, sample: bool) -> tuple[str, bool]:
    """A relation whose columns are c1 … cN by position. Names that DuckDB could confuse make a renamed copy necessary."""
    folded = [n.casefold() for n in schema.names]
    if len(set(folded)) == len(folded) and all(folded) and not any(_foreign(f.type) for f in schema):
        listed = ", ".join(f"{quoted(n)} as c{i + 1}" for i, n in enumerate(schema.names))
        return f"(select {listed} from read_parquet({literal(str(path))}))", False
    target = scratch / "renamed.parquet"
    plain = pa.schema([pa.field(f"c{n + 1}", _familiar(f.type)) for n, f in enumerate(schema)])
    with pq.ParquetWriter(target, plain, compression="zstd", compression_level=1) as out:
        done = 0
        for batch in file.iter_batches(20_000):
            columns = [batch.column(n).cast(plain.field(n).type) for n in range(len(plain))]
            out.write_batch(pa.record_batch(columns, schema=plain))
            done += len(batch)
            if sample and done >= SAMPLE_ROWS:
                break
    return f"read_parquet({literal(str(target))})", True


def _foreign(kind: pa.DataType) -> bool:
    """Types DuckDB reads otherwise than they are meant."""
    return bool(pa.types.is_decimal256(kind) or pa.types.is_float16(kind))


def _familiar(kind: pa.DataType) -> pa.DataType:
    if pa.types.is_decimal256(kind):
        return pa.string()
    if pa.types.is_float16(kind):
        return pa.float32()
    if pa.types.is_dictionary(kind):
        return kind.value_type
    return kind


def _typed(
    key: str, name: str, kind: pa.DataType, known: Column | None, wanted: Kind | None, notes: list[str]
) -> Typed:
    if wanted is Kind.TEXT:
        return Typed(Column(id=key, name=name, kind=Kind.TEXT, why="Text, as chosen."), f"{quoted(key)}::varchar")
    column, sql = _kind(key, name, kind, notes)
    if known is not None and known.kind is column.kind:
        more = {"trim": known.trim, "zone": known.zone, "why": known.why}
        column = column.model_copy(update=more)
    elif known is not None and known.kind is Kind.NESTED and column.kind is Kind.TEXT:
        column = column.model_copy(update={"kind": Kind.NESTED, "why": known.why})
    return Typed(column, sql)


def _kind(key: str, name: str, kind: pa.DataType, notes: list[str]) -> tuple[Column, str]:
    """The kind and the SQL that brings a stored type to it."""
    c = quoted(key)
    t = pa.types
    if t.is_dictionary(kind):
        kind = kind.value_type

    def made(found: Kind, sql: str, extra: str = "", **more: object) -> tuple[Column, str]:
        why = f"Stored as {PLAIN_WORDS[found]} in the file ({kind}).{extra}"
        return Column(id=key, name=name, kind=found, why=why, **more), sql  # type: ignore[arg-type]

    if t.is_uint64(kind):
        return made(Kind.WHOLE, f"{c}::decimal(38, 0)", precision=38, scale=0)
    if t.is_integer(kind):
        return made(Kind.WHOLE, f"{c}::bigint")
    if t.is_decimal(kind) and not t.is_decimal256(kind):
        if kind.scale == 0:
            return made(Kind.WHOLE, f"{c}::decimal(38, 0)", precision=38, scale=0)
        if kind.scale > 0:
            return made(
                Kind.DECIMAL,
                f"{c}::decimal({kind.precision}, {kind.scale})",
                precision=kind.precision,
                scale=kind.scale,
            )
    if t.is_floating(kind):
        return made(Kind.FLOAT, f"{c}::double")
    if t.is_boolean(kind):
        return made(Kind.YES_NO, f"{c}::boolean")
    if t.is_date(kind):
        return made(Kind.DATE, f"{c}::date")
    if t.is_timestamp(kind):
        extra = " Times finer than a microsecond were cut to it." if kind.unit == "ns" else ""
        if extra:
            notes.append(f"“{name}” holds times in nanoseconds; they are kept to the microsecond.")
        if kind.tz:
            return made(Kind.TIMESTAMP_TZ, f"{c}::timestamptz", extra, zone=_zone(kind.tz))
        return made(Kind.TIMESTAMP, f"{c}::timestamp", extra)
    if t.is_time(kind):
        return made(Kind.TIME, f"{c}::time")
    if t.is_nested(kind):
        return made(Kind.NESTED, f"to_json({c})::varchar")
    if t.is_binary(kind) or t.is_large_binary(kind) or t.is_fixed_size_binary(kind):
        return made(Kind.TEXT, f"to_base64({c}::blob)", " Bytes are shown as base64.")
    return made(Kind.TEXT, f"{c}::varchar")


def _zone(tz: str) -> str:
    if tz in ("UTC", "Etc/UTC", "Z", "+00:00", "GMT"):
        return "UTC"
    return f"GMT{tz}" if tz[:1] in "+-" else tz
