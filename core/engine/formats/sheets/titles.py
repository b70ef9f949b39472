"""Names of sheets: legal in Excel, LibreOffice and Google Sheets alike, and no two the same."""

from __future__ import annotations

import re

SHEET_NAME_UNITS = 31  # UTF-16 units, Excel's limit
FORBIDDEN = "[]:*?/\\"


def sheet_name(wanted: str) -> str:
    """A legal sheet name made from any title: what Excel forbids becomes a space, what is too long is left out."""
    name = re.sub(r"[\[\]:*?/\\\x00-\x1f\x7f\ufffe\uffff]", " ", wanted)
    name = " ".join(name.split()).strip("' ")
    name = cut(name, SHEET_NAME_UNITS).strip("' ") or "Data"
    return "History sheet" if name.casefold() == "history" else name  # Excel keeps that name for itself


def cut(name: str, units: int) -> str:
    """As much of `name` as fits in that many UTF-16 units, never half a character."""
    return name.encode("utf-16-le")[: units * 2].decode("utf-16-le", errors="ignore")


def utf16_units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


class Titles:
    """Hands out legal names, none twice (Excel does not tell upper from lower case): Data, Data (2), Data (3) …"""

    def __init__(self, reserved: str = "") -> None:
        """`reserved` is a name that somebody else has already."""
        self.reserved = reserved.casefold()
        self._taken = {self.reserved} - {""}
        self._numbers: dict[str, int] = {}  # the number last given to a name

    def take(self, wanted: str) -> str:
        first = sheet_name(wanted)
        if first.casefold() == self.reserved:
            first = "Data"
        title, number = first, self._numbers.get(first, 1)
        while title.casefold() in self._taken:
            number += 1
            ending = f" ({number})"
            title = cut(first, SHEET_NAME_UNITS - len(ending)).rstrip() + ending
        self._numbers[first] = number
        self._taken.add(title.casefold())
        return title
