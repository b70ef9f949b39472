"""Start exports, follow them, fetch their files."""

from __future__ import annotations

from contextlib import suppress
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag

from api.auth import Acting, TokenRoute, needs
from api.downloads import attachment, download
from api.v1 import matching
from api.v1.matching import Choice
from api.v1.shapes import JobOut, JobPage, job_out
from core import converting, datasets, exports, feeds
from core.access import intake
from core.desk import Desk
from core.engine.spec import ExportSpec
from core.errors import NotFound
from core.templating import templates
from storage.tables import ACTIVE, Job, JobKind, JobState

router = APIRouter(prefix="/jobs", tags=["jobs"], route_class=TokenRoute)


class FromTemplate(BaseModel):
    """Run a saved template, on its own data or on other data. `POST /api/v1/templates/{id}/match` says how it fits."""

    model_config = ConfigDict(extra="forbid")

    template: str = Field(description="Id of the template.")
    dataset: str | None = Field(default=None, description="Id or slug of another dataset, in place of the first.")
    datasets: list[str | None] = Field(
        default=[], max_length=100, description="The same for each dataset of the template; null: as the template says."
    )
    columns: list[Choice] = Field(
        default=[],
        max_length=10_000,
        description="Which columns are which, where their names do not say it. Remembered.",
    )


def _which(body: Any) -> str:
    return "template" if isinstance(body, FromTemplate) or (isinstance(body, dict) and "template" in body) else "spec"


NewJob = Annotated[Annotated[ExportSpec, Tag("spec")] | Annotated[FromTemplate, Tag("template")], Discriminator(_which)]


@router.post(
    "", status_code=202, summary="Start an export: a spec, or a template", openapi_extra=needs("jobs:write", open=True)
)
def start(desk: Acting, new: NewJob) -> JobOut:
    """Accepted means durable: from this answer on a crash cannot lose the job."""
    return job_out(desk, intake.show(desk, _started(desk, new)))


def _started(desk: Desk, new: ExportSpec | FromTemplate) -> Job:
    if isinstance(new, FromTemplate):
        return templates.run(desk, new.template, new.dataset, data=new.datasets, by_hand=matching.by_hand(new.columns))
    return exports.start(desk, new)


@router.get("", summary="Exports, newest first", openapi_extra=needs("jobs:read"))
def every(
    desk: Acting,
    page: Annotated[int, Query(ge=1)] = 1,
    size: Annotated[int, Query(ge=1, le=100)] = 25,
    search: str = "",
    state: Annotated[list[JobState] | None, Query(description="Repeat it for several.")] = None,
    format: Annotated[list[str] | None, Query(description="csv, xlsx …; repeat it for several.")] = None,
) -> JobPage:
    found, total = exports.list(
        desk, search=search, states=tuple(state or ()), formats=tuple(format or ()), page=page, size=size
    )
    return JobPage(jobs=[job_out(desk, job) for job in found], page=page, size=size, total=total)


@router.get(
    "/{job_id}",
    summary="One job: state, progress, files, receipt, error",
    openapi_extra=needs("jobs:read", open=True),
)
def one(desk: Acting, job_id: str) -> JobOut:
    return job_out(desk, _any(desk, job_id))


@router.get(
    "/{job_id}/files/{n}",
    summary="A file of a finished export (Range is understood)",
    openapi_extra=needs("jobs:read", open=True),
    response_class=Response,
)
@router.head("/{job_id}/files/{n}", include_in_schema=False, openapi_extra=needs("jobs:read", open=True))
def file(request: Request, desk: Acting, job_id: str, n: int) -> Response:
    found = exports.file(desk, job_id, n)
    return download(request, found, lambda piece: exports.downloaded(desk, found, piece=piece))


@router.get(
    "/{job_id}/receipt",
    summary="The receipt as a JSON file",
    openapi_extra=needs("jobs:read", open=True),
    response_class=Response,
)
def receipt(desk: Acting, job_id: str) -> Response:
    found = exports.receipt(desk, job_id)
    name = f"{found.files[0].name}.receipt.json"
    return Response(
        found.model_dump_json(indent=2),
        media_type="application/json",
        headers={"Content-Disposition": attachment(name)},
    )


class OtherFormat(BaseModel):
    """Which format, and its options; absent: as it is usually."""

    model_config = ConfigDict(extra="forbid")

    format: str = Field(description="csv, xlsx, json …")
    options: dict[str, Any] = Field(default_factory=dict)


@router.post(
    "/{job_id}/convert", status_code=202, summary="The same export in another format", openapi_extra=needs("jobs:write")
)
def convert(desk: Acting, job_id: str, wanted: OtherFormat) -> JobOut:
    """A new export of the same rows: of the moment and the versions of the data that this one froze."""
    return job_out(desk, converting.convert(desk, job_id, wanted.format, wanted.options))


@router.delete(
    "/{job_id}",
    status_code=204,
    summary="Cancel a job that is queued or running; move one that has ended into the bin",
    openapi_extra=needs("jobs:write"),
    responses={202: {"model": JobOut, "description": "It was active: cancelling has begun."}},
)
def delete(desk: Acting, job_id: str) -> Response:
    job = _any(desk, job_id)
    if job.state in ACTIVE:
        {JobKind.EXPORT: exports, JobKind.REFRESH: feeds}.get(job.kind, datasets).cancel(desk, job_id)
        return Response(job_out(desk, _any(desk, job_id)).model_dump_json(), 202, media_type="application/json")
    exports.delete(desk, job_id)
    return Response(status_code=204)


def _any(desk: Desk, job_id: str) -> Job:
    """An export, or a job that reads or fetches data: all are followed here."""
    for known in (exports.get, feeds.job):
        with suppress(NotFound):
            return known(desk, job_id)
    return datasets.job(desk, job_id)
