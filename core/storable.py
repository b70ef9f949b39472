"""Texts that can be kept: every sign whole, none of them NUL. PostgreSQL takes no NUL, and no encoding writes half a sign."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from core.errors import BadInput

UNKEPT = re.compile("[\0\ud800-\udfff]")  # in Python a surrogate that stands alone is half a sign: pairs were joined


def check(value: Any, field: str = "") -> None:
    """Raises BadInput naming the field where a text of the value cannot be kept.

    `value` is a text, or of JSON; `field` is its own name, to which the way into it is added: "sources.0.name".
    """
    for place, text in _texts(value, field):
        if found := UNKEPT.search(text):
            what = "the character NUL" if found[0] == "\0" else f"half a sign ({found[0]!a})"
            raise BadInput(
                f"“{place}” holds {what}, which nothing can store." if place else f"A text holds {what}.",
                "Take it out, then try again.",
                field=place or None,
            )


def _texts(value: Any, place: str) -> Iterator[tuple[str, str]]:
    """Every text in a value with the way to it; the name of a field is a text too."""
    todo = [(place, value)]
    while todo:  # not by recursion: whoever sends a body chooses how deep it goes
        place, value = todo.pop()
        if isinstance(value, str):
            yield place, value
        elif isinstance(value, dict):
            yield from ((place, str(name)) for name in value)
            todo += [(f"{place}.{name}".lstrip("."), inner) for name, inner in reversed(value.items())]
        elif isinstance(value, list | tuple):
            todo += [(f"{place}.{n}".lstrip("."), inner) for n, inner in reversed([*enumerate(value)])]
