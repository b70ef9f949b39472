"""One stream of rendered rows, cut at any row without looking at one: sheets, sections and files come out of one query."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

import numpy as np

from core.engine.rendering import Rendered
from core.errors import LimitReached


class Cut:
    """Takes runs of rows off a stream, one after the other. `taken` counts the rows that went by."""

    def __init__(self, batches: Iterator[Rendered]) -> None:
        self._batches = batches
        self._rest: Rendered | None = None
        self.taken = 0

    def take(self, rows: int) -> Iterator[Rendered]:
        """The next `rows` rows, in as many pieces as they come; fewer where the stream ends."""
        while rows and self.more():
            held = cast(Rendered, self._rest)
            batch, rest = held.split(min(rows, len(held)))
            self._rest = rest if len(rest) else None
            self.taken += len(batch)
            rows -= len(batch)
            yield batch

    def take_bytes(self, limit: int) -> Iterator[Rendered]:
        """The next rows that fit into `limit` bytes, in as many pieces as they come. Raises LimitReached where none fits."""
        room, first = limit, True
        while self.more():
            held = cast(Rendered, self._rest)
            ends = held.offsets[1:] - held.offsets[0]
            rows = int(np.searchsorted(ends, room, side="right"))
            if not rows:
                if first:
                    raise _too_large(self.taken + 1, int(ends[0]), limit)
                return
            batch, rest = held.split(rows)
            self._rest = rest if len(rest) else None
            self.taken += rows
            room, first = room - len(batch.bytes), False
            yield batch

    def more(self) -> bool:
        """Whether a row is left."""
        if self._rest is None:
            self._rest = next(self._batches, None)
        return self._rest is not None

    def close(self) -> None:
        """Let go of the query, finished or not."""
        close = getattr(self._batches, "close", None)
        if close:
            close()


def _too_large(row: int, size: int, limit: int) -> LimitReached:
    return LimitReached(
        f"Row {row:,} alone takes {size:,} bytes; a file of this split may have {limit:,} beside its header.",
        "Choose larger files, or leave the column with the long text out.",
        field="packaging.split",
    )
