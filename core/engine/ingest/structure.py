"""Where a table begins in its sheet or file: title lines above, the header row, names for its columns."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

TYPED = re.compile(
    r"[-+]?[\d.,' \u00a0]*\d%?"  # a number of any notation
    r"|\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}([T ].*)?"  # a date
    r"|\d{1,2}:\d{2}.*|(?i:true|false)|[€$£¥].*\d"
)
YEAR = re.compile(r"(19|20)\d\d")


@dataclass
class Structure:
    """`header` is the index of the header among the records given (None: there is none); `first` that of the data."""

    header: int | None
    first: int
    names: list[str]
    notes: list[str] = field(default_factory=list)

    @property
    def width(self) -> int:
        return len(self.names)


def find(records: Sequence[Sequence[str]], header: int | None = None, headless: bool = False) -> Structure:
    """Find the table in the first records of a sheet. `header` fixes the header's index; `headless` says there is none."""
    if not records:
        return Structure(None, 0, [])
    if header is None and not headless:
        start = _after_titles(records)
        header = start if _is_header(records[start], records[start + 1 : start + 200]) else None
        first = start if header is None else start + 1
    elif header is not None:
        first = header + 1
    else:
        first = _after_titles(records)
    data = records[first:]
    width = _width(records[header] if header is not None else (), data)
    named = list(records[header]) if header is not None else []
    found = Structure(header, first, [], [])
    found.names = names(named, width, found.notes)
    above = header if header is not None else first
    if above:
        found.notes.append(_plural(above, "line", "lines") + " above the table left out.")
    if header is None:
        found.notes.append("The file has no header row; the columns were numbered.")
    return found


def names(cells: Sequence[str], width: int, notes: list[str]) -> list[str]:
    """A name for each column: blanks are numbered, repeats get (2), (3) … and both are noted. No two differ by case alone."""
    written = [" ".join(cells[n].split()) if n < len(cells) else "" for n in range(width)]
    taken = {name.casefold() for name in written}  # a number given to a repeat must not hit a name somebody wrote
    found: list[str] = []
    used: set[str] = set()
    blank: list[int] = []
    repeated: list[str] = []
    for n, name in enumerate(written):
        base = name or f"Column {n + 1}"
        if not name:
            blank.append(n + 1)
        given, again = base, 1
        while (
            given.casefold() in used
            or (again > 1 and given.casefold() in taken)
            or (not name and given.casefold() in taken)
        ):
            again += 1
            given = f"{base} ({again})"
        if name and again > 1 and name not in repeated:
            repeated.append(name)
        used.add(given.casefold())
        found.append(given)
    if blank and cells:
        notes.append(
            f"{_plural(len(blank), 'column has', 'columns have')} no name and got one, such as Column {blank[0]}."
        )
    if repeated:
        notes.append(f"Several columns are called “{repeated[0]}”; the later ones were numbered.")
    return found


def _after_titles(records: Sequence[Sequence[str]]) -> int:
    """The index of the first record that is as wide as the table: titles and remarks stand above it."""
    widths = Counter(_filled(r) for r in records[:200] if _filled(r) > 1)
    if not widths:
        return 0
    usual = max(widths.items(), key=lambda item: (item[1], item[0]))[0]
    for n, record in enumerate(records[:50]):
        if _filled(record) >= max(2, 0.6 * usual):
            return n
    return 0


def _filled(record: Sequence[str]) -> int:
    return sum(bool(cell.strip()) for cell in record)


def _width(header: Sequence[str], data: Sequence[Sequence[str]]) -> int:
    """The header's width, unless most rows agree on more: then the header lacks names at its end."""
    if not header:
        return max(Counter(len(r) for r in data).items(), key=lambda item: (item[1], item[0]))[0] if data else 0
    wider = Counter(len(r) for r in data if len(r) > len(header))
    if wider and sum(wider.values()) > 0.5 * len(data):
        return max(wider.items(), key=lambda item: (item[1], item[0]))[0]
    return len(header)


def _is_header(record: Sequence[str], data: Sequence[Sequence[str]]) -> bool:
    """Whether a record names columns rather than being the first row of values."""
    score, words = 0.0, 0
    for n, cell in enumerate(map(str.strip, record)):
        if not cell:
            continue
        below = [row[n].strip() for row in data if n < len(row) and row[n].strip()]
        typed_below = bool(below) and sum(bool(TYPED.fullmatch(v)) for v in below) >= 0.8 * len(below)
        if YEAR.fullmatch(cell) and not all(YEAR.fullmatch(v) for v in below):
            continue  # a column a year: 2021, 2022
        if TYPED.fullmatch(cell):
            score -= 1.0
        elif typed_below:
            score += 1.0
            words += 1
        elif cell in below:
            score -= 0.5
        else:
            words += 1
    return score >= 0 and words > 0


def _plural(n: int, one: str, many: str) -> str:
    return f"{n:,} {one if n == 1 else many}"
