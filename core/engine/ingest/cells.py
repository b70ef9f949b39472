"""Spreadsheet cells as text: the one notation inference reads, whatever the cell's own type was."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

ISO_DURATION = re.compile(r"PT(\d+)H(\d+)M(\d+)(?:[.,](\d+))?S")


class Rounded:
    """Counts numbers whose last binary digits are noise: Excel keeps and shows 15 digits, and so do we."""

    def __init__(self) -> None:
        self.count = 0
        self.example = ""

    def number(self, value: float) -> str:
        text = f"{value:.15g}"
        if float(text) != value and value == value:
            self.count += 1
            self.example = self.example or f"{value!r}"
        if "e" in text:
            text = format(Decimal(text), "f")
        return "0" if text == "-0" else text


def column(values: Sequence[Any], rounded: Rounded) -> list[str | None]:
    """One column of a batch as text, empty cells as None; the common types go the short way."""
    kinds = set(map(type, values))
    if kinds == {str}:
        return [v or None for v in values]
    if kinds <= {float, str}:
        number = rounded.number
        return [(v or None) if v.__class__ is str else number(v) for v in values]
    return [text(v, rounded) for v in values]


def text(value: Any, rounded: Rounded) -> str | None:
    """One cell as text: ISO dates and times, hours:minutes:seconds for durations, true and false."""
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return value
    if isinstance(value, float):
        return rounded.number(value)
    if isinstance(value, dt.datetime):
        return value.isoformat(" ")
    if isinstance(value, (dt.date, dt.time)):
        return value.isoformat()
    if isinstance(value, dt.timedelta):
        return duration(value)
    return str(value)


def duration(value: dt.timedelta) -> str:
    """Hours may pass 24, as in [h]:mm:ss cells."""
    seconds = int(value.total_seconds())
    sign = "-" if seconds < 0 else ""
    hours, rest = divmod(abs(seconds), 3600)
    fraction = f".{value.microseconds:06d}".rstrip("0") if value.microseconds else ""
    return f"{sign}{hours}:{rest // 60:02d}:{rest % 60:02d}{fraction}"


def from_iso_duration(value: str) -> str:
    """PT26H30M00S, as ODS stores durations → 26:30:00; anything else stays as it is."""
    found = ISO_DURATION.fullmatch(value)
    return f"{int(found[1])}:{found[2]:0>2}:{found[3]:0>2}" if found else value
