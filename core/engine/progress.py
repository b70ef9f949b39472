"""What a running job tells: which step, how many rows, how long still. Writers know nothing of it; it wraps their stream."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from pydantic import BaseModel, ConfigDict

REPORT_SECONDS = 0.2  # at most five reports a second
GUESS_AFTER_SECONDS = 0.5  # before that a guess of what is left would jump
SMOOTHING = 0.3  # weight of the latest rate


class Progress(BaseModel):
    """One report. `rows` of `total` are done in this step; `seconds_left` is a guess, absent at first."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    phase: str  # "Writing rows"
    step: int = 1
    steps: int = 1
    rows: int = 0
    total: int | None = None
    source: str = ""  # the dataset or sheet at hand
    files: int = 0  # published so far
    seconds_left: float | None = None

    @property
    def fraction(self) -> float | None:
        """How much of this step is done, 0 to 1."""
        return min(self.rows / self.total, 1.0) if self.total else None


class Meter:
    """Counts rows, smooths their rate and reports now and then; safe to call from the thread that watches a query."""

    def __init__(
        self,
        report: Callable[[Progress], None],
        *,
        steps: int,
        source: str = "",
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._report, self._clock, self._lock = report, clock, threading.Lock()
        self._now = Progress(phase="", step=0, steps=steps, source=source)
        self._begun = self._last = self._sent = clock()
        self._rate = 0.0  # rows a second

    def phase(self, words: str, total: int | None = None, *, files: int | None = None) -> None:
        """Enter the next step."""
        with self._lock:
            self._begun = self._last = self._clock()
            self._rate = 0.0
            self._now = self._now.model_copy(
                update={
                    "phase": words,
                    "step": self._now.step + 1,
                    "rows": 0,
                    "total": total,
                    "seconds_left": None,
                    "files": self._now.files if files is None else files,
                }
            )
            self._send()

    def advance(self, rows: int) -> None:
        """So many rows more are done."""
        with self._lock:
            self._move(self._now.rows + rows)

    def reach(self, rows: int, words: str | None = None) -> None:
        """So many rows are done in all; the step may be called otherwise meanwhile ("Sorting rows")."""
        with self._lock:
            if words and words != self._now.phase:
                self._now = self._now.model_copy(update={"phase": words})
            self._move(rows)

    def again(self, words: str) -> None:
        """The same step begins to count anew: what is sorted is now written."""
        with self._lock:
            self._begun = self._last = self._clock()
            self._rate = 0.0
            self._now = self._now.model_copy(update={"phase": words, "rows": 0, "seconds_left": None})

    def _move(self, rows: int) -> None:
        now = self._clock()
        if now > self._last:
            rate = (rows - self._now.rows) / (now - self._last)
            self._rate = rate if not self._rate else self._rate + SMOOTHING * (rate - self._rate)
            self._last = now
        left = None
        if self._now.total is not None and self._rate > 0 and now - self._begun >= GUESS_AFTER_SECONDS:
            left = round(max(self._now.total - rows, 0) / self._rate, 1)
        self._now = self._now.model_copy(update={"rows": rows, "seconds_left": left})
        if now - self._sent >= REPORT_SECONDS:
            self._send()

    def _send(self) -> None:
        self._sent = self._clock()
        self._report(self._now)
