"""What a person may say about a file, what was understood of it, and what came out of reading it."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from core.engine.ingest.problems import Problem
from core.engine.summary import ColumnProfile
from core.engine.values import Column, Kind

DecimalMark = Literal[".", ","]
DateOrder = Literal["dmy", "mdy", "ymd"]


class Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ImportOptions(Part):
    """Everything a person may correct. Whatever is left out is worked out from the file itself."""

    encoding: str | None = None  # a Python codec name: "utf-8", "cp1252", "utf-16" …
    delimiter: str | None = Field(default=None, min_length=1, max_length=4)
    quote: str | None = Field(default=None, max_length=1)  # "" = quotes mean nothing
    header_row: int | None = Field(default=None, ge=0)  # 1-based line; 0 = there is no header
    decimal: DecimalMark | None = None
    date_order: DateOrder | None = None
    null_words: tuple[str, ...] = ()  # texts that mean "empty": "N/A", "NULL", "-"
    short_rows: Literal["pad", "set_aside"] | None = None  # rows with fewer cells than the header
    sheets: tuple[str, ...] | None = None  # names to take; None: all that are visible and hold something
    json_path: str | None = None  # dotted keys to the list of records; "" = the top level
    kinds: dict[str, Kind] = Field(default_factory=dict)  # column name → what its values are


class Understood(Part):
    """How the file was read, in the same words as `ImportOptions`, and where in the upload it was found."""

    format: str  # csv, xlsx, xlsm, xlsb, xls, ods, json, jsonl, parquet
    compression: str | None = None  # gzip, zip
    member: str | None = None  # the file inside a .zip
    sheet: str | None = None
    encoding: str | None = None
    delimiter: str | None = None
    quote: str | None = None
    header_row: int | None = None
    decimal: DecimalMark | None = None
    date_order: DateOrder | None = None
    null_words: tuple[str, ...] = ()
    short_rows: Literal["pad", "set_aside"] | None = None
    json_path: str | None = None
    notes: tuple[str, ...] = ()  # sentences a person should read: what was guessed, left out or replaced


class Inspection(Part):
    """A first look at one table of a file: judged by its beginning, so `columns` may still change at ingest."""

    name: str
    understood: Understood
    columns: tuple[Column, ...]
    rows: list[list[str | None]]  # the first 50
    problems: tuple[Problem, ...] = ()  # the first 20 among the rows looked at
    row_estimate: int | None = None
    complete: bool = False  # the whole table was looked at, so `row_estimate` is exact


class Ingested(Part):
    """One dataset as written: `path` is its table.parquet; rows + problems = the rows that were in the file."""

    name: str
    path: Path
    columns: tuple[Column, ...]
    rows: int
    date_column: str | None = None  # id of the main date column
    understood: Understood
    problems: int = 0  # rows set aside, kept in problems.jsonl beside the table
    profile: tuple[ColumnProfile, ...] = ()
