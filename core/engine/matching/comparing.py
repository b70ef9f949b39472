"""A sample beside our data: the look each column must have, the options that follow, and what cannot be made alike."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from core.engine.display import DATE_FORMATS, NUMBER_FORMATS
from core.engine.matching import styles
from core.engine.matching.proposal import Pair
from core.engine.matching.sample import Sample, SampleColumn
from core.engine.matching.styles import DateStyle, NumberStyle
from core.engine.values import DATED, NUMBERS, Column, Kind

PLACES = {0: "whole", 1: "one_decimal", 2: "two_decimals"}
GROUPED = {0: "thousands", 2: "thousands_decimals"}
SHOWN = 5  # values a sentence names
QUOTED = 60  # characters of a value within a sentence
OPTIONAL = {  # options a format has for how values look
    "csv": ("null_text", "decimal_comma", "date_format"),
    "tsv": ("null_text", "decimal_comma", "date_format"),
    "fixed": ("null_text", "decimals", "date_format"),
    "json": ("date_format",),
    "jsonl": ("date_format",),
}


@dataclass
class Compared:
    """What comparing the pairs gave: a display format for each column of ours, and sentences."""

    formats: dict[str, str] = field(default_factory=dict)  # our column's id → key
    options: dict[str, object] = field(default_factory=dict)
    understood: list[str] = field(default_factory=list)
    differences: list[str] = field(default_factory=list)


def compare(sample: Sample, pairs: list[Pair | None], columns: dict[str, Column]) -> Compared:
    """Every paired column's look, and the options all of them agree on."""
    found = Compared()
    days: dict[str, DateStyle] = {}
    numbers: dict[str, NumberStyle] = {}
    nulls = Counter(word for column in sample.columns if (word := styles.null_word(column.values)))
    null = nulls.most_common(1)[0][0] if nulls else None
    for theirs, pair in zip(sample.columns, pairs, strict=True):
        if pair is None:
            continue
        ours = columns[pair.id]
        name = theirs.name or ours.name
        values = [value for value in theirs.values if value != null]
        if sample.shown:
            _look(name, values, ours, sample, found, days, numbers)
        elif theirs.date_key or theirs.number_key:
            _cell_look(name, theirs, ours, found)
    _dates(days, columns, sample, found)
    _numbers(numbers, columns, sample, found)
    if null is not None and "null_text" in OPTIONAL.get(sample.format, ()):
        found.options["null_text"] = null
        found.understood.append(f"Missing values are written “{null}”.")
    elif null is not None:
        found.differences.append(f"The sample writes “{null}” for missing values; here they are left empty.")
    return found


def _look(
    name: str,
    values: list[str],
    ours: Column,
    sample: Sample,
    found: Compared,
    days: dict[str, DateStyle],
    numbers: dict[str, NumberStyle],
) -> None:
    """One column's values, by what ours are."""
    if not values:
        return
    if ours.kind in DATED:
        day = styles.date_style(values)
        if day:
            days[ours.id] = day
            _clock(name, day, ours, found)
        else:
            found.differences.append(
                f"The sample's “{name}” holds “{_short(values[0])}”; ours holds {ours.words} values."
            )
    elif ours.kind in NUMBERS:
        number = styles.number_style(values, sample.decimal)
        if number:
            numbers[ours.id] = number
            _decimals(name, number, ours, sample, found)
        else:
            found.differences.append(
                f"The sample's “{name}” holds texts such as “{_short(values[0])}”; ours holds numbers."
            )
    elif ours.kind is Kind.YES_NO:
        words = set(values)
        if not words <= styles.TRUTHS:
            shown = " and ".join(sorted(words)[:2])
            found.differences.append(f"The sample's “{name}” says {shown}; ours says true and false.")
    elif ours.kind is Kind.TEXT and sample.format != "xlsx":
        _texts(name, values, found)


def _texts(name: str, values: list[str], found: Compared) -> None:
    day = styles.date_style(values)
    if day:
        found.differences.append(
            f"The sample's “{name}” holds dates such as {day.example}; ours is text. "
            "Read the data again with that column as dates."
        )


def _cell_look(name: str, theirs: SampleColumn, ours: Column, found: Compared) -> None:
    """A workbook's cell format, where it is for values such as ours."""
    if theirs.date_key and ours.kind in DATED:
        found.formats[ours.id] = theirs.date_key
        found.understood.append(f"“{name}” shows dates such as {DATE_FORMATS[theirs.date_key].example}.")
    elif theirs.number_key and ours.kind in NUMBERS:
        found.formats[ours.id] = theirs.number_key
        found.understood.append(f"“{name}” shows numbers such as {NUMBER_FORMATS[theirs.number_key].example}.")
    else:
        what = "dates" if theirs.date_key else "numbers"
        found.differences.append(f"The sample's “{name}” holds {what}; ours holds {ours.words} values.")


