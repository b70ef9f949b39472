"""Verification finds every change to a finished file, whatever its format and packing."""

from __future__ import annotations

import gzip

import pytest

from core.engine import formats, packaging
from core.engine.formats.base import Context
from core.engine.formats.reading import STRICT_ROWS, Lines, QuotedLines, Reading
from core.engine.query import build
from core.engine.rendering import Rows
from core.engine.values import Kind
from core.engine.verify import verify
from core.errors import Trouble
from tests.core.engine.making import make_table, resolved, spec_of

MADE = [
    ("csv", {}, "none"), ("csv", {"quoting": "all"}, "gzip"), ("tsv", {"header": False}, "none"), ("json", {}, "none"),
    ("json", {"pretty": True}, "gzip"), ("jsonl", {}, "none"), ("parquet", {}, "none"),
]  # fmt: skip


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    texts = ['two\nlines, "quoted"', "plain", "a\r\nb"]
    return make_table(
        tmp_path_factory.mktemp("t"),
        {"n": (Kind.WHOLE, range(1000)), "text": (Kind.TEXT, [texts[n % 3] for n in range(1000)])},
    )


def written(con, table, folder, format, options, compression):
    made, parsed = formats.get(format), formats.parse_options(format, options)
    query = build(spec_of().sources[0], table, resolved())
    path = folder / "file"
    rows = Rows(con, query.sql, query.params, query.columns, table.rows, "UTC", batch_rows=100)
    result = packaging.write(made, rows, path, parsed, Context("x"), compression)
    return path, lambda: verify(path, made, result, query.columns, parsed, compression)


@pytest.mark.parametrize(("format", "options", "compression"), MADE)
def test_what_was_written_is_found_again(con, table, tmp_path, format, options, compression):
    path, check = written(con, table, tmp_path, format, options, compression)
    verified = check()
    assert (verified.rows, verified.bytes) == (1000, path.stat().st_size)


@pytest.mark.parametrize(("format", "options", "compression"), MADE)
@pytest.mark.parametrize("where", [0, 0.3, 0.5, 0.9, 1])
def test_a_flipped_bit_is_found(con, table, tmp_path, format, options, compression, where):
    path, check = written(con, table, tmp_path, format, options, compression)
    content = bytearray(path.read_bytes())
    place = min(int(len(content) * where), len(content) - 1)
    if compression == "gzip" and place == 0:
        place = 20  # past the header's time and system, which say nothing of the content
    content[place] ^= 0x04
    path.write_bytes(content)
    with pytest.raises(Trouble, match="did not pass its check"):
        check()


@pytest.mark.parametrize(("format", "options", "compression"), MADE)
@pytest.mark.parametrize("kept", [0, 1, 0.5, -1])
def test_a_cut_is_found(con, table, tmp_path, format, options, compression, kept):
    path, check = written(con, table, tmp_path, format, options, compression)
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * kept) if kept == 0.5 else kept])
    with pytest.raises(Trouble):
        check()


@pytest.mark.parametrize(("format", "options", "compression"), MADE)
def test_a_row_too_many_is_found(con, table, tmp_path, format, options, compression):
    path, check = written(con, table, tmp_path, format, options, compression)
    content = path.read_bytes()
    path.write_bytes(gzip.compress(gzip.decompress(content) + b"x\n") if compression == "gzip" else content + b"x\n")
    with pytest.raises(Trouble):
        check()


def test_a_file_that_went_away_is_found(con, table, tmp_path):
    path, check = written(con, table, tmp_path, "csv", {}, "none")
    path.unlink()
    with pytest.raises(Trouble):
        check()


class Chunks:
    """Content that arrives in pieces of one size."""

    def __init__(self, content, size):
        self.content, self.size, self.at = content, size, 0

    def read(self, count):
        piece = self.content[self.at : self.at + min(count, self.size)]
        self.at += len(piece)
        return piece


@pytest.mark.parametrize("size", [1, 2, 3, 7, 64, 100_000])
def test_rows_are_counted_whatever_the_pieces_are(size):
    rows = [f'{n},"two\nlines ""{n}"""\n' for n in range(STRICT_ROWS * 2 + 5)]
    reading = Reading(QuotedLines(), b"a,b\n", b"")
    reading.read(Chunks(("a,b\n" + "".join(rows)).encode(), size))
    assert reading.rows == len(rows)
    assert reading.head.decode() == "".join(rows[:STRICT_ROWS])
    assert reading.tail.decode() == "".join(rows[-STRICT_ROWS:])
    assert reading.loose == b""


@pytest.mark.parametrize("size", [1, 3, 100_000])
@pytest.mark.parametrize("count", [1, 2, 199, 200, 201, 450])
def test_rows_of_several_lines_are_counted(size, count):
    rows = [f'  {{\n    "a": {n}\n  }}' for n in range(count)]
    reading = Reading(Lines(3), b"[\n", b"\n]\n")
    reading.read(Chunks(("[\n" + ",\n".join(rows) + "\n]\n").encode(), size))
    assert reading.rows + 1 == count
    assert reading.head.decode().removesuffix(",\n") == ",\n".join(rows[:STRICT_ROWS])
