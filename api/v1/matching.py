"""How a template fits data it was not made for, as programs ask it and are told."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from core.engine.spec import ExportSpec
from core.templating.matching import Report


class Choice(BaseModel):
    """Which column takes the place of one the template uses."""

    model_config = ConfigDict(extra="forbid")

    wanted: str = Field(description="The column as the template calls it.")
    column: str | None = Field(
        description="Name or id of a column of the data; null: none of them, also where one is similar."
    )
    source: int = Field(default=0, ge=0, description="Of which of the template’s datasets, from 0.")


class OnData(BaseModel):
    """Other data, and what is said of its columns."""

    model_config = ConfigDict(extra="forbid")

    datasets: list[str | None] = Field(
        min_length=1,
        max_length=100,
        description="Id or slug for each dataset of the template; null: as the template says.",
    )
    columns: list[Choice] = Field(default=[], max_length=10_000)


class PairOut(BaseModel):
    source: int  # of the template's datasets, from 0
    wanted: str
    used: list[str]  # column, summary, filter, time, sorting, split
    column: str | None  # its name in the data
    id: str | None
    how: str | None  # same, alike, remembered, similar, by_hand
    nearest: list[str]  # names in the data, where there is none


class ReportOut(BaseModel):
    """`ready`: it would run. What was found by likeness alone (`how`: similar) has to be said in `columns` all the same."""

    ready: bool
    data: list[str]  # what each dataset is called
    columns: list[PairOut]
    missing: list[str]
    problems: list[dict[str, Any]]
    spec: ExportSpec | None  # as it would run; null while columns are missing


def by_hand(columns: Sequence[Choice]) -> dict[tuple[int, str], str | None]:
    """As core.templating.matching takes it."""
    return {(one.source, one.wanted): one.column for one in columns}


def report_out(report: Report) -> ReportOut:
    return ReportOut(
        ready=report.ready,
        data=[*report.data],
        columns=[
            PairOut(
                source=one.source,
                wanted=one.wanted,
                used=[*one.used],
                column=one.column.name if one.column else None,
                id=one.column.id if one.column else None,
                how=one.how,
                nearest=[*one.nearest],
            )
            for one in report.columns
        ],
        missing=[one.wanted for one in report.missing],
        problems=[problem.as_dict() for problem in report.problems],
        spec=report.spec,
    )
