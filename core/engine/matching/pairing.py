"""Which of our columns fills which column of the sample: by name, then by similar name, then by what the values are.

One to one: the surest pairs are taken first.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher, get_close_matches

from core.engine.matching import styles
from core.engine.matching.proposal import Missing, Pair
from core.engine.matching.sample import Sample, SampleColumn
from core.engine.values import DATED, NUMBERS, Column, Kind

SIMILAR = 0.78  # from this likeness on two names may mean the same
SURELY = 0.9  # and from this on even where the values look otherwise
ABBREVIATED = 0.85  # "Stat" for "Status", "Cust. name" for "Customer name"
FURTHER_WORD = 0.02  # what each word costs that only one of two names has
OVERLAP = 0.5  # from this share of common values on columns without a name in common may be the same
NEAREST = 3
MOST_PAIRS = 40_000  # compared by likeness and values; beyond, only names decide
Values = dict[str, frozenset[str]]  # our column's id → some of its values as plain text


@dataclass(frozen=True)
class Candidate:
    score: float
    sample: int
    ours: int
    how: str


def pair(sample: Sample, columns: Sequence[Column], values: Values) -> tuple[list[Pair | None], list[Missing]]:
    """For each column of the sample the one of ours, or None; and what is missing with the nearest names there are."""
    found: list[Pair | None] = [None] * len(sample.columns)
    taken: set[int] = set()
    for candidates in (_by_name(sample, columns), _by_likeness(sample, columns, values, found, taken)):
        for one in sorted(candidates, key=lambda one: (-one.score, abs(one.sample - one.ours), one.sample, one.ours)):
            if found[one.sample] is None and one.ours not in taken:
                ours = columns[one.ours]
                label = sample.columns[one.sample].name
                found[one.sample] = Pair(sample=label, column=ours.name, id=ours.id, how=one.how)  # type: ignore[arg-type]
                taken.add(one.ours)
    free = [column.name for place, column in enumerate(columns) if place not in taken]
    missing = [
        Missing(sample=column.name or f"Column {place + 1}", nearest=tuple(nearest(column.name, free)))
        for place, (column, one) in enumerate(zip(sample.columns, found, strict=True))
        if one is None
    ]
    return found, missing


def _by_name(sample: Sample, columns: Sequence[Column]) -> Iterator[Candidate]:
    """The same name, or the same but for case, accents, blanks and signs."""
    exact: dict[str, list[int]] = {}
    alike: dict[str, list[int]] = {}
    for place, column in enumerate(columns):
        exact.setdefault(column.name, []).append(place)
        alike.setdefault(folded(column.name), []).append(place)
    for i, theirs in enumerate(sample.columns):
        if folded(theirs.name):
            yield from (Candidate(2, i, j, "same") for j in exact.get(theirs.name, ()))
            yield from (Candidate(1, i, j, "alike") for j in alike.get(folded(theirs.name), ()))


def _by_likeness(
    sample: Sample, columns: Sequence[Column], values: Values, found: Sequence[Pair | None], taken: set[int]
) -> Iterator[Candidate]:
    """Of the columns that are left: a similar name, the same values, and where nothing has a name the same place."""
    left = [i for i, one in enumerate(found) if one is None]
    free = [j for j in range(len(columns)) if j not in taken]
    if len(left) * len(free) > MOST_PAIRS:
        return
    nameless = not any(column.name for column in sample.columns)
    for i in left:
        for j in free:
            one = _candidate(i, sample.columns[i], j, columns[j], sample, values)
            if one is not None:
                yield one
            elif nameless and i == j and kinds_fit(sample.columns[i], columns[j], sample):
                yield Candidate(0.5, i, j, "place")


def _candidate(i: int, theirs: SampleColumn, j: int, ours: Column, sample: Sample, values: Values) -> Candidate | None:
    likeness = likeness_of(theirs.name, ours.name)
    fits = kinds_fit(theirs, ours, sample)
    if likeness < SIMILAR and not fits:
        return None
    common = overlap(theirs, ours, sample, values)
    if likeness >= SIMILAR and (fits or likeness > SURELY):
        return Candidate(2 + likeness + 0.4 * common + 0.2 * fits, i, j, "similar")
    if common >= OVERLAP and fits and len(set(theirs.values)) > 1:
        return Candidate(1 + common, i, j, "values")
    return None


def folded(name: str) -> str:
    """A name without case, accents, blanks and signs: "Betrag (EUR)" and "betrag_eur" are alike."""
    plain = unicodedata.normalize("NFKD", name.replace("ß", "ss"))
    return re.sub(r"[\W_]+", "", "".join(c for c in plain if not unicodedata.combining(c))).casefold()


def _words(name: str) -> frozenset[str]:
    parted = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)
    return frozenset(word for word in (folded(part) for part in re.split(r"[\W_]+", parted)) if word)


def likeness_of(one: str, other: str) -> float:
    """0 to 1: how well each word of the shorter name is found in the other. "Customer number" is no "Customer name"."""
    few, many = sorted((_words(one), _words(other)), key=len)
    if not few:
        return 0.0
    worst = min(max(_word_likeness(word, there) for there in many) for word in few)
    return worst - FURTHER_WORD * (len(many) - len(few))


def _word_likeness(one: str, other: str) -> float:
    short, long = sorted((one, other), key=len)
    if short == long:
        return 1.0
    if len(short) > 2 and long.startswith(short):
        return ABBREVIATED
    return SequenceMatcher(None, short, long, autojunk=False).ratio()


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


def nearest(name: str, free: Sequence[str]) -> list[str]:
    """The names of `free` that come nearest, the nearest first."""
    by_fold = {folded(column): column for column in reversed(free)}
    return [by_fold[near] for near in get_close_matches(folded(name), list(by_fold), NEAREST, 0.4)] if name else []
