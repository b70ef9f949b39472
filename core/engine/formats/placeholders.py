"""Text with {placeholders}: taken apart, and its names found. Doubled braces stand for themselves.

In a row a placeholder is a column, or {row} for the row's number; a look may follow a colon: {Amount:>12 0.00}. In a header or
a footer there are {title} {date} {time} {rows} {count} and {sum:Amount} {min:Amount} {max:Day} {count:Email}, with a look too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Literal

from core.engine.formats.fitting import Field
from core.engine.formats.looks import Look, parse_look
from core.engine.formats.naming import keys
from core.engine.rendering import OutColumn
from core.engine.values import NUMBERS, Kind
from core.errors import BadSpec

ROW = "row"  # the row's number within its file, unless a column is called so
ROW_KEY = "rownumber"  # its SQL name: columns are o1 … oN
ABOUT = ("title", "date", "time", "rows", "count")
FIGURES = ("sum", "min", "max", "count")
NAMED = 12  # columns a refusal lists
_PIECES = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")


@dataclass(frozen=True)
class Slot:
    """What stands between braces, as it was written."""

    inside: str


@dataclass(frozen=True)
class Fact:
    """A placeholder of a header or a footer: what it tells, of which column, how it looks."""

    what: Literal["title", "date", "time", "rows", "count", "sum", "min", "max"]
    column: OutColumn | None
    look: Look


def pieces(text: str) -> Iterator[str | Slot]:
    """The text between placeholders, and the placeholders. Raises BadSpec for a brace that is alone."""
    at, literal = 0, ""
    for found in _PIECES.finditer(text):
        literal += text[at : found.start()]
        at = found.end()
        if found.group() in ("{{", "}}"):
            literal += found.group()[0]
        elif found.group(1) is None:
            raise BadSpec(
                f"A “{found.group()}” stands alone in “…{text[max(0, at - 20) : at + 20].strip()}…”.",
                "Write {{ or }} for a brace that is meant as one.",
                field="options",
            )
        else:
            if literal:
                yield literal
                literal = ""
            yield Slot(found.group(1).strip())
    if rest := literal + text[at:]:
        yield rest


def written(found: Sequence[str | Slot]) -> str:
    """The reverse of `pieces`."""
    return "".join(f"{{{p.inside}}}" if isinstance(p, Slot) else p.replace("{", "{{").replace("}", "}}") for p in found)


def field(slot: Slot, columns: tuple[OutColumn, ...]) -> Field:
    """The column a placeholder of a row means. Raises BadSpec naming the known columns."""
    names: dict[str, OutColumn] = {ROW: OutColumn(ROW_KEY, ROW, Kind.WHOLE)}
    names |= dict(zip(keys(columns), columns, strict=True))
    column, rest = _named(slot.inside, names)
    look = parse_look(rest)
    look.check(column)
    return Field(**asdict(column), look=look)


def fact(slot: Slot, columns: tuple[OutColumn, ...]) -> Fact:
    """What a placeholder of a header or a footer tells. Raises BadSpec naming what there is."""
    word, colon, rest = slot.inside.partition(":")
    what = word.strip().casefold()
    if what in FIGURES and colon and not (what == "count" and _is_look(rest)):
        column, look_text = _named(rest.strip(), dict(zip(keys(columns), columns, strict=True)))
        if what == "sum" and column.kind not in NUMBERS:
            raise BadSpec(
                f"“{column.label}” holds no numbers, so it has no sum.", "Choose another column.", field="options"
            )
        look = parse_look(look_text)
        if what != "count":
            look.check(column)
        return Fact(what, column, look)  # type: ignore[arg-type]
    if what not in ABOUT:
        raise BadSpec(
            f"A header or footer knows no “{{{slot.inside}}}”.",
            "There are {title} {date} {time} {rows} {count} and, of a column, {sum:…} {min:…} {max:…} {count:…}.",
            field="options",
        )
    look = parse_look(rest)
    kind = {"date": Kind.TIMESTAMP, "time": Kind.TIMESTAMP, "title": Kind.TEXT}.get(what, Kind.WHOLE)
    look.check(OutColumn("", what, kind))
    return Fact(what, None, look)  # type: ignore[arg-type]


def _is_look(text: str) -> bool:
    try:
        parse_look(text)
    except BadSpec:
        return False
    return True


def _named(inside: str, names: Mapping[str, OutColumn]) -> tuple[OutColumn, str]:
    """The column, and the look after its colon; a header may hold colons itself. Case counts where two differ by it."""
    folded = {name.casefold(): column for name, column in reversed(list(names.items()))}
    at = len(inside)
    while at > 0:
        name = inside[:at].strip()
        column = names.get(name) or folded.get(name.casefold())
        if column is not None:
            return column, inside[at + 1 :].strip()
        at = inside.rfind(":", 0, at)
    known = list(names)[:NAMED]
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    raise BadSpec(
        f"There is no column “{inside.partition(':')[0].strip()}”.",
        f"There are {', '.join(f'{{{name}}}' for name in known)}{more}.",
        field="options",
    )
