"""What a kind of job is: three steps in three places.

prepare    supervisor   the row and what it refers to → a request: plain JSON, all the child will know
run        child        the request → a result: plain JSON; no database; publishes its own files
complete   supervisor   inside the transaction that ends the job: rows that must appear with it
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

from sqlmodel import Session

from core.desk import Desk
from core.engine.progress import Progress
from core.errors import DeskError, LimitReached
from storage.files import Files
from storage.tables import Job, JobKind

Request = dict[str, Any]
Result = dict[str, Any]
Report = Callable[[Progress], None]

BACKOFF_SECONDS = 1.0  # before the second attempt; twice that before the third, and so on
BACKOFF_CAP = 60.0
DUCKDB_SHARE = 4  # DuckDB gets a quarter of a job's memory: buffers, Arrow and Python need the rest
DUCKDB_MB = (64, 200)  # and never less or more than this: 200 MB sorts 10 million rows


@dataclass(frozen=True)
class Completed:
    """What the job row keeps: its result, and the figures lists show."""

    result: Result
    rows: int | None = None
    bytes: int | None = None


class Work(ABC):
    """One kind of job. Instances hold nothing."""

    kind: ClassVar[JobKind]
    seconds: ClassVar[int | None] = None  # the most an attempt may take, whatever the settings say

    @abstractmethod
    def prepare(self, session: Session, desk: Desk, job: Job) -> Request:
        """All the child needs. Raises NotFound when what the job pinned is gone."""

    @abstractmethod
    def run(self, request: Request, report: Report) -> Result:
        """Do it. Raises DeskError; anything else is a fault of ours and is tried again."""

    @abstractmethod
    def complete(self, session: Session, desk: Desk, job: Job, result: Result) -> Completed:
        """What else must be true the moment the job has succeeded."""

    def crash(self, signal: str) -> DeskError | None:
        """The final error when a child of this kind crashes by SIGABRT or SIGSEGV; None: it may be tried again."""
        return None

    def pause(self, attempt: int) -> float:
        """Seconds after attempt `attempt` (from 1) before the next one."""
        return min(BACKOFF_CAP, BACKOFF_SECONDS * 2.0 ** (attempt - 1))

    def too_slow(self, seconds: int) -> DeskError:
        """What is said of an attempt that was stopped because it took longer than that."""
        return LimitReached(
            f"This job took longer than the {seconds:,} seconds it may take.",
            "Filter the rows or take fewer columns, or raise its time limit (for all jobs: in the settings).",
        )

    def given_up(self, session: Session, desk: Desk, job: Job) -> None:  # noqa: B027 (most kinds leave nothing outside)
        """What else must be true the moment the job has failed for good, or was stopped while it ran."""

    def discard(self, files: Files, job: Job) -> None:  # noqa: B027 (a kind that publishes nothing has nothing to say)
        """Remove what this attempt may have published."""


def duckdb_mb(memory_mb: int) -> int:
    """How much of a job's memory DuckDB is told it may use, in MB."""
    low, high = DUCKDB_MB
    return max(low, min(high, memory_mb // DUCKDB_SHARE))
