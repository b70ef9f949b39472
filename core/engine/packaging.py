"""What is wrapped round one finished file: nothing, gzip (RFC 1952), bzip2 or Zstandard (RFC 8878). A zip is in `archive.py`.

A sink on the way out, `unwrap` on the way back; both stream.
"""

from __future__ import annotations

import bz2
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, Protocol, cast

import pyarrow as pa
from isal import igzip, isal_zlib

from core.engine.formats.base import Context, Format, RowFormat, Written
from core.engine.formats.reading import damaged
from core.engine.rendering import Rows
from core.errors import BadInput, BadSpec

GZIP_LEVEL = 2  # of isal's 0-3: about stdlib's level 4 in size at five times its speed
GZIP_WINDOW = 31  # 15 bits and a gzip header without a name or a time: the same rows give the same bytes
BZ2_LEVEL = 9  # the usual one: lower levels save memory, not time
ENDINGS = {"auto": "", "none": "", "gzip": ".gz", "bz2": ".bz2", "zstd": ".zst", "zip": ".zip"}
TORN = (EOFError, OSError, igzip.BadGzipFile, pa.ArrowException, cast(type[Exception], isal_zlib.error))
MEDIA_TYPES = {
    "gzip": "application/gzip",
    "bz2": "application/x-bzip2",
    "zstd": "application/zstd",
    "zip": "application/zip",
}
STREAMED = ("gzip", "bz2", "zstd")  # one file in, one file out
LONGEST_PASSWORD = 99  # bytes of UTF-8: 7-Zip opens no zip with a longer one; PDF (127) and Excel (255 signs) take more


class Packer(Protocol):
    def compress(self, data: bytes | memoryview, /) -> bytes: ...
    def flush(self) -> bytes: ...


class Packed:
    """A binary sink that packs what goes through it."""

    def __init__(self, out: BinaryIO, packer: Packer) -> None:
        self._out, self._packer = out, packer

    def write(self, data: bytes | memoryview) -> int:
        self._out.write(self._packer.compress(data))
        return len(data)

    def close(self) -> None:
        self._out.write(self._packer.flush())


class Zstandard:
    """Arrow's Zstandard, as a sink."""

    def __init__(self, out: BinaryIO) -> None:
        self._stream = pa.CompressedOutputStream(pa.PythonFile(out, mode="w"), "zstd")

    def write(self, data: bytes | memoryview) -> int:
        self._stream.write(data)
        return len(data)

    def close(self) -> None:
        self._stream.close()


def check(format: Format, compression: str) -> None:
    """Raises BadSpec where packing makes no sense."""
    if compression in STREAMED and (format.packed or not isinstance(format, RowFormat)):
        raise BadSpec(
            f"{format.label} files are compressed by themselves; {compression} would only make them harder to open.",
            "Choose no compression, or a text format such as CSV.",
            field="packaging",
        )


def check_password(password: str) -> None:
    """Raises BadInput for a password that some reader of zips, PDFs or workbooks would not take."""
    if not 0 < len(password.encode(errors="replace")) <= LONGEST_PASSWORD or not password.isprintable():
        raise BadInput(
            f"A password has 1 to {LONGEST_PASSWORD} characters (an accented letter counts as 2, an emoji as 4), "
            "and none that cannot be seen.",
            "Change it, or have one generated.",
            field="password",
        )


@contextmanager
def packed(path: Path, compression: str) -> Iterator[Any]:
    """A sink over a new file, packing on the way where asked."""
    if compression not in STREAMED:
        with open(path, "xb", buffering=0) as file:
            yield file
        return
    with open(path, "xb", buffering=1 << 20) as file:
        sink: Packed | Zstandard
        if compression == "zstd":
            sink = Zstandard(file)
        elif compression == "gzip":
            sink = Packed(file, isal_zlib.compressobj(GZIP_LEVEL, isal_zlib.DEFLATED, GZIP_WINDOW))
        else:
            sink = Packed(file, bz2.BZ2Compressor(BZ2_LEVEL))
        yield sink
        sink.close()


def write(format: Format, rows: Rows, path: Path, options: Any, context: Context, compression: str) -> Written:
    """Write `rows` as one file of `format`, packed as asked. What is returned speaks of the content before packing."""
    check(format, compression)
    if not isinstance(format, RowFormat):
        return format.write(rows, path, options, context)
    with packed(path, compression) as sink:
        return format.write_to(rows, sink, options, context)


@contextmanager
def unwrap(path: Path, compression: str) -> Iterator[BinaryIO]:
    """The content of a published file, unpacked as it is read. Raises Trouble where the packing is torn."""
    if compression not in STREAMED:
        with open(path, "rb") as file:
            yield file
        return
    try:
        if compression == "gzip":
            with igzip.IGzipFile(path, "rb") as content:  # type: ignore[no-untyped-call]
                yield cast(BinaryIO, content)
        elif compression == "bz2":
            with bz2.open(path, "rb") as content:
                yield cast(BinaryIO, content)
        else:
            with pa.CompressedInputStream(pa.OSFile(str(path)), "zstd") as content:
                yield cast(BinaryIO, content)
    except TORN as trouble:
        raise damaged(f"it cannot be unpacked ({trouble}).") from trouble
