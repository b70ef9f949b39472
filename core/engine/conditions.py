"""Turning what somebody typed beside a column into bound SQL: the cell an operator looks at, and values of its kind.

Every value is a bound parameter. Comparisons keep the column's own type, so that Parquet can skip what does not matter.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal, InvalidOperation
from typing import Any

from core.engine.moments import day_start, parse_moment, zone_of
from core.engine.session import quoted
from core.engine.text import is_nan
from core.engine.values import Column, Kind
from core.errors import BadSpec

EXACT = Context(prec=120)
WHOLE_DIGITS = 38  # the widest whole number a column may hold


@dataclass
class Binder:
    """Collects the values of one query; `bind` gives the placeholder that stands for one."""

    values: list[object] = field(default_factory=list)

    def bind(self, value: object) -> str:
        self.values.append(value)
        return f"${len(self.values)}"


@dataclass(frozen=True)
class Cell:
    """One column within a condition: its SQL name, and how values are bound to be compared with it."""

    column: Column
    binder: Binder
    zone: str  # of the workspace: what a day is in a column of instants
    now: datetime  # aware: what relative days count from

    @property
    def sql(self) -> str:
        return quoted(self.column.id)

    @property
    def kind(self) -> Kind:
        return self.column.kind

    def wrong(self, value: object, expected: str, example: str) -> BadSpec:
        return BadSpec(
            f"“{value}” is not {expected}, which the filter on “{self.column.name}” needs.",
            f"Write it like {example}.",
            field=self.column.name,
        )

    def text(self, value: Any) -> str:
        """The placeholder of a text, as given."""
        if value is None or isinstance(value, (dict, list)):
            raise self.wrong(value, "a text", "Indonesia")
        return self.binder.bind(str(value).replace("\x00", ""))

    def number(self, value: Any) -> Decimal:
        """A finite number, exactly as written. Raises BadSpec."""
        if isinstance(value, bool) or value is None:
            raise self.wrong(value, "a number", "1250.50")
        try:
            number = Decimal(str(value).strip().replace(" ", "").replace("_", ""))
        except InvalidOperation:
            number = Decimal("nan")
        if not number.is_finite():
            raise self.wrong(value, "a number", "1250.50")
        return number

    def compared(self, sign: str, value: Any) -> str:
        """`column sign value` for numbers, exact even where the value has more digits than the column can hold."""
        number, name = self.number(value), self.sql
        if self.kind is Kind.FLOAT:
            real = f"{name} {sign} {self.binder.bind(float(number))}::double"
            return f"({real} and not {is_nan(name)})" if sign in (">", ">=") else real
        scale = self.column.scale or 0
        digits = self.column.precision or WHOLE_DIGITS
        unit = Decimal(1).scaleb(-scale, EXACT)
        if number.adjusted() >= WHOLE_DIGITS:
            below = above = number
        else:
            below = number.quantize(unit, ROUND_FLOOR, EXACT)
            above = number.quantize(unit, ROUND_CEILING, EXACT)
        if sign in ("=", "!=") and below != above:
            return f"({name} is not null and {'false' if sign == '=' else 'true'})"
        edge = above if sign in ("<", ">=") else below
        largest = (Decimal(10) ** digits - 1).scaleb(-scale, EXACT)
        if abs(edge) > largest:
            holds = {"=": False, "!=": True}.get(sign, (sign in ("<", "<=")) == (edge > 0))
            return f"({name} is not null and {str(holds).lower()})"
        if self.kind is Kind.WHOLE and not self.column.precision:
            return f"{name} {sign} {self.binder.bind(int(edge))}"
        return f"{name} {sign} {self.binder.bind(str(edge))}::decimal({digits}, {scale})"

    def clock(self, value: Any) -> str:
        """The placeholder of a time of day."""
        try:
            parsed = value if isinstance(value, time) else time.fromisoformat(str(value).strip())
        except ValueError as trouble:
            raise self.wrong(value, "a time of day", "08:30") from trouble
        return f"{self.binder.bind(parsed.replace(tzinfo=None).isoformat())}::time"

    def moment(self, value: Any) -> date | datetime:
        """A day or a moment. Raises BadSpec."""
        try:
            if isinstance(value, (int, float)) or value is None:
                raise ValueError(value)
            return parse_moment(value)
        except ValueError as trouble:
            raise self.wrong(value, "a date", "2026-10-31") from trouble

    def from_start(self, value: date | datetime) -> str:
        """Rows at or after the beginning of a day, or at or after a moment."""
        return f"{self.sql} >= {self._bound(value)}"

    def before_start(self, value: date | datetime) -> str:
        """Rows before the beginning of a day, or before a moment."""
        return f"{self.sql} < {self._bound(value)}"

    def to_end(self, value: date | datetime) -> str:
        """Rows up to and including a whole day, or a moment."""
        if isinstance(value, datetime):
            return f"{self.sql} <= {self._bound(value)}"
        return f"{self.sql} < {self._bound(following(value))}" if value < date.max else self._finite()

    def after_end(self, value: date | datetime) -> str:
        """Rows after a whole day, or after a moment."""
        if isinstance(value, datetime):
            return f"{self.sql} > {self._bound(value)}"
        return f"{self.sql} >= {self._bound(following(value))}" if value < date.max else f"not {self._finite()}"

    def _finite(self) -> str:
        return f"isfinite({self.sql})"

    def _bound(self, value: date | datetime) -> str:
        """The placeholder of a day's beginning or of a moment, in the column's own type."""
        if self.kind is Kind.DATE:
            if isinstance(value, datetime):
                return f"{self.binder.bind(self._wall(value).isoformat(' '))}::timestamp"
            return f"{self.binder.bind(value.isoformat())}::date"
        if self.kind is Kind.TIMESTAMP:
            wall = self._wall(value) if isinstance(value, datetime) else datetime.combine(value, time())
            return f"{self.binder.bind(wall.isoformat(' '))}::timestamp"
        instant = self._instant(value) if isinstance(value, datetime) else day_start(value, self.zone)
        return f"{self.binder.bind(instant.isoformat(' '))}::timestamptz"

    def _wall(self, moment: datetime) -> datetime:
        """What a clock on the workspace's wall shows at `moment`."""
        return moment if moment.tzinfo is None else moment.astimezone(zone_of(self.zone)).replace(tzinfo=None)

    def _instant(self, moment: datetime) -> datetime:
        return (moment if moment.tzinfo else moment.replace(tzinfo=zone_of(self.zone))).astimezone(UTC)


def following(day: date) -> date:
    return day + timedelta(days=1)


def whole_count(value: Any, largest: int) -> int | None:
    """A whole number from 1 to `largest`, or None for anything else."""
    try:
        number = float(str(value))
    except ValueError:
        return None
    return int(number) if math.isfinite(number) and number == int(number) and 1 <= number <= largest else None
