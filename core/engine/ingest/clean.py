"""A text file as DuckDB can read it: the file itself where it is clean UTF-8, else a copy in scratch."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, replace
from pathlib import Path

from core.engine.ingest import encoding as encodings
from core.engine.ingest.containers import Member
from core.engine.ingest.encoding import Decoded, Encoding
from core.engine.ingest.options import ImportOptions
from core.engine.ingest.scan import Scan, even_line_ends, scan

SAMPLE_BYTES = 1 << 20  # what inspect looks at, and what dialect and structure are judged by
# Put behind the last line where a quote may still be open: what stands there is then set aside instead of lost.
SENTINEL = '"\x1aend of file'


@dataclass
class Clean:
    """A file DuckDB can read: UTF-8, one kind of line end, no zero bytes."""

    path: Path
    encoding: Encoding
    scan: Scan
    complete: bool
    line_end: str


def beginning(path: Path) -> str:
    with path.open("rb") as file:
        head = file.read(SAMPLE_BYTES)
    if len(head) == SAMPLE_BYTES:  # end with a whole line, or at least a whole character
        head = head[: head.rfind(b"\n") + 1] or head
    return head.decode("utf-8-sig", errors="replace")


def prepare(member: Member, options: ImportOptions, scratch: Path, sample: bool) -> Clean:
    """The file itself if DuckDB can read it as it is, else a clean copy. `sample`: only its first MB."""
    path, complete = member.path, True
    if sample and path.stat().st_size > SAMPLE_BYTES:
        path, complete = _head(path, scratch), False
    with path.open("rb") as file:
        head = file.read(1 << 16)
    codec = (
        encodings.checked(options.encoding) if options.encoding else encodings.by_mark(head) or encodings.by_zeros(head)
    )
    measured = scan(path)
    if codec is None and measured.utf8:
        codec = "utf-8"
    encoding = Encoding(codec) if codec else _guessed(path, head, measured)
    if encoding.is_utf8 and measured.utf8 and not measured.nuls and len(measured.line_ends) <= 1:
        return Clean(path, encoding, measured, complete, next(iter(measured.line_ends), "\n"))
    copy = scratch / "clean.csv"
    decoded = Decoded(path, encoding.codec)
    with copy.open("wb") as out:
        for block in decoded.blocks():
            out.write(block.encode("utf-8", errors="surrogatepass"))
    encoding = replace(encoding, notes=[*encoding.notes, *decoded.notes()])
    measured = scan(copy)
    if len(measured.line_ends) > 1:
        copy = _even_line_ends(copy, scratch)
        encoding.notes.append("The file mixes kinds of line ends; they were made alike.")
        measured = scan(copy)
    return Clean(copy, encoding, measured, complete, next(iter(measured.line_ends), "\n"))


def _guessed(path: Path, head: bytes, measured: Scan) -> Encoding:
    """Mostly UTF-8 with a few foreign bytes, or a legacy encoding: by what the non-ASCII lines say."""
    del measured
    good = bad = 0
    sample = bytearray()
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            if block.isascii():
                continue
            for line in block.splitlines():
                if line.isascii():
                    continue
                sample += line + b"\n"
                try:
                    line.decode("utf-8")
                    good += 1
                except UnicodeDecodeError:
                    bad += 1
            if len(sample) > encodings.GUESS_BYTES and bad:
                break
    if good > 4 * bad:
        return Encoding("utf-8")
    return encodings.guess(bytes(sample) or head)


def _head(path: Path, scratch: Path) -> Path:
    """The first MB as a file of its own, ending with a whole line."""
    target = scratch / "beginning"
    with path.open("rb") as file:
        data = file.read(SAMPLE_BYTES)
    if encodings.by_mark(data[:4]) in (None, "utf-8-sig") and encodings.by_zeros(data[:4096]) is None:
        cut = max(data.rfind(b"\n"), data.rfind(b"\r")) + 1
        data = data[:cut] or data
    else:
        data = data[: len(data) // 4 * 4]
    target.write_bytes(data)
    return target


def _even_line_ends(path: Path, scratch: Path) -> Path:
    """Make all line ends outside quoted cells LF; inside them they are the person's text and stay."""
    target = scratch / "even.csv"
    even_line_ends(path, target)
    path.unlink()
    return target


def evened(clean: Clean, scratch: Path) -> Clean:
    """All line ends LF, inside quoted cells too: for files in which inside and outside cannot be told apart."""
    target = scratch / "even_all.csv"
    even_line_ends(clean.path, target, b"")
    return replace(clean, path=target, scan=scan(target), line_end="\n")


def with_sentinel(clean: Clean, scratch: Path) -> Clean:
    """A copy that ends with the sentinel on a line of its own, so that a quote left open is not lost with its rows."""
    target = scratch / "ended.csv"
    shutil.copyfile(clean.path, target)
    end = clean.line_end.encode()
    with target.open("rb+") as file:
        file.seek(-min(len(end), clean.scan.bytes), 2)
        ended = file.read() == end
        file.write((b"" if ended else end) + SENTINEL.encode() + end)
    return replace(clean, path=target)
