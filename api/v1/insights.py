"""Insights: what was exported in a period, of all that whoever asks may see."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel

from api.auth import Acting, TokenRoute, needs
from api.downloads import attachment
from core import stats
from core.stats import Figures, Period

router = APIRouter(prefix="/insights", tags=["insights"], route_class=TokenRoute)

Wanted = Annotated[Period, Query(description="Ends now; days are those of the workspace's time zone.")]


class FiguresOut(BaseModel):
    exports: int
    succeeded: int
    failed: int
    rows: int
    bytes: int


class Named(FiguresOut):
    which: str


class SlowOut(BaseModel):
    job: str
    name: str
    format: str
    rows: int
    seconds: float


class InsightsOut(BaseModel):
    period: str
    since: date | None
    total: FiguresOut
    success: float | None  # 0 to 1, of those that ended by themselves
    by: str  # day, month: what `over_time` counts by
    over_time: list[Named]  # `which`: the first day of each
    formats: list[Named]
    people: list[Named]
    templates: list[Named]
    slowest: list[SlowOut]


@router.get("", summary="Exports over time, by format, by person; the slowest", openapi_extra=needs("jobs:read"))
def insights(desk: Acting, period: Wanted = "30_days") -> InsightsOut:
    found = stats.insights(desk, period)
    return InsightsOut(
        period=found.period,
        since=found.since,
        total=FiguresOut(**vars(found.total)),
        success=found.success,
        by=found.by,
        over_time=[_named(day.isoformat(), figures) for day, figures in found.over_time],
        formats=[_named(*one) for one in found.formats],
        people=[_named(*one) for one in found.people],
        templates=[_named(*one) for one in found.templates],
        slowest=[
            SlowOut(job=one.id, name=one.name, format=one.format, rows=one.rows, seconds=one.seconds)
            for one in found.slowest
        ],
    )


@router.get("/csv", summary="The same as CSV", openapi_extra=needs("jobs:read"), response_class=Response)
def as_csv(desk: Acting, period: Wanted = "30_days") -> Response:
    content = stats.as_csv(stats.insights(desk, period))
    return Response(
        content,
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": attachment(f"insights-{period}.csv")},
    )


def _named(which: str, figures: Figures) -> Named:
    return Named(which=which, **vars(figures))