def _clock(name: str, day: DateStyle, ours: Column, found: Compared) -> None:
    if day.ambiguous:
        found.differences.append(
            f"Dates such as {day.example} in “{name}” may be day first or month first; day first is proposed. Check it."
        )
    if day.key is None:
        found.differences.append(
            f"The sample writes “{name}” such as {day.example}, which no display format does; the format “Own layout” could."
        )
    if ours.kind is Kind.DATE and day.time:
        found.differences.append(f"The sample's “{name}” has a time of day; ours holds days alone.")
    if ours.kind is not Kind.DATE and not day.time and day.key not in (None, "iso", "month", "year", "day"):
        found.differences.append(
            f"The sample's “{name}” holds days alone; ours has a time of day, which will be written too."
        )
    if day.time and not day.seconds:
        found.differences.append(f"The sample's “{name}” ends with the minutes; here seconds are written too.")
    if (ours.kind is Kind.TIMESTAMP_TZ) != day.zone and day.time:
        there, here = ("a zone", "none") if day.zone else ("no zone", "one")
        found.differences.append(f"The sample's “{name}” has {there}; ours has {here}.")


def _dates(days: dict[str, DateStyle], columns: dict[str, Column], sample: Sample, found: Compared) -> None:
    """The commonest way becomes the option, others the display format of their columns."""
    keys = Counter(day.key for day in days.values() if day.key)
    if not keys:
        return
    usual = keys.most_common(1)[0][0]
    if "date_format" in OPTIONAL.get(sample.format, ()):
        found.options["date_format"] = usual
    for id, day in days.items():
        if day.key == "iso" and not day.time:
            if columns[id].kind is not Kind.DATE:
                found.formats[id] = "day"
            elif usual != "iso":
                found.formats[id] = "iso"
        elif day.key and day.key != usual:
            found.formats[id] = day.key
    examples = next(day.example for day in days.values() if day.key == usual)
    found.understood.append(f"Dates are written such as {examples}.")
    plain = [day for day in days.values() if day.key == "iso" and day.time]
    if sample.format in ("csv", "tsv", "fixed") and any(day.iso_t for day in plain):
        found.differences.append("The sample puts a T between day and time; here a blank stands there.")


def _decimals(name: str, number: NumberStyle, ours: Column, sample: Sample, found: Compared) -> None:
    """The display format that gives as many decimals; a sentence where there is none, or where digits would go."""
    json = sample.format in ("json", "jsonl")
    scale = ours.scale if ours.kind is Kind.DECIMAL else 0 if ours.kind is Kind.WHOLE else None
    if number.percent:
        found.differences.append(
            f"The sample's “{name}” holds percentages such as {number.example}; ours are plain numbers."
        )
    same = number.least == number.most
    if same and scale is not None and not ours.trim and number.most == scale and not number.group:
        return
    key = (GROUPED if number.group else PLACES).get(number.most) if same or number.group else None
    if key and not json and not (number.most == 0 and ours.kind is Kind.WHOLE and not number.group):
        found.formats[ours.id] = key
        if scale is not None and number.most < scale:
            found.differences.append(
                f"The sample's “{name}” has {_places(number.most)}, ours has {scale}: values are rounded."
            )
    elif same and number.most != scale and not (json or (number.most == 0 and ours.kind is Kind.WHOLE)):
        found.differences.append(
            f"The sample's “{name}” has {_places(number.most)}, ours has {scale if scale is not None else 'as many as needed'}."
        )
    elif not same and scale is not None and number.most > scale:
        found.differences.append(f"The sample's “{name}” has up to {_places(number.most)}, ours has {scale}.")


def _places(count: int) -> str:
    return f"{count} decimal" if count == 1 else f"{count} decimals" if count else "no decimals"


def _numbers(numbers: dict[str, NumberStyle], columns: dict[str, Column], sample: Sample, found: Compared) -> None:
    """The decimal sign of the file."""
    with_sign = [number for number in numbers.values() if number.decimal or number.group]
    if not with_sign:
        return
    marks = Counter(number.decimal or ("," if number.group == "." else ".") for number in with_sign)
    mark = marks.most_common(1)[0][0]
    example = max((number.example for number in with_sign), key=len)
    found.understood.append(f"Numbers are written such as {example}.")
    names = OPTIONAL.get(sample.format, ())
    if mark == "," and "decimal_comma" in names:
        found.options["decimal_comma"] = True
    elif mark == "," and "decimals" in names:
        found.options["decimals"] = "comma"
    if len(marks) > 1:
        found.differences.append(
            "The sample writes some numbers with a comma and some with a point; here all are alike."
        )
    ours = "," if mark == "." else "."
    if any(number.group not in ("", ours) for number in with_sign):
        found.differences.append(f"The sample parts thousands in a way that is not written here ({example}).")
    if sample.format == "fixed" and any(
        columns[id].kind is not Kind.WHOLE and not number.decimal for id, number in numbers.items()
    ):
        found.differences.append(
            "Some numbers have no decimal sign in the sample: if decimals are implied there, choose that."
        )


def never_ours(name: str, values: list[str]) -> str:
    """The sentence about values that do not occur in our column."""
    shown = ", ".join(f"“{_short(value)}”" for value in values[:SHOWN])
    more = f" and {len(values) - SHOWN} more" if len(values) > SHOWN else ""
    return f"Values of “{name}” in the sample occur nowhere in this data: {shown}{more}."


def _short(value: str) -> str:
    """A value as a sentence may quote it."""
    return value if len(value) <= QUOTED else value[:QUOTED] + "…"
