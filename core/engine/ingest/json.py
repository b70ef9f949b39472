"""Reading JSON: a list of records, at the top or under a key, and JSON Lines. Nested objects become columns `a.b`.

Numbers are taken as they are written: 0.10 stays 0.10 and a 20-digit id loses nothing, which no float-based reader promises.
Lists stay JSON in their cell. The file is read record by record; memory holds one record and one batch.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
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
from core.engine.ingest.options import ImportOptions, Understood
from core.engine.ingest.problems import Problem
from core.engine.ingest.staging import Staged
from core.engine.session import literal
from core.engine.values import Kind
from core.errors import BadFile

BATCH_ROWS = 20_000
SAMPLE_RECORDS = 2_000
MAX_RECORD = 64 << 20  # characters of one record
MAX_COLUMNS = 5_000
MAX_DEPTH = 6  # objects within objects that become columns; deeper ones stay JSON
STRINGS = frozenset({Kind.DATE, Kind.TIMESTAMP, Kind.TIMESTAMP_TZ})
NUMBERS = frozenset({Kind.WHOLE, Kind.DECIMAL, Kind.FLOAT})
SPACE = " \t\r\n\ufeff"
WHERE = ("data", "items", "results", "records", "rows", "features", "value", "values", "list")


class Digits(str):
    """A number of the file, as its own text."""

    __slots__ = ()


DECODER = json.JSONDecoder(parse_float=Digits, parse_int=Digits, parse_constant=Digits)


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
    con: duckdb.DuckDBPyConnection, member: Member, options: ImportOptions, scratch: Path, *, sample: bool
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
    text = Text(decoded.blocks(1 << 20), member.name)
    path = ""
    if member.format == "jsonl":
        records: Iterator[Any] = _lines(decoded, problems)
    else:
        path = _enter(text, options.json_path, member)
        records = _array(text) if path is not None else iter(())
    found = Found()
    target = scratch / "records.parquet"
    taken = islice(records, SAMPLE_RECORDS + 1) if sample else records
    count = _write(taken, found, target, problems, text)
    if not found.names:
        raise BadFile(f"“{member.name}” holds no records.", "It should hold a list of objects with the same keys.")
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
        estimate=_estimate(member, text, decoded, count) if shortened else None,
        notes=notes,
    )


def _estimate(member: Member, text: Text, decoded: Decoded, count: int) -> int:
    seen = max(text.consumed or decoded.read, 1)
    return max(count, round(count * member.path.stat().st_size / seen))


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


class Text:
    """A text read in blocks, with the position where decoding stands."""

    def __init__(self, blocks: Iterator[str], name: str) -> None:
        self.blocks, self.name = blocks, name
        self.data, self.at, self.consumed, self.line, self.ended = "", 0, 0, 1, False

    def more(self) -> bool:
        """Read another block, forgetting what was taken; False at the end of the file."""
        block = next(self.blocks, None)
        if block is None:
            self.ended = True
            return False
        self.line += self.data.count("\n", 0, self.at)
        self.data, self.at = self.data[self.at :] + block, 0
        self.consumed += len(block)
        return True

    def peek(self) -> str:
        """The next character that is no space; empty at the end."""
        while True:
            while self.at < len(self.data) and self.data[self.at] in SPACE:
                self.at += 1
            if self.at < len(self.data):
                return self.data[self.at]
            if not self.more():
                return ""

    def value(self) -> Any:
        """Decode the value that begins here, reading on until it is whole. Raises BadFile with the line."""
        self.peek()
        while True:
            try:
                value, end = DECODER.raw_decode(self.data, self.at)
            except json.JSONDecodeError as trouble:
                if len(self.data) - self.at > MAX_RECORD or not self.more():
                    raise self.broken(trouble.msg, trouble.pos) from None
                continue
            except RecursionError:
                raise self.broken("it is nested too deeply", self.at) from None
            # A number at the end of what was read may go on in the next block.
            if end == len(self.data) and not self.ended and self.more():
                continue
            self.at = end
            return value

    def broken(self, what: str, position: int | None = None) -> BadFile:
        at = self.at if position is None else position
        line = self.line + self.data.count("\n", 0, at)
        around = " ".join(self.data[max(0, at - 20) : at + 40].split())
        return BadFile(
            f"“{self.name}” is no valid JSON: line {line:,}, near “{around}” ({what}).",
            "Export it again, or check that line.",
            line=line,
        )


def _enter(text: Text, wanted: str | None, member: Member) -> str:
    """Move to the list of records and say under which key it was found ("" = at the top). Raises BadFile if there is none."""
    first = text.peek()
    keys = [k for k in (wanted or "").split(".") if k]
    if first == "[" and not keys:
        return ""
    if first != "{":
        raise BadFile(
            f"“{member.name}” holds no list of records.", "It should be a list of objects, or one under a key."
        )
    path: list[str] = []
    while True:
        key = _key(text, keys[len(path)] if len(path) < len(keys) else None, not keys)
        if key is None:
            asked = f" under “{wanted}”" if wanted else ""
            raise BadFile(
                f"“{member.name}” holds no list of records{asked}.",
                "Name the keys that lead to the list, separated by dots.",
                field="json_path",
            )
        path.append(key)
        if text.peek() == "[" and (not keys or len(path) == len(keys)):
            return ".".join(path)


def _key(text: Text, wanted: str | None, guessing: bool) -> str | None:
    """Go through an object's keys up to the wanted one, or to the first that holds a list (or an object of a telling name)."""
    text.at += 1  # the opening brace
    while True:
        mark = text.peek()
        if mark == ",":
            text.at += 1
            continue
        if mark in ("}", ""):
            return None
        key = text.value()
        if not isinstance(key, str) or isinstance(key, Digits) or text.peek() != ":":
            raise text.broken("a key was expected")
        text.at += 1
        opening = text.peek()
        if wanted is not None:
            if key == wanted and opening in "[{":
                return key
        elif guessing and ((opening == "[" and _holds_objects(text)) or (opening == "{" and key.casefold() in WHERE)):
            return key
        text.value()


def _holds_objects(text: Text) -> bool:
    """Whether the list that begins here begins with an object, without moving."""
    while True:
        rest = text.data[text.at + 1 :].lstrip(SPACE)
        if rest or not text.more():
            return rest[:1] in ("{", "]")


def _array(text: Text) -> Iterator[Any]:
    """The values of the list that begins here, one by one."""
    text.at += 1
    while True:
        mark = text.peek()
        if mark == ",":
            text.at += 1
        elif mark == "]":
            text.at += 1
            return
        elif mark == "":
            raise text.broken("the list is never closed")
        else:
            yield text.value()


def _lines(decoded: Decoded, problems: list[Problem]) -> Iterator[Any]:
    """One value a line; a line that is no JSON object is a problem, not the end."""
    held, number = "", 0
    for block in decoded.blocks(1 << 20):
        lines = (held + block).split("\n")
        held = lines.pop()
        if len(held) > MAX_RECORD:
            raise BadFile(f"Line {number + len(lines) + 1:,} is longer than 64 MB.", "Check the file.")
        for line in lines:
            number += 1
            yield from _line(line, number, problems)
    if held:
        yield from _line(held, number + 1, problems)


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


def _write(records: Iterator[Any], found: Found, target: Path, problems: list[Problem], text: Text) -> int:
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
