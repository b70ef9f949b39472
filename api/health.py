"""Is the desk up: for monitors and start-up scripts. Says nothing about anybody's data."""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter, Request
from pydantic import BaseModel

from core import __version__, health

router = APIRouter(tags=["health"])


class Health(BaseModel):
    status: Literal["ok"] = "ok"
    version: str = __version__


@router.get("/health", summary="Whether the desk answers and its store can be read")
@router.get("/api/v1/health", include_in_schema=False)
def check(request: Request) -> Health:
    health.check(request.app.state.desk)
    return Health()
