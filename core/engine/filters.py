"""The operators of a filter. One object each: its word in the menu, its bound SQL, its part of the sentence.

Text is compared without regard to case unless the operator says "exactly". A negative operator ("is not", "does not
contain", "is none of") keeps empty cells: what is empty is not Indonesia. Every SQL here is true or false, never NULL.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from core.engine.conditions import Cell, whole_count
from core.engine.moments import (
    MAX_DAYS,
    RELATIVE,
    Days,
    moment_words,
    parse_moment,
    resolve_count,
    resolve_relative,
    span_words,
)
from core.engine.values import DATED, NUMBERS, TEXTS, Kind
from core.errors import BadSpec

__all__ = ["OPERATORS", "RELATIVE", "Operator", "operators_for", "resolve_relative"]

Arity = Literal[0, 1, 2, "many"]
Values = Sequence[Any]
BOUND_ONE_BY_ONE = 100  # above it a list of values is bound as one array

TEXT = frozenset({Kind.TEXT})
CLOCK = frozenset({Kind.TIME})
EVERY = frozenset(Kind)


@dataclass(frozen=True)
class Operator:
    """What may stand between a column and a value. `takes` says what the values are: text, number, date, choice, days …"""

    key: str
    label: str
    kinds: frozenset[Kind]
    arity: Arity
    sql: Callable[[Cell, Values], str]
    words: str  # with {0}, {1} for the values, {all} for many, {days} for the resolved dates
    takes: str = "value"  # value: of the column's kind · days: a whole number · relative: a key of RELATIVE
    days: Callable[[Cell, Values], Days] | None = None

    def check(self, cell: Cell, values: Values) -> None:
        """Raises BadSpec where the column's kind or the number of values does not fit."""
        name = cell.column.name
        if cell.kind not in self.kinds:
            fitting = ", ".join(f"“{o.label}” ({o.key})" for o in operators_for(cell.kind))
            raise BadSpec(
                f"“{self.label}” does not work on “{name}”, which holds {plural(cell.column.words)}.",
                f"What works there: {fitting}.",
                field=name,
            )
        given = [v for v in values if v is not None and v != ""]
        if len(given) != len(values) or (self.arity == "many" and not values):
            raise BadSpec(
                f"The filter “{name} {self.label}” has an empty value.",
                "Give a value, or use “is empty” to find empty cells.",
                field=name,
            )
        if self.arity != "many" and len(values) != self.arity:
            wanted = {0: "no value", 1: "one value", 2: "two values"}[self.arity]
            raise BadSpec(f"The filter “{name} {self.label}” takes {wanted}, not {len(values)}.", field=name)

    def sentence(self, cell: Cell, values: Values) -> str:
        """ "country is Indonesia", "paid_at is in last month (1-31 Oct 2026)"."""
        shown = [spoken(cell, self, v) for v in values]
        span = span_words(*self.days(cell, values)) if self.days else ""
        every = " or ".join(filter(None, (", ".join(shown[:-1]), shown[-1]))) if shown else ""
        if len(shown) > 6:
            every = f"{', '.join(shown[:5])} or {len(shown) - 5:,} more"
        return f"{cell.column.name} " + self.words.format(*shown, all=every, days=span)


def plural(words: str) -> str:
    return {"text": "text", "yes/no": "yes or no", "date, time and zone": "dates with time and zone"}.get(
        words, {"date and time": "dates with time", "list or object": "lists or objects"}.get(words, f"{words}s")
    )


def spoken(cell: Cell, operator: Operator, value: Any) -> str:
    """A value as the sentence says it."""
    if operator.takes == "relative":
        return RELATIVE[str(value)].words if str(value) in RELATIVE else str(value)
    if operator.takes == "value" and cell.kind in DATED:
        try:
            return moment_words(parse_moment(value))
        except ValueError:
            return str(value)
    if operator.takes == "value" and cell.kind in TEXTS:
        text = str(value)
        return f"“{text}”" if text != text.strip() or not text or re.search(r"[,“”]| and | or ", text) else text
    return str(value)


def _sure(sql: str) -> str:
    return f"coalesce({sql}, false)"


def _not(positive: Callable[[Cell, Values], str]) -> Callable[[Cell, Values], str]:
    return lambda cell, values: f"(not {positive(cell, values)})"


