"""The rows of the builder: filters, columns, sort, summary, as they stand on screen, finished or not."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from core.engine.filters import OPERATORS
from core.engine.spec import ColumnRef, DateUnit, Split
from core.engine.values import DATED, NUMBERS, Kind


def new_row_id() -> str:
    """A name for a row on screen, so that deleting the first row does not give the second one its values."""
    return uuid.uuid4().hex[:8]


class Part(BaseModel):
    model_config = ConfigDict(extra="forbid")


class FilterRow(Part):
    """One condition as it stands on screen. `values` may be too few: then it is unfinished and keeps every row."""

    id: str = Field(default_factory=new_row_id)
    column: str
    operator: str
    values: list[Any] = Field(default_factory=list)

    @property
    def finished(self) -> bool:
        """Whether it has as many values as its operator asks for."""
        operator = OPERATORS.get(self.operator)
        if operator is None:
            return False
        given = [v for v in self.values if v is not None and v != ""]
        if operator.arity == "many":
            return bool(given)
        return len(given) == operator.arity


class FilterGroup(Part):
    id: str = Field(default_factory=new_row_id)
    match: Literal["all", "any"] = "all"
    items: list[FilterRow | FilterGroup] = Field(default_factory=list)

    def rows(self) -> Iterator[FilterRow]:
        """Every condition, at any depth, in reading order."""
        for item in self.items:
            if isinstance(item, FilterRow):
                yield item
            else:
                yield from item.rows()

    def groups(self) -> Iterator[FilterGroup]:
        """Every group within this one, at any depth."""
        for item in self.items:
            if isinstance(item, FilterGroup):
                yield item
                yield from item.groups()


class TimeChoice(Part):
    """The time range as chosen. `choice`: "any", a key of filters.RELATIVE, or "between" with `start` and `end` (ISO dates)."""

    choice: str = "any"
    column: str | None = None  # absent: the dataset's main date column
    start: str | None = None
    end: str | None = None


class ColumnPick(Part):
    column: str
    on: bool = True
    label: str | None = None
    format: str | None = None


class SortRow(Part):
    """`column` is a column id, or in a summary the label of a result column."""

    id: str = Field(default_factory=new_row_id)
    column: str
    descending: bool = False


class KeyRow(Part):
    id: str = Field(default_factory=new_row_id)
    column: str
    unit: DateUnit | None = None
    label: str | None = None


class MeasureRow(Part):
    id: str = Field(default_factory=new_row_id)
    function: Literal["count", "count_distinct", "sum", "average", "min", "max"] = "count"
    column: str | None = None
    label: str | None = None


SplitBy = Literal["", "rows", "size", "value", "day", "week", "month", "quarter", "year"]


class SplitChoice(Part):
    """Into which parts the rows go. What was chosen for another way of splitting waits until it is chosen again.

    `column` and `dates` are names of columns (in a summary, labels of its result): one name stands for that column of
    every dataset of the export.
    """

    by: SplitBy = ""  # empty: not split
    rows: int = 100_000  # rows of a part
    megabytes: float = 20.0  # of a part, before packing
    column: str | None = None  # one part for each of its values
    dates: str | None = None  # the date column for days, weeks, months …; absent: the main one
    undated: Literal["refuse", "whole"] = "refuse"  # of several datasets, one without a main date

    @property
    def unfinished(self) -> bool:
        return self.by == "value" and not self.column

    def split(self) -> Split | None:
        """None: the rows stay together, or what to split by is still to be chosen."""
        match self.by:
            case "":
                return None
            case "rows":
                return Split(by="rows", rows=self.rows)
            case "size":
                return Split(by="size", megabytes=self.megabytes)
            case "value":
                return Split(by="value", column=ColumnRef(name=self.column)) if self.column else None
            case span:
                return Split(by=span, column=ColumnRef(name=self.dates) if self.dates else None, undated=self.undated)

    @classmethod
    def of(cls, split: Split | None) -> SplitChoice:
        if split is None:
            return cls()
        named = split.column.name if split.column else None
        given = {"rows": split.rows, "megabytes": split.megabytes, "column" if split.by == "value" else "dates": named}
        given["undated"] = split.undated
        return cls.model_validate({"by": split.by} | {k: v for k, v in given.items() if v is not None})


_USUAL = {Kind.TEXT: "is_any_of", Kind.TIME: "between", Kind.NESTED: "contains", Kind.YES_NO: "is_yes"}


def usual_operator(kind: Kind) -> str:
    """The operator people expect first: a list of values for text, "at least" for numbers, a time span for dates."""
    return "at_least" if kind in NUMBERS else "is_in" if kind in DATED else _USUAL[kind]
