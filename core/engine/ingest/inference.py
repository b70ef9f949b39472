"""Which type each column gets: everything is text until every single value is proven to survive as something else.

A sample suggests forms; one scan over all rows measures them; a value that does not fit is a counterexample, which joins the
sample for another round. What stays undecided (1/2/2024, 1,234) is settled by the file's other columns or by the person,
and otherwise stays text, with a sentence that says so.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import duckdb

from core.engine.ingest import forms, reasons
from core.engine.ingest.forms import Form
from core.engine.ingest.options import DateOrder, DecimalMark, ImportOptions
from core.engine.session import literal, quoted
from core.engine.values import Column, Kind
from core.errors import BadFile

SAMPLE_ROWS = 2_000
ROUNDS = 4  # a column that still finds counterexamples after so many scans is text
MAX_DIGITS = 15  # what a spreadsheet keeps of a number; longer ones are ids (ISO 7812, IBAN, order numbers)
MAX_PRECISION = 38  # digits of DuckDB's DECIMAL


@dataclass
class Hint:
    """What the source itself says about a column: spreadsheets and JSON know more than text files."""

    cells: bool = False  # a spreadsheet: real date cells, so a day beside date-times is midnight
    only: frozenset[Kind] | None = None  # kinds that may be inferred (JSON strings never become numbers)
    kind: Kind | None = None  # known for certain
    note: str = ""  # said at the end of the why-sentence


@dataclass
class Typed:
    """A column as it will be stored, and the SQL that makes its value from the text column of the same id."""

    column: Column
    sql: str


@dataclass
class Inferred:
    typed: list[Typed]
    rows: int
    empty_rows: int  # rows in which every cell is empty
    decimal: DecimalMark | None = None
    date_order: DateOrder | None = None
    filled: list[int] = field(default_factory=list)  # values that are not empty, a column


@dataclass
class Candidate:
    """One column while it is being judged."""

    id: str
    name: str
    hint: Hint
    wanted: Kind | None
    seen: list[str]
    alive: list[Form] = field(default_factory=list)
    filled: int = 0
    measured: dict[str, tuple[Any, ...]] = field(default_factory=dict)
    done: bool = False
    counterexample: str | None = None

    def fit(self, options: ImportOptions) -> None:
        """Keep the forms every value seen so far belongs to."""
        self.alive = [f for f in _allowed(self, options) if all(f.fits(v) for v in self.seen)] if self.seen else []
        if forms.PLAIN in self.alive and self.alive[0].kind is Kind.DECIMAL:
            rivals = [f for f in self.alive if f.key == "group_dot"] if options.decimal != "." else []
            ambiguous = rivals and any("." in v for v in self.seen)
            self.alive = [forms.PLAIN, *(rivals if ambiguous else [])]
        self.measured = {}


def infer(
    con: duckdb.DuckDBPyConnection,
    relation: str,
    names: Sequence[str],
    options: ImportOptions,
    hints: Sequence[Hint] | None = None,
    scanned: Callable[[str], None] = lambda step: None,
) -> Inferred:
    """Judge every column of `relation`, whose columns c1 … cN are text with NULL for empty.

    Raises BadFile when a kind the person chose does not hold for all values of its column.
    """
    ids = [f"c{n + 1}" for n in range(len(names))]
    if not ids:
        return Inferred([], 0, 0)
    _check_names(options, names)
    columns = []
    sample = _sample(con, relation, ids)
    for n, (key, name) in enumerate(zip(ids, names, strict=True)):
        hint = hints[n] if hints else Hint()
        columns.append(Candidate(key, name, hint, options.kinds.get(name) or hint.kind, sample[n]))
        columns[-1].fit(options)
    rows, empty_rows = 0, 0
    for round_ in range(ROUNDS + 1):
        open_columns = [c for c in columns if not c.done]
        if not open_columns and round_:
            break
        last = round_ == ROUNDS
        counted = _measure(con, relation, open_columns, ids if round_ == 0 else [], last)
        if round_ == 0:
            rows, empty_rows = counted
            missing = [c for c in columns if c.filled and not c.seen]
            for column, values in zip(
                missing, _sample(con, relation, [c.id for c in missing], filled=True), strict=True
            ):
                column.seen, column.done = values, False
                column.fit(options)
        scanned("measured")
        for column in open_columns:
            if not column.done and not column.measured and not column.alive:
                column.done = True
    found = Inferred([], rows, empty_rows, filled=[c.filled for c in columns])
    found.decimal = options.decimal or _evidence(columns, lambda f: f.decimal if f.kind is Kind.DECIMAL else None)
    found.date_order = options.date_order or _evidence(
        columns, lambda f: f.order if f.order in ("dmy", "mdy") else None
    )
    found.typed = _decide_all(con, relation, columns, options, found)
    return found


def _check_names(options: ImportOptions, names: Sequence[str]) -> None:
    unknown = [name for name in options.kinds if name not in names]
    if unknown:
        raise BadFile(
            f"There is no column “{unknown[0]}” to give a type to.",
            "Columns there are: " + ", ".join(names[:20]) + ".",
            field=unknown[0],
        )


def _allowed(column: Candidate, options: ImportOptions) -> list[Form]:
    """The forms a column may take: the person's choice, what the source says, the marks and orders chosen."""
    wanted, only = column.wanted, column.hint.only
    if wanted is Kind.TEXT or wanted is Kind.NESTED:
        return []
    listed: list[Form] = [*forms.NUMBERS, *forms.DATES, *forms.CLOCKS, forms.TRUTH]
    if column.hint.cells:
        listed += [forms.CELL_MOMENTS]
    if wanted is not None:
        listed += [forms.CELL_MOMENTS, forms.FLOATS, *forms.YES_NO_WORDS[1:]]
        kinds = {Kind.WHOLE: Kind.DECIMAL}.get(wanted, wanted)
        listed = [f for f in listed if f.kind is kinds or (wanted is Kind.FLOAT and f.kind is Kind.DECIMAL)]
    elif only is not None:
        listed = [f for f in listed if f.kind in only or (f.kind is Kind.DECIMAL and Kind.WHOLE in only)]
        if Kind.FLOAT in only and forms.FLOATS not in listed:
            listed.append(forms.FLOATS)
    if options.decimal:
        other = {".": ",", ",": "."}[options.decimal]
        listed = [f for f in listed if f.decimal in (None, options.decimal) or (f is forms.PLAIN and other == ".")]
    if options.date_order:
        order = options.date_order
        listed = [f for f in listed if f.order in (None, order) or f.order == "ymd"]
    return sorted(listed, key=lambda f: f.rank) if wanted else listed


