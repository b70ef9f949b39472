"""Saved filters and columns: parts of specs that are kept alone."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from api.auth import Acting, TokenRoute, needs
from core.engine.spec import Group
from core.errors import BadInput
from core.templating import saved_sets
from core.templating.saved_sets import Columns, SavedSet, SetKind

router = APIRouter(prefix="/sets", tags=["sets"], route_class=TokenRoute)


class NewSet(BaseModel):
    """Filters (`filters` of a source) or columns (`columns` of a source): one of the two."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=1, max_length=120)
    filters: Group | None = None
    columns: Columns | None = None


class SetChange(BaseModel):
    """What is given is changed, the rest stays."""

    model_config = ConfigDict(extra="forbid")

    name: str | None = None
    filters: Group | None = None
    columns: Columns | None = None


class SetOut(BaseModel):
    id: str
    kind: SetKind
    name: str
    sentence: str  # what is in it, in words
    content: dict[str, Any]  # filters: a Group; columns: {"columns": […]}
    shared: bool
    updated_at: datetime


class SetList(BaseModel):
    sets: list[SetOut]


def _out(found: SavedSet) -> SetOut:
    return SetOut(
        id=found.id,
        kind=found.kind,
        name=found.name,
        sentence=saved_sets.sentence(found),
        content=found.content,
        shared=found.shared,
        updated_at=found.updated_at,
    )


@router.post("", status_code=201, summary="Save filters or columns", openapi_extra=needs("templates:write"))
def save(desk: Acting, new: NewSet) -> SetOut:
    content = _content(new)
    kind = SetKind.FILTERS if isinstance(content, Group) else SetKind.COLUMNS
    if content is None:
        raise BadInput("A set has filters or columns.", "Give one of the two.", field="filters")
    return _out(saved_sets.save(desk, kind, new.name, content))


@router.get("", summary="Saved filters and columns, by name", openapi_extra=needs("templates:read"))
def every(desk: Acting, kind: Annotated[SetKind | None, Query()] = None) -> SetList:
    return SetList(sets=[_out(found) for found in saved_sets.list(desk, kind)])


@router.get("/{set_id}", summary="One saved set", openapi_extra=needs("templates:read"))
def one(desk: Acting, set_id: str) -> SetOut:
    return _out(saved_sets.get(desk, set_id))


@router.patch("/{set_id}", summary="Change a saved set", openapi_extra=needs("templates:write"))
def change(desk: Acting, set_id: str, wanted: SetChange) -> SetOut:
    return _out(saved_sets.update(desk, set_id, name=wanted.name, content=_content(wanted)))


@router.delete(
    "/{set_id}", status_code=204, summary="Move a saved set to the bin", openapi_extra=needs("templates:write")
)
def delete(desk: Acting, set_id: str) -> Response:
    saved_sets.delete(desk, set_id)
    return Response(status_code=204)


def _content(given: NewSet | SetChange) -> Group | Columns | None:
    """Raises BadInput for both at once."""
    if given.filters is not None and given.columns is not None:
        raise BadInput("A set has either filters or columns, not both.", "Save them as two sets.", field="columns")
    return given.filters if given.filters is not None else given.columns
