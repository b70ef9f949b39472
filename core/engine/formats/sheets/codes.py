"""The number format codes of our sheets (ECMA-376 part 1, 18.8.30), as far as we use them, taken apart."""

from __future__ import annotations

import re

MOMENT = re.compile(r"yyyy|mmm|mm|dd|d|hh|ss(?:\.0+)?|[^ymdhs]+")
MINUTES = "minutes"  # what `mm` stands for once there was an hour


def is_moment(code: str) -> bool:
    """Whether the code shows a date or a time of day."""
    return "yy" in code or "hh" in code


def moment_tokens(code: str) -> list[str]:
    """yyyy, mm (the month), mmm, dd, d, hh, minutes, ss or ss.000, and what stands between them."""
    clock = False
    tokens = []
    for token in MOMENT.findall(code):
        clock = clock or token == "hh"
        tokens.append(MINUTES if token == "mm" and clock else token)
    return tokens


def places(code: str) -> int:
    """Digits after the point of a code for numbers."""
    return len(code.rstrip("%").partition(".")[2])
