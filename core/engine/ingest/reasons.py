"""The sentence beside every column: why it has its type, with a count and an example from the person's own data."""

from __future__ import annotations

import re
from collections.abc import Sequence

import duckdb

from core.engine.ingest import forms
from core.engine.ingest.candidates import Candidate, text_of
from core.engine.ingest.forms import Form
from core.engine.session import literal
from core.engine.values import PLAIN_WORDS, Kind

CURRENCY = "(?:[€$£¥₹]|Rp[.]?|EUR|USD|GBP|IDR|JPY|CHF|AUD|CAD|CNY|INR|SGD|MYR|BRL|PLN|NOK|SEK|DKK|CZK|HUF|TRY|ZAR)"
NUMBER = "[0-9][0-9.,' ]*"
SPACES, SHORT_YEAR = "have spaces around them", "are dates whose year has two digits"
# Why values that look like something else stay text: pattern (RE2 and Python) → words after the count.
LOOKS: tuple[tuple[str, str], ...] = (
    (r"-?0[0-9]+(?:[.,][0-9]+)?", "start with 0"),
    (r"-?[0-9]{16,}(?:[.,][0-9]+)?", "have 16 or more digits, as ids do"),
    (r"[+][0-9][0-9 ().-]*", "start with +, as phone numbers do"),
    (f"-?{NUMBER}%", "are percentages"),
    (f"-?{CURRENCY} ?-?{NUMBER}|-?{NUMBER}{CURRENCY}", "carry a currency"),
    (r"[-+]?[0-9]+(?:[.,][0-9]+)?[eE][-+]?[0-9]+", "are in scientific notation, which may have lost digits"),
    (r"-0(?:[.,]0+)?", "are minus zero"),
    (r"-?[.,][0-9]+", "have no digit before the decimal mark"),
    (r"[0-9]{1,2}[-/.][0-9]{1,2}[-/.][0-9]{2}", SHORT_YEAR),
    (r"\s+\S.*|.*\S\s+", SPACES),
    (r"[(]?[0-9]{1,4}[)]?(?:[ /-][0-9]{2,})+", "are digits in groups, as phone numbers are"),
)
ASK = {
    "dates": "Kept as text: {count} such as {example} may be day/month or month/day. "
    "Choose the date order to read them as dates.",
    "thousands": "Kept as text: {count} such as {example} may hold a decimal mark or a thousands mark. "
    "Choose the decimal mark to read them as numbers.",
}
WORD_PAIRS = tuple(set(f.key.split("_")) for f in forms.YES_NO_WORDS if f.key != "1_0")
NOUNS = {
    Kind.WHOLE: "numbers",
    Kind.DECIMAL: "numbers",
    Kind.FLOAT: "numbers",
    Kind.YES_NO: "true or false",
    Kind.DATE: "dates",
    Kind.TIMESTAMP: "dates with a time",
    Kind.TIMESTAMP_TZ: "dates with a time and zone",
    Kind.TIME: "times of day",
}
ONE = {"numbers": "a number", "dates": "a date", "times of day": "a time of day"}
NEARLY = 0.5  # share of the values seen that must be of a form before the others are called its exceptions
SHOWN = 40  # characters of an example


def shown(value: str) -> str:
    """An example short enough for a sentence."""
    value = " ".join(value.split()) if value and value.strip() == value else f"“{value}”"
    return value if len(value) <= SHOWN else value[: SHOWN - 1] + "…"


def plural(count: int) -> str:
    return f"{count:,} value" if count == 1 else f"{count:,} values"


def typed(
    column: Candidate, form: Form, kind: Kind, *, zone: str | None = None, order: str | None = None, comma: bool = False
) -> str:
    """Why a column got its type."""
    example = shown(next((v for v in column.seen if form.fits(v)), column.seen[0] if column.seen else ""))
    words = PLAIN_WORDS[kind] + (" with a decimal comma" if comma else "") + (", as chosen" if column.chosen else "")
    fits = f"all {plural(column.filled)} fit" if column.filled > 1 else "1 value fits"
    sentence = f"Read as {words}: {fits}, such as {example}."
    if order:
        sentence += f" Read {'day' if order == 'dmy' else 'month'} first, as elsewhere in this file or as chosen."
    if kind is Kind.TIMESTAMP_TZ:
        sentence += (
            f" All are written in {zone}." if zone else " They are written in several offsets and kept as moments."
        )
    return sentence


