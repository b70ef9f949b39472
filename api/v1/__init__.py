"""/api/v1: what programs can do. Every route calls the function a button of the screens calls."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Depends

from api.auth import api_key, bearer
from api.errors import Failure
from api.v1 import (
    backups,
    checks,
    datasets,
    deliveries,
    destinations,
    feeds,
    insights,
    jobs,
    keeping,
    passwords,
    schedules,
    sets,
    templates,
)

ANSWERS: dict[int | str, dict[str, Any]] = {
    401: {"model": Failure, "description": "No token, a wrong or expired one."},
    403: {
        "model": Failure,
        "description": "The token lacks the scope this needs, or its owner's role does not allow it.",
    },
    404: {"model": Failure, "description": "No such thing in this workspace, or its owner does not share it."},
    422: {"model": Failure, "description": "The request cannot be carried out; `message` and `next_step` say why."},
    429: {
        "model": Failure,
        "description": "The token reached one of its limits; `Retry-After` says how many seconds it lasts.",
    },
}

# in the order they are asked: a part whose addresses another one would take stands before it
PARTS = (
    feeds,
    datasets,
    jobs,
    checks,
    insights,
    passwords,
    schedules,
    templates,
    sets,
    destinations,
    deliveries,
    keeping,
    backups,
)

router = APIRouter(prefix="/api/v1", dependencies=[Depends(bearer), Depends(api_key)], responses=ANSWERS)
for part in PARTS:
    router.include_router(part.router)
