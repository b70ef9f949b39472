"""Column names for formats that need them different, or made of certain characters only."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from core.engine.receipt import Note
from core.engine.rendering import OutColumn

NAMED = 50  # renamed columns a note lists one by one


def different(
    names: Sequence[str],
    numbered: str = "{} ({})",
    *,
    taken: Iterable[str] = (),
    same: Callable[[str], str] = str,
) -> list[str]:
    """The names, made different from one another and from `taken`: the second "name" becomes "name (2)".

    A name that is the only one of its kind is kept, wherever it stands. `same` folds what readers take for the same name.
    """
    given = {same(name) for name in names}
    seen = {same(name) for name in taken}
    found = []
    for original in names:
        name, number = original, 1
        while same(name) in seen or (number > 1 and same(name) in given):
            number += 1
            name = numbered.format(original, number)
        seen.add(same(name))
        found.append(name)
    return found


def keys(columns: Sequence[OutColumn]) -> list[str]:
    """The labels, made different from one another: the second "name" becomes "name (2)"."""
    return different([column.label for column in columns])


def second_names(columns: Sequence[OutColumn], format: str) -> tuple[Note, ...]:
    """A note for each column whose key is not its label, since a row of that format has every key once."""
    return tuple(
        Note(
            code="renamed_column",
            message=f"A second column called “{column.label}” is called “{name}”: {format} needs different names.",
            count=1,
            column=name,
        )
        for column, name in zip(columns, keys(columns), strict=True)
        if column.label != name
    )


def renaming(columns: Sequence[OutColumn], names: Sequence[str], why: str) -> tuple[Note, ...]:
    """One note with every column that is called otherwise in the file; none where all kept their names."""
    changed = [f"“{c.label}” is {name}" for c, name in zip(columns, names, strict=True) if c.label != name]
    if not changed:
        return ()
    more = f" and {len(changed) - NAMED:,} more" if len(changed) > NAMED else ""
    are = "1 column is" if len(changed) == 1 else f"{len(changed):,} columns are"
    message = f"{are} called otherwise in the file, because {why}: {', '.join(changed[:NAMED])}{more}."
    return (Note(code="renamed_column", message=message, count=len(changed)),)