def _lower(cell: Cell) -> str:
    return f"lower({cell.sql})"


def _contains(cell: Cell, values: Values) -> str:
    return _sure(f"contains({_lower(cell)}, lower({cell.text(values[0])}))")


def _starts(cell: Cell, values: Values) -> str:
    return _sure(f"starts_with({_lower(cell)}, lower({cell.text(values[0])}))")


def _ends(cell: Cell, values: Values) -> str:
    return _sure(f"ends_with({_lower(cell)}, lower({cell.text(values[0])}))")


def _matches(cell: Cell, values: Values) -> str:
    """`*` stands for any text, `?` for one character; the whole cell must match."""
    value = str(values[0])
    pattern = "".join({"*": ".*", "?": "."}.get(ch) or re.escape(ch) for ch in value)
    return _sure(f"regexp_full_match({cell.sql}, {cell.text(pattern)}, 'is')")


def _exactly(cell: Cell, values: Values) -> str:
    return _sure(f"{cell.sql} = {cell.text(values[0])}")


def _is(cell: Cell, values: Values) -> str:
    value = values[0]
    if cell.kind is Kind.TEXT:
        return _sure(f"{_lower(cell)} = lower({cell.text(value)})")
    if cell.kind in NUMBERS:
        return _sure(cell.compared("=", value))
    if cell.kind is Kind.TIME:
        return _sure(f"{cell.sql} = {cell.clock(value)}")
    moment = cell.moment(value)
    return _sure(f"{cell.from_start(moment)} and {cell.to_end(moment)}")


def _any_of(cell: Cell, values: Values) -> str:
    if cell.kind is not Kind.TEXT:
        return "(" + " or ".join(_is(cell, [v]) for v in values) + ")"
    if len(values) > BOUND_ONE_BY_ONE:
        texts = [str(v) for v in values]
        return _sure(f"{_lower(cell)} in (select lower(unnest({cell.binder.bind(texts)}::varchar[])))")
    return _sure(f"{_lower(cell)} in ({', '.join(f'lower({cell.text(v)})' for v in values)})")


def _empty(cell: Cell, values: Values) -> str:
    if cell.kind in TEXTS:
        return f"({cell.sql} is null or trim({cell.sql}) = '')"
    return f"({cell.sql} is null)"


def _ordered(sign: str) -> Callable[[Cell, Values], str]:
    return lambda cell, values: _sure(cell.compared(sign, values[0]))


def _between(cell: Cell, values: Values) -> str:
    low, high = values
    backwards = BadSpec(
        f"In the filter on “{cell.column.name}” {low} comes after {high}.",
        "Put the smaller or earlier value first.",
        field=cell.column.name,
    )
    if cell.kind in NUMBERS:
        if cell.number(low) > cell.number(high):
            raise backwards
        return _sure(f"{cell.compared('>=', low)} and {cell.compared('<=', high)}")
    if cell.kind is Kind.TIME:
        return _sure(f"{cell.sql} between {cell.clock(low)} and {cell.clock(high)}")
    first, last = cell.moment(low), cell.moment(high)
    if first.isoformat()[:10] > last.isoformat()[:10]:
        raise backwards
    return _sure(f"{cell.from_start(first)} and {cell.to_end(last)}")


def _dated(side: Callable[[Cell, Any], str], sign: str) -> Callable[[Cell, Values], str]:
    def sql(cell: Cell, values: Values) -> str:
        if cell.kind is Kind.TIME:
            return _sure(f"{cell.sql} {sign} {cell.clock(values[0])}")
        return _sure(side(cell, cell.moment(values[0])))

    return sql


def _counted(kind: str) -> Callable[[Cell, Values], Days]:
    def days(cell: Cell, values: Values) -> Days:
        count = whole_count(values[0], MAX_DAYS)
        if count is None:
            raise cell.wrong(values[0], f"a number of days from 1 to {MAX_DAYS:,}", "30")
        return resolve_count(kind, count, cell.now, cell.zone)

    return days


def _worded(cell: Cell, values: Values) -> Days:
    return resolve_relative(str(values[0]), cell.now, cell.zone)


