"""What became of the files of an export: who got them when, what waits, what failed and why."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from api.auth import Acting, TokenRoute, needs
from core import deliveries
from core.deliveries import Delivery, State

router = APIRouter(tags=["deliveries"], route_class=TokenRoute)


class NewDelivery(BaseModel):
    model_config = ConfigDict(extra="forbid")

    destination: str = Field(description="Id of a destination.")


class DeliveryOut(BaseModel):
    """`at`: when it was sent, stopped or failed; of one that waits or is tried again, when that will be."""

    id: str
    job_id: str
    destination_id: str
    name: str  # of the destination
    method: str
    place: str
    state: State
    at: datetime | None
    why: str  # it waits, or was not sent
    tries: int
    files: list[dict[str, Any]]  # name, where, size in bytes, resumed_at
    error: dict[str, Any] | None


class DeliveryList(BaseModel):
    deliveries: list[DeliveryOut]


def delivery_out(one: Delivery) -> DeliveryOut:
    return DeliveryOut(
        id=one.id,
        job_id=one.export_id,
        destination_id=one.destination_id,
        name=one.name,
        method=one.method,
        place=one.place,
        state=one.state,
        at=one.at,
        why=one.why,
        tries=one.tries,
        files=[dict(arrival) for arrival in one.arrivals],
        error=one.error.as_dict() if one.error else None,
    )


@router.get("/jobs/{job_id}/deliveries", summary="Who got the files of an export", openapi_extra=needs("jobs:read"))
def every(desk: Acting, job_id: str) -> DeliveryList:
    return DeliveryList(deliveries=[delivery_out(one) for one in deliveries.list(desk, job_id)])


@router.post(
    "/jobs/{job_id}/deliveries",
    status_code=202,
    summary="Send a finished export to a destination",
    openapi_extra=needs("jobs:write"),
)
def send(desk: Acting, job_id: str, new: NewDelivery) -> DeliveryOut:
    return delivery_out(deliveries.send(desk, job_id, new.destination))


@router.get("/deliveries/{delivery_id}", summary="One delivery", openapi_extra=needs("jobs:read"))
def one(desk: Acting, delivery_id: str) -> DeliveryOut:
    return delivery_out(deliveries.get(desk, delivery_id))


@router.post(
    "/deliveries/{delivery_id}/send",
    status_code=202,
    summary="Send now what is held or waits; send again what ended",
    openapi_extra=needs("jobs:write"),
)
def again(desk: Acting, delivery_id: str) -> DeliveryOut:
    waits = deliveries.get(desk, delivery_id).state in deliveries.WAITING
    return delivery_out((deliveries.send_now if waits else deliveries.send_again)(desk, delivery_id))


@router.delete(
    "/deliveries/{delivery_id}",
    summary="Do not send it, or stop sending it",
    openapi_extra=needs("jobs:write"),
)
def undo(desk: Acting, delivery_id: str) -> DeliveryOut:
    return delivery_out(deliveries.undo(desk, delivery_id))
