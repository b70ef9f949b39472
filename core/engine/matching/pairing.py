"""Which of our columns fills which column of the sample: by name, then by similar name, then by what the values are.

One to one: the surest pairs are taken first.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher, get_close_matches

from core.engine.matching import styles
from core.engine.matching.proposal import Missing, Pair
from core.engine.matching.sample import Sample, SampleColumn
from core.engine.values import DATED, NUMBERS, Column, Kind

SIMILAR = 0.72  # from this likeness on two names may mean the same
OVERLAP = 0.5  # from this share of common values on columns without a name in common may be the same
NEAREST = 3
LARGEST = 400  # columns on either side, up to which names are compared by likeness
Values = dict[str, frozenset[str]]  # our column's id → some of its values as plain text


@dataclass(frozen=True)
class Candidate:
    score: float
    sample: int
    ours: int
    how: str


def pair(sample: Sample, columns: Sequence[Column], values: Values) -> tuple[list[Pair | None], list[Missing]]:
    """For each column of the sample the one of ours, or None; and what is missing with the nearest names there are."""
    candidates = sorted(
        (one for i, theirs in enumerate(sample.columns) for j, ours in enumerate(columns)
         if (one := _candidate(i, theirs, j, ours, sample, values, near=len(columns) <= LARGEST)) is not None),
        key=lambda one: (-one.score, abs(one.sample - one.ours), one.sample, one.ours),
    )  # fmt: skip
    found: list[Pair | None] = [None] * len(sample.columns)
    taken: set[int] = set()
    for one in candidates:
        if found[one.sample] is None and one.ours not in taken:
            ours = columns[one.ours]
            label = sample.columns[one.sample].name
            found[one.sample] = Pair(sample=label, column=ours.name, id=ours.id, how=one.how)  # type: ignore[arg-type]
            taken.add(one.ours)
    free = [column.name for place, column in enumerate(columns) if place not in taken]
    missing = [
        Missing(sample=column.name or f"Column {place + 1}", nearest=tuple(_nearest(column.name, free)))
        for place, (column, one) in enumerate(zip(sample.columns, found, strict=True))
        if one is None
    ]
    return found, missing


def folded(name: str) -> str:
    """A name without case, accents, blanks and signs: "Betrag (EUR)" and "betrag_eur" are alike."""
    plain = unicodedata.normalize("NFKD", name.replace("ß", "ss"))
    return re.sub(r"[\W_]+", "", "".join(c for c in plain if not unicodedata.combining(c))).casefold()


def _words(name: str) -> frozenset[str]:
    parted = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)
    return frozenset(word for word in (folded(part) for part in re.split(r"[\W_]+", parted)) if word)


def _candidate(
    i: int, theirs: SampleColumn, j: int, ours: Column, sample: Sample, values: Values, *, near: bool
) -> Candidate | None:
    common = overlap(theirs, ours, sample, values)
    fits = kinds_fit(theirs, ours, sample)
    extra = 0.4 * common + (0.2 if fits else 0.0)
    if theirs.name:
        if theirs.name == ours.name:
            return Candidate(5 + extra, i, j, "same")
        if folded(theirs.name) and folded(theirs.name) == folded(ours.name):
            return Candidate(4 + extra, i, j, "alike")
        likeness = _likeness(theirs.name, ours.name) if near else 0.0
        if likeness >= SIMILAR and (fits or likeness > 0.9):
            return Candidate(2 + likeness + extra, i, j, "similar")
    if common >= OVERLAP and fits and len(set(theirs.values)) > 1:
        return Candidate(1 + extra, i, j, "values")
    if not any(column.name for column in sample.columns) and i == j and fits:
        return Candidate(0.5 + extra, i, j, "place")
    return None


def _likeness(one: str, other: str) -> float:
    """0 to 1: how many letters are alike in order, or how many words one shares with the other."""
    a, b = folded(one), folded(other)
    if not a or not b:
        return 0.0
    letters = SequenceMatcher(None, a, b, autojunk=False).ratio()
    mine, yours = _words(one), _words(other)
    shared = len(mine & yours) / max(1, min(len(mine), len(yours)))
    within = 0.75 if shared == 1 and max(map(len, mine & yours)) > 2 else 0.0
    return max(letters, within)


def kinds_fit(theirs: SampleColumn, ours: Column, sample: Sample) -> bool:
    """Whether values such as the sample's could be ours, by their look."""
    if not theirs.values:
        return True
    if ours.kind in NUMBERS:
        return theirs.number_key is not None or styles.number_style(theirs.values, sample.decimal) is not None
    if ours.kind in DATED:
        return theirs.date_key is not None or styles.date_style(theirs.values) is not None
    if ours.kind is Kind.YES_NO:
        return styles.yes_no(theirs.values) is not None
    if ours.kind is Kind.TEXT:
        return styles.date_style(theirs.values) is None
    return True


def overlap(theirs: SampleColumn, ours: Column, sample: Sample, values: Values) -> float:
    """The share of the sample's values that are among ours, 0 to 1."""
    there = values.get(ours.id)
    if not there or not theirs.values:
        return 0.0
    plain = {_plain(value, theirs, ours, sample) for value in set(theirs.values)}
    return len(plain & there) / len(plain)


def _plain(value: str, theirs: SampleColumn, ours: Column, sample: Sample) -> str:
    """A value of the sample in the words our values are compared in."""
    if ours.kind in NUMBERS and (number := styles.number_style(theirs.values, sample.decimal)):
        return plain_text(str(styles.plain_number(value, number)))
    if ours.kind in DATED and (day := styles.date_style(theirs.values)):
        return styles.plain_day(value, day)
    return value.strip()


def plain_text(text: str) -> str:
    """A number without the zeros that mean nothing."""
    return text.rstrip("0").rstrip(".") if "." in text else text


def _nearest(name: str, free: Sequence[str]) -> list[str]:
    by_fold = {folded(column): column for column in reversed(free)}
    return [by_fold[near] for near in get_close_matches(folded(name), list(by_fold), NEAREST, 0.4)] if name else []
