"""What the screens show while an export is put together: the same query as the export's, small, quick and interruptible.

This runs in the web process, so it may use little memory and little time; the export itself runs in a child of its own and
has more of both. Relative dates count from now, as the export's would.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import pyarrow as pa

from core import datasets, pseudonyms
from core.desk import Desk
from core.engine import estimate as estimating
from core.engine import names, pipeline, query, showing
from core.engine import sentence as wording
from core.engine.pipeline import Plan
from core.engine.query import Counts, Query
from core.engine.rendering import OutColumn
from core.engine.spec import ColumnRef, ExportSpec, Packaging, Resolved, Source
from core.engine.table import Table
from core.engine.targets import namer
from core.errors import BadSpec
from core.preview_sessions import session
from storage.tables import utc_now

SHOWN_PARTS = 20  # of a split, listed before it runs


def problems(desk: Desk, spec: ExportSpec) -> list[BadSpec]:
    """Everything that keeps the spec from running, at once. Empty: it can."""
    asked = asked_of(desk, spec)
    return pipeline.problems(spec, asked.by_name, asked.resolved)


def counts(desk: Desk, spec: ExportSpec, number: int = 0, *, now: datetime | None = None) -> Counts:
    """Rows of a source (the first, unless `number` says another), after each step, and of the result: one scan."""
    source, table, resolved = asked_of(desk, spec, now).one(number)
    with session(table) as con:
        return query.count(con, source, table, resolved)


def page(desk: Desk, spec: ExportSpec, page: int = 1, size: int = 50, number: int = 0) -> pa.Table:
    """One page (from 1) of a source's result, under the labels the file will have; a label used twice gets a number."""
    source, table, resolved = asked_of(desk, spec).one(number)
    asked = query.build(source, table, resolved)
    with session(table) as con:
        found: pa.Table = query.page(con, asked, (page - 1) * size, size)
    return found.rename_columns(_labels(asked))


@dataclass(frozen=True)
class Shown:
    """One page of the result as the file will show it: text, None for an empty cell.

    The rows of a very wide result may hold its first columns only.
    """

    columns: tuple[OutColumn, ...]
    labels: tuple[str, ...]
    rows: Sequence[tuple[str | None, ...]]


def shown(
    desk: Desk, spec: ExportSpec, page: int = 1, size: int = 50, *, columns: int | None = None, number: int = 0
) -> Shown:
    """One page (from 1) of a source's result with every value as text, display formats applied; `columns`: only so many."""
    source, table, resolved = asked_of(desk, spec).one(number)
    asked = query.build(source, table, resolved)
    with session(table) as con:
        rows = showing.show(con, asked, (page - 1) * size, size, resolved.zone, columns=columns)
    return Shown(asked.columns, tuple(_labels(asked)), rows)


def choices(
    desk: Desk, dataset: str, column: ColumnRef | str, search: str = "", limit: int = 50
) -> Sequence[tuple[str, int]]:
    """The values of a column that contain `search`, the most frequent first, with how many rows have each."""
    table = datasets.table(desk, dataset)
    ref = ColumnRef(name=column) if isinstance(column, str) else column
    with session(table) as con:
        return query.choices(con, table, ref, search, limit, zone=desk.workspace().zone)


def sentence(desk: Desk, spec: ExportSpec, *, now: datetime | None = None) -> str:
    """The spec in English, relative dates resolved as of now, or of another moment."""
    asked = asked_of(desk, spec, now)
    return wording.sentence(spec, asked.tables, asked.resolved)


def estimate(desk: Desk, spec: ExportSpec, rows: int | None = None) -> tuple[int, float]:
    """About how many bytes the files will have in all, and how many seconds until they are ready, from a sample.

    `rows`: how many the result has, where that is known already.
    """
    asked = asked_of(desk, spec)
    made = pipeline.plan(spec, asked.by_name, asked.resolved)
    size, seconds, sources = 0, 0.0, len(spec.sources)
    for number in range(sources):
        source, table, resolved = asked.one(number)
        built = query.build(source, table, resolved)
        with session(table) as con:
            known = rows if rows is not None and sources == 1 else query.count(con, source, table, resolved).rows
            about, taken = estimating.estimate(
                con, built, made.format, made.options, known, zone=resolved.zone, compression=made.compression
            )
        size, seconds = size + about, seconds + taken
    return size, round(seconds - estimating.START_SECONDS * (sources - 1), 1)


