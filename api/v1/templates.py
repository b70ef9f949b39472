"""Exports people saved, with their versions, to be run by programs (`POST /api/v1/jobs {"template": id}`) and taken along."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from api.auth import Acting, TokenRoute, needs
from api.downloads import attachment
from api.v1.matching import Choice, OnData, ReportOut, by_hand, report_out
from core.engine.spec import ExportSpec
from core.templating import files as template_files
from core.templating import templates
from core.templating import versions as template_versions
from core.templating.files import TemplateFile

router = APIRouter(prefix="/templates", tags=["templates"], route_class=TokenRoute)
KEEP_DAYS = "How many days the files it makes are kept; null: as the workspace says."


class NewTemplate(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=1, max_length=200)
    description: str = ""
    spec: ExportSpec
    tags: list[str] = []
    keep_days: int | None = Field(default=None, description=KEEP_DAYS)


class TemplateChange(BaseModel):
    """What is given is changed, the rest stays. Another name, description or spec is a new version."""

    model_config = ConfigDict(extra="forbid")

    name: str | None = None
    description: str | None = None
    spec: ExportSpec | None = None
    tags: list[str] | None = None
    keep_days: int | None = Field(default=None, description=KEEP_DAYS)


class TemplateOut(BaseModel):
    id: str
    name: str
    description: str
    spec: ExportSpec
    tags: list[str]
    keep_days: int | None
    version: int
    created_at: datetime
    updated_at: datetime
    last_run_at: datetime | None


class TemplateList(BaseModel):
    templates: list[TemplateOut]


class VersionOut(BaseModel):
    number: int  # from 1
    name: str
    description: str
    spec: ExportSpec
    at: datetime
    by: str  # name of whoever saved it
    changed: list[str]  # sentences: what is other than in the version before
    restored_from: int | None
    current: bool


class VersionList(BaseModel):
    versions: list[VersionOut]


class Import(BaseModel):
    """A file of `GET …/file`, and the data of this desk it shall run on."""

    model_config = ConfigDict(extra="forbid")

    file: dict[str, Any]
    datasets: list[str] = Field(min_length=1, max_length=100, description="Id or slug for each dataset of the file.")
    columns: list[Choice] = Field(default=[], max_length=10_000)


def _out(template: templates.Template) -> TemplateOut:
    return TemplateOut.model_validate(template, from_attributes=True)


@router.post("", status_code=201, summary="Save a template", openapi_extra=needs("templates:write"))
def save(desk: Acting, new: NewTemplate) -> TemplateOut:
    return _out(templates.save(desk, new.name, new.description, new.spec, tags=new.tags, keep_days=new.keep_days))


@router.get("", summary="Templates, by name", openapi_extra=needs("templates:read"))
def every(
    desk: Acting,
    search: Annotated[str, Query(description="Words of name, description or tags.")] = "",
    tag: Annotated[list[str] | None, Query(description="Repeat it for templates that have all of several.")] = None,
) -> TemplateList:
    return TemplateList(templates=[_out(t) for t in templates.list(desk, search, tags=tag or ())])


@router.post("/import", status_code=201, summary="Add a template from its file", openapi_extra=needs("templates:write"))
def add(desk: Acting, new: Import) -> TemplateOut:
    """Refused with all columns that are missing; `columns` says which they are. See what was left out of the file."""
    kept = template_files.checked(new.file)
    return _out(template_files.add(desk, kept, new.datasets, by_hand(new.columns)))


@router.get("/{template_id}", summary="One template", openapi_extra=needs("templates:read"))
def one(desk: Acting, template_id: str) -> TemplateOut:
    return _out(templates.get(desk, template_id))


@router.patch("/{template_id}", summary="Change a template", openapi_extra=needs("templates:write"))
def change(desk: Acting, template_id: str, wanted: TemplateChange) -> TemplateOut:
    days = wanted.keep_days if "keep_days" in wanted.model_fields_set else templates.UNCHANGED
    changed = templates.update(
        desk,
        template_id,
        name=wanted.name,
        description=wanted.description,
        spec=wanted.spec,
        tags=wanted.tags,
        keep_days=days,
    )
    return _out(changed)


@router.post(
    "/{template_id}/duplicate", status_code=201, summary="A copy of one’s own", openapi_extra=needs("templates:write")
)
def duplicate(desk: Acting, template_id: str) -> TemplateOut:
    return _out(templates.duplicate(desk, template_id))


@router.get("/{template_id}/versions", summary="Its versions, the newest first", openapi_extra=needs("templates:read"))
def versions(desk: Acting, template_id: str) -> VersionList:
    found = template_versions.list(desk, template_id)
    return VersionList(versions=[VersionOut.model_validate(version, from_attributes=True) for version in found])


@router.post(
    "/{template_id}/versions/{number}/restore",
    summary="Bring a version back, as a new version",
    openapi_extra=needs("templates:write"),
)
def restore(desk: Acting, template_id: str, number: int) -> TemplateOut:
    return _out(template_versions.restore(desk, template_id, number))


@router.post(
    "/{template_id}/match", summary="How it fits other data; nothing runs", openapi_extra=needs("templates:read")
)
def match(desk: Acting, template_id: str, wanted: OnData) -> ReportOut:
    return report_out(templates.match(desk, template_id, wanted.datasets, by_hand(wanted.columns)))


@router.get(
    "/{template_id}/file",
    summary="The template as a file for another desk",
    openapi_extra=needs("templates:read"),
    response_model=TemplateFile,
)
def file(desk: Acting, template_id: str) -> Response:
    """JSON without ids of this desk and without secrets; `left_out` names what has to be chosen again."""
    kept = template_files.dump(desk, template_id)
    named = {"Content-Disposition": attachment(template_files.file_name(kept))}
    return Response(template_files.text(kept), media_type="application/json", headers=named)


@router.delete("/{template_id}", status_code=204, summary="Delete a template", openapi_extra=needs("templates:write"))
def delete(desk: Acting, template_id: str) -> Response:
    templates.delete(desk, template_id)
    return Response(status_code=204)
