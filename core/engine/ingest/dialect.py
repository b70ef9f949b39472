"""How a text table is written: what separates its cells, what quotes them, how a quote inside a quote is escaped."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

DELIMITERS = (",", ";", "\t", "|", "^", "\x1f")
WORDS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar", " ": "space", "\x1f": "unit separator"}
SAMPLE_RECORDS = 500


@dataclass(frozen=True)
class Dialect:
    """`quote` empty: quotes mean nothing. `escape` is the quote itself (RFC 4180) or a backslash (database dumps)."""

    delimiter: str = ","
    quote: str = '"'
    escape: str = '"'


@dataclass(frozen=True)
class Record:
    """One record of the sample: the line it begins on (1-based), its place among the non-blank records, its cells."""

    line: int
    cells: list[str]


def records(text: str, dialect: Dialect, limit: int = SAMPLE_RECORDS) -> list[Record]:
    """Split the beginning of a text into records the way the reader will; blank lines are not records."""
    found: list[Record] = []
    for line, cells in _split(text, dialect):
        if cells:
            found.append(Record(line, cells))
            if len(found) >= limit:
                break
    return found


def _split(text: str, dialect: Dialect) -> Iterator[tuple[int, list[str]]]:
    lines = re.split(r"(?<=\n)|(?<=\r)(?!\n)", text)
    if len(dialect.delimiter) > 1:  # the csv module takes one character; the sample may lose a quoted delimiter
        for n, line in enumerate(lines, 1):
            body = line.rstrip("\r\n")
            if body:
                yield n, [cell.strip(dialect.quote or None) for cell in body.split(dialect.delimiter)]
        return
    reader = csv.reader(
        lines,
        delimiter=dialect.delimiter,
        quotechar=dialect.quote or None,
        quoting=csv.QUOTE_MINIMAL if dialect.quote else csv.QUOTE_NONE,
        doublequote=dialect.escape == dialect.quote,
        escapechar=dialect.escape if dialect.escape != dialect.quote else None,
    )
    before = 0
    csv.field_size_limit(1 << 30)
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:  # a cell the csv module refuses; the reader proper will set the row aside
            cells = []
        yield before + 1, cells
        before = reader.line_num


def detect(text: str, delimiter: str | None = None, quote: str | None = None) -> Dialect:
    """The dialect under which the sample falls into the most even table; what a person chose is kept."""
    quotes = [quote] if quote is not None else _quotes(text)
    delimiters = [delimiter] if delimiter is not None else [d for d in DELIMITERS if d in text] or [","]
    best, best_score = Dialect(delimiters[0], quotes[0], _escape(text, quotes[0])), (-1.0, 0.0)
    for mark in quotes:
        for separator in delimiters:
            candidate = Dialect(separator, mark, _escape(text, mark))
            score = _evenness(records(text, candidate), separator)
            if score > best_score:
                best, best_score = candidate, score
    return best


def _quotes(text: str) -> list[str]:
    if '"' in text:
        return ['"']
    # Single quotes count only where they wrap whole cells: "d'Arc" is a name.
    wrapped = len(re.findall(r"(?:^|[,;\t|])'[^'\r\n]*'(?=[,;\t|\r\n]|$)", text, re.MULTILINE))
    return ["'", '"'] if wrapped >= 2 and wrapped * 2 >= text.count("'") - wrapped else ['"']


def _escape(text: str, quote: str) -> str:
    """A backslash escapes quotes in dumps of databases: `"5\\" pipe"`, and then a doubled quote is not used."""
    if quote and f"\\{quote}" in text:
        slashed = len(re.findall(r"[^\\]\\" + re.escape(quote) + r"[^,;\t|\r\n]", text))
        doubled = len(re.findall(re.escape(quote) * 2 + r"[^,;\t|\r\n]", text))
        if slashed > doubled:
            return "\\"
    return quote


def _evenness(found: list[Record], separator: str) -> tuple[float, float]:
    """How table-like: the share of records with the commonest width (of two or more), then that width."""
    if not found:
        return (-1.0, 0.0)
    width, count = max(
        Counter(len(r.cells) for r in found).items(), key=lambda item: (item[1] * (item[0] > 1), item[0])
    )
    if width < 2:
        return (0.0, 0.0)
    # A comma inside sentences or decimals splits unevenly; a semicolon or tab hardly ever appears by chance.
    share = count / len(found)
    return (share * (0.97 if separator == "," else 1.0), float(width))
