"""The order in which characters stand on a line that holds text written from right to left (Unicode Annex 9)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from typing import Any

from bidi import algorithm
from bidi.mirror import MIRRORED

# Hebrew, Arabic and their relatives, and the controls that turn direction by hand
TURNS = re.compile(
    "[\u0590-\u08ff\u200f\u202a-\u202e\u2066-\u2069\ufb1d-\ufdff\ufe70-\ufeff\U00010800-\U00010fff\U0001e800-\U0001efff]"
)
LEFT_ISOLATE, RIGHT_ISOLATE, FIRST_STRONG, END_ISOLATE = "\u2066", "\u2067", "\u2068", "\u2069"
ISOLATES = re.compile(f"[{LEFT_ISOLATE}-{END_ISOLATE}]")
EMBEDDINGS = {LEFT_ISOLATE: "\u202a", RIGHT_ISOLATE: "\u202b", END_ISOLATE: "\u202c"}
UNKNOWN = "a"  # stands in for them: most run from left to right
DIRECTIONS = {"L": "L", "R": "R", "AL": "R", "EN": "R", "AN": "R"}  # numbers count as right to left here


def base_level(text: str) -> int:
    """0 for a paragraph that runs from left to right, 1 from right to left: its first letter decides."""
    return algorithm.get_base_level(text) if TURNS.search(text) else 0


def _embedding(isolate: re.Match[str]) -> str:
    """python-bidi knows no isolates: the embedding that is nearest to one."""
    control = isolate[0]
    if control == FIRST_STRONG:
        control = RIGHT_ISOLATE if algorithm.get_base_level(isolate.string[isolate.end() :]) else LEFT_ISOLATE
    return EMBEDDINGS[control]


def levels(text: str) -> list[int]:
    """The embedding level of every character of a paragraph; odd ones run from right to left."""
    base = base_level(text)
    if not TURNS.search(text):
        return [base] * len(text)
    storage = algorithm.get_empty_storage()
    storage["base_level"], storage["base_dir"] = base, "LR"[base]
    known = ISOLATES.sub(_embedding, text)
    # characters newer than Python's tables have no direction yet
    known = "".join(c if unicodedata.bidirectional(c) else UNKNOWN for c in known)
    algorithm.get_embedding_levels(known, storage)
    for place, character in enumerate(storage["chars"]):
        character["place"] = place
    algorithm.explicit_embed_and_overrides(storage)  # leaves the controls out
    algorithm.resolve_weak_types(storage, False)
    _resolve_brackets(storage)
    algorithm.resolve_neutral_types(storage, False)
    algorithm.resolve_implicit_levels(storage, False)
    found = {character["place"]: int(character["level"]) for character in storage["chars"]}
    made: list[int] = []
    for place in range(len(text)):
        made.append(found.get(place, made[-1] if made else base))
    return made


def _resolve_brackets(storage: dict[str, Any]) -> None:
    """Rule N0, which python-bidi's steps leave out: a pair of brackets takes one direction, that of what stands in it."""
    for run in storage["runs"]:
        characters = storage["chars"][run["start"] : run["start"] + run["length"]]
        types = [DIRECTIONS.get(character["type"], "") for character in characters]
        for start, end in sorted(_pairs([character["ch"] for character in characters])):
            embedding = "LR"[characters[start]["level"] % 2]
            inside = {found for found in types[start + 1 : end] if found}
            if not inside:
                continue
            direction = embedding
            if embedding not in inside:
                direction = next((found for found in reversed(types[:start]) if found), run["sor"])
            for place in (start, end):
                characters[place]["type"] = types[place] = direction


def _pairs(characters: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Places of brackets that belong together (BD16)."""
    opened: list[tuple[str, int]] = []
    for place, character in enumerate(characters):
        if character not in MIRRORED:
            continue
        if unicodedata.category(character) == "Ps":
            opened.append((MIRRORED[character], place))
        elif any(wanted == character for wanted, _ in opened):
            while opened:
                wanted, start = opened.pop()
                if wanted == character:
                    yield start, place
                    break


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
