"""Which type each column gets: everything is text until every single value is proven to survive as something else.

A sample suggests forms; one scan over all rows measures them; a value that does not fit is a counterexample, which joins the
sample for another round. What stays undecided (1/2/2024, 1,234) is settled by the file's other columns or by the person,
and otherwise stays text, with a sentence that says so.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import duckdb

from core.engine.ingest import candidates, deciding
from core.engine.ingest.candidates import Candidate, Hint
from core.engine.ingest.deciding import Typed
from core.engine.ingest.forms import Form
from core.engine.ingest.options import DateOrder, DecimalMark, ImportOptions
from core.engine.session import quoted
from core.errors import BadFile

SAMPLE_ROWS = 2_000
SAMPLE_CELLS = 400_000  # a very wide table is judged by fewer rows
ROUNDS = 4  # a column that still finds counterexamples after so many scans is text
ASKED_WITH_COUNT = 400  # aggregates in the first scan …
ASKED_AT_ONCE = 120  # … and in later ones: binding them costs their number squared (900: 3.5 s)


@dataclass
class Inferred:
    """Every column's type, and what the scan counted. `decimal` and `date_order` are what the file as a whole uses."""

    typed: list[Typed]
    rows: int
    empty_rows: int  # rows in which every cell is empty
    decimal: DecimalMark | None = None
    date_order: DateOrder | None = None
    filled: list[int] = field(default_factory=list)  # values that are not empty, a column


def infer(
    con: duckdb.DuckDBPyConnection,
    relation: str,
    names: Sequence[str],
    options: ImportOptions,
    hints: Sequence[Hint] | None = None,
    recording: str | None = None,
    scanned: Callable[[], None] = lambda: None,
) -> Inferred:
    """Judge every column of `relation`, whose columns c1 … cN are text with NULL for empty.

    `recording` is the same relation for the one scan that counts rows, where scanning has a side effect (CSV rejects).

    Raises BadFile when a type the person chose does not hold for all values of its column.
    """
    if not names:
        return Inferred([], 0, 0)
    _check_names(options, names)
    sample = _sample(con, relation, [f"c{n + 1}" for n in range(len(names))])
    columns = []
    for n, name in enumerate(names):
        hint = hints[n] if hints else Hint()
        wanted = options.kinds.get(name)
        columns.append(Candidate(f"c{n + 1}", name, hint, wanted or hint.kind, wanted is not None, sample[n]))
        columns[-1].start(options)
    rows, empty_rows = _count(con, recording or relation, columns)
    late = [c for c in columns if c.filled and not c.seen]  # empty where the sample was taken
    for column, values in zip(late, _filled_sample(con, relation, late), strict=True):
        column.seen = values
        column.start(options)
    for round_ in range(ROUNDS):
        waiting = [c for c in columns if not c.done]
        if not waiting:
            break
        _measure(con, relation, waiting)
        scanned()
        for column in waiting:
            column.learn(last=round_ == ROUNDS - 1)
    file = deciding.of_file(columns, options)
    typed = deciding.decide(con, relation, columns, file)
    return Inferred(typed, rows, empty_rows, file.decimal, file.date_order, [c.filled for c in columns])


def _check_names(options: ImportOptions, names: Sequence[str]) -> None:
    unknown = [name for name in options.kinds if name not in names]
    if unknown:
        raise BadFile(
            f"There is no column “{unknown[0]}” to give a type to.",
            "Columns there are: " + ", ".join(names[:20]) + ".",
            field=unknown[0],
        )


def _sample(con: duckdb.DuckDBPyConnection, relation: str, ids: list[str]) -> list[list[str]]:
    """Distinct values of the first rows, a column."""
    limit = max(50, min(SAMPLE_ROWS, SAMPLE_CELLS // len(ids)))
    found = con.sql(f"select {', '.join(map(quoted, ids))} from {relation} limit {limit}").to_arrow_table()
    return [[v for v in column.unique().to_pylist() if v is not None] for column in found.columns]


def _filled_sample(con: duckdb.DuckDBPyConnection, relation: str, columns: Sequence[Candidate]) -> list[list[str]]:
    """A few values of columns that are empty at the beginning; counterexamples bring the rest."""
    if not columns:
        return []
    asked = ", ".join(f"[any_value({n}), min({n}), max({n})]" for n in (quoted(c.id) for c in columns))
    return [list(dict.fromkeys(v)) for v in con.execute(f"select {asked} from {relation}").fetchall()[0]]


def _count(con: duckdb.DuckDBPyConnection, relation: str, columns: Sequence[Candidate]) -> tuple[int, int]:
    """Count rows, empty rows and filled cells, and measure what the sample suggested: usually the only scan."""
    every = ", ".join(quoted(c.id) for c in columns)
    asked = ["count(*)", f"count(*) - count(coalesce({every}, null))", *(f"count({quoted(c.id)})" for c in columns)]
    plan = [(c, f, candidates.figures(f, quoted(c.id))) for c in columns for f in c.alive]
    together = len(asked) + sum(len(parts) for _, _, parts in plan) <= ASKED_WITH_COUNT
    if together:
        asked += [part for _, _, parts in plan for part in parts]
    # To the end: DuckDB writes the rows it rejected down when a result is finished, not when its one row was seen.
    row = list(con.execute(f"select {', '.join(asked)} from {relation}").fetchall()[0])
    for column, filled in zip(columns, row[2:], strict=False):
        column.filled = filled
        column.done = not filled
    at = 2 + len(columns)
    if together:
        for column, form, parts in plan:
            column.measured[form.key] = candidates.measured(form, row[at : at + len(parts)])
            at += len(parts)
    return row[0], row[1]


def _measure(con: duckdb.DuckDBPyConnection, relation: str, columns: Sequence[Candidate]) -> None:
    """Measure every living form not measured yet."""
    plan = [(c, f, candidates.figures(f, quoted(c.id))) for c in columns for f in c.alive if f.key not in c.measured]
    while plan:
        taken: list[tuple[Candidate, Form, list[str]]] = []
        asked: list[str] = []
        while plan and len(asked) < ASKED_AT_ONCE:
            taken.append(plan.pop(0))
            asked += taken[-1][2]
        row = list(con.execute(f"select {', '.join(asked)} from {relation}").fetchall()[0])
        at = 0
        for column, form, parts in taken:
            column.measured[form.key] = candidates.measured(form, row[at : at + len(parts)])
            at += len(parts)