def _within(days: Callable[[Cell, Values], Days]) -> Callable[[Cell, Values], str]:
    def sql(cell: Cell, values: Values) -> str:
        first, last = days(cell, values)
        return _sure(f"{cell.from_start(first)} and {cell.to_end(last)}")

    return sql


_SCALAR = TEXT | NUMBERS | DATED | CLOCK
_TIMED = DATED | CLOCK

OPERATORS: dict[str, Operator] = {
    operator.key: operator
    for operator in (
        Operator("is", "is", _SCALAR, 1, _is, "is {0}"),
        Operator("is_not", "is not", _SCALAR, 1, _not(_is), "is not {0}"),
        Operator("contains", "contains", TEXTS, 1, _contains, "contains {0}"),
        Operator("does_not_contain", "does not contain", TEXTS, 1, _not(_contains), "does not contain {0}"),
        Operator("is_any_of", "is any of", TEXT | NUMBERS | DATED, "many", _any_of, "is {all}"),
        Operator("is_none_of", "is none of", TEXT | NUMBERS | DATED, "many", _not(_any_of), "is not {all}"),
        Operator("starts_with", "starts with", TEXT, 1, _starts, "starts with {0}"),
        Operator("ends_with", "ends with", TEXT, 1, _ends, "ends with {0}"),
        Operator("matches", "matches (* and ? stand for any)", TEXT, 1, _matches, "matches {0}"),
        Operator("is_exactly", "is exactly (same capitals)", TEXT, 1, _exactly, "is exactly {0}"),
        Operator("higher_than", "higher than", NUMBERS, 1, _ordered(">"), "is higher than {0}"),
        Operator("lower_than", "lower than", NUMBERS, 1, _ordered("<"), "is lower than {0}"),
        Operator("at_least", "at least", NUMBERS, 1, _ordered(">="), "is at least {0}"),
        Operator("at_most", "at most", NUMBERS, 1, _ordered("<="), "is at most {0}"),
        Operator("before", "before", _TIMED, 1, _dated(Cell.before_start, "<"), "is before {0}"),
        Operator("after", "after", _TIMED, 1, _dated(Cell.after_end, ">"), "is after {0}"),
        Operator("on_or_before", "on or before", _TIMED, 1, _dated(Cell.to_end, "<="), "is on or before {0}"),
        Operator("on_or_after", "on or after", _TIMED, 1, _dated(Cell.from_start, ">="), "is on or after {0}"),
        Operator("between", "between", NUMBERS | _TIMED, 2, _between, "is between {0} and {1}"),
        Operator("is_in", "is in", DATED, 1, _within(_worded), "is in {0} ({days})", "relative", _worded),
        Operator(
            "in_last_days", "in the last … days", DATED, 1, _within(_counted("last")),
            "is in the last {0} days ({days})", "days", _counted("last"),
        ),
        Operator(
            "in_next_days", "in the next … days", DATED, 1, _within(_counted("next")),
            "is in the next {0} days ({days})", "days", _counted("next"),
        ),
        Operator("is_yes", "is yes", frozenset({Kind.YES_NO}), 0, lambda c, v: _sure(c.sql), "is yes"),
        Operator("is_no", "is no", frozenset({Kind.YES_NO}), 0, lambda c, v: _sure(f"not {c.sql}"), "is no"),
        Operator("is_empty", "is empty", EVERY, 0, _empty, "is empty"),
        Operator("is_not_empty", "is not empty", EVERY, 0, _not(_empty), "is not empty"),
    )
}  # fmt: skip


def operators_for(kind: Kind) -> list[Operator]:
    """The operators a column of that kind offers, in menu order."""
    return [operator for operator in OPERATORS.values() if kind in operator.kinds]


def operator_called(key: str) -> Operator:
    """Raises BadSpec for an unknown one, naming the known ones."""
    if key not in OPERATORS:
        raise BadSpec(f"Unknown operator “{key}”.", f"Known operators: {', '.join(OPERATORS)}.", field="operator")
    return OPERATORS[key]


def condition_sql(cell: Cell, operator: str, values: Values) -> str:
    """The bound SQL of one condition, true or false for every row. Raises BadSpec."""
    found = operator_called(operator)
    found.check(cell, values)
    return found.sql(cell, values)
