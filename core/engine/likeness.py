"""Are two tables the same by value, and if not, where are they others? However they were written, in whatever order.

A value is compared by what it says, not by how: 10.50 is 10.5, a midnight is its day, an empty text is an empty cell (a CSV
cannot tell them apart). Columns go by their names, rows by how often each occurs.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.engine.query import build
from core.engine.rendering import OutColumn
from core.engine.session import explained, literal, open_session, quoted
from core.engine.spec import ExportSpec, Resolved
from core.engine.table import Table
from core.engine.values import NUMBERS, Kind

Marks = tuple[int, tuple[str, ...]]  # rows; a mark of each column's values, then one of whole rows
NAMED = 5


@dataclass(frozen=True)
class Shown:
    """A table as it can be compared: SQL that gives columns under `keys`, bound values, their names and kinds."""

    sql: str
    params: Sequence[object]
    columns: tuple[OutColumn, ...]

    @property
    def names(self) -> list[str]:
        return [_folded(column.label) for column in self.columns]


def of_export(spec: ExportSpec, tables: Mapping[str, Table], resolved: Resolved) -> list[Shown]:
    """The results of an export, one a source. Raises BadSpec where its data does not fit any more."""
    made = [build(source, tables[source.dataset], resolved) for source in spec.sources]
    return [Shown(query.unordered, query.params, query.columns) for query in made]


def of_table(table: Table) -> Shown:
    """A table that was read from a file."""
    columns = tuple(OutColumn(c.id, c.name, c.kind, c.precision, c.scale, c.trim, c.zone) for c in table.columns)
    return Shown(f"select * from read_parquet({literal(str(table.path))})", [], columns)


def likeness(one: Shown, other: Shown) -> float:
    """0 to 1: the share of their columns that both have."""
    mine, theirs = set(one.names), set(other.names)
    return len(mine & theirs) / max(len(mine | theirs), 1)


def differences(file: Shown, export: Shown, *, scratch: Path, memory_mb: int, zone: str) -> list[str]:
    """What is other in the file, in sentences; none where both are the same by value."""
    missing = [c.label for c in export.columns if _folded(c.label) not in file.names]
    besides = [c.label for c in file.columns if _folded(c.label) not in export.names]
    found = [
        *([f"It lacks {_listed(missing)}."] if missing else []),
        *([f"It has {_listed(besides)} besides."] if besides else []),
    ]
    both = [c.label for c in export.columns if _folded(c.label) in file.names]
    if not both:
        return found
    (rows, marks), (wanted, theirs) = (
        _marks(one, both, scratch=scratch, memory_mb=memory_mb, zone=zone) for one in (file, export)
    )
    if rows != wanted:
        return [*found, f"It has {_rows(rows)}, the export has {wanted:,}."]
    others = [name for name, mine, yours in zip(both, marks, theirs, strict=False) if mine != yours]
    if others:
        return [*found, f"Values are others in {_listed(others)}."]
    if marks[-1] != theirs[-1]:
        return [*found, "Each column holds the same values, but in other rows."]
    return found


def _marks(shown: Shown, names: Sequence[str], *, scratch: Path, memory_mb: int, zone: str) -> Marks:
    """The same for the same values, in whatever order their rows are."""
    at = {_folded(column.label): column for column in reversed(shown.columns)}
    said = [_said(at[_folded(name)], zone) for name in names]
    every = [f"coalesce(sum(hash({one})::hugeint), 0)::varchar" for one in (*said, f"({', '.join(said)})")]
    with closing(open_session(scratch, memory_mb=memory_mb, columns=len(shown.columns))) as con, explained():
        asked = f"select count(*), {', '.join(every)} from ({shown.sql})"
        row: Sequence[Any] = con.execute(asked, [*shown.params] or None).fetchall()[0]
    return int(row[0]), tuple(map(str, row[1:]))


def _said(column: OutColumn, zone: str) -> str:
    """What a value says, as text: the same for a number and the text of it."""
    key = quoted(column.key)
    text = f"{key}::varchar"
    if column.kind is Kind.TIMESTAMP_TZ:
        text = f"timezone({literal(column.zone or zone)}, {key})::varchar"
    if column.kind in NUMBERS:
        whole = f"case when contains({text}, '.') then rtrim(rtrim({text}, '0'), '.') else {text} end"
        return f"coalesce({whole}, '')"
    if column.kind in (Kind.TIMESTAMP, Kind.TIMESTAMP_TZ):
        return f"coalesce(regexp_replace({text}, ' 00:00:00$', ''), '')"
    return f"coalesce({text}, '')"


def _folded(name: str) -> str:
    return " ".join(name.split())


def _listed(names: Iterable[str]) -> str:
    every = [f"“{name}”" for name in names]
    more = f" and {len(every) - NAMED} more" if len(every) > NAMED else ""
    return ", ".join(every[:NAMED]) + more


def _rows(n: int) -> str:
    return f"{n:,} {'row' if n == 1 else 'rows'}"
