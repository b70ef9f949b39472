"""Rows are found and counted by their ends alone, wherever the chunks of a file happen to be cut."""

from __future__ import annotations

import io

import pytest

from core.engine.formats import reading
from core.engine.formats.reading import Ends, Lines, Marked, QuotedLines, Reading, strict_rows
from core.errors import Trouble


@pytest.mark.parametrize(
    ("make", "content", "rows"),
    [
        (Lines, b"a\nb\n\nc\n", 4),
        (lambda: Lines(2), b"a: 1\nb: 2\na: 3\nb: 4\n", 2),
        (lambda: Marked(b"</row>\n"), b"<row>a\n</row>\n<row></row>\n<row>w>\n</row>\n", 3),
        (QuotedLines, b'1,"a\nb"\n2,"say ""\n"""\n3,c\n', 3),
    ],
    ids=["lines", "two lines a row", "a mark", "quoted lines"],
)
def test_rows_end_at_the_same_places_however_the_file_is_cut(make, content: bytes, rows: int):
    def found(ends: Ends, *cuts: int) -> list[int]:
        places, at = [], 0
        for begin, end in zip((0, *cuts), (*cuts, len(content)), strict=True):
            places += [at + int(place) for place in ends(content[begin:end])]
            at = end
        return places

    whole = found(make())
    assert len(whole) == rows
    assert whole[-1] == len(content)
    for first in range(len(content) + 1):
        for second in range(first, len(content) + 1):
            assert found(make(), first, second) == whole


@pytest.mark.parametrize("chunk", [1, 2, 3, 7, 1000])
def test_a_reading_counts_all_rows_and_keeps_the_first_and_the_last(chunk, monkeypatch):
    monkeypatch.setattr(reading, "CHUNK", chunk)
    rows = [f"row {number}\n".encode() for number in range(50)]
    made = Reading(Lines(), b"[\n", b"]\n", strict=5)
    made.read(io.BytesIO(b"[\n" + b"".join(rows) + b"]\n"))
    assert (made.rows, made.bytes) == (50, len(b"".join(rows)) + 4)
    assert made.head == b"".join(rows[:5])
    assert made.tail == b"".join(rows[-5:])
    assert made.loose == b""


@pytest.mark.parametrize(("content", "why"), [(b"(\na\n]\n", "begin"), (b"[\na\n]", "end"), (b"[\na\n] \n", "end")])
def test_a_file_that_begins_or_ends_otherwise_is_damaged(content, why):
    with pytest.raises(Trouble, match=f"it does not {why} as it should"):
        Reading(Lines(), b"[\n", b"]\n").read(io.BytesIO(content))


def test_many_files_are_looked_at_as_closely_in_all_as_a_few_large_ones():
    assert [strict_rows(pieces) for pieces in (0, 1, 25, 49)] == [200, 200, 200, 200]
    assert [strict_rows(pieces) for pieces in (50, 100, 1_000, 20_000)] == [100, 50, 5, 5]
