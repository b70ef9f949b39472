"""What a database answers, as a Parquet file: NULL stays NULL, an empty text an empty text, and a type is kept where every value
survives it. A value that does not (infinity among dates, NaN among numerics) makes its column text, and the column says so.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from core.engine.session import explained, open_session, quoted
from core.engine.table import METADATA_KEY, Meaning
from core.engine.values import Column, Kind
from core.errors import Unfetchable
from core.fetching.base import FILE, Fetched, Way

MOST_DIGITS = 38  # of a DECIMAL
MEMORY_MB = 200
BATCH_ROWS = 20_000

DAY = r"\d{4}-\d{2}-\d{2}"
CLOCK = r"\d{2}:\d{2}:\d{2}(\.\d{1,6})?"
FORMS = {  # texts that mean one value and no other, by kind
    Kind.DATE: DAY,
    Kind.TIMESTAMP: f"{DAY}[ T]{CLOCK}",
    Kind.TIMESTAMP_TZ: f"{DAY}[ T]{CLOCK}[+]00",
    Kind.TIME: r"([01]\d|2[0-3])(:[0-5]\d){2}(\.\d{1,6})?",
}
SQL = {Kind.DATE: "date", Kind.TIMESTAMP: "timestamp", Kind.TIMESTAMP_TZ: "timestamptz", Kind.TIME: "time"}


@dataclass(frozen=True)
class Stated:
    """A column as the database states it. `wishes`: the kinds it may become, the best first; text it may always be."""

    name: str
    wishes: tuple[Kind, ...]
    type: str  # in the database's own words
    yes: str = "t"  # how it writes yes and no
    no: str = "f"
    note: str = ""


Batch = Sequence[Sequence[bytes | str | None]]  # a list for each column, all equally long; text as UTF-8


def write(name: str, width: int, batches: Iterable[Batch], stated: Callable[[], Sequence[Stated]], way: Way) -> Fetched:
    """The file. `stated` is asked once all rows are there. Raises Unfetchable for a table without columns."""
    if not width:
        raise Unfetchable("This query gives no columns.", "Name the columns it shall give.", field="query")
    staged = way.scratch / "staged.parquet"
    _stage(staged, width, batches, way)
    columns = stated()
    target = way.scratch / FILE
    with explained(), closing(open_session(way.scratch, memory_mb=MEMORY_MB, columns=width)) as con:
        relation = con.read_parquet(str(staged)).set_alias("staged")
        con.register("staged", relation)
        made = [_judged(con, f"c{n}", one) for n, one in enumerate(columns, 1)]
        meaning = Meaning(name=name, columns=tuple(column for column, _sql in made))
        _write(con, [sql for _column, sql in made], meaning, target)
    staged.unlink()
    return Fetched(target, f"{name}.parquet")


def _stage(path: Path, width: int, batches: Iterable[Batch], way: Way) -> None:
    """As text, whatever it is."""
    schema = pa.schema([pa.field(f"c{n}", pa.string()) for n in range(1, width + 1)])
    try:
        with pq.ParquetWriter(path, schema, compression="zstd", compression_level=1) as out:
            for batch in batches:
                columns = [pa.array(values, pa.binary()).cast(pa.string()) for values in batch]
                arrived = pa.record_batch(columns, schema=schema)
                way.took(arrived.nbytes)
                out.write_batch(arrived)
    except pa.ArrowInvalid as wrong:
        raise Unfetchable(
            "A text in this table is not UTF-8.", "Mend it there, or name the other columns in a query."
        ) from wrong


def _write(con: duckdb.DuckDBPyConnection, shown: Sequence[str], meaning: Meaning, target: Path) -> None:
    listed = ", ".join(f"{sql} as {column.id}" for column, sql in zip(meaning.columns, shown, strict=True))
    reader = con.sql(f"select {listed} from staged").to_arrow_reader(BATCH_ROWS)
    schema = reader.schema.with_metadata({METADATA_KEY: meaning.model_dump_json().encode()})
    with pq.ParquetWriter(target, schema, compression="zstd", compression_level=1) as out:
        for batch in reader:
            out.write_batch(pa.record_batch(batch.columns, schema=schema))


def _judged(con: duckdb.DuckDBPyConnection, id: str, stated: Stated) -> tuple[Column, str]:
    """The column with the first of its wishes that every value survives, and the SQL that brings it there."""
    why = " ".join(filter(None, (f"Stored as {stated.type} in the database.", stated.note)))
    for kind in stated.wishes:
        if made := _tried(con, id, stated, kind, why):
            return made
    if stated.wishes and stated.wishes[0] not in (Kind.TEXT, Kind.NESTED):
        why += " Kept as text: not every value survives as anything else."
    return Column(id=id, name=stated.name, kind=Kind.TEXT, why=why), id


def _tried(con: duckdb.DuckDBPyConnection, id: str, stated: Stated, kind: Kind, why: str) -> tuple[Column, str] | None:
    column = Column(id=id, name=stated.name, kind=kind, why=why)
    match kind:
        case Kind.TEXT | Kind.NESTED:
            return column, id
        case Kind.YES_NO:
            fits, sql = f"{id} in ('{stated.yes}', '{stated.no}')", f"{id} = '{stated.yes}'"
        case Kind.WHOLE:
            if _all(con, f"try_cast({id} as bigint)::varchar = {id}"):
                return column, f"{id}::bigint"
            wide = f"decimal({MOST_DIGITS}, 0)"
            fits, sql = f"try_cast({id} as {wide})::varchar = {id}", f"{id}::{wide}"
            column = column.model_copy(update={"precision": MOST_DIGITS, "scale": 0})
        case Kind.DECIMAL:
            return _decimal(con, id, column)
        case Kind.FLOAT:
            fits, sql = f"try_cast({id} as double) is not null", f"{id}::double"
        case _:
            type = SQL[kind]
            fits = f"regexp_full_match({id}, '{FORMS[kind]}') and try_cast({id} as {type}) is not null"
            sql = f"{id}::{type}"
            if kind is Kind.TIMESTAMP_TZ:
                column = column.model_copy(update={"zone": "UTC"})
    return (column, sql) if _all(con, fits) else None


def _decimal(con: duckdb.DuckDBPyConnection, id: str, column: Column) -> tuple[Column, str] | None:
    """As many digits as the values have. Where some have fewer after the point, none is shown with zeros at its end."""
    whole, part = f"length(ltrim(split_part({id}, '.', 1), '-'))", f"length(split_part({id}, '.', 2))"
    if not _all(con, rf"regexp_full_match({id}, '-?\d+(\.\d+)?')"):
        return None
    digits, scale, least = con.execute(f"select max({whole}), max({part}), min({part}) from staged").fetchall()[0]
    digits, scale, least = digits or 1, scale or 0, least or 0
    if digits + scale > MOST_DIGITS:
        return None
    if not scale:
        return column.model_copy(update={"kind": Kind.WHOLE, "precision": MOST_DIGITS, "scale": 0}), (
            f"{id}::decimal({MOST_DIGITS}, 0)"
        )
    more = {"precision": digits + scale, "scale": scale, "trim": least < scale}
    return column.model_copy(update=more), f"{id}::decimal({digits + scale}, {scale})"


def _all(con: duckdb.DuckDBPyConnection, fits: str) -> bool:
    """Does it hold for every value? NULL survives everything."""
    id = re.findall(r"\bc\d+\b", fits)[0]
    found = con.execute(f"select 1 from staged where {quoted(id)} is not null and not coalesce({fits}, false) limit 1")
    return not found.fetchall()
