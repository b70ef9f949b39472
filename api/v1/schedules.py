"""Templates that run by themselves: make them, see what they did and will do, run one now."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from api.auth import Acting, TokenRoute, needs
from core.desk import Desk
from core.engine.spec import Delivering
from core.scheduling import agenda, schedules
from core.scheduling.cadence import Cadence
from core.scheduling.schedules import Plan
from storage.tables import OccurrenceState

router = APIRouter(prefix="/schedules", tags=["schedules"], route_class=TokenRoute)


class NewSchedule(Plan):
    """A template and when it runs. What is absent is as the screens propose it."""

    template: str = Field(description="Id of the template.")


class Changes(BaseModel):
    """What is given is changed, the rest stays. Another cadence counts from now on."""

    model_config = ConfigDict(extra="forbid")

    template: str | None = None
    name: str | None = Field(default=None, min_length=1)
    cadence: Cadence | None = None
    zone: str | None = None
    starts_at: AwareDatetime | None = None
    ends_at: AwareDatetime | None = None
    grace_minutes: int | None = None
    overlap: str | None = None
    pause_after: int | None = None
    refresh: str | None = None
    delivering: Delivering | None = None
    keep_days: int | None = None


class RunOut(BaseModel):
    """One run of a schedule."""

    id: str
    slot: str  # "2026-03-29T02:30[Europe/Paris]" on the clock there, "2026-03-29T02:30Z" an instant, "now …" asked for
    at: datetime  # when it was due
    state: OccurrenceState
    job_id: str | None  # of the export: /api/v1/jobs/{id}; while it is refreshing, of what fetches the data
    asked_by: str | None  # account id, where somebody asked for it
    data_at: datetime | None  # since when its oldest data is as it read it
    error: dict[str, Any] | None
    warning: str


class ScheduleOut(BaseModel):
    id: str
    name: str
    template_id: str
    sentence: str  # "Every Monday at 08:00 (Asia/Jakarta)"
    cadence: Cadence
    zone: str
    starts_at: datetime | None
    ends_at: datetime | None
    grace_minutes: int
    overlap: str
    pause_after: int
    refresh: str
    delivering: Delivering | None
    keep_days: int | None
    next_at: datetime | None  # none: it is paused, or over
    next_runs: list[datetime]  # up to five
    paused_at: datetime | None
    paused_why: str  # "": somebody paused it
    failures: int  # in a row, up to now
    last_run: RunOut | None
    created_at: datetime
    updated_at: datetime


class ScheduleList(BaseModel):
    schedules: list[ScheduleOut]


class RunPage(BaseModel):
    runs: list[RunOut]
    page: int  # from 1
    size: int
    total: int


class DryRunOut(BaseModel):
    """What a run would make, on the data and the template as they are now."""

    at: datetime  # the moment relative ranges count from
    due: bool  # whether it runs on that day
    sentence: str
    file_name: str
    rows: int
    source_rows: int


class ComingOut(BaseModel):
    at: datetime
    schedule_id: str
    name: str


class ComingList(BaseModel):
    runs: list[ComingOut]


@router.post("", status_code=201, summary="Make a schedule", openapi_extra=needs("schedules:write"))
def make(desk: Acting, new: NewSchedule) -> ScheduleOut:
    chosen = {name: getattr(new, name) for name in Plan.model_fields}
    return _out(desk, schedules.make(desk, new.template, schedules.checked(chosen)).id)


@router.get("", summary="Schedules, by when they run next", openapi_extra=needs("schedules:read"))
def every(desk: Acting, search: str = "") -> ScheduleList:
    return ScheduleList(schedules=[_shown(listed) for listed in schedules.list(desk, search)])


@router.get("/coming", summary="The next runs of all schedules, in order", openapi_extra=needs("schedules:read"))
def coming(desk: Acting, limit: Annotated[int, Query(ge=1, le=100)] = 25) -> ComingList:
    found = agenda.upcoming(desk, limit)
    return ComingList(runs=[ComingOut(at=one.at, schedule_id=one.schedule.id, name=one.schedule.name) for one in found])


@router.get("/{schedule_id}", summary="One schedule", openapi_extra=needs("schedules:read"))
def one(desk: Acting, schedule_id: str) -> ScheduleOut:
    return _out(desk, schedule_id)


@router.patch("/{schedule_id}", summary="Change a schedule", openapi_extra=needs("schedules:write"))
def change(desk: Acting, schedule_id: str, changes: Changes) -> ScheduleOut:
    given = {name: getattr(changes, name) for name in changes.model_fields_set}
    schedules.update(desk, schedule_id, template_id=given.pop("template", None), **given)
    return _out(desk, schedule_id)


@router.delete(
    "/{schedule_id}", status_code=204, summary="Move a schedule to the bin", openapi_extra=needs("schedules:write")
)
def delete(desk: Acting, schedule_id: str) -> Response:
    schedules.delete(desk, schedule_id)
    return Response(status_code=204)


@router.post("/{schedule_id}/pause", summary="Pause a schedule", openapi_extra=needs("schedules:write"))
def pause(desk: Acting, schedule_id: str) -> ScheduleOut:
    return _out(desk, schedules.pause(desk, schedule_id).id)


@router.post("/{schedule_id}/resume", summary="Let it go on from now", openapi_extra=needs("schedules:write"))
def resume(desk: Acting, schedule_id: str) -> ScheduleOut:
    return _out(desk, schedules.resume(desk, schedule_id).id)


@router.post(
    "/{schedule_id}/runs",
    status_code=202,
    summary="Run it now; its cadence stays where it is",
    openapi_extra=needs("schedules:write"),
)
def run_now(desk: Acting, schedule_id: str) -> RunOut:
    return _run(schedules.run_now(desk, schedule_id))


@router.get("/{schedule_id}/runs", summary="Its runs, newest first", openapi_extra=needs("schedules:read"))
def history(
    desk: Acting,
    schedule_id: str,
    page: Annotated[int, Query(ge=1)] = 1,
    size: Annotated[int, Query(ge=1, le=100)] = 25,
) -> RunPage:
    found, total = schedules.history(desk, schedule_id, page=page, size=size)
    return RunPage(runs=[_run(run) for run in found], page=page, size=size, total=total)


@router.get(
    "/{schedule_id}/dry-run",
    summary="What it would make on a day, without making it",
    openapi_extra=needs("schedules:read"),
)
def dry_run(
    desk: Acting,
    schedule_id: str,
    day: Annotated[date | None, Query(description="On the clock there; absent: today.")] = None,
) -> DryRunOut:
    return DryRunOut.model_validate(agenda.dry_run(desk, schedule_id, day), from_attributes=True)


def _out(desk: Desk, schedule_id: str) -> ScheduleOut:
    return _shown(schedules.look(desk, schedule_id))


def _shown(listed: schedules.Listed) -> ScheduleOut:
    one = listed.schedule
    plan = schedules.plan(one)
    return ScheduleOut(
        **plan.model_dump(),
        id=one.id,
        template_id=one.template_id,
        sentence=listed.sentence,
        next_at=one.next_at,
        next_runs=agenda.next_of(one),
        paused_at=one.paused_at,
        paused_why=one.paused_why,
        failures=one.failures,
        last_run=_run(listed.last) if listed.last else None,
        created_at=one.created_at,
        updated_at=one.updated_at,
    )


def _run(run: schedules.Occurrence) -> RunOut:
    return RunOut.model_validate(run, from_attributes=True)
