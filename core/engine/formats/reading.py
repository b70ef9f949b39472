"""Reading finished text again: find where rows end, count them, keep the first and last few for a strict parse.

Nothing here knows what was meant to be written; it looks at bytes only, a chunk at a time, in constant memory.
"""

from __future__ import annotations

import hashlib
import queue
import threading
from collections.abc import Callable
from typing import BinaryIO, Protocol

import numpy as np

from core.errors import AGAIN, Trouble

CHUNK = 1 << 20  # bytes read at a time
HASH_AHEAD = 4  # buffers that may wait for the hash: bounds memory
HASH_BESIDE = 1 << 17  # bytes of a buffer worth a thread
STRICT_ROWS = 200  # parsed strictly at either end
STRICT_PIECES = 25  # so many files or sheets are each looked at as closely as one
FEWEST_STRICT = 5  # rows of a piece, however many pieces there are
NEWLINE, QUOTE = 10, 34


def strict_rows(pieces: int) -> int:
    """Rows parsed strictly at either end of one of so many files or sheets: about as many in all, whatever their number."""
    return max(FEWEST_STRICT, STRICT_ROWS // max(1, pieces // STRICT_PIECES))


def damaged(what: str) -> Trouble:
    """The finished file is not what was written."""
    return Trouble(f"The finished file did not pass its check: {what}", AGAIN)


class Digest:
    """SHA-256 by a thread of its own (hashlib works outside the GIL), so that rendering or counting runs on beside it.

    The thread begins with the first large buffer: a small file is hashed before one could start.
    """

    def __init__(self) -> None:
        self._sha = hashlib.sha256()
        self._queue: queue.Queue[bytes | memoryview | None] = queue.Queue(HASH_AHEAD)
        self._thread: threading.Thread | None = None

    def _work(self) -> None:
        while (data := self._queue.get()) is not None:
            self._sha.update(data)

    def update(self, data: bytes | memoryview) -> None:
        """Hash `data`, perhaps a little later; it must not change meanwhile."""
        if self._thread is None:
            if len(data) < HASH_BESIDE:
                self._sha.update(data)
                return
            self._thread = threading.Thread(target=self._work, name="hash", daemon=True)
            self._thread.start()
        self._queue.put(data)

    def close(self) -> None:
        """Wait until everything is hashed. Harmless twice."""
        if self._thread is not None and self._thread.is_alive():
            self._queue.put(None)
            self._thread.join()

    @property
    def sha256(self) -> str:
        """64 hex digits, of everything so far once closed."""
        return self._sha.hexdigest()


class Ends(Protocol):
    """Finds row ends: positions just past each row's last byte, within the chunk; may remember what came before."""

    def __call__(self, chunk: bytes) -> np.ndarray: ...


class Lines:
    """Every newline ends a line, and every `lines` of them a row (JSON escapes newlines within text)."""

    def __init__(self, lines: int = 1) -> None:
        self.lines, self.seen = lines, 0

    def __call__(self, chunk: bytes) -> np.ndarray:
        ends = np.flatnonzero(np.frombuffer(chunk, np.uint8) == NEWLINE) + 1
        if self.lines > 1:
            first = (-self.seen - 1) % self.lines
            self.seen += len(ends)
            ends = ends[first :: self.lines]
        return ends


class Marked:
    """A row ends with these bytes, the last of them a newline; nothing within a row reads the same (`</row>`, newline)."""

    def __init__(self, mark: bytes) -> None:
        self.mark, self._before = mark, b""

    def __call__(self, chunk: bytes) -> np.ndarray:
        known, size = len(self._before), len(self.mark)
        whole = self._before + chunk  # a mark may have begun in the chunk before
        seen = np.frombuffer(whole, np.uint8)
        ends = np.flatnonzero(seen == NEWLINE)
        ends = ends[ends >= max(known, size - 1)]
        for back, byte in enumerate(reversed(self.mark[:-1]), 1):
            ends = ends[seen[ends - back] == byte]
        self._before = whole[1 - size :]
        return ends + 1 - known


class QuotedLines:
    """A newline ends a row unless it stands between double quotes (RFC 4180: a quote within is doubled)."""

    def __init__(self) -> None:
        self.inside = 0  # 1 while the chunk begins between quotes

    def __call__(self, chunk: bytes) -> np.ndarray:
        seen = np.frombuffer(chunk, np.uint8)
        ends = np.flatnonzero(seen == NEWLINE)
        if QUOTE in chunk:
            quotes = np.flatnonzero(seen == QUOTE)
            outside = (np.searchsorted(quotes, ends) + self.inside) & 1 == 0
            self.inside = (self.inside + len(quotes)) & 1
            ends = ends[outside]
        elif self.inside:
            ends = ends[:0]
        return ends + 1


class Reading:
    """What reading a text file gave: rows counted, bytes and hash of all of it, its first and last `strict` rows as bytes."""

    def __init__(self, ends: Ends, prologue: bytes, epilogue: bytes, strict: int = STRICT_ROWS) -> None:
        self.ends, self.prologue, self.epilogue, self.strict = ends, prologue, epilogue, strict
        self.rows = 0
        self.bytes = 0
        self.head = b""
        self.tail = b""
        self.loose = b""  # bytes after the last row end
        self.sha256 = ""
        self._digest = Digest()
        self._last: list[int] = []  # where in `tail` the last rows end

    def read(self, content: BinaryIO) -> None:
        """Read `content` to its end. Raises Trouble where the fixed beginning or end is not there."""
        try:
            self._read(content)
        finally:
            self._digest.close()
        self.sha256 = self._digest.sha256

    def _read(self, content: BinaryIO) -> None:
        start = self._take(content, len(self.prologue))
        if start != self.prologue:
            raise damaged("it does not begin as it should.")
        held = b""  # the epilogue is only known to be one when nothing follows
        keep = len(self.epilogue)
        while chunk := content.read(CHUNK):
            self._count(chunk)
            chunk = held + chunk if held else chunk
            if keep:
                chunk, held = chunk[:-keep], chunk[-keep:]
            self._rows(chunk)
        if held != self.epilogue:
            raise damaged("it does not end as it should.")
        self.loose = self.tail[self._last[-1] if self._last else 0 :]

    def _take(self, content: BinaryIO, count: int) -> bytes:
        taken = b""
        while len(taken) < count and (more := content.read(count - len(taken))):
            taken += more
        self._count(taken)
        return taken

    def _count(self, chunk: bytes) -> None:
        self.bytes += len(chunk)
        self._digest.update(chunk)

    def _rows(self, chunk: bytes) -> None:
        ends = self.ends(chunk)
        missing = self.strict - self.rows
        if missing > 0:
            self.head += chunk[: int(ends[missing - 1])] if len(ends) >= missing else chunk
        self.rows += len(ends)
        if len(ends) > self.strict:  # the chunk alone holds the last rows so far
            cut = int(ends[-self.strict - 1])
            self.tail, self._last = chunk[cut:], [int(end) - cut for end in ends[-self.strict :]]
        else:
            base = len(self.tail)
            self.tail += chunk
            self._last += [base + int(end) for end in ends]
            if len(self._last) > self.strict:
                cut = self._last[-self.strict - 1]
                self.tail, self._last = self.tail[cut:], [end - cut for end in self._last[-self.strict :]]


def parsed_strictly(piece: bytes, parse: Callable[[str], int], where: str) -> int:
    """Parse a few rows; `parse` gives how many it found and raises ValueError for what no reader should accept."""
    try:
        return parse(piece.decode("utf-8", errors="strict"))
    except ValueError as trouble:
        raise damaged(f"its {where} rows cannot be read ({trouble}).") from trouble
