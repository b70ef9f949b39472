"""Names of files: the pattern people write, and the one sanitiser every name goes through.

What is stored on disk has a name of ids only; these names are what the person's browser saves.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime

from core.engine.moments import zone_of
from core.errors import BadSpec

MAX_BYTES = 180  # of UTF-8, ending included: below every file system's 255 with room for " (2)" and .part
RESERVED = re.compile(r"(con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])(\.|$)", re.IGNORECASE)
FORBIDDEN = re.compile(r'[\\/:*?"<>|]')
HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})  # controls, bidi overrides, lone surrogates, line ends
KEPT_FORMATS = frozenset({"\u200c", "\u200d"})  # joiners that Persian, Hindi and emoji are written with
PLACEHOLDERS = ("name", "rows", "date", "time")
FALLBACK = "export"


def sanitised(name: str, ending: str = "") -> str:
    """A name any file system takes, of at most 180 bytes with `ending` (".csv.gz"); never empty.

    NFC; separators and signs Windows refuses become "_"; controls vanish; no leading or trailing blank or dot; a device
    name of Windows gets an underscore.
    """
    text = unicodedata.normalize("NFC", name)
    text = "".join(" " if ch in "\t\n\r" else ch for ch in text)
    text = "".join(ch for ch in text if ch in KEPT_FORMATS or unicodedata.category(ch) not in HIDDEN)
    text = re.sub(r"\s+", " ", FORBIDDEN.sub("_", text)).strip(" .")
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


def file_name(pattern: str, ending: str, *, name: str, rows: int, now: datetime, zone: str) -> str:
    """The file's name from its pattern: `{name} {date}` → "participants 2026-10-31.csv". `ending` is like "csv.gz"."""
    check_pattern(pattern)
    moment = now.astimezone(zone_of(zone))
    parts = {
        "name": name,
        "rows": str(rows),
        "date": moment.strftime("%Y-%m-%d"),
        "time": moment.strftime("%H-%M"),  # a colon is no part of a name on Windows
    }
    text = re.sub(r"\{([^{}]*)\}", lambda m: parts[m[1]], pattern)
    if text.lower().endswith(f".{ending.lower()}"):
        text = text[: -len(ending) - 1]
    return sanitised(text, f".{ending}")
