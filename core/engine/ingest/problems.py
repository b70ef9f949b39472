"""Rows that do not fit their table: kept with line number, raw text and reason, so nothing is dropped unseen."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from pydantic import BaseModel, ConfigDict

PROBLEMS_FILE = "problems.jsonl"


class Problem(BaseModel):
    """One row set aside. `line` is where it begins in the file (1-based), `text` exactly what stands there."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    line: int
    text: str
    reason: str  # a sentence: "This row has 4 cells; the header has 3."


def write(path: Path, problems: Iterable[Problem]) -> int:
    """Write one JSON document a line; returns how many. The file exists even when there are none."""
    count = 0
    with path.open("w", encoding="utf-8") as out:
        for problem in problems:
            out.write(problem.model_dump_json() + "\n")
            count += 1
    return count


def read(path: Path, offset: int = 0, limit: int = 100) -> list[Problem]:
    """A page of the problems kept beside a dataset."""
    found: list[Problem] = []
    if not path.exists():
        return found
    with path.open(encoding="utf-8") as lines:
        for n, line in enumerate(lines):
            if n >= offset + limit:
                break
            if n >= offset:
                found.append(Problem.model_validate_json(line))
    return found
