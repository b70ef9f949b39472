"""Reading files: what stands in them, in which types, and which rows do not fit. Two verbs: look, and take in.

The steps stand apart, each in its own room: containers → (encoding → dialect → structure) | excel | json | parquet →
inference → writing → summary. Whatever the source, a table becomes text columns c1 … cN first and gets types only where
every value survives.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import duckdb

from core.engine import summary
from core.engine.ingest import containers, inference, problems, sources, writing
from core.engine.ingest.deciding import Typed
from core.engine.ingest.inference import Inferred
from core.engine.ingest.options import ImportOptions, Ingested, Inspection, Understood
from core.engine.ingest.problems import Problem
from core.engine.ingest.staging import Staged
from core.engine.progress import Progress
from core.engine.session import WIDE_COLUMNS, explained, literal, open_session, quoted
from core.engine.table import Meaning
from core.engine.values import Column
from core.errors import BadFile

__all__ = ["ImportOptions", "Ingested", "Inspection", "Problem", "Understood", "ingest", "inspect"]

AS_FOUND = ImportOptions()  # nothing corrected
MEMORY_MB = 200  # DuckDB's share; the rest of the process is about as much again
STAGED_FROM = 100  # columns
WIDE_COLUMN_KB = 256  # more for each column of a very wide table: a vector of its cells while reading and writing
SHOWN_ROWS = 50
SHOWN_PROBLEMS = 20
STEPS = ("Reading the file", "Looking at every value", "Writing the dataset", "Summing up the columns")


def inspect(
    path: Path, name: str, options: ImportOptions = AS_FOUND, *, scratch: Path | None = None
) -> list[Inspection]:
    """A first look at every table of a file: quick and bounded in memory, because it looks at the beginning only.

    `name` is what the person calls the file. Raises BadFile with a sentence when it cannot be read.
    """
    found: list[Inspection] = []
    with _scratch(scratch) as room, _session(room) as con, explained(), _named(name):
        for member in containers.members(Path(path), name, room):
            for staged in sources.stage(con, member, options, room, sample=True):
                _make_room(con, len(staged.names))
                found.append(_inspected(con, staged, options, room))
    _check_sheets(options, [i.understood.sheet for i in found], name)
    return found


def ingest(
    path: Path,
    name: str,
    folder: Path,
    options: ImportOptions = AS_FOUND,
    report: Callable[[Progress], None] = lambda progress: None,
    scratch: Path | None = None,
) -> list[Ingested]:
    """Take in every table of a file: `folder/<n>/table.parquet` and `folder/<n>/problems.jsonl`, n from 1.

    Nothing is dropped unseen: rows + problems + the rows a note mentions = the rows in the file. Raises BadFile (final)
    for a file that cannot be read, DiskFull and LimitReached when the machine is too small for it.
    """
    found: list[Ingested] = []
    with _scratch(scratch) as room, _session(room) as con, explained(), _named(name):
        steps = _Steps(report, name)
        for member in containers.members(Path(path), name, room, lambda n: steps.say(0, 0, None)):
            steps.source = member.member or name
            steps.say(0, 0, None)
            read = partial(steps.say, 0, total=None)
            for staged in sources.stage(con, member, options, room, sample=False, read=read):
                _make_room(con, len(staged.names))
                target = folder / str(len(found) + 1)
                target.mkdir(parents=True, exist_ok=True)
                steps.source = staged.understood.sheet or staged.understood.member or name
                found.append(_ingested(con, staged, options, room, target, steps))
    _check_sheets(options, [i.understood.sheet for i in found], name)
    return found


class _Steps:
    """Says which of the four steps of a table is under way."""

    def __init__(self, report: Callable[[Progress], None], source: str) -> None:
        self.report, self.source, self.files = report, source, 0

    def say(self, step: int, rows: int, total: int | None) -> None:
        self.report(
            Progress(
                phase=STEPS[step],
                step=step + 1,
                steps=len(STEPS),
                rows=rows,
                total=total,
                source=self.source,
                files=self.files,
                seconds_left=None,
            )
        )


@contextmanager
def _scratch(given: Path | None) -> Iterator[Path]:
    room = Path(tempfile.mkdtemp(prefix="ingest-", dir=given))
    try:
        yield room
    finally:
        shutil.rmtree(room, ignore_errors=True)


@contextmanager
def _named(name: str) -> Iterator[None]:
    """A file DuckDB's reader gives up on, in words."""
    try:
        yield
    except duckdb.InvalidInputException as trouble:
        reason = str(trouble).splitlines()[0].removeprefix("Invalid Input Error: ")
        raise BadFile(
            f"“{name}” cannot be read as a table ({reason[:200]}).",
            "Choose its delimiter, quote and header row by hand, or save it again as CSV or XLSX.",
        ) from trouble


