"""The receipt: what went in, what each filter left, what is in the file, and its hash. Shown, stored and downloadable."""

from __future__ import annotations

from datetime import datetime

from core.engine.spec import Value


class Step(Value):
    """Rows that remain after one step, in order: each filter, the time range, distinct, summary, limit."""

    label: str  # "country is Indonesia"
    rows: int


class Note(Value):
    """Something a reader of the file should know: values shown otherwise than stored, and how many."""

    code: str  # formula_guard, not_finite, lost_microseconds, long_number_as_text, early_date_as_text …
    message: str  # "3 text cells begin with = and were given a leading apostrophe."
    count: int
    column: str | None = None


class TableCount(Value):
    """What one dataset gave: its rows, what each step left, the rows of the result."""

    name: str
    source_rows: int
    steps: tuple[Step, ...]
    rows: int


class Member(Value):
    """One file within a zip. `sha256` is of its content."""

    name: str
    bytes: int
    rows: int
    sha256: str


class File(Value):
    """One published file. `rows` were counted by reading the finished file again; `sha256` is of its bytes as delivered."""

    name: str  # as the person gets it
    stored: str  # the name on disk (ids only)
    media_type: str
    bytes: int
    rows: int
    sha256: str  # 64 hex digits
    part: str = ""  # which part of a split it holds
    locked: bool = False  # it asks for a password
    members: tuple[Member, ...] = ()  # of a zip: the first ones; its manifest lists all
    member_count: int = 0


class Receipt(Value):
    dataset: str
    format: str
    sentence: str  # the spec in English
    now: datetime
    zone: str
    source_rows: int
    steps: tuple[Step, ...]
    rows: int  # rows the query gave = rows re-read from the files
    tables: tuple[TableCount, ...] = ()  # one for each dataset, where there are several
    notes: tuple[Note, ...] = ()
    files: tuple[File, ...]
    seconds: dict[str, float]  # count, write, verify, in seconds
    values: str = ""  # engine.fingerprint of its rows, where that was asked for

    def line(self) -> str:
        """One line for the job page: "100,000 rows → 24,854 after country is X → 24,854 in the file ✓, SHA-256 …"."""
        middle = "".join(f" → {step.rows:,} after {step.label}" for step in self.steps)
        count = sum(max(file.member_count, 1) for file in self.files)
        where = "the file" if count == 1 else f"{count:,} files"
        begun = f"{self.source_rows:,} rows{middle} → {self.rows:,} in {where} ✓"
        return f"{begun}, SHA-256 {self.files[0].sha256}" if len(self.files) == 1 else begun
