"""A stream of rendered rows cut by row counts."""

from __future__ import annotations

import numpy as np
import pytest

from core.engine.cutting import Cut
from core.engine.rendering import Rendered


def batches(*sizes: int):
    """Batches of so many one-letter rows; the letters go on through the alphabet."""
    letter = ord("a")
    for size in sizes:
        text = bytes(range(letter, letter + size))
        letter += size
        yield Rendered(np.arange(size + 1), memoryview(text))


def taken(cut: Cut, rows: int) -> bytes:
    return b"".join(batch.bytes for batch in cut.take(rows))


@pytest.mark.parametrize("sizes", [(10,), (3, 3, 4), (1,) * 10, (9, 1)])
def test_runs_come_out_whole_however_the_batches_fall(sizes):
    cut = Cut(batches(*sizes))
    assert [taken(cut, n) for n in (1, 0, 4, 5)] == [b"a", b"", b"bcde", b"fghij"]
    assert cut.taken == 10
    assert not cut.more()


def test_a_stream_that_ends_early_gives_fewer_rows():
    cut = Cut(batches(3))
    assert taken(cut, 5) == b"abc"
    assert cut.taken == 3


def test_more_does_not_take_a_row():
    cut = Cut(batches(2))
    assert cut.more()
    assert cut.more()
    assert taken(cut, 2) == b"ab"


def test_pieces_keep_their_offsets():
    cut = Cut(batches(5))
    list(cut.take(2))
    [piece] = cut.take(3)
    assert len(piece) == 3
    assert [bytes(part.bytes) for part in piece.split(1)] == [b"c", b"de"]


def test_closing_lets_go_of_a_query_that_is_not_finished():
    closed = []

    def endless():
        try:
            while True:
                yield from batches(1)
        finally:
            closed.append(True)

    cut = Cut(endless())
    taken(cut, 3)
    cut.close()
    assert closed == [True]
