"""Places that files are delivered to. Secrets are written, never read: an answer says which there are, nothing else."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field

from api.auth import Acting, TokenRoute, needs
from api.v1.deliveries import DeliveryOut, delivery_out
from core import deliveries, destinations
from core.delivery import NAMES
from core.desk import Desk

router = APIRouter(prefix="/destinations", tags=["destinations"], route_class=TokenRoute)


class NewDestination(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=1, max_length=destinations.MAX_NAME)
    method: str = Field(description=f"One of {', '.join(NAMES)}.")
    options: dict[str, Any] = Field(description="As docs/api.md lists them for each method.")
    secrets: dict[str, str] = Field(default_factory=dict, description="In clear; sealed before they are stored.")


class ChangedDestination(BaseModel):
    """What is left out stays. A secret of "" is forgotten; where the server or the user changes, all others are, too."""

    model_config = ConfigDict(extra="forbid")

    name: str | None = Field(default=None, min_length=1, max_length=destinations.MAX_NAME)
    options: dict[str, Any] | None = None
    secrets: dict[str, str] | None = None


class DestinationOut(BaseModel):
    id: str
    name: str
    method: str
    place: str  # where that is, in a few words
    options: dict[str, Any]  # nothing of others' for who may not change them
    secrets: list[str]  # which are kept, never what they say
    shared: bool
    created_at: datetime
    updated_at: datetime
    tested_at: datetime | None  # when a test file last arrived


class DestinationList(BaseModel):
    destinations: list[DestinationOut]


def _out(desk: Desk, one: destinations.Destination) -> DestinationOut:
    said = one.model_dump(include={*DestinationOut.model_fields} - {"place", "secrets", "options"})
    return DestinationOut(
        **said, place=destinations.place(one), options=destinations.options(desk, one), secrets=sorted(one.secrets)
    )


@router.post("", status_code=201, summary="Save a destination", openapi_extra=needs("destinations:write"))
def make(desk: Acting, new: NewDestination) -> DestinationOut:
    return _out(desk, destinations.make(desk, new.name, new.method, new.options, new.secrets))


@router.get("", summary="Destinations, by name", openapi_extra=needs("destinations:read"))
def every(desk: Acting) -> DestinationList:
    return DestinationList(destinations=[_out(desk, one) for one in destinations.list(desk)])


@router.get("/{destination_id}", summary="One destination", openapi_extra=needs("destinations:read"))
def one(desk: Acting, destination_id: str) -> DestinationOut:
    return _out(desk, destinations.get(desk, destination_id))


@router.patch("/{destination_id}", summary="Change a destination", openapi_extra=needs("destinations:write"))
def change(desk: Acting, destination_id: str, new: ChangedDestination) -> DestinationOut:
    return _out(
        desk, destinations.change(desk, destination_id, name=new.name, options=new.options, secrets=new.secrets)
    )


@router.delete(
    "/{destination_id}",
    status_code=204,
    summary="Move a destination into the bin",
    openapi_extra=needs("destinations:write"),
)
def delete(desk: Acting, destination_id: str) -> Response:
    destinations.delete(desk, destination_id)
    return Response(status_code=204)


@router.post(
    "/{destination_id}/test",
    status_code=202,
    summary="Send a test file there; the answer to GET says what came of it",
    openapi_extra=needs("destinations:write"),
)
def test(desk: Acting, destination_id: str) -> DeliveryOut:
    destinations.test(desk, destination_id)
    return tested(desk, destination_id)


@router.get(
    "/{destination_id}/test", summary="What became of the last test file", openapi_extra=needs("destinations:read")
)
def tested(desk: Acting, destination_id: str) -> DeliveryOut:
    return delivery_out(deliveries.of_test(desk, destination_id))