def explain(con: duckdb.DuckDBPyConnection, relation: str, columns: Sequence[tuple[Candidate, str]]) -> list[str]:
    """Why each of these columns stays text, given the doubt its forms left; at most one scan for all of them."""
    found = [""] * len(columns)
    asked: list[tuple[int, str, str]] = []  # which, SQL condition to count, words
    for n, (column, doubt) in enumerate(columns):
        count = plural(column.filled)
        if not column.filled:
            found[n] = "Text: every cell is empty."
        elif column.wanted is Kind.NESTED:
            found[n] = f"Lists or objects: {count} kept as JSON."
        elif column.wanted is Kind.TEXT:
            found[n] = (
                f"Text, as chosen: {count}." if column.chosen else f"Text: {count}, such as {shown(column.seen[0])}."
            )
        elif doubt:
            found[n] = ASK[doubt].format(count=count, example=shown(column.seen[0]))
        elif {v.casefold() for v in column.seen} in WORD_PAIRS:
            two = " or ".join(sorted(set(column.seen), key=str.casefold)[:2])
            found[n] = (
                f"Kept as text so that the words stay as they are: {count}, {two}. Choose yes/no to read them so."
            )
        elif exception := _exception(column):
            asked.append((n, *exception))
        else:
            found[n] = f"Text: {count}, such as {shown(column.seen[0])}."
    if asked:
        parts = []
        for n, condition, _ in asked:
            parts += [f"count(*) filter ({condition})", f"any_value({text_of(columns[n][0])}) filter ({condition})"]
        row = con.execute(f"select {', '.join(parts)} from {relation}").fetchall()[0]
        for at, (n, _, words) in enumerate(asked):
            count, example = row[2 * at], row[2 * at + 1]
            of = f" of {plural(columns[n][0].filled)}" if words.startswith("are not") else ""
            many = f"{count:,}{of}" if of else plural(count)
            found[n] = (
                f"Kept as text: {many} {_singular(words) if count == 1 else words}, such as {shown(str(example))}."
            )
    return found


def misfits(con: duckdb.DuckDBPyConnection, relation: str, column: Candidate) -> tuple[int, str]:
    """How many values do not fit the type the person chose, and one of them."""
    text = text_of(column)
    best = _nearest(column)
    condition = f"{text} is not null and {best.value(text)} is null" if best else f"{text} is not null"
    row = con.execute(f"select count(*), any_value({text}) from {relation} where {condition}").fetchall()[0]
    return int(row[0]) or column.filled, str(row[1] if row[1] is not None else column.seen[0])


def _nearest(column: Candidate) -> Form | None:
    """The form most of the values seen belong to, if most of them do."""
    counted = [(sum(f.fits(v) for v in column.seen), f) for f in column.listed]
    most = max(counted, key=lambda item: (item[0], -item[1].rank), default=None)
    return most[1] if most and most[0] and most[0] >= NEARLY * len(column.seen) else None


def _exception(column: Candidate) -> tuple[str, str] | None:
    """What keeps a column of near-numbers or near-dates text: the SQL that counts such values, and their words."""
    text = text_of(column)
    near = _nearest(column)
    if column.hint.only is not None:
        looks: Sequence[tuple[str, str]] = ()  # JSON says itself what is a number
    elif near is not None and near.kind not in (Kind.WHOLE, Kind.DECIMAL):
        looks = [look for look in LOOKS if look[1] in (SPACES, SHORT_YEAR)]
    else:
        looks = LOOKS
    others = [v for v in column.seen if near is None or not near.fits(v)] or column.seen
    for pattern, words in looks:
        matching = sum(bool(re.fullmatch(pattern, v)) for v in others)
        if matching and (near is not None or matching > 0.2 * len(others) or _numberish(others)):
            return f"regexp_full_match({text}, {literal(pattern)})", words
    if near is None:
        return None
    return f"{text} is not null and {near.value(text)} is null", f"are not {NOUNS[near.kind]}"


def _numberish(values: Sequence[str]) -> bool:
    return sum(bool(re.search(r"[0-9]", v)) and len(re.findall(r"[A-Za-z]", v)) <= 1 for v in values) > NEARLY * len(
        values
    )


def _singular(words: str) -> str:
    for many, one in (
        ("start ", "starts "),
        ("have ", "has "),
        ("are not ", "is not "),
        ("are ", "is "),
        ("carry ", "carries "),
    ):
        if words.startswith(many):
            rest = words[len(many) :]
            noun = next((n for n in ONE if rest.startswith(n)), "")
            return one + (ONE[noun] + rest[len(noun) :] if noun else rest)
    return words