@contextmanager
def _session(room: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    con = open_session(room, memory_mb=MEMORY_MB)
    try:
        yield con
    finally:
        con.close()


def _make_room(con: duckdb.DuckDBPyConnection, columns: int) -> None:
    """A very wide table needs more memory for each row at once, and one thread so as not to need it twice."""
    if columns >= WIDE_COLUMNS:
        con.execute(f"set memory_limit = '{MEMORY_MB + columns * WIDE_COLUMN_KB // 1024}MiB'")
        con.execute("set threads = 1")
        con.execute("set disabled_optimizers = 'common_subexpressions'")


def _judged(con: duckdb.DuckDBPyConnection, staged: Staged, options: ImportOptions, room: Path) -> tuple[str, Inferred]:
    """The relation with the person's words for "empty" applied, and every column's type."""
    if staged.typed is not None:
        counts = ", ".join(f"count({quoted(t.column.id)})" for t in staged.typed)
        row = con.execute(f"select count(*), {counts} from {staged.relation}").fetchall()[0]
        return staged.relation, Inferred(list(staged.typed), row[0], 0, filled=list(row[1:]))
    if staged.recording and len(staged.names) >= STAGED_FROM:
        _stage_wide(con, staged, room)
    relation = _without_null_words(staged.relation, staged, options)
    recording = _without_null_words(staged.recording, staged, options) if staged.recording else None
    return relation, inference.infer(con, relation, staged.names, options, staged.hints, recording)


def _stage_wide(con: duckdb.DuckDBPyConnection, staged: Staged, room: Path) -> None:
    """A wide text file is judged in many scans, a few columns each: Parquet gives those without reading the rest."""
    target = room / "wide.parquet"
    con.execute(f"copy (select * from {staged.recording}) to {literal(str(target))} (format parquet)")
    staged.relation, staged.recording = f"read_parquet({literal(str(target))})", None


def _without_null_words(relation: str, staged: Staged, options: ImportOptions) -> str:
    if not options.null_words:
        return relation
    words = ", ".join(map(literal, options.null_words))
    ids = [f"c{n + 1}" for n in range(len(staged.names))]
    listed = ", ".join(f"case when {c} not in ({words}) then {c} end as {c}" for c in ids)
    return f"(select {listed} from {relation})"


def _trimmed(
    con: duckdb.DuckDBPyConnection, relation: str, staged: Staged, judged: Inferred, notes: list[str]
) -> tuple[list[Typed], list[int], int]:
    """Leave out what a spreadsheet only seems to hold: nameless columns and rows at the end that are empty throughout."""
    rows = judged.rows
    kept = [n for n, filled in enumerate(judged.filled) if filled or n not in staged.drop_unnamed]
    if len(kept) < len(judged.filled):
        notes.append(
            f"{_plural(len(judged.filled) - len(kept), 'empty column', 'empty columns')} without a name left out."
        )
    if judged.empty_rows:
        every = ", ".join(f"c{n + 1}" for n in range(len(staged.names)))
        numbered = f"select row_number() over () as n, coalesce({every}) as v from {relation}"
        last = con.execute(f"select max(n) from ({numbered}) where v is not null").fetchall()[0][0] or 0
        if last < rows:
            notes.append(f"{_plural(rows - last, 'empty row', 'empty rows')} at the end left out.")
            rows = last
    renumbered = []
    for at, n in enumerate(kept):
        old = judged.typed[n]
        renumbered.append(Typed(old.column.model_copy(update={"id": f"c{at + 1}"}), old.sql))
    return renumbered, [judged.filled[n] for n in kept], rows


def _understood(staged: Staged, judged: Inferred, notes: list[str]) -> Understood:
    more = {"decimal": judged.decimal, "date_order": judged.date_order, "notes": (*staged.notes, *notes)}
    return staged.understood.model_copy(update={k: v for k, v in more.items() if v is not None})


def _inspected(con: duckdb.DuckDBPyConnection, staged: Staged, options: ImportOptions, room: Path) -> Inspection:
    relation, judged = _judged(con, staged, options, room)
    notes: list[str] = []
    typed, _, rows = _trimmed(con, relation, staged, judged, notes)
    found = staged.problems()
    shown = ", ".join(_shown(t) for t in typed)
    listed = (
        con.execute(f"select {shown} from (select * from {relation} limit {min(rows, SHOWN_ROWS)})").fetchall()
        if typed
        else []
    )
    return Inspection(
        name=staged.name,
        understood=_understood(staged, judged, notes),
        columns=tuple(t.column for t in typed),
        rows=[list(row) for row in listed],
        problems=tuple(found[:SHOWN_PROBLEMS]),
        row_estimate=rows if staged.complete else staged.estimate,
        complete=staged.complete,
    )


def _shown(typed: Typed) -> str:
    """SQL of a value as the preview prints it: plain numbers, ISO dates, a trimmed decimal as it was written."""
    text = f"({typed.sql})::varchar"
    if typed.column.trim:
        text = f"rtrim(rtrim({text}, '0'), '.')"
    return text


def _ingested(
    con: duckdb.DuckDBPyConnection, staged: Staged, options: ImportOptions, room: Path, target: Path, steps: _Steps
) -> Ingested:
    steps.say(1, 0, staged.rows_expected)
    relation, judged = _judged(con, staged, options, room)
    notes: list[str] = []
    typed, filled, rows = _trimmed(con, relation, staged, judged, notes)
    count = problems.write(target / problems.PROBLEMS_FILE, staged.problems())
    columns: tuple[Column, ...] = tuple(t.column for t in typed)
    date_column = writing.main_date(columns, filled, rows)
    meaning = Meaning(name=staged.name, columns=columns, date_column=date_column)
    path = target / writing.TABLE_FILE
    steps.say(2, 0, rows)
    writing.write(con, relation, typed, meaning, path, rows, lambda share: steps.say(2, int(share * rows), rows))
    steps.say(3, rows, rows)
    profile = summary.profile(con, path, columns, rows)
    steps.files += 1
    return Ingested(
        name=staged.name,
        path=path,
        columns=columns,
        rows=rows,
        date_column=date_column,
        understood=_understood(staged, judged, notes),
        problems=count,
        profile=profile,
    )


def _check_sheets(options: ImportOptions, taken: list[str | None], name: str) -> None:
    missing = [sheet for sheet in options.sheets or () if sheet not in taken]
    if missing:
        raise BadFile(
            f"“{name}” has no sheet “{missing[0]}” with anything in it.",
            "Choose among its sheets.",
            field="sheets",
        )
    if not taken:
        raise BadFile(f"“{name}” holds no table.", "Check the file and upload it again.")


def _plural(n: int, one: str, many: str) -> str:
    return f"{n:,} {one if n == 1 else many}"