@dataclass(frozen=True)
class PartShown:
    """One file, sheet or section that will come out; `bytes` is about right, `rows` None where only the run will know."""

    title: str
    rows: int | None
    bytes: int | None


@dataclass(frozen=True)
class Parts:
    """What an export of several tables or parts makes: how many, the first ones, and one sentence."""

    count: int
    parts: tuple[PartShown, ...]
    words: str


def parts(desk: Desk, spec: ExportSpec) -> Parts:
    """What comes out, before anything runs. Raises BadSpec, and LimitReached where there would be too many."""
    asked = asked_of(desk, spec)
    made = pipeline.plan(spec, asked.by_name, asked.resolved)
    with session(*asked.tables) as con:
        streams = pipeline.counted(made, con)
    size, _ = estimate(desk, spec)
    total = sum(stream.counts.rows for stream in streams)
    share = size / total if total else 0.0
    found: list[PartShown] = []
    split = spec.packaging.split
    for stream in streams:
        lead = f"{stream.title} " if len(streams) > 1 else ""
        if stream.parts is None:
            plain_size, _ = estimate(desk, spec.model_copy(update={"packaging": Packaging(compression="none")}))
            limit = (split.megabytes if split and split.megabytes else 1) * 1_000_000
            count = max(1, math.ceil(plain_size * stream.counts.rows / max(total, 1) / limit))
            found += [PartShown(f"{lead}{n:03}", None, int(size / count / len(streams))) for n in range(1, count + 1)]
        else:
            found += [
                PartShown((lead + part.title).strip(), part.rows, int(part.rows * share)) for part in stream.parts
            ]
    return Parts(len(found), tuple(found[:SHOWN_PARTS]), _what_comes_out(made, len(found), streams[0].parts is None))


def _what_comes_out(made: Plan, count: int, guessed: bool) -> str:
    about = "about " if guessed else ""
    if made.together:
        noun = made.format.tables if count != 1 else made.format.tables.removesuffix("s")
        return f"{count:,} {noun} in one {made.format.label} file"
    files = f"{about}{count:,} {made.format.label} file{'s' if count != 1 else ''}"
    return f"{files} in one zip, with a list of them" if made.compression == "zip" else files


def file_name(desk: Desk, spec: ExportSpec, rows: int, *, now: datetime | None = None) -> str:
    """What the file would be called if it were made now (or at another moment) with that many rows; of several files the first.
    Raises BadSpec.

    A part that only the run will know is “…”: "Report ….csv".
    """
    asked = asked_of(desk, spec, now)
    made = pipeline.plan(spec, asked.by_name, asked.resolved)
    if not made.together and made.compression != "zip" and (len(made.tables) > 1 or spec.packaging.split):
        lead = made.table_title(0) if len(made.tables) > 1 else ""
        part = f"{lead} …".strip() if spec.packaging.split else lead
        return namer(made)(part, "001", rows)
    return names.file_name(
        spec.output.file_name, made.ending, name=made.title, rows=rows, now=asked.resolved.now, zone=asked.resolved.zone
    )


@dataclass(frozen=True)
class Asked:
    """A spec with everything it refers to, as of now."""

    spec: ExportSpec
    tables: tuple[Table, ...]
    resolved: Resolved

    @property
    def by_name(self) -> dict[str, Table]:
        return {source.dataset: table for source, table in zip(self.spec.sources, self.tables, strict=True)}

    def one(self, number: int) -> tuple[Source, Table, Resolved]:
        return self.spec.sources[number], self.tables[number], self.resolved


def asked_of(desk: Desk, spec: ExportSpec, now: datetime | None = None) -> Asked:
    """Raises NotFound for a dataset that is gone."""
    found = [datasets.get(desk, source.dataset) for source in spec.sources]
    versions = {s.dataset: one.version_id or "" for s, one in zip(spec.sources, found, strict=True)}
    key = pseudonyms.key(desk, desk.workspace_id) if pseudonyms.wanted(spec) else ""
    resolved = Resolved(now=now or utc_now(), zone=desk.workspace().zone, versions=versions, pseudonyms=key)
    return Asked(spec, tuple(datasets.table(desk, one) for one in found), resolved)


def _labels(asked: Query) -> list[str]:
    taken: dict[str, int] = {}
    labels = []
    for column in asked.columns:
        n = taken[column.label] = taken.get(column.label, 0) + 1
        labels.append(column.label if n == 1 else f"{column.label} ({n})")
    return labels