def _sample(con: duckdb.DuckDBPyConnection, relation: str, ids: list[str], filled: bool = False) -> list[list[str]]:
    """Distinct values of the first rows a column; `filled`: of the first rows in which that column holds something."""
    if not ids:
        return []
    limit = max(50, min(SAMPLE_ROWS, 400_000 // len(ids)))
    if not filled:
        listed = ", ".join(quoted(i) for i in ids)
        batch = con.sql(f"select {listed} from {relation} limit {limit}").to_arrow_table()
        return [list(dict.fromkeys(v for v in column.to_pylist() if v is not None)) for column in batch.columns]
    found = []
    for key in ids[:200]:
        name = quoted(key)
        listed_values = con.execute(f"select {name} from {relation} where {name} is not null limit 200").fetchall()
        found.append(list(dict.fromkeys(v for (v,) in listed_values)))
    return found + [[] for _ in ids[200:]]


def _measure(
    con: duckdb.DuckDBPyConnection, relation: str, columns: list[Candidate], count: list[str], last: bool
) -> tuple[int, int]:
    """One scan: how many values of each column are of each living form, and one value that is not."""
    asked: list[str] = ["count(*)"]
    if count:
        asked.append(f"count(*) - count(coalesce({', '.join(quoted(i) for i in count)}))")
        asked += [f"count({quoted(i)})" for i in count]
    start = len(asked)
    plan: list[tuple[Candidate, Form, int]] = []
    for column in columns:
        name = quoted(column.id)
        for form in column.alive:
            parts = _figures(form, name)
            plan.append((column, form, len(parts)))
            asked += parts
    if len(asked) == 1:
        return 0, 0
    row = list(_aggregate(con, relation, asked))
    if count:
        for column, filled in zip(columns, row[2:start], strict=True):
            column.filled = filled
    at = start
    for column, form, width in plan:
        column.measured[form.key] = tuple(row[at : at + width])
        at += width
    for column in columns:
        if not column.alive:
            column.done = bool(column.seen) or not column.filled
            continue
        good = [f for f in column.alive if column.measured[f.key][0] == column.filled]
        if good:
            column.alive, column.done = good, True
            continue
        examples = [column.measured[f.key][1] for f in column.alive if column.measured[f.key][1] is not None]
        column.counterexample = examples[0] if examples else None
        before = set(column.seen)
        column.seen += [v for v in dict.fromkeys(examples) if v not in before]
        alive = [f for f in _reconsider(column) if all(f.fits(v) for v in column.seen)]
        # A value of the right shape that still does not parse (31/02/2024) ends that form.
        column.alive = [f for f in alive if column.measured.get(f.key, (None, None))[1] is None] if not last else []
        column.done = not column.alive
    return int(row[0]), int(row[1]) if count else 0


def _reconsider(column: Candidate) -> list[Form]:
    everything = [*forms.NUMBERS, *forms.DATES, *forms.CLOCKS, forms.TRUTH]
    if column.hint.cells:
        everything.append(forms.CELL_MOMENTS)
    if column.hint.only and Kind.FLOAT in column.hint.only:
        everything.append(forms.FLOATS)
    if column.wanted is not None or column.hint.only is not None:
        allowed = {f.key for f in _allowed(column, ImportOptions())}
        everything = [f for f in everything if f.key in allowed]
    return everything


def _aggregate(con: duckdb.DuckDBPyConnection, relation: str, asked: list[str]) -> Sequence[Any]:
    row = con.execute(f"select {', '.join(asked)} from {relation}").fetchone()
    return row if row is not None else ()


def _figures(form: Form, name: str) -> list[str]:
    """What is measured of one form: how many values fit, one that does not, and a number's digits and scale."""
    if form.kind is not Kind.DECIMAL:
        value = form.value(name)
        example = f"any_value({name}) filter ({name} is not null and {value} is null)"
        zone = "null"
        if form.kind is Kind.TIMESTAMP_TZ:
            offset = f"regexp_extract({name}, '(Z|[+-][0-9:]+)$')"
            zone = f"case when min({offset}) = max({offset}) then min({offset}) end"
        return [f"count({value})", example, zone]
    fits = form.matches(name)
    text = forms.plain(form)(name)
    point = f"strpos({text}, '.')"
    scale = f"case when {fits} then case when {point} = 0 then 0 else length({text}) - {point} end end"
    whole = f"case when {fits} then length({text}) - (case when {point} = 0 then 0 else length({text}) - {point} + 1 end) - (case when {text} like '-%' then 1 else 0 end) end"
    minus_zero = f"regexp_full_match({text}, '-0([.]0+)?')"
    return [
        f"count(*) filter ({fits} and not {minus_zero})",
        f"any_value({name}) filter (not {fits} or {minus_zero})",
        f"max({whole})",
        f"min({scale})",
        f"max({scale})",
        f"count(*) filter ({fits} and {text} like '%.%0')",
        f"any_value({name}) filter ({fits} and {text} like '%.%0')",
    ]


def _evidence(columns: Sequence[Candidate], of: Callable[[Form], str | None]) -> Any:
    """What the columns that leave no doubt agree on; None if there are none or they disagree."""
    votes = set()
    for column in columns:
        answers = {of(f) for f in column.alive} if column.done and column.alive else set()
        figures = column.measured.get(column.alive[0].key) if column.alive else None
        if len(answers) == 1 and None not in answers:
            marked = column.alive[0].kind is not Kind.DECIMAL or (
                figures is not None and (figures[4] or column.alive[0].group)
            )
            if marked:
                votes |= answers
    return votes.pop() if len(votes) == 1 else None


def _decide_all(
    con: duckdb.DuckDBPyConnection, relation: str, columns: list[Candidate], options: ImportOptions, found: Inferred
) -> list[Typed]:
    typed: list[Typed | None] = []
    texts: list[tuple[int, Candidate, str]] = []
    for n, column in enumerate(columns):
        decided, ambiguity = _decide(column, found)
        if decided is None and column.wanted not in (None, Kind.TEXT, Kind.NESTED) and column.filled:
            if column.hint.kind is None:
                raise _refused(column)
        if decided is None:
            texts.append((n, column, ambiguity))
        typed.append(decided)
    explained = reasons.explain(
        con, relation, [(c.id, c.seen, c.filled, c.counterexample, ambiguity, c.wanted) for _, c, ambiguity in texts]
    )
    for (n, column, _), why in zip(texts, explained, strict=True):
        kind = Kind.NESTED if column.wanted is Kind.NESTED else Kind.TEXT
        if column.hint.note:
            why = f"{why} {column.hint.note}"
        typed[n] = Typed(Column(id=column.id, name=column.name, kind=kind, why=why), quoted(column.id))
    return [t for t in typed if t is not None]


def _refused(column: Candidate) -> BadFile:
    from core.engine.values import PLAIN_WORDS

    wanted = PLAIN_WORDS[column.wanted] if column.wanted else ""
    example = column.counterexample or (column.seen[0] if column.seen else "")
    return BadFile(
        f"The column “{column.name}” cannot be read as {wanted}: not every value is one, for example “{example[:80]}”.",
        "Choose text for this column, or name the words that mean an empty cell.",
        field=column.name,
    )


def _decide(column: Candidate, found: Inferred) -> tuple[Typed | None, str]:
    """The column's type, or None and why the forms that fit leave a doubt."""
    good = sorted((f for f in column.alive if f.key in column.measured), key=lambda f: f.rank) if column.done else []
    if not good or not column.filled:
        return None, ""
    if good[0].kind is Kind.DECIMAL or (column.wanted is Kind.FLOAT and good[0].decimal):
        return _number(column, good, found)
    orders = {f.order for f in good}
    if {"dmy", "mdy"} <= orders:
        order = found.date_order
        if order not in ("dmy", "mdy"):
            return None, "dates"
        good = [f for f in good if f.order == order]
    form = good[0]
    zone = None
    if form.kind is Kind.TIMESTAMP_TZ:
        zone = zone_name(column.measured[form.key][2])
    sql = form.value(quoted(column.id))
    why = reasons.typed(column.filled, form, column.seen, zone, form.order if {"dmy", "mdy"} <= orders else None)
    return Typed(_column(column, form.kind, why, zone=zone), sql), ""


def zone_name(offset: str | None) -> str | None:
    """What DuckDB calls the zone of an ISO 8601 offset all values share: UTC, or GMT+07:00."""
    if not offset:
        return None
    digits = offset.replace(":", "")[1:].ljust(4, "0")
    if offset == "Z" or digits == "0000":
        return "UTC"
    return f"GMT{offset[0]}{digits[:2]}:{digits[2:4]}"


def _number(column: Candidate, good: list[Form], found: Inferred) -> tuple[Typed | None, str]:
    numbers = [f for f in good if f.kind is Kind.DECIMAL]
    marks = {f.decimal for f in numbers}
    form = numbers[0]
    if len(marks) == 2:
        if form is forms.PLAIN and found.decimal != ",":
            pass  # 1.234 is a number with three decimals unless the file writes commas elsewhere
        elif found.decimal is None or form is forms.PLAIN:
            return None, "thousands"
        else:
            form = next(f for f in numbers if f.decimal == found.decimal)
    fit, _, whole, least, most, trailing, example = column.measured[form.key]
    del fit
    digits = (whole or 0) + (most or 0)
    text = forms.plain(form)(quoted(column.id))
    if column.wanted is Kind.FLOAT:
        return Typed(
            _column(column, Kind.FLOAT, f"Read as numbers, as chosen: {column.filled:,} values."), f"{text}::double"
        ), ""
    if not most:
        if (whole or 0) > MAX_DIGITS and column.wanted is None and not column.hint.kind:
            return None, ""
        if whole > MAX_PRECISION:
            return None, ""
        big = whole > 18
        kind = Kind.DECIMAL if column.wanted is Kind.DECIMAL else Kind.WHOLE
        physical = f"decimal({MAX_PRECISION}, 0)" if big or kind is Kind.DECIMAL else "bigint"
        precision, scale = (MAX_PRECISION, 0) if big or kind is Kind.DECIMAL else (None, None)
        why = reasons.typed(column.filled, form, column.seen, None, None, whole=True)
        return Typed(_column(column, kind, why, precision=precision, scale=scale), f"{text}::{physical}"), ""
    if digits > MAX_PRECISION or column.wanted is Kind.WHOLE:
        return None, ""
    trim = least != most and not trailing
    why = reasons.typed(column.filled, form, column.seen, None, None)
    if least != most and trailing:
        why += f" They are shown with {most} decimals: some were written with fewer, some end in 0, such as {example}."
    precision = min(MAX_PRECISION, max(18, digits))
    if column.hint.note:
        why += f" {column.hint.note}"
    return (
        Typed(
            _column(column, Kind.DECIMAL, why, precision=precision, scale=most, trim=trim),
            f"{text}::decimal({precision}, {most})",
        ),
        "",
    )


def _column(column: Candidate, kind: Kind, why: str, **more: Any) -> Column:
    return Column(id=column.id, name=column.name, kind=kind, why=why, **more)


__all__ = ["Hint", "Inferred", "Typed", "infer", "literal", "zone_name"]
