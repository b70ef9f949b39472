"""Which encoding a text file is in, and a clean UTF-8 copy where the file is anything else.

Order of trust: a byte order mark, UTF-8 that is valid to the last byte, the zero bytes of UTF-16, and only then a guess,
which is always said in a note: a wrong guess must be seen, not discovered.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import charset_normalizer

from core.errors import BadFile

GUESS_BYTES = 256 << 10  # of lines that hold non-ASCII bytes
MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
WORDS = {
    "utf-8": "UTF-8",
    "utf-8-sig": "UTF-8",
    "utf-16": "UTF-16",
    "utf-16-le": "UTF-16",
    "utf-16-be": "UTF-16",
    "cp1252": "Windows-1252 (Western European)",
    "cp1250": "Windows-1250 (Central European)",
    "cp1251": "Windows-1251 (Cyrillic)",
    "cp932": "Shift-JIS (Japanese)",
    "gb18030": "GB 18030 (Chinese)",
    "big5": "Big5 (Chinese)",
    "cp949": "Windows-949 (Korean)",
    "mac_roman": "Mac Roman",
}
CANDIDATES = ["cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257", "cp932", "gb18030"]
CANDIDATES += ["big5", "cp949", "euc_jp", "koi8_r", "mac_roman", "cp850", "cp437", "iso8859_2", "iso8859_15"]


@dataclass
class Encoding:
    """A codec and how sure we are. `notes` are sentences for the import panel."""

    codec: str
    guessed: bool = False
    notes: list[str] = field(default_factory=list)

    @property
    def is_utf8(self) -> bool:
        return self.codec in ("utf-8", "utf-8-sig")

    @property
    def words(self) -> str:
        return WORDS.get(self.codec, self.codec)


def checked(name: str) -> str:
    """A codec name a person gave, in Python's spelling. Raises BadFile for one that is no text encoding."""
    try:
        info = codecs.lookup(name)
        "a".encode(info.name)  # refuses codecs such as base64 that do not make text
    except (LookupError, TypeError, UnicodeError, ValueError):
        raise BadFile(
            f"There is no encoding called “{name}”.",
            "Choose utf-8, utf-16 or cp1252, or leave it out.",
            field="encoding",
        ) from None
    return "utf-8" if info.name == "ascii" else info.name


def by_mark(head: bytes) -> str | None:
    """The codec a byte order mark names."""
    return next((codec for mark, codec in MARKS if head.startswith(mark)), None)


def by_zeros(head: bytes) -> str | None:
    """UTF-16 without a mark: Western text has a zero in every second byte."""
    head = head[: len(head) // 2 * 2]
    if len(head) < 4:
        return None
    even, odd = head[::2].count(0) / (len(head) / 2), head[1::2].count(0) / (len(head) / 2)
    if odd > 0.4 and even < 0.1:
        return "utf-16-le"
    if even > 0.4 and odd < 0.1:
        return "utf-16-be"
    return None


def guess(sample: bytes) -> Encoding:
    """A legacy encoding for bytes that are not UTF-8. Western European unless the bytes speak clearly against it."""
    lines = b"\n".join(line for line in re.split(rb"[\r\n]+", sample) if not line.isascii())[:GUESS_BYTES]
    codec = "cp1252"
    if not _western(lines):
        best = charset_normalizer.from_bytes(lines, cp_isolation=CANDIDATES).best()
        # One byte means ä in several encodings: where Western European reads the same text, that is the likely one.
        if best and str(best) != lines.decode("cp1252", errors="replace"):
            codec = checked(best.encoding)
    found = Encoding(codec, guessed=True)
    found.notes.append(
        f"The file does not say its encoding and is not UTF-8; it was read as {found.words}. "
        "If accents look wrong, choose another encoding."
    )
    return found


def _western(lines: bytes) -> bool:
    """Whether the high bytes make sense as Windows-1252: letters inside words, or marks such as € and curly quotes."""
    try:
        text = lines.decode("cp1252")
    except UnicodeDecodeError:
        return False
    high = list(re.finditer(r"[^\x00-\x7f]+", text))
    letters = sum(len(m[0]) == 1 and m[0].isalpha() and m[0] not in "ÐðÞþ×÷ª" for m in high)
    marks = sum(len(m[0]) == 1 and m[0] in "€£°§«»“”‘’–—…•®©™´ª·²³½¼¾¿¡¹" for m in high)
    beside_ascii = sum(
        bool(
            re.match(r"[A-Za-z]", text[m.start() - 1 : m.start()] or " ")
            or re.match(r"[A-Za-z]", text[m.end() : m.end() + 1])
        )
        for m in high
    )
    return letters + marks >= 0.9 * len(high) and beside_ascii >= 0.5 * letters


@dataclass
class Decoded:
    """A text file as blocks of str, with what had to be mended on the way."""

    path: Path
    codec: str
    mended: int = 0  # bytes that are not of the encoding
    nuls: int = 0
    read: int = 0  # bytes so far

    def restarted(self) -> Decoded:
        """Itself, to be read from the beginning once more."""
        self.mended = self.nuls = self.read = 0
        return self

    def blocks(self, size: int = 4 << 20) -> Iterator[str]:
        """Decode strictly; bytes outside the encoding are read as Windows-1252 (UTF-8 files) or marked U+FFFD, counted."""
        decoder = codecs.getincrementaldecoder(self.codec)(errors=self._mending())
        with self.path.open("rb") as file:
            while block := file.read(size):
                self.read += len(block)
                if text := decoder.decode(block):
                    yield self._without_nuls(text)
            if text := decoder.decode(b"", final=True):
                yield self._without_nuls(text)

    def _without_nuls(self, text: str) -> str:
        if "\0" not in text:
            return text
        self.nuls += text.count("\0")
        return text.replace("\0", "\ufffd")

    def _mending(self) -> str:
        name = f"export_desk_{id(self)}"
        western = self.codec in ("utf-8", "utf-8-sig")

        def mend(error: UnicodeError) -> tuple[str, int]:
            if not isinstance(error, UnicodeDecodeError):
                raise error
            bad = error.object[error.start : error.end]
            self.mended += len(bad)
            return (bad.decode("cp1252", errors="replace") if western else "\ufffd"), error.end

        codecs.register_error(name, mend)
        return name

    def notes(self) -> list[str]:
        """What a person should know after the whole file went by."""
        found = []
        if self.mended and self.codec.startswith("utf-8"):
            found.append(f"{self.mended:,} bytes are not UTF-8 and were read as Windows-1252 (Western European).")
        elif self.mended:
            found.append(f"{self.mended:,} bytes do not exist in {WORDS.get(self.codec, self.codec)} and became �.")
        if self.nuls:
            found.append(f"{self.nuls:,} zero bytes cannot be part of a text and became �.")
        return found
