"""Names of files: the pattern people write, and the one sanitiser every name goes through.

What is stored on disk has a name of ids only; these names are what the person's browser saves.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from datetime import datetime

from core.engine.moments import zone_of
from core.errors import BadSpec

MAX_BYTES = 180  # of UTF-8, ending included: below every file system's 255 with room for " (2)" and .part
RESERVED = re.compile(r"(con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³]) *(\.|$)", re.IGNORECASE)
FORBIDDEN = re.compile(r'[\\/:*?"<>|]')
HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})  # controls, bidi overrides, lone surrogates, line ends
KEPT_FORMATS = frozenset({"\u200c", "\u200d"})  # joiners that Persian, Hindi and emoji are written with
PLACEHOLDERS = ("name", "rows", "date", "time", "part", "number")
OF_PARTS = re.compile(r"[ _.-]*\{(?:part|number)\}")  # with what joins them to the rest
FALLBACK = "export"


def sanitised(name: str, ending: str = "") -> str:
    """A name any file system takes, of at most 180 bytes with `ending` (".csv.gz"); never empty.

    NFC; separators and signs Windows refuses become "_"; controls vanish; no leading or trailing blank or dot; a device
    name of Windows gets an underscore.
    """
    text = unicodedata.normalize("NFC", name)
    text = "".join(" " if ch in "\t\n\r" else ch for ch in text)
    text = "".join(ch for ch in text if ch in KEPT_FORMATS or unicodedata.category(ch) not in HIDDEN)
    text = re.sub(r"\s+", " ", FORBIDDEN.sub("_", text)).strip(" .\u200c\u200d")
    if RESERVED.match(text):
        text = "_" + text
    text = _cut(text, MAX_BYTES - len(ending.encode())).strip(" .\u200c\u200d")
    return (text or FALLBACK) + ending


def _cut(text: str, size: int) -> str:
    """At most `size` bytes, no character torn and no accent left without its letter."""
    if len(text.encode()) <= size:
        return text
    cut = text.encode()[:size].decode(errors="ignore")
    while cut and unicodedata.combining(text[len(cut)]):
        cut = cut[:-1]
    return unicodedata.normalize("NFC", cut)


def check_pattern(pattern: str) -> None:
    """Raises BadSpec for a placeholder there is none of."""
    for found in re.findall(r"\{([^{}]*)\}", pattern):
        if found not in PLACEHOLDERS:
            known = " ".join("{" + p + "}" for p in PLACEHOLDERS)
            raise BadSpec(
                f"The file name has an unknown part {{{found}}}.", f"Known parts: {known}.", field="file_name"
            )


def file_name(
    pattern: str, ending: str, *, name: str, rows: int, now: datetime, zone: str, part: str = "", number: str = ""
) -> str:
    """The file's name from its pattern: `{name} {date}` → "participants 2026-10-31.csv". `ending` is like "csv.gz".

    `part` and `number` are of one file among several: a pattern that mentions neither gets the part at its end. Where there
    are no parts, `{part}` and `{number}` vanish with what joins them; what is left of `{part}` alone is the name.
    """
    check_pattern(pattern)
    if part and not OF_PARTS.search(pattern):
        pattern += " {part}"
    elif not part:
        pattern = OF_PARTS.sub("", pattern)
    moment = now.astimezone(zone_of(zone))
    parts = {
        "name": name,
        "rows": str(rows),
        "date": moment.strftime("%Y-%m-%d"),
        "time": moment.strftime("%H-%M"),  # a colon is no part of a name on Windows
        "part": part,
        "number": number,
    }
    text = re.sub(r"\{([^{}]*)\}", lambda m: parts[m[1]], pattern)
    if not text.strip():
        text = name  # a pattern of parts alone, where there are none
    if text.lower().endswith(f".{ending.lower()}"):
        text = text[: -len(ending) - 1]
    return sanitised(text, f".{ending}")


class Names:
    """Gives every file of one export a name of its own: the second "Report.csv" becomes "Report (2).csv".

    Names that differ in case only count as the same: they would overwrite each other on Windows and macOS.
    """

    def __init__(self, taken: Iterable[str] = ()) -> None:
        self._taken = {name.casefold() for name in taken}
        self._numbers: dict[str, int] = {}  # the number last given to a name: thousands may share one

    def unique(self, name: str, ending: str) -> str:
        """`name`, which ends in `ending` (".csv"), or the same with a number."""
        stem = name.removesuffix(ending)
        given, number = name, self._numbers.get(name.casefold(), 1)
        while given.casefold() in self._taken:
            number += 1
            given = sanitised(_cut(stem, MAX_BYTES - len(ending.encode()) - 10) + f" ({number})", ending)
        self._numbers[name.casefold()] = number
        self._taken.add(given.casefold())
        return given
