"""The sentence beside every column: why it has its type, with a count and an example from the person's own data."""

from __future__ import annotations

import re
from collections.abc import Sequence

import duckdb

from core.engine.ingest.forms import Form
from core.engine.session import literal, quoted
from core.engine.values import PLAIN_WORDS, Kind

CURRENCY = "(?:[€$£¥₹]|Rp[.]?|EUR|USD|GBP|IDR|JPY|CHF|AUD|CAD|CNY|INR|SGD|MYR|BRL|PLN|NOK|SEK|DKK|CZK|HUF|TRY|ZAR)"
MONEY = f"-?{CURRENCY} ?-?[0-9][0-9.,' ]*|-?[0-9][0-9.,' ]* ?{CURRENCY}"
# Why values that look like something else stay text: pattern (RE2 and Python) → words after the count.
LOOKS: tuple[tuple[str, str], ...] = (
    (r"0[0-9]+", "start with 0"),
    (r"-?[0-9]{16,}", "have 16 or more digits, as ids do"),
    (r"[+][0-9][0-9 ().-]*", "start with +, as phone numbers do"),
    (r"-?[0-9.,]*[0-9][ ]?%", "are percentages"),
    (MONEY, "carry a currency"),
    (r"[-+]?[0-9]+(?:[.,][0-9]+)?[eE][-+]?[0-9]+", "are in scientific notation, which may have lost digits"),
    (r"[0-9]{1,2}[-/.][0-9]{1,2}[-/.][0-9]{2}", "are dates whose year has two digits"),
    (r"\s+.*|.*\s+", "have spaces around them"),
    (r"[0-9][0-9() /-]{5,}[0-9]", "are digits with spaces or dashes, as phone numbers are"),
)
ASK = {
    "dates": "Kept as text: {count} values such as {example} may be day/month or month/day. Choose the date order to read them as dates.",
    "thousands": "Kept as text: {count} values such as {example} may hold a decimal mark or a thousands mark. "
    "Choose the decimal mark to read them as numbers.",
}
WORD_PAIRS = ({"yes", "no"}, {"y", "n"}, {"ja", "nein"}, {"ja", "nee"}, {"oui", "non"}, {"ya", "tidak"})
SHOWN = 40  # characters of an example


def shown(value: str) -> str:
    """An example short enough for a sentence."""
    value = " ".join(value.split()) if value.strip() else repr(value)
    return value if len(value) <= SHOWN else value[: SHOWN - 1] + "…"


def plural(count: int) -> str:
    return f"{count:,} value" if count == 1 else f"{count:,} values"


def typed(count: int, form: Form, seen: Sequence[str], zone: str | None, order: str | None, whole: bool = False) -> str:
    """Why a column got its type."""
    example = shown(next((v for v in seen if form.fits(v)), seen[0] if seen else ""))
    words = PLAIN_WORDS[form.kind if not whole else Kind.WHOLE]
    if form.kind is Kind.DECIMAL and form.decimal == "," and not whole:
        words += " with a decimal comma"
    sentence = (
        f"Read as {words}: " + (f"all {plural(count)} fit" if count > 1 else "1 value fits") + f", such as {example}."
    )
    if order:
        said = {"dmy": "the day first", "mdy": "the month first"}[order]
        sentence += f" Read with {said}, as elsewhere in this file or as chosen."
    if form.kind is Kind.TIMESTAMP_TZ:
        sentence += (
            f" All are written in {zone}." if zone else " They are written in several offsets and kept as moments."
        )
    return sentence


def explain(
    con: duckdb.DuckDBPyConnection,
    relation: str,
    columns: Sequence[tuple[str, list[str], int, str | None, str, Kind | None]],
) -> list[str]:
    """Why each of these columns (id, values seen, filled, counterexample, ambiguity, wanted) stays text; one scan for all."""
    found = [""] * len(columns)
    asked: list[tuple[int, str, str]] = []
    for n, (key, seen, filled, counterexample, ambiguity, wanted) in enumerate(columns):
        if wanted is Kind.TEXT:
            found[n] = f"Text, as chosen: {plural(filled)}."
        elif wanted is Kind.NESTED:
            found[n] = f"Lists or objects: {plural(filled)} kept as JSON."
        elif not filled:
            found[n] = "Text: every cell is empty."
        elif ambiguity:
            found[n] = ASK[ambiguity].format(count=f"{filled:,}", example=shown(seen[0]))
        elif {v.casefold() for v in seen} in WORD_PAIRS:
            found[n] = (
                f"Kept as text so that the words stay as they are: {plural(filled)}, {' or '.join(sorted(set(seen))[:2])}. "
                "Choose yes/no to read them so."
            )
        else:
            look = _look([*seen, *([counterexample] if counterexample else [])])
            if look:
                asked.append((n, key, look))
            elif counterexample is not None:
                found[n] = f"Kept as text: not all of {plural(filled)} are alike, such as {shown(counterexample)}."
            else:
                found[n] = f"Text: {plural(filled)}, such as {shown(seen[0])}." if seen else f"Text: {plural(filled)}."
    if asked:
        parts = []
        for _, key, pattern in asked:
            fits = f"regexp_full_match({quoted(key)}, {literal(pattern)})"
            parts += [f"count(*) filter ({fits})", f"any_value({quoted(key)}) filter ({fits})"]
        row = con.execute(f"select {', '.join(parts)} from {relation}").fetchone() or ()
        for at, (n, _, pattern) in enumerate(asked):
            words = dict(LOOKS)[pattern]
            count, example = row[2 * at], row[2 * at + 1]
            if count == 1:
                words = _singular(words)
            found[n] = f"Kept as text: {plural(count)} {words}, such as {shown(str(example))}."
    return found


def _look(seen: Sequence[str]) -> str | None:
    """The first reason that holds for a value, if nearly all values look like numbers or dates at all."""
    numberish = sum(bool(re.search(r"[0-9]", v)) and len(re.findall(r"[A-Za-z]", v)) <= 3 for v in seen)
    if numberish < 0.5 * len(seen):
        return None
    for pattern, _ in LOOKS:
        if any(re.fullmatch(pattern, v) for v in seen):
            return pattern
    return None


def _singular(words: str) -> str:
    for many, one in (("start ", "starts "), ("have ", "has "), ("are ", "is "), ("carry ", "carries ")):
        if words.startswith(many):
            return one + words[len(many) :]
    return words
