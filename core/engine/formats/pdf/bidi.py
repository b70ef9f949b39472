"""The order in which characters stand on a line that holds text written from right to left (Unicode Annex 9)."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bidi import algorithm, get_base_level

# Hebrew, Arabic and their relatives, and the controls that turn direction by hand
TURNS = re.compile(
    "[\u0590-\u08ff\u200f\u202a-\u202e\u2066-\u2069\ufb1d-\ufdff\ufe70-\ufeff\U00010800-\U00010fff\U0001e800-\U0001efff]"
)


def base_level(text: str) -> int:
    """0 for a paragraph that runs from left to right, 1 from right to left: its first letter decides."""
    return get_base_level(text) if TURNS.search(text) else 0


def levels(text: str) -> list[int]:
    """The embedding level of every character of a paragraph; odd ones run from right to left."""
    base = base_level(text)
    if not TURNS.search(text):
        return [base] * len(text)
    storage = algorithm.get_empty_storage()
    storage["base_level"], storage["base_dir"] = base, "LR"[base]
    algorithm.get_embedding_levels(text, storage)
    for place, character in enumerate(storage["chars"]):
        character["place"] = place
    algorithm.explicit_embed_and_overrides(storage)  # leaves the controls out
    algorithm.resolve_weak_types(storage, False)
    algorithm.resolve_neutral_types(storage, False)
    algorithm.resolve_implicit_levels(storage, False)
    found = {character["place"]: int(character["level"]) for character in storage["chars"]}
    made: list[int] = []
    for place in range(len(text)):
        made.append(found.get(place, made[-1] if made else base))
    return made


def reordered(line: Sequence[int]) -> list[int]:
    """Places of a line's pieces as they stand from left to right, by their levels (rule L2)."""
    order = list(range(len(line)))
    odd = [level for level in line if level % 2]
    for lowest in range(max(line, default=0), min(odd, default=1) - 1, -1):
        place = 0
        while place < len(order):
            if line[order[place]] < lowest:
                place += 1
                continue
            end = place
            while end < len(order) and line[order[end]] >= lowest:
                end += 1
            order[place:end] = reversed(order[place:end])
            place = end
    return order
