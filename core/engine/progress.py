"""How far a piece of work is, in words and figures a person can follow."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Progress(BaseModel):
    """One report: step n of m with its words, rows so far, and the seconds left where they can be told."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    phase: str  # "Writing rows"
    step: int = 1
    steps: int = 1
    rows: int = 0
    total: int | None = None
    source: str = ""
    files: int = 0
    seconds_left: float | None = None
