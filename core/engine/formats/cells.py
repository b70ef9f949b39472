"""SQL of many cells at once. Columns that are rendered alike go through one list and one lambda.

An expression a cell would do, but not for wide tables: DuckDB keeps a vector for every node of every expression, and binding
takes more than linear time (100 text columns as CSV: 200 MB and 3 s; as a list 55 MB and 0.2 s).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from core.engine.rendering import OutColumn
from core.engine.session import quoted

LISTED = 6  # columns rendered alike, from which on a list is better; below it an expression each is a little faster
ELEMENT = "x"  # what a lambda calls the cell at hand
TERMS = 8  # of one sum: longer ones take quadratic time to bind

Render = Callable[[OutColumn], str]


def alike(columns: Iterable[OutColumn], render: Render) -> list[tuple[str, list[OutColumn]]]:
    """Columns of one type and one expression, each group with that expression over `x`."""
    groups: dict[tuple[object, ...], list[OutColumn]] = {}
    for column in columns:
        template = render(replace(column, key=ELEMENT))
        groups.setdefault((template, column.kind, column.precision, column.scale), []).append(column)
    return [(str(key[0]), members) for key, members in groups.items()]


def listed(members: list[OutColumn]) -> str:
    return f"[{', '.join(quoted(column.key) for column in members)}]"


class Cells:
    """Each column's cell as SQL: `sql[key]`, over the result's columns and the lists in `prepared`."""

    def __init__(self, columns: tuple[OutColumn, ...], render: Render) -> None:
        self.prepared: dict[str, str] = {}
        self.sql: dict[str, str] = {}
        for number, (template, members) in enumerate(alike(columns, render), 1):
            if len(members) < LISTED:
                self.sql |= {column.key: render(column) for column in members}
                continue
            name = f"l{number}"
            self.prepared[name] = f"list_transform({listed(members)}, lambda {ELEMENT}: {template})"
            self.sql |= {column.key: f"{name}[{place}]" for place, column in enumerate(members, 1)}


def counted(columns: Iterable[OutColumn], test: Render) -> str:
    """How many cells of a row pass a test, as SQL; `test` gives a boolean expression, NULL counts as false."""
    terms = []
    for template, members in alike(columns, test):
        if len(members) < LISTED:
            terms += [f"coalesce(({test(column)})::integer, 0)" for column in members]
        else:
            terms.append(f"len(list_filter({listed(members)}, lambda {ELEMENT}: coalesce({template}, false)))")
    return " + ".join(terms) if len(terms) <= TERMS else f"list_sum([{', '.join(terms)}])::bigint"
