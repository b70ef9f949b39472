"""Exports people saved, to be run by programs: `POST /api/v1/jobs {"template": id}`."""

from __future__ import annotations

from datetime import datetime

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field

from api.auth import Acting, TokenRoute, needs
from core import templates
from core.engine.spec import ExportSpec

router = APIRouter(prefix="/templates", tags=["templates"], route_class=TokenRoute)


class NewTemplate(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=1, max_length=200)
    description: str = ""
    spec: ExportSpec


class TemplateOut(BaseModel):
    id: str
    name: str
    description: str
    spec: ExportSpec
    created_at: datetime
    updated_at: datetime
    last_run_at: datetime | None


class TemplateList(BaseModel):
    templates: list[TemplateOut]


def _out(template: templates.Template) -> TemplateOut:
    return TemplateOut.model_validate(template, from_attributes=True)


@router.post("", status_code=201, summary="Save a template", openapi_extra=needs("templates:write"))
def save(desk: Acting, new: NewTemplate) -> TemplateOut:
    return _out(templates.save(desk, new.name, new.description, new.spec))


@router.get("", summary="Templates, by name", openapi_extra=needs("templates:read"))
def every(desk: Acting) -> TemplateList:
    return TemplateList(templates=[_out(t) for t in templates.list(desk)])


@router.get("/{template_id}", summary="One template", openapi_extra=needs("templates:read"))
def one(desk: Acting, template_id: str) -> TemplateOut:
    return _out(templates.get(desk, template_id))


@router.delete("/{template_id}", status_code=204, summary="Delete a template", openapi_extra=needs("templates:write"))
def delete(desk: Acting, template_id: str) -> Response:
    templates.delete(desk, template_id)
    return Response(status_code=204)
