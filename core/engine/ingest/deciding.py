"""From what was measured to a type: the form that is taken, its physical type, and the sentence that says why."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb

from core.engine.ingest import forms, reasons
from core.engine.ingest.candidates import Candidate, Measured, text_of
from core.engine.ingest.forms import Form
from core.engine.ingest.options import DateOrder, DecimalMark, ImportOptions
from core.engine.values import PLAIN_WORDS, TEXTS, Column, Kind
from core.errors import BadFile

MAX_DIGITS = 15  # what a spreadsheet keeps of a number; longer ones are ids (cards, IMEIs, order numbers)
MAX_PRECISION = 38  # digits of DuckDB's DECIMAL
USUAL_PRECISION = 18  # DECIMAL up to here is a 64-bit integer
BIGINT_DIGITS = 18


@dataclass
class Typed:
    """A column as it will be stored, and the SQL that makes its value from the staged column of its first id."""

    column: Column
    sql: str


@dataclass(frozen=True)
class OfFile:
    """What the file as a whole uses: chosen by the person, or what its unmistakable columns agree on."""

    decimal: DecimalMark | None
    date_order: DateOrder | None
    decimal_chosen: bool


def of_file(columns: Sequence[Candidate], options: ImportOptions) -> OfFile:
    def mark(form: Form, figures: Measured) -> str | None:
        return form.decimal if form.kind is Kind.DECIMAL and (figures.most or form.group) else None

    def order(form: Form, figures: Measured) -> str | None:
        del figures
        return form.order if form.order in ("dmy", "mdy") else None

    return OfFile(
        options.decimal or _agreed(columns, mark),
        options.date_order or _agreed(columns, order),
        options.decimal is not None,
    )


def _agreed(columns: Sequence[Candidate], of: Callable[[Form, Measured], str | None]) -> Any:
    """What the columns that leave no doubt agree on; None if there are none or they disagree."""
    votes: set[str] = set()
    for column in columns:
        answers = {of(f, column.measured[f.key]) for f in column.alive}
        if len(answers) == 1 and None not in answers:
            votes |= {a for a in answers if a}
    return votes.pop() if len(votes) == 1 else None


def decide(con: duckdb.DuckDBPyConnection, relation: str, columns: Sequence[Candidate], file: OfFile) -> list[Typed]:
    """Every column's type. Raises BadFile where a type the person chose does not hold for every value."""
    found: list[Typed | None] = []
    texts: list[tuple[int, Candidate, str]] = []
    for n, column in enumerate(columns):
        typed, doubt = _decided(column, file) if column.filled else (None, "")
        if typed is None and column.filled and column.chosen and column.wanted not in TEXTS:
            raise _refused(con, relation, column)
        if typed is None:
            texts.append((n, column, doubt))
        found.append(typed)
    for (n, column, _), why in zip(
        texts, reasons.explain(con, relation, [(c, doubt) for _, c, doubt in texts]), strict=True
    ):
        kind = Kind.NESTED if column.wanted is Kind.NESTED else Kind.TEXT
        if not column.filled and column.chosen and column.wanted:
            found[n] = _empty(column, column.wanted)
        else:
            found[n] = Typed(_column(column, kind, why), text_of(column))
    return [typed for typed in found if typed is not None]


def _decided(column: Candidate, file: OfFile) -> tuple[Typed | None, str]:
    """The column's type; or None and the doubt that forms which all fit leave."""
    good = sorted((f for f in column.alive if f.key in column.measured), key=lambda f: f.rank)
    if not good:
        return None, ""
    if good[0].kind in (Kind.WHOLE, Kind.DECIMAL):
        return _number(column, good, file)
    if good[0].kind is Kind.FLOAT or column.wanted is Kind.FLOAT:
        return _plainly(column, good[0], Kind.FLOAT), ""
    chosen_order = None
    if {"dmy", "mdy"} <= {f.order for f in good}:
        if file.date_order not in ("dmy", "mdy"):
            return None, "dates"
        good = [f for f in good if f.order == file.date_order]
        chosen_order = file.date_order
    form = good[0]
    kind = Kind.TIMESTAMP if column.wanted is Kind.TIMESTAMP else form.kind
    zone = zone_name(column.measured[form.key].offset)
    sql = form.value(text_of(column))
    if kind is not form.kind:
        sql = f"({sql})::timestamp"
    why = reasons.typed(column, form, kind, zone=zone, order=chosen_order)
    return Typed(_column(column, kind, why, zone=zone), sql), ""


def _plainly(column: Candidate, form: Form, kind: Kind) -> Typed:
    return Typed(_column(column, kind, reasons.typed(column, form, kind)), form.value(text_of(column)))


