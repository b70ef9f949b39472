"""Text in another encoding than UTF-8, for receivers that ask for one. Rows are rendered in UTF-8 and changed on the way out.

Whole buffers are recoded, never single values. A character the encoding does not have ends the export with a sentence:
replacing it would change a value.
"""

from __future__ import annotations

import codecs
from typing import Any, BinaryIO

from core.engine.formats.reading import damaged
from core.errors import LimitReached

ENCODINGS = {
    "utf-8": "UTF-8: every character (usual)",
    "utf-16": "UTF-16: “Unicode text” of older programs",
    "windows-1252": "Windows Western European (1252)",
    "iso-8859-1": "Latin-1 (ISO 8859-1)",
    "iso-8859-15": "Latin-9, with € (ISO 8859-15)",
    "windows-1250": "Windows Central European (1250)",
    "windows-1251": "Windows Cyrillic (1251)",
    "windows-1253": "Windows Greek (1253)",
    "windows-1254": "Windows Turkish (1254)",
    "windows-1256": "Windows Arabic (1256)",
    "windows-1258": "Windows Vietnamese (1258)",
    "shift_jis": "Japanese (Shift JIS)",
    "gb18030": "Chinese (GB 18030)",
    "big5": "Traditional Chinese (Big5)",
    "euc-kr": "Korean (EUC-KR)",
    "ascii": "ASCII: unaccented letters only",
}


def transcoding(out: Any, encoding: str) -> Any:
    """A sink that takes UTF-8 and gives `out` that encoding; `out` itself where it is UTF-8."""
    return out if encoding == "utf-8" else Transcoding(out, encoding)


class Transcoding:
    """A binary sink: UTF-8 in, another encoding out. Buffers may end within a character."""

    def __init__(self, out: Any, encoding: str) -> None:
        self._out, self._encoding = out, encoding
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self._encoder = codecs.getincrementalencoder(encoding)()

    def write(self, data: bytes | memoryview) -> int:
        text = self._decoder.decode(bytes(data))
        try:
            recoded = memoryview(self._encoder.encode(text))
        except UnicodeEncodeError as trouble:
            raise _missing(text, trouble, self._encoding) from trouble
        while recoded:  # an unbuffered file may take less than it is given
            recoded = recoded[self._out.write(recoded) :]
        return len(data)


def _missing(text: str, trouble: UnicodeEncodeError, encoding: str) -> LimitReached:
    character = text[trouble.start]
    start = text.rfind("\n", 0, trouble.start) + 1
    line = text[max(start, trouble.start - 40) : trouble.start + 40].splitlines()[0].strip()
    return LimitReached(
        f"“{character}” (U+{ord(character):04X}) cannot be written as {ENCODINGS.get(encoding, encoding)}. "
        f"It stands in “…{line}…”.",
        "Choose UTF-8, or leave that column or row out. Nothing was replaced.",
        field="encoding",
    )


class Transcoded:
    """The way back: a reader of UTF-8 over a file in another encoding."""

    def __init__(self, content: BinaryIO, encoding: str) -> None:
        self._content, self._decoder = content, codecs.getincrementaldecoder(encoding)()
        self._held = b""

    def read(self, size: int) -> bytes:
        """At most `size` bytes, none at the end. Raises Trouble where the bytes are no text of that encoding."""
        while not self._held:
            chunk = self._content.read(size)
            try:
                self._held = self._decoder.decode(chunk, final=not chunk).encode()
            except UnicodeDecodeError as trouble:
                raise damaged(f"it is not text in the encoding asked for ({trouble.reason}).") from trouble
            if not chunk:
                break
        given, self._held = self._held[:size], self._held[size:]
        return given
