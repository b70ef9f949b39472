"""Match this sample: from a file the receiver accepts to the export that comes nearest, and what it cannot give.

The sample is a stranger's file: call `match` in a memory-limited process, as for ingest.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Literal

import duckdb

from core.engine import formats, ingest
from core.engine.ingest import clean, containers
from core.engine.ingest.containers import WORKBOOKS, Member
from core.engine.ingest.options import ImportOptions
from core.engine.matching import comparing, delimited, fixed_width, records, workbook
from core.engine.matching.pairing import Values, pair, plain_text
from core.engine.matching.proposal import Match, Missing, Pair
from core.engine.matching.sample import Sample, SampleColumn
from core.engine.session import explained, literal, open_session, quoted
from core.engine.spec import ColumnRef, OutputColumn
from core.engine.table import Table
from core.engine.values import NUMBERS, Column, Kind
from core.errors import BadFile

__all__ = ["Match", "Missing", "Pair", "match"]

LOOKED_AT = 5_000  # of our rows, for values to compare
FEW = 20  # different values: a status or a currency, whose every value should be one of ours
COLUMNS_AT_ONCE = 100
MOST_COLUMNS = 2_000  # of a sample: each is looked at by itself, and a person waits


def match(path: Path, name: str, table: Table, *, scratch: Path | None = None) -> Match:
    """Compare the sample at `path`, which its owner calls `name`, with a dataset.

    Raises BadFile with a sentence where the sample cannot be read. Of a zip the first file counts, of a workbook the first
    sheet that holds something.
    """
    with _scratch(scratch) as room, explained():
        for member in containers.members(Path(path), name, room):
            sample = _sample(member, room)
            if len(sample.columns) > MOST_COLUMNS:
                raise BadFile(
                    f"“{name}” has {len(sample.columns):,} columns; samples of up to {MOST_COLUMNS:,} are compared.",
                    "Is its separator what it seems? Else choose the format and its options by hand.",
                )
            with closing(open_session(room)) as con:
                return _proposal(con, member, name, sample, table)
    raise BadFile(f"“{name}” holds no table.", "Choose another sample.")


@contextmanager
def _scratch(given: Path | None) -> Iterator[Path]:
    room = Path(tempfile.mkdtemp(prefix="match-", dir=given))
    try:
        yield room
    finally:
        shutil.rmtree(room, ignore_errors=True)


def _sample(member: Member, room: Path) -> Sample:
    """The sample in the words of the reader for its kind."""
    if member.format == "csv":
        return _text_sample(member, room)
    found = ingest.inspect(member.path, member.name, scratch=room)
    if member.format in WORKBOOKS:
        return workbook.read(member.path, found)
    if member.format in ("json", "jsonl"):
        return records.read(member.path, member.name, found[0])
    columns = [
        SampleColumn(column.name, [text for row in found[0].rows if (text := row[place])])
        for place, column in enumerate(found[0].columns)
    ]
    return Sample(member.format, columns, understood=["Parquet, which keeps types by itself."], shown=False)


def _text_sample(member: Member, room: Path) -> Sample:
    options = ImportOptions()
    codec = clean.prepare(member, options, room, sample=True).encoding.codec.removesuffix("-sig")
    with member.path.open("rb") as file:
        head = file.read(delimited.HEAD_BYTES)
        whole = not file.read(1)
    text = delimited.text_of(head, codec, whole=whole)
    if fixed_width.looks_fixed(text.text, whole=whole):
        return fixed_width.read(text)
    found = ingest.inspect(member.path, member.name, ImportOptions(encoding=codec), scratch=room)
    return delimited.read(text, found[0].understood)


def _proposal(con: duckdb.DuckDBPyConnection, member: Member, name: str, sample: Sample, table: Table) -> Match:
    pairs, missing = pair(sample, table.columns, _values(con, table))
    ours = {column.id: column for column in table.columns}
    compared = comparing.compare(sample, pairs, ours)
    found = [one for one in pairs if one is not None]
    headed = bool(sample.options.get("header", True))
    columns = tuple(
        OutputColumn(
            column=ColumnRef(name=ours[one.id].name, id=one.id),
            label=one.sample if headed and one.sample != ours[one.id].name else None,
            format=compared.formats.get(one.id),
        )
        for one in found
    )
    options = {**sample.options, **compared.options}
    differences = [*sample.differences, *compared.differences, *_unknown_values(con, table, sample, pairs)]
    if sample.fields and len(found) < len(sample.fields):
        options.pop("widths", None)
        differences.append(
            "Columns of the sample that are missing leave their places out: the widths must be given anew."
        )
    model = formats.parse_options(sample.format, options)
    usual = type(model)()
    return Match(
        sample=name,
        format=sample.format,
        options={key: value for key, value in model.model_dump(mode="json").items() if value != getattr(usual, key)},
        columns=columns,
        ending=containers.ending(member.name),
        compression=_packed(member),
        understood=tuple(dict.fromkeys([*sample.understood, *compared.understood])),
        pairs=tuple(found),
        missing=tuple(missing),
        unused=tuple(column.name for column in table.columns if column.id not in {one.id for one in found}),
        differences=tuple(dict.fromkeys(differences)),
    )


def _packed(member: Member) -> Literal["none", "gzip", "zip"]:
    return "gzip" if member.compression == "gzip" else "zip" if member.compression == "zip" else "none"


def _values(con: duckdb.DuckDBPyConnection, table: Table) -> Values:
    """Some of our values as plain text, by column: enough to see which columns hold the same."""
    found: Values = {}
    for first in range(0, len(table.columns), COLUMNS_AT_ONCE):
        columns = table.columns[first : first + COLUMNS_AT_ONCE]
        asked = ", ".join(_text(column) for column in columns)
        some = con.sql(
            f"select {asked} from read_parquet({literal(str(table.path))}) limit {LOOKED_AT}"
        ).to_arrow_table()
        for column, values in zip(columns, some.columns, strict=True):
            texts = (text for text in values.unique().to_pylist() if text is not None)
            found[column.id] = frozenset(plain_text(t) if column.kind in NUMBERS else t for t in texts)
    return found


def _text(column: Column) -> str:
    name = quoted(column.id)
    return f"{name}::date::varchar" if column.kind in (Kind.TIMESTAMP, Kind.TIMESTAMP_TZ) else f"{name}::varchar"


def _unknown_values(
    con: duckdb.DuckDBPyConnection, table: Table, sample: Sample, pairs: Sequence[Pair | None]
) -> Iterator[str]:
    """A sentence for each text column of few values that says something ours never says."""
    kinds = {column.id: column.kind for column in table.columns}
    for theirs, one in zip(sample.columns, pairs, strict=True):
        if one is None or kinds[one.id] is not Kind.TEXT:
            continue
        said = list(dict.fromkeys(value.strip() for value in theirs.values))
        if not 0 < len(said) <= FEW or len(said) * 2 > len(theirs.values) > FEW // 2 or len(theirs.values) < 3:
            continue
        here = (
            f"select distinct {quoted(one.id)} from read_parquet({literal(str(table.path))}) where {quoted(one.id)} in "
        )
        known = {row[0] for row in con.execute(f"{here} ({', '.join('?' * len(said))})", said).fetchall()}
        if strange := [value for value in said if value not in known]:
            yield comparing.never_ours(theirs.name or one.column, strange)