def _number(column: Candidate, good: list[Form], file: OfFile) -> tuple[Typed | None, str]:
    numbers = [f for f in good if f.kind in (Kind.WHOLE, Kind.DECIMAL)]
    form = numbers[0]
    marked = {f.decimal for f in numbers if f.group or column.measured[f.key].most}
    if len(marked) > 1:
        if file.decimal_chosen:
            form = next(f for f in numbers if f.decimal == file.decimal)
        elif form is forms.PLAIN:
            if file.decimal == ",":  # 1.234 in a file that writes 5,6 elsewhere
                return None, "thousands"
        elif file.decimal is None:
            return None, "thousands"
        else:
            form = next(f for f in numbers if f.decimal == file.decimal)
    figures = column.measured[form.key]
    text = forms.plain(form)(text_of(column))
    if column.wanted is Kind.FLOAT:
        return Typed(_column(column, Kind.FLOAT, reasons.typed(column, form, Kind.FLOAT)), f"{text}::double"), ""
    if figures.digits + figures.most > MAX_PRECISION or (figures.most and column.wanted is Kind.WHOLE):
        return None, ""
    if not figures.most:
        return _whole(column, form, figures, text), ""
    if figures.digits > MAX_DIGITS and not column.chosen and column.hint.only is None:
        return None, ""
    mixed = figures.least != figures.most
    why = reasons.typed(column, form, Kind.DECIMAL, comma=form.decimal == ",")
    if mixed and figures.trailing is not None:
        why += (
            f" They are shown with {figures.most} {'decimal' if figures.most == 1 else 'decimals'}: "
            f"some were written with fewer, and some end in 0, such as {figures.trailing}."
        )
    precision = min(MAX_PRECISION, max(USUAL_PRECISION, figures.digits + figures.most))
    trim = mixed and figures.trailing is None
    made = _column(column, Kind.DECIMAL, why, precision=precision, scale=figures.most, trim=trim)
    return Typed(made, f"{text}::decimal({precision}, {figures.most})"), ""


def _whole(column: Candidate, form: Form, figures: Measured, text: str) -> Typed | None:
    """A number without decimals: 64 bits, or up to 38 digits where the source or the person says it is a number."""
    if figures.digits > MAX_DIGITS and not column.chosen and column.hint.only is None:
        return None
    if column.wanted is Kind.DECIMAL:
        why = reasons.typed(column, form, Kind.DECIMAL)
        return Typed(_column(column, Kind.DECIMAL, why, precision=MAX_PRECISION, scale=0), f"{text}::decimal(38, 0)")
    why = reasons.typed(column, form, Kind.WHOLE)
    if figures.digits > BIGINT_DIGITS:
        return Typed(_column(column, Kind.WHOLE, why, precision=MAX_PRECISION, scale=0), f"{text}::decimal(38, 0)")
    return Typed(_column(column, Kind.WHOLE, why), f"{text}::bigint")


def _empty(column: Candidate, kind: Kind) -> Typed:
    """A column without values takes the type the person chose."""
    physical = {
        Kind.WHOLE: "bigint",
        Kind.DECIMAL: "decimal(18, 2)",
        Kind.FLOAT: "double",
        Kind.YES_NO: "boolean",
        Kind.DATE: "date",
        Kind.TIMESTAMP: "timestamp",
        Kind.TIMESTAMP_TZ: "timestamptz",
        Kind.TIME: "time",
    }.get(kind, "varchar")
    more = {"precision": USUAL_PRECISION, "scale": 2} if kind is Kind.DECIMAL else {}
    why = f"Read as {PLAIN_WORDS[kind]}, as chosen: every cell is empty."
    return Typed(_column(column, kind, why, **more), f"{text_of(column)}::{physical}")


def zone_name(offset: str | None) -> str | None:
    """What DuckDB calls the zone of an ISO 8601 offset all values share: UTC, or GMT+07:00."""
    if not offset:
        return None
    digits = offset.replace(":", "")[1:].ljust(4, "0")
    if offset == "Z" or digits == "0000":
        return "UTC"
    return f"GMT{offset[0]}{digits[:2]}:{digits[2:4]}"


def _refused(con: duckdb.DuckDBPyConnection, relation: str, column: Candidate) -> BadFile:
    assert column.wanted is not None
    count, example = reasons.misfits(con, relation, column)
    return BadFile(
        f"The column “{column.name}” cannot be read as {PLAIN_WORDS[column.wanted]}: {count:,} of its {column.filled:,} "
        f"values {'does' if count == 1 else 'do'} not fit, such as “{reasons.shown(example)}”.",
        "Choose text for this column, or say which words mean an empty cell.",
        field=column.name,
    )


def _column(column: Candidate, kind: Kind, why: str, **more: Any) -> Column:
    if column.hint.note:
        why = f"{why} {column.hint.note}"
    return Column(id=column.id, name=column.name, kind=kind, why=why, **more)
