"""One column while it is being judged: what was seen of it, which forms may still hold, and what was measured of them."""

from __future__ import annotations

from dataclasses import dataclass, field

from core.engine.ingest import forms
from core.engine.ingest.forms import Form
from core.engine.ingest.options import ImportOptions
from core.engine.session import quoted
from core.engine.values import Kind


@dataclass(frozen=True)
class Hint:
    """What the source itself says about a column: spreadsheets and JSON know more than text files."""

    cells: bool = False  # a spreadsheet: it has real date cells, so a day beside date-times is midnight
    only: frozenset[Kind] | None = None  # kinds that may be inferred (JSON strings never become numbers)
    kind: Kind | None = None  # known for certain
    note: str = ""  # said at the end of the why-sentence


@dataclass(frozen=True)
class Measured:
    """What one scan said of a form: how many values fit, one that does not, and what a number's digits are."""

    fit: int
    misfit: str | None
    digits: int = 0  # before the decimal mark, at most
    least: int = 0  # decimals, at least …
    most: int = 0  # … and at most
    trailing: str | None = None  # a value whose decimals end in 0
    offset: str | None = None  # the offset all moments share


@dataclass
class Candidate:
    """A column and what is known of it. `done` once nothing more can be learnt by scanning."""

    id: str
    name: str
    hint: Hint
    wanted: Kind | None  # the person's choice, or what the source says
    chosen: bool  # it was the person's
    seen: list[str]
    listed: list[Form] = field(default_factory=list)  # the forms that are allowed at all
    alive: list[Form] = field(default_factory=list)
    filled: int = 0
    measured: dict[str, Measured] = field(default_factory=dict)
    done: bool = False

    def start(self, options: ImportOptions) -> None:
        """Keep the forms every value seen so far has the shape of."""
        self.listed = allowed(self, options)
        self.alive = narrowed([f for f in self.listed if all(f.fits(v) for v in self.seen)] if self.seen else [])

    def learn(self, last: bool) -> None:
        """Take in what a scan measured: forms all values fit, or counterexamples and another try."""
        good = [f for f in self.alive if f.key in self.measured and self.measured[f.key].fit == self.filled]
        if good or not self.alive:
            self.alive, self.done = good, bool(self.seen) or not self.filled
            return
        misfits = [m.misfit for f in self.alive if (m := self.measured.get(f.key)) and m.misfit is not None]
        self.seen += [v for v in dict.fromkeys(misfits) if v not in self.seen]
        # A form measured in vain stays out: 31/02/2024 has the shape of a date and is none.
        fresh = [f for f in self.listed if f.key not in self.measured and all(f.fits(v) for v in self.seen)]
        self.alive = [] if last else narrowed(fresh)
        self.done = not self.alive


def narrowed(alive: list[Form]) -> list[Form]:
    """Of the number forms that fit, only those that could mean something else: 17 is 17 however thousands are written."""
    if forms.WHOLES in alive:
        return [forms.WHOLES, *(f for f in alive if f.kind is Kind.YES_NO)] if alive[0] is forms.WHOLES else [alive[0]]
    if forms.PLAIN in alive:
        return [f for f in alive if f is forms.PLAIN or f.key == "group_dot" or f.kind is not Kind.DECIMAL]
    return alive


def allowed(column: Candidate, options: ImportOptions) -> list[Form]:
    """The forms a column may take: by the person's choice, by what the source says, by the marks and orders chosen."""
    wanted, only = column.wanted, column.hint.only
    if wanted is Kind.TEXT or wanted is Kind.NESTED:
        return []
    listed: list[Form] = [*forms.NUMBERS, *forms.DATES, *forms.CLOCKS, forms.TRUTH]
    if column.hint.cells or wanted is Kind.TIMESTAMP:
        listed.append(forms.CELL_MOMENTS)
    if wanted is not None:
        listed += [*forms.LOOSE_NUMBERS, forms.FLOATS, *forms.YES_NO_WORDS[1:]]
        kinds = {
            Kind.WHOLE: {Kind.WHOLE, Kind.DECIMAL},
            Kind.DECIMAL: {Kind.WHOLE, Kind.DECIMAL},
            Kind.FLOAT: {Kind.WHOLE, Kind.DECIMAL, Kind.FLOAT},
            Kind.TIMESTAMP: {Kind.DATE, Kind.TIMESTAMP},
        }.get(wanted, {wanted})
        listed = [f for f in listed if f.kind in kinds]
    elif only is not None:
        listed = [f for f in [*listed, forms.FLOATS] if f.kind in only]
    if options.decimal:
        listed = [f for f in listed if f.decimal in (None, options.decimal)]
    if options.date_order:
        listed = [f for f in listed if f.order in (None, "ymd", options.date_order)]
    return listed


def figures(form: Form, name: str) -> list[str]:
    """SQL aggregates that measure a form on the text column `name`, in the order `measured` reads them."""
    if form.kind is Kind.WHOLE:
        fits = f"({form.matches(name)} and {name} <> '-0')"
        digits = f"max(case when {fits} then length(ltrim({name}, '-')) end)"
        return [f"count(*) filter ({fits})", f"any_value({name}) filter (not {fits})", digits]
    if form.kind is Kind.DECIMAL:
        text = forms.plain(form)(name)
        fits = f"({form.matches(name)} and not regexp_full_match({text}, '-0([.]0+)?'))"
        point = f"strpos({text}, '.')"
        scale = f"case when {fits} then case when {point} = 0 then 0 else length({text}) - {point} end end"
        digits = f"case when {fits} then strpos(ltrim({text}, '-+') || '.', '.') - 1 end"
        trailing = f"any_value({name}) filter ({fits} and {text} like '%.%0')"
        misfit = f"any_value({name}) filter (not {fits})"
        return [f"count(*) filter ({fits})", misfit, f"max({digits})", f"min({scale})", f"max({scale})", trailing]
    value = form.value(name)
    found = [f"count({value})", f"any_value({name}) filter ({name} is not null and {value} is null)"]
    if form.kind is Kind.TIMESTAMP_TZ:
        offset = f"regexp_extract({name}, '(Z|[+-][0-9:]+)$')"
        found.append(f"case when min({offset}) = max({offset}) then min({offset}) end")
    return found


def measured(form: Form, row: list[object]) -> Measured:
    """Read what `figures` asked for."""
    fit, misfit = int(str(row[0] or 0)), None if row[1] is None else str(row[1])
    if form.kind is Kind.TIMESTAMP_TZ:
        return Measured(fit, misfit, offset=None if row[2] is None else str(row[2]))
    if form.kind is Kind.WHOLE:
        return Measured(fit, misfit, digits=int(str(row[2] or 0)))
    if form.kind is Kind.DECIMAL:
        digits, least, most = (int(str(v or 0)) for v in row[2:5])
        return Measured(fit, misfit, digits, least, most, None if row[5] is None else str(row[5]))
    return Measured(fit, misfit)


def text_of(column: Candidate) -> str:
    """The SQL of the column's text."""
    return quoted(column.id)
