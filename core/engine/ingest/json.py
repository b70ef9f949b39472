"""Reading JSON: a list of records, at the top or under a key, and JSON Lines. Nested objects become columns `a.b`.

Numbers are taken as they are written: 0.10 stays 0.10 and a 20-digit id loses nothing, which no float-based reader promises.
Lists stay JSON in their cell. The file is read record by record; memory holds one record and one batch.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from core.engine.ingest import encoding as encodings
from core.engine.ingest.arrays import text_array
from core.engine.ingest.candidates import Hint
from core.engine.ingest.containers import Member
from core.engine.ingest.encoding import Decoded
from core.engine.ingest.json_text import DECODER, MAX_RECORD, SPACE, Digits, Text, find_records, values
from core.engine.ingest.options import ImportOptions, Understood
from core.engine.ingest.problems import Problem
from core.engine.ingest.staging import Staged
from core.engine.session import literal
from core.engine.values import Kind
from core.errors import BadFile

BATCH_ROWS = 20_000
BLOCK = 1 << 20  # bytes
SAMPLE_RECORDS = 2_000
MAX_COLUMNS = 5_000
MAX_DEPTH = 6  # objects within objects that become columns; deeper ones stay JSON
STRINGS = frozenset({Kind.DATE, Kind.TIMESTAMP, Kind.TIMESTAMP_TZ})
NUMBERS = frozenset({Kind.WHOLE, Kind.DECIMAL, Kind.FLOAT})


@dataclass
class Found:
    """The columns met so far, in the order they were met, and what kinds of value each holds."""

    names: dict[str, int] = field(default_factory=dict)
    kinds: list[set[str]] = field(default_factory=list)

    def column(self, name: str) -> int:
        at = self.names.get(name)
        if at is None:
            at = self.names[name] = len(self.names)
            self.kinds.append(set())
            if at >= MAX_COLUMNS:
                raise BadFile(
                    f"The records have more than {MAX_COLUMNS:,} different keys, such as “{name[:80]}”.",
                    "Turn keys that are values (ids, dates) into a field of each record.",
                )
        return at


def stage(
    con: duckdb.DuckDBPyConnection,
    member: Member,
    options: ImportOptions,
    scratch: Path,
    *,
    sample: bool,
    read: Callable[[int], None],
) -> Iterator[Staged]:
    """Stage the records of a JSON or JSON Lines file as text columns. Raises BadFile naming where it breaks."""
    del con
    with member.path.open("rb") as file:
        head = file.read(1 << 16)
    codec = (
        encodings.checked(options.encoding) if options.encoding else encodings.by_mark(head) or encodings.by_zeros(head)
    )
    decoded = Decoded(member.path, codec or "utf-8-sig")
    problems: list[Problem] = []
    text, path = Text(decoded.blocks(BLOCK), member.name), ""
    if member.format == "jsonl":
        records: Iterator[Any] = _lines(text, problems)
    else:
        text, path = find_records(lambda: Text(decoded.restarted().blocks(BLOCK), member.name), options.json_path)
        records = values(text)
    found = Found()
    target = scratch / "records.parquet"
    taken = islice(records, SAMPLE_RECORDS + 1) if sample else records
    count = _write(taken, found, target, problems, text, read)
    if not found.names:
        raise BadFile(f"“{member.name}” holds no records.", "It should hold a list of objects with the same keys.")
    text_array(list(found.names))  # refuses half a sign in a key, as in a value
    notes = [*decoded.notes(), *([f"Records were taken from “{path}”."] if path else [])]
    shortened = sample and count > SAMPLE_RECORDS
    yield Staged(
        name=member.stem,
        understood=Understood(
            format=member.format,
            compression=member.compression,
            member=member.member,
            encoding=(codec or "utf-8").removesuffix("-sig"),
            json_path=path if member.format == "json" else None,
            null_words=options.null_words,
        ),
        names=list(found.names),
        relation=_relation(target, len(found.names), count),
        hints=[_hint(kinds) for kinds in found.kinds],
        problems=lambda: problems,
        rows_expected=count,
        complete=not shortened,
        estimate=_estimate(member, text, count) if shortened else None,
        notes=notes,
    )


def _estimate(member: Member, text: Text, count: int) -> int:
    return max(count, round(count * member.path.stat().st_size / max(text.taken, 1)))


def _hint(kinds: set[str]) -> Hint:
    if "list" in kinds or "object" in kinds:
        return Hint(kind=Kind.NESTED)
    if kinds <= {"text"}:
        return Hint(only=STRINGS)  # JSON says what is a number; quoted digits are meant as text
    if kinds <= {"number"}:
        return Hint(only=NUMBERS)
    if kinds <= {"truth"}:
        return Hint(only=frozenset({Kind.YES_NO}))
    return Hint(kind=Kind.TEXT, note="The values are of several kinds: " + ", ".join(sorted(kinds)) + ".")


def _lines(text: Text, problems: list[Problem]) -> Iterator[Any]:
    """One value a line; a line that is no JSON object is a problem, not the end."""
    number = 0
    while True:
        end = text.data.find("\n", text.at)
        while end < 0 and text.double():
            end = text.data.find("\n", text.at)
            if len(text.data) - text.at > MAX_RECORD:
                raise BadFile(f"Line {number + 1:,} of “{text.name}” is longer than 64 MB.", "Check the file.")
        last = end < 0
        line = text.data[text.at :] if last else text.data[text.at : end]
        text.at = len(text.data) if last else end + 1
        number += 1
        yield from _line(line, number, problems)
        if last:
            return


def _line(line: str, number: int, problems: list[Problem]) -> Iterator[Any]:
    text = line.strip(SPACE)
    if not text:
        return
    try:
        value, end = DECODER.raw_decode(text)
        if end != len(text):
            raise json.JSONDecodeError("more than one value", text, end)
    except (json.JSONDecodeError, RecursionError) as trouble:
        what = getattr(trouble, "msg", "it is nested too deeply")
        problems.append(Problem(line=number, text=line.rstrip("\r"), reason=f"This line is no valid JSON: {what}."))
        return
    if not isinstance(value, (dict, list)):
        problems.append(Problem(line=number, text=line.rstrip("\r"), reason="This line is no object."))
        return
    yield value


def _write(
    records: Iterator[Any],
    found: Found,
    target: Path,
    problems: list[Problem],
    text: Text,
    read: Callable[[int], None],
) -> int:
    """Flatten records into text columns, a Parquet part a batch: later records may bring new columns. Returns how many."""
    target.mkdir(exist_ok=True)
    for old in target.iterdir():
        old.unlink()
    count = part = 0
    header: list[str] | None = None
    while batch := list(islice(records, BATCH_ROWS)):
        columns: list[list[str | None]] = [[] for _ in found.names]
        taken = 0
        for record in batch:
            if isinstance(record, list):
                if header is None and not found.names and all(isinstance(v, str) for v in record):
                    header = [str(v) for v in record]  # a list of lists whose first names the columns
                    continue
                names = header or [f"Column {n + 1}" for n in range(len(record))]
                record = dict(
                    zip([*names, *(f"Column {n + 1}" for n in range(len(names), len(record)))], record, strict=False)
                )
            if not isinstance(record, dict):
                line = text.line + text.data.count("\n", 0, text.at)
                problems.append(
                    Problem(line=line, text=_plain(record), reason="This is no object among a list of objects.")
                )
                continue
            _flatten(record, "", 0, found, columns, taken)
            taken += 1
        for column in columns:
            column += [None] * (taken - len(column))
        if taken:
            names = [f"c{n + 1}" for n in range(len(columns))]
            arrays = [text_array(column) for column in columns]
            pq.write_table(
                pa.table(arrays, names=names), target / f"{part:06}.parquet", compression="zstd", compression_level=1
            )
            part += 1
            count += taken
            read(count)
    if not count and header is not None:
        for name in header:
            found.column(name)
    return count


def _flatten(
    record: dict[str, Any], prefix: str, depth: int, found: Found, columns: list[list[str | None]], row: int
) -> None:
    for key, value in record.items():
        name = f"{prefix}{key}"
        if isinstance(value, dict) and value and depth < MAX_DEPTH:
            _flatten(value, f"{name}.", depth + 1, found, columns, row)
            continue
        at = found.column(name)
        while len(columns) <= at:
            columns.append([])
        column = columns[at]
        if len(column) > row:  # {"a": {"b": 1}, "a.b": 2}: the later one wins in JSON too
            column.pop()
        if len(column) < row:
            column += [None] * (row - len(column))
        column.append(_cell(value, found.kinds[at]))


def _cell(value: Any, kinds: set[str]) -> str | None:
    if value is None:
        return None
    if isinstance(value, Digits):
        kinds.add("number")
        return str(value)
    if isinstance(value, str):
        kinds.add("text")
        return value.replace("\0", "\ufffd") if "\0" in value else value
    if isinstance(value, bool):
        kinds.add("truth")
        return "true" if value else "false"
    kinds.add("list" if isinstance(value, list) else "object")
    return _plain(value)


def _plain(value: Any) -> str:
    """JSON text of a value, its numbers as they were written."""
    if isinstance(value, Digits):
        return str(value)
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(k, ensure_ascii=False)}: {_plain(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_plain, value)) + "]"
    return json.dumps(value, ensure_ascii=False)


def _relation(target: Path, width: int, count: int) -> str:
    if not count:
        return "(select " + ", ".join(f"null::varchar as c{n + 1}" for n in range(width)) + " limit 0)"
    return f"read_parquet({literal(str(target / '*.parquet'))}, union_by_name = true)"
