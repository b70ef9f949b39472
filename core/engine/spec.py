"""ExportSpec: the one value that says what an export is.

A template stores it, a job row freezes it, the API accepts it, the builder edits it. It is frozen, versioned and refuses
unknown keys. It never holds a secret. What a run pins beside it (the moment, the zone, the dataset versions) is `Resolved`.
"""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator


class Value(BaseModel):
    """Base of every part of a spec, and of what answers one: immutable, and a misspelt key is an error that names it."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class ColumnRef(Value):
    """Which column of a dataset. JSON may give the name alone: `"country"` means `{"name": "country"}`.

    `id` (c1 … cN) wins where it carries that name; else the name is looked up, exactly, then without case.
    """

    name: str
    id: str | None = None

    @model_validator(mode="before")
    @classmethod
    def _from_name(cls, data: Any) -> Any:
        return {"name": data} if isinstance(data, str) else data


class NamesColumn(Value):
    """A part that is mostly its column: `"country"` alone means `{"column": "country"}`."""

    @model_validator(mode="before")
    @classmethod
    def _from_column(cls, data: Any) -> Any:
        return {"column": data} if isinstance(data, str) else data


class Condition(Value):
    """`column operator values`: values are what the operator asks for (none, one, two or many), as JSON scalars."""

    column: ColumnRef
    operator: str  # a key of filters.OPERATORS
    values: tuple[Any, ...] = ()


class Group(Value):
    """Conditions and groups that must all hold, or of which any may hold. An empty group keeps every row."""

    match: Literal["all", "any"] = "all"
    items: tuple[Annotated[Condition | Group, Field(union_mode="left_to_right")], ...] = ()


class TimeRange(Value):
    """Rows whose date column lies in a span. Either a relative word or an explicit start and end, both included.

    A date-only end includes that whole day, in the zone of the workspace. `column` absent: the dataset's main date column.
    """

    column: ColumnRef | None = None
    relative: str | None = None  # a key of filters.RELATIVE: "last_30_days", "last_month", "this_quarter" …
    start: date | datetime | None = None
    end: date | datetime | None = None


class OutputColumn(NamesColumn):
    """One column of the file: which, under what header, and how dates or numbers are shown (text formats and XLSX).

    `format`: a key of display.DATE_FORMATS or NUMBER_FORMATS, or for any kind "mask" or "pseudonym" (engine.protection).
    """

    column: ColumnRef
    label: str | None = None  # absent: the dataset's own header
    format: str | None = None  # absent: the format's own way


class SortKey(NamesColumn):
    column: ColumnRef
    descending: bool = False


class DateUnit(StrEnum):
    DAY = "day"
    WEEK = "week"  # begins on Monday (ISO 8601)
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


class GroupBy(NamesColumn):
    column: ColumnRef
    unit: DateUnit | None = None  # dates only
    label: str | None = None


class Measure(Value):
    function: Literal["count", "count_distinct", "sum", "average", "min", "max"]
    column: ColumnRef | None = None  # none only for count
    label: str | None = None


class Summary(Value):
    """Group by these, give these figures: the rows become one a group, the columns become keys then measures."""

    group_by: tuple[GroupBy, ...] = ()
    measures: tuple[Measure, ...] = (Measure(function="count"),)


class Source(Value):
    """One dataset and what is kept of it. `columns` empty means all, in their own order.

    With `summary`, `columns` is not used; `sort` then refers to the labels of the result. `name` is what its sheet,
    section or file is called where an export has several.
    """

    dataset: str  # id or slug
    name: str = ""  # absent: the dataset's name
    filters: Group = Group()
    time_range: TimeRange | None = None
    columns: tuple[OutputColumn, ...] = ()
    sort: tuple[SortKey, ...] = ()
    summary: Summary | None = None
    distinct: bool = False
    limit: int | None = Field(default=None, ge=1, le=2**63 - 1)  # rows


class Output(Value):
    """The file's format, that format's own options, and the pattern of its name.

    The pattern knows {name} {rows} {date} {time}, and where there are several files {part} and {number}.
    """

    format: str = "xlsx"
    options: dict[str, Any] = Field(default_factory=dict)  # checked against the format's Options model
    file_name: str = "{name}"
    # several tables in one file (sheets, sections) or a file each; auto: together for several datasets where the format
    # can hold them, apart for a split
    layout: Literal["auto", "together", "apart"] = "auto"


class Split(Value):
    """Where one table becomes several parts. `by` says which of the other fields counts.

    rows: parts of at most `rows` rows. size: of at most `megabytes` (10^6 bytes, before packing). value: one for every value
    of `column`. day, week (from Monday), month, quarter, year: one for every such span of the date column `column`; absent, the
    dataset's main date column. With a summary, `column` is a label of the result.

    `undated`: what becomes of a dataset without a main date column, where `column` is absent: it is refused, or stays whole.
    """

    by: Literal["rows", "size", "value", "day", "week", "month", "quarter", "year"]
    rows: int | None = Field(default=None, ge=1)
    megabytes: float | None = Field(default=None, ge=0.001, le=1_000_000)
    column: ColumnRef | None = None
    undated: Literal["refuse", "whole"] = "refuse"

    @model_validator(mode="after")
    def _whole(self) -> Split:
        needed = {"rows": "rows", "size": "megabytes", "value": "column"}.get(self.by)
        if needed and getattr(self, needed) is None:
            raise ValueError(f"a split by {self.by} needs “{needed}”")
        return self


class Packaging(Value):
    """What is put round the finished file or files.

    auto: nothing round one file, a zip with a manifest round several. `password` is the id of a kept password, never the
    password itself; `lock` says what it locks: the file in its own way (Excel, PDF) or a zip (AES-256). auto: the file where
    it can be locked and is alone, else the zip.
    """

    compression: Literal["auto", "none", "gzip", "bz2", "zstd", "zip"] = "auto"
    split: Split | None = None
    password: str | None = None
    lock: Literal["auto", "file", "zip"] = "auto"


class Limits(Value):
    """Exceeding one fails the job with a sentence; a file is never cut short."""

    memory_mb: int | None = Field(default=None, ge=64)
    seconds: int | None = Field(default=None, ge=1)
    rows: int | None = Field(default=None, ge=1)


class Delivering(Value):
    """Where the finished files go, whether they do, and when.

    `when`: always, only if there are rows, only if there are none, only if the rows are others than last time.
    `ask_above_percent`: wait for a person where the number of rows moved by more than that since last time.
    `hold`: no; undo: wait for `undo_minutes`, during which somebody can stop it; ask: wait until somebody says yes.
    """

    destinations: tuple[str, ...] = Field(default=(), max_length=20)  # ids
    when: Literal["always", "rows", "no_rows", "changed"] = "always"
    ask_above_percent: float | None = Field(default=None, gt=0)
    hold: Literal["no", "undo", "ask"] = "no"
    undo_minutes: int = Field(default=10, ge=1, le=24 * 60)


class ExportSpec(Value):
    version: Literal[1] = 1
    name: str = ""  # what people call this export; {name} in the file name; absent: the dataset's name
    sources: tuple[Source, ...] = Field(min_length=1, max_length=1000)
    output: Output = Output()
    packaging: Packaging = Packaging()
    limits: Limits = Limits()
    delivering: Delivering = Delivering()
    keep_hours: int | None = Field(default=None, ge=1, le=24 * 366)  # the files are kept; absent: as retention says


class Resolved(Value):
    """What a run froze, so that a retry after midnight exports the same rows."""

    now: datetime  # aware, UTC: the moment relative dates count from
    zone: str = "UTC"  # IANA name: the workspace's
    versions: dict[str, str] = Field(default_factory=dict)  # Source.dataset as written → dataset version id
    pseudonyms: str = Field(
        default="", exclude=True, repr=False
    )  # the key of the workspace's, in hex: never written down
