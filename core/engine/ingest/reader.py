"""Asking DuckDB to read a clean text file, every cell as text, and turning what it sets aside into problems."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import duckdb

from core.engine.ingest import dialect as dialects
from core.engine.ingest.clean import SENTINEL, Clean
from core.engine.ingest.dialect import Dialect
from core.engine.ingest.problems import Problem
from core.engine.session import literal

MAX_LINE_BYTES = 16 << 20  # the longest record that can be read; DuckDB holds two such buffers a thread
REJECTS = "ingest_rejects"  # where DuckDB puts the rows that do not fit


@dataclass
class Reader:
    """How DuckDB is asked to read one clean file, and how its rejects become problems."""

    clean: Clean
    dialect: Dialect
    width: int
    skip: int
    pad: bool

    @property
    def parallel(self) -> bool:
        """Whether DuckDB may begin to read in several places at once. Not where line ends stand inside quotes: DuckDB 2.0
        then takes the inside of a long cell for rows of their own, without an error (seen in 3 of 4 files of 90 MB)."""
        plain = self.dialect.quote in ("", '"') and self.dialect.escape == self.dialect.quote
        return plain and not self.clean.scan.within and not self.pad

    def readable(self, con: duckdb.DuckDBPyConnection) -> bool:
        """Whether DuckDB gets through the file at all: mixed line ends stop it where a quote is never closed."""
        try:
            con.execute(f"select count(*) from {self.relation()}").fetchall()
        except duckdb.InvalidInputException:
            return False
        return True

    def forget(self, con: duckdb.DuckDBPyConnection) -> None:
        """Drop what an earlier file of this session set aside."""
        for ending in ("", "_scans", "_seen", "_seen_scans"):
            con.execute(f"drop table if exists {REJECTS}{ending}")

    def relation(self, record: bool = False) -> str:
        """What stands after FROM; `record`: rows that do not fit go to the table of rejects, else they are passed over."""
        columns = ", ".join(f"c{n + 1}: 'VARCHAR'" for n in range(self.width))
        asked = {
            "columns": f"{{{columns}}}",
            "auto_detect": "false",
            "header": "false",
            "skip": str(self.skip),
            "delim": literal(self.dialect.delimiter),
            "quote": literal(self.dialect.quote),
            "escape": literal(self.dialect.escape),
            "nullstr": "''",
            "allow_quoted_nulls": "false",  # an empty cell is NULL, a quoted empty one is empty text
            "strict_mode": "true",
            "null_padding": str(self.pad).lower(),
            # Never `ignore_errors` alone: DuckDB 2.0 then passes over the good rows behind a bad one too.
            "store_rejects": "true",
            "rejects_table": literal(REJECTS if record else f"{REJECTS}_seen"),
            "rejects_scan": literal(f"{REJECTS}_scans" if record else f"{REJECTS}_seen_scans"),
            "rejects_limit": "0" if record else "1",
        }
        if not self.parallel:
            asked["parallel"] = "false"
        if self.clean.scan.bytes > MAX_LINE_BYTES // 8:
            asked["max_line_size"] = str(MAX_LINE_BYTES)
            asked["buffer_size"] = str(2 * MAX_LINE_BYTES)
        return f"read_csv({literal(str(self.clean.path))}, " + ", ".join(f"{k} = {v}" for k, v in asked.items()) + ")"

    def problems(self, con: duckdb.DuckDBPyConnection) -> list[Problem]:
        """The rows DuckDB set aside in the scan that recorded them, in order, each once."""
        try:
            rejected = con.execute(
                "select line_byte_position, min_by(error_type::varchar, column_idx), any_value(csv_line) "
                f"from {REJECTS} group by 1 order by 1"
            ).fetchall()
        except duckdb.CatalogException:
            return []
        lines = _line_numbers(self.clean.path, [position - 1 for position, *_ in rejected])
        found = []
        for line, (_, kind, text) in zip(lines, rejected, strict=True):
            raw = (text or "").rstrip("\r\n")
            if raw.endswith(SENTINEL):
                raw, kind = raw.removesuffix(SENTINEL).rstrip("\r\n"), "UNQUOTED VALUE"
                if not raw:
                    continue
            found.append(Problem(line=line, text=raw, reason=self._reason(kind, raw)))
        return found

    def _reason(self, kind: str, text: str) -> str:
        if kind in ("TOO MANY COLUMNS", "MISSING COLUMNS"):
            found = dialects.records(text, self.dialect, 1)
            cells = len(found[0].cells) if found else 1
            if cells != self.width:
                return (
                    f"This row has {cells:,} {'cell' if cells == 1 else 'cells'}; the table has {self.width:,} columns."
                )
            return f"This row does not have the table's {self.width:,} columns."
        if kind == "UNQUOTED VALUE":
            return f"A quote ({self.dialect.quote}) is opened or closed in the wrong place."
        if kind == "LINE SIZE OVER MAXIMUM":
            return f"This row is longer than {MAX_LINE_BYTES >> 20} MB: a quote may never be closed."
        if kind == "INVALID ENCODING":
            return "This row holds bytes that are no text."
        return "This row cannot be read: " + kind.lower() + "."


def _line_numbers(path: Path, positions: list[int]) -> list[int]:
    """The 1-based line each of these ascending byte positions stands on."""
    found: list[int] = []
    line, at = 1, 0
    with path.open("rb") as file:
        for position in positions:
            while at < position:
                block = file.read(min(1 << 20, position - at))
                if not block:
                    break
                line += block.count(b"\n")
                at += len(block)
            found.append(line)
    return found
