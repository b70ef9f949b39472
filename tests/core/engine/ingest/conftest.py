"""Fixtures of the ingest tests: `take` reads content the way an upload is read, `look` is the import panel's first look."""

from __future__ import annotations

from pathlib import Path

import pyarrow.parquet as pq
import pytest

from core.engine.ingest import ImportOptions, ingest, inspect
from core.engine.ingest.problems import read


class Taken:
    """One ingested table with its values at hand."""

    def __init__(self, ingested):
        self.ingested = ingested
        self.rows, self.notes, self.understood = ingested.rows, ingested.understood.notes, ingested.understood
        self.problems = read(ingested.path.with_name("problems.jsonl"), 0, 1_000_000)
        self.columns = {c.name: c for c in ingested.columns}

    def values(self, name):
        """A column's values as Python objects."""
        return pq.read_table(self.ingested.path, columns=[self.columns[name].id]).column(0).to_pylist()

    @property
    def kinds(self):
        return {name: c.kind.value for name, c in self.columns.items()}


def content(path: Path, data: str | bytes) -> Path:
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return path


@pytest.fixture
def take_all(tmp_path):
    """`take_all(data, name, **options)` ingests a file of this content (or this path) and gives all its tables."""
    made = 0

    def run(data, name="list.csv", **options):
        nonlocal made
        made += 1
        path = data if isinstance(data, Path) else content(tmp_path / f"upload{made}", data)
        folder = tmp_path / f"taken{made}"
        return [Taken(t) for t in ingest(path, name, folder, ImportOptions(**options), scratch=tmp_path)]

    return run


@pytest.fixture
def take(take_all):
    """Like `take_all`, for a file of one table."""

    def run(data, name="list.csv", **options):
        (taken,) = take_all(data, name, **options)
        return taken

    return run


@pytest.fixture
def look(tmp_path):
    """`look(data, name, **options)` gives the inspections of a file of this content (or this path)."""

    def run(data, name="list.csv", **options):
        path = data if isinstance(data, Path) else content(tmp_path / "looked_at", data)
        return inspect(path, name, ImportOptions(**options), scratch=tmp_path)

    return run
