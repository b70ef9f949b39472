"""What is wrapped round a finished format: nothing, or gzip (RFC 1952). A sink on the way out, `unwrap` on the way back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, cast

from isal import igzip, isal_zlib

from core.engine.formats.base import Context, Format, RowFormat, Written
from core.engine.formats.reading import damaged
from core.engine.rendering import Rows
from core.errors import BadSpec

GZIP_LEVEL = 2  # of isal's 0-3: about stdlib's level 4 in size at five times its speed
GZIP_WINDOW = 31  # 15 bits and a gzip header without a name or a time: the same rows give the same bytes
ENDINGS = {"auto": "", "none": "", "gzip": ".gz"}
TORN = cast(type[Exception], isal_zlib.error)  # its stub says it is an exception, not a class of them
MEDIA_TYPES = {"gzip": "application/gzip"}


class Gzip:
    """A binary sink that packs what goes through it."""

    def __init__(self, out: Any) -> None:
        self._out = out
        self._packer = isal_zlib.compressobj(GZIP_LEVEL, isal_zlib.DEFLATED, GZIP_WINDOW)

    def write(self, data: bytes | memoryview) -> int:
        self._out.write(self._packer.compress(data))
        return len(data)

    def close(self) -> None:
        self._out.write(self._packer.flush())


def check(format: Format, compression: str) -> None:
    """Raises BadSpec where packing makes no sense."""
    if compression == "gzip" and (format.packed or not isinstance(format, RowFormat)):
        raise BadSpec(
            f"{format.label} files are compressed by themselves; gzip would only make them harder to open.",
            "Choose no compression, or a text format such as CSV.",
            field="packaging",
        )


def write(format: Format, rows: Rows, path: Path, options: Any, context: Context, compression: str) -> Written:
    """Write `rows` as `format` to a new file, packed as asked. What is returned speaks of the content before packing."""
    check(format, compression)
    if compression != "gzip" or not isinstance(format, RowFormat):
        return format.write(rows, path, options, context)
    with open(path, "xb", buffering=1 << 20) as file:
        sink = Gzip(file)
        written = format.write_to(rows, sink, options, context)
        sink.close()
    return written


@contextmanager
def unwrap(path: Path, compression: str) -> Iterator[BinaryIO]:
    """The content of a published file, unpacked as it is read. Raises Trouble where the packing is torn."""
    if compression != "gzip":
        with open(path, "rb") as file:
            yield file
        return
    try:
        with igzip.IGzipFile(path, "rb") as packed:  # type: ignore[no-untyped-call]
            yield cast(BinaryIO, packed)
    except (EOFError, igzip.BadGzipFile, TORN) as trouble:
        raise damaged(f"it cannot be unpacked ({trouble}).") from trouble
