"""A table on its way in: a relation of text columns c1 … cN that DuckDB can scan as often as needed, and what is known of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from core.engine.ingest.candidates import Hint
from core.engine.ingest.deciding import Typed
from core.engine.ingest.options import Understood
from core.engine.ingest.problems import Problem


@dataclass
class Staged:
    """One table of a file, ready to be judged and written.

    `relation` is what stands after FROM; its columns c1 … cN are text, NULL for an empty cell. `typed` is set where the
    source knows its types (Parquet) and nothing is to be inferred. `problems` gives the rows set aside, after `recording`
    was scanned.
    """

    name: str
    understood: Understood
    names: list[str]
    relation: str
    recording: str | None = None  # the same relation, scanned once: it records the rows that do not fit
    hints: list[Hint] | None = None
    typed: list[Typed] | None = None
    problems: Callable[[], list[Problem]] = lambda: []
    rows_expected: int | None = None  # for progress
    complete: bool = True  # False: only the beginning of the table was staged
    estimate: int | None = None  # rows in the whole table, where only its beginning was staged
    notes: list[str] = field(default_factory=list)
    drop_unnamed: frozenset[int] = frozenset()  # columns (0-based) without a header: left out when empty throughout
